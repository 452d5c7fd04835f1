/**
 * The gated recurrent unit with the reset gate after the product, forward and backward through time.
 *
 *     r, u = σ(U x_t + W h_{t−1} + b)                    (each with its own rows)
 *     g    = tanh(U x_t + b + r ∘ (W h_{t−1} + b_h))
 *     h_t  = u ∘ h_{t−1} + (1 − u) ∘ g
 *
 * Rows are packed r, u, g, as in torch.nn.GRU and rnnsite.cells.gru. The candidate has a second bias, because r
 * multiplies it: b = bias_ih + (bias_hh with its last H entries set to 0), b_h = those entries.
 * Source: Cho et al. (2014), with the reset gate after the product as in torch and cuDNN.
 */
import { sigmoid } from "./activations.js";
import { addOuter, addProduct, addTransposedProduct } from "./matrix.js";

/**
 * @typedef {object} GruWeights
 * @property {number} inputs I
 * @property {number} units H
 * @property {Float64Array} U (3H, I)
 * @property {Float64Array} W (3H, H)
 * @property {Float64Array} b (3H)
 * @property {Float64Array} bh (H)
 */

/**
 * @typedef {object} GruTrace
 * @property {number} steps T
 * @property {Float64Array} x (T, I)
 * @property {Float64Array} h (T+1, H), starts with h0
 * @property {Float64Array} gates (T, 3H), packed r, u, g
 * @property {Float64Array} recurrent (T, 3H): W h_{t−1}, plus b_h in the candidate's rows
 */

/**
 * @param {GruWeights} weights
 * @param {Float64Array} x inputs (T, I)
 * @param {Float64Array} [h0] (H), zero unless given
 * @returns {GruTrace}
 */
export function gruForward({ inputs: I, units: H, U, W, b, bh }, x, h0) {
  const T = x.length / I;
  const h = new Float64Array((T + 1) * H);
  const gates = new Float64Array(T * 3 * H);
  const recurrent = new Float64Array(T * 3 * H);
  if (h0) h.set(h0);
  for (let t = 1; t <= T; t++) {
    const now = t * H;
    const row = (t - 1) * 3 * H;
    gates.set(b, row);
    addProduct(gates, row, U, 3 * H, I, x, (t - 1) * I);
    recurrent.set(bh, row + 2 * H);
    addProduct(recurrent, row, W, 3 * H, H, h, now - H);
    for (let j = 0; j < H; j++) {
      const r = (gates[row + j] = sigmoid(gates[row + j] + recurrent[row + j]));
      const u = (gates[row + H + j] = sigmoid(gates[row + H + j] + recurrent[row + H + j]));
      const g = (gates[row + 2 * H + j] = Math.tanh(gates[row + 2 * H + j] + r * recurrent[row + 2 * H + j]));
      h[now + j] = u * h[now - H + j] + (1 - u) * g;
    }
  }
  return { steps: T, x, h, gates, recurrent };
}

/**
 * The gradient at every state, weight and input.
 *
 *     h̄_{t−1} = ∂L/∂h_{t−1}|direct + u ∘ h̄_t + Wᵀ (ā_r, ā_u, r ∘ ā_g)
 *
 * @param {GruWeights} weights
 * @param {GruTrace} trace what `gruForward` returned
 * @param {Float64Array} direct ∂L/∂h_t outside the recurrence, (T, H) for t = 1..T
 * @returns {{hBar: Float64Array, U: Float64Array, W: Float64Array, b: Float64Array, bh: Float64Array, x: Float64Array}}
 *   hBar is (T+1, H): the whole gradient of L at h_0..h_T
 */
export function gruBackward({ inputs: I, units: H, U, W }, { steps: T, x, h, gates, recurrent }, direct) {
  const hBar = new Float64Array((T + 1) * H);
  const grads = {
    hBar,
    U: new Float64Array(3 * H * I), W: new Float64Array(3 * H * H),
    b: new Float64Array(3 * H), bh: new Float64Array(H), x: new Float64Array(T * I),
  };
  hBar.set(direct, H);
  const aBar = new Float64Array(3 * H); // at U x + b
  const kBar = new Float64Array(3 * H); // at W h + b_h, which differs in the candidate's rows by the factor r
  for (let t = T; t >= 1; t--) {
    const now = t * H;
    const row = (t - 1) * 3 * H;
    for (let j = 0; j < H; j++) {
      const r = gates[row + j];
      const u = gates[row + H + j];
      const g = gates[row + 2 * H + j];
      const dh = hBar[now + j];
      const dg = dh * (1 - u) * (1 - g * g);
      hBar[now - H + j] += dh * u;
      kBar[j] = aBar[j] = dg * recurrent[row + 2 * H + j] * r * (1 - r);
      kBar[H + j] = aBar[H + j] = dh * (h[now - H + j] - g) * u * (1 - u);
      aBar[2 * H + j] = dg;
      kBar[2 * H + j] = dg * r;
      grads.bh[j] += dg * r;
    }
    for (let j = 0; j < 3 * H; j++) grads.b[j] += aBar[j];
    addTransposedProduct(hBar, now - H, W, 3 * H, H, kBar, 0);
    addTransposedProduct(grads.x, (t - 1) * I, U, 3 * H, I, aBar, 0);
    addOuter(grads.W, 3 * H, H, kBar, 0, h, now - H);
    addOuter(grads.U, 3 * H, I, aBar, 0, x, (t - 1) * I);
  }
  return grads;
}
