/**
 * The Elman cell, forward and backward through time.
 *
 *     h_t = φ(U x_t + W h_{t−1} + b)
 *
 * Equals torch.nn.RNN with U = weight_ih, W = weight_hh, b = bias_ih + bias_hh.
 * Source: Elman (1990); backward pass: Werbos (1990).
 */
import { activations } from "./activations.js";
import { addOuter, addProduct, addTransposedProduct } from "./matrix.js";

/**
 * @typedef {object} ElmanWeights
 * @property {number} inputs I
 * @property {number} units H
 * @property {Float64Array} U (H, I)
 * @property {Float64Array} W (H, H)
 * @property {Float64Array} b (H)
 */

/**
 * @param {ElmanWeights} weights
 * @param {"tanh" | "sigmoid" | "relu" | "linear"} activation
 * @param {Float64Array} x inputs (T, I)
 * @param {Float64Array} [h0] first state (H), zero unless given
 * @returns {{steps: number, x: Float64Array, h: Float64Array}} h is (T+1, H) and starts with h0
 */
export function elmanForward({ inputs: I, units: H, U, W, b }, activation, x, h0) {
  const T = x.length / I;
  const { apply } = activations[activation];
  const h = new Float64Array((T + 1) * H);
  if (h0) h.set(h0);
  for (let t = 1; t <= T; t++) {
    const now = t * H;
    h.set(b, now);
    addProduct(h, now, U, H, I, x, (t - 1) * I);
    addProduct(h, now, W, H, H, h, now - H);
    for (let j = 0; j < H; j++) h[now + j] = apply(h[now + j]);
  }
  return { steps: T, x, h };
}

/**
 * Everything L depends on, given how L depends on each state directly.
 *
 *     h̄_t = ∂L/∂h_t|direct + Wᵀ ā_{t+1},   ā_t = h̄_t ∘ φ′,   W̄ = Σ ā_t h_{t−1}ᵀ,   Ū = Σ ā_t x_tᵀ,   b̄ = Σ ā_t
 *
 * @param {ElmanWeights} weights
 * @param {"tanh" | "sigmoid" | "relu" | "linear"} activation
 * @param {{steps: number, x: Float64Array, h: Float64Array}} trace what `elmanForward` returned
 * @param {Float64Array} direct ∂L/∂h_t outside the recurrence, (T, H) for t = 1..T
 * @returns {{hBar: Float64Array, U: Float64Array, W: Float64Array, b: Float64Array, x: Float64Array}}
 *   hBar is (T+1, H): the whole gradient of L at h_0..h_T; the others have the shape of what they are gradients of
 */
export function elmanBackward({ inputs: I, units: H, U, W }, activation, { steps: T, x, h }, direct) {
  const { slope } = activations[activation];
  const hBar = new Float64Array((T + 1) * H);
  const grads = { hBar, U: new Float64Array(H * I), W: new Float64Array(H * H), b: new Float64Array(H), x: new Float64Array(T * I) };
  hBar.set(direct, H);
  const aBar = new Float64Array(H);
  for (let t = T; t >= 1; t--) {
    const now = t * H;
    for (let j = 0; j < H; j++) {
      aBar[j] = hBar[now + j] * slope(h[now + j]);
      grads.b[j] += aBar[j];
    }
    addTransposedProduct(hBar, now - H, W, H, H, aBar, 0);
    addTransposedProduct(grads.x, (t - 1) * I, U, H, I, aBar, 0);
    addOuter(grads.W, H, H, aBar, 0, h, now - H);
    addOuter(grads.U, H, I, aBar, 0, x, (t - 1) * I);
  }
  return grads;
}
