/**
 * One LSTM unit whose gates and candidate are given at every step, from c_0 = 0, and its gradient along c.
 *
 *     c_t = f_t c_{t−1} + i_t g_t        h_t = o_t tanh(c_t)        ∂c_T/∂c_t = f_{t+1} f_{t+2} … f_T
 */

/**
 * @param {{f: ArrayLike<number>, i: ArrayLike<number>, g: ArrayLike<number>, o: ArrayLike<number>}} gates each (T)
 * @returns {{c: Float64Array, h: Float64Array, gradient: Float64Array}} each (T+1), from step 0; h_0 is 0
 */
export function memoryCell({ f, i, g, o }) {
  const T = f.length;
  const c = new Float64Array(T + 1);
  const h = new Float64Array(T + 1);
  const gradient = new Float64Array(T + 1).fill(1);
  for (let t = 1; t <= T; t++) {
    c[t] = f[t - 1] * c[t - 1] + i[t - 1] * g[t - 1];
    h[t] = o[t - 1] * Math.tanh(c[t]);
  }
  for (let t = T; t >= 1; t--) gradient[t - 1] = f[t - 1] * gradient[t];
  return { c, h, gradient };
}

/**
 * What a step does to the value, by the two gates that decide it: one of the four corners, or something in between.
 * @param {number} f @param {number} i
 * @returns {"remember" | "add" | "erase" | "overwrite" | "in between"}
 */
export function deedOf(f, i) {
  if ((f > 0.1 && f < 0.9) || (i > 0.1 && i < 0.9)) return "in between";
  if (f >= 0.9) return i >= 0.9 ? "add" : "remember";
  return i >= 0.9 ? "overwrite" : "erase";
}
