/**
 * One leaky unit, h_t = α h_{t−1} + (1 − α) tanh(w h_{t−1} + x_t) from h_0 = 0, forward and backward.
 */

/**
 * @param {{alpha: number, w: number}} unit @param {ArrayLike<number>} x x_1 … x_T
 * @returns {{h: Float64Array, slope: Float64Array, gradient: Float64Array, sensitivity: Float64Array}}
 *   h and gradient (T+1): h_0 … h_T and ∂h_T/∂h_t; slope (T): ∂h_t/∂h_{t−1}; sensitivity (T): ∂h_T/∂x_t
 */
export function leakyUnit({ alpha, w }, x) {
  const T = x.length;
  const h = new Float64Array(T + 1);
  const slope = new Float64Array(T);
  const entry = new Float64Array(T); // ∂h_t/∂x_t
  for (let t = 0; t < T; t++) {
    const φ = Math.tanh(w * h[t] + x[t]);
    h[t + 1] = alpha * h[t] + (1 - alpha) * φ;
    entry[t] = (1 - alpha) * (1 - φ * φ);
    slope[t] = alpha + entry[t] * w;
  }
  const gradient = new Float64Array(T + 1).fill(1);
  for (let t = T - 1; t >= 0; t--) gradient[t] = gradient[t + 1] * slope[t];
  return { h, slope, gradient, sensitivity: entry.map((e, t) => e * gradient[t + 1]) };
}

/**
 * What of the first pulse is left in h_t: the state with it minus the state without it, as a share of what it was at
 * once. Before the pulse, and without any, 0.
 * @param {{alpha: number, w: number}} unit @param {ArrayLike<number>} x
 * @returns {{left: Float64Array, without: Float64Array}} both (T+1)
 */
export function leftOfFirst(unit, x) {
  const first = Array.from(x).findIndex((value) => value !== 0);
  const { h } = leakyUnit(unit, x);
  const { h: without } = leakyUnit(unit, Float64Array.from(x, (value, t) => (t === first ? 0 : value)));
  const left = h.map((value, t) => (first < 0 || t <= first ? 0 : (value - without[t]) / (h[first + 1] - without[first + 1])));
  return { left, without };
}
