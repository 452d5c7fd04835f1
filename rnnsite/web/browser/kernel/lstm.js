/**
 * The LSTM, forward and backward through time.
 *
 *     i, f, o = σ(U x_t + W h_{t−1} + b)     g = tanh(U x_t + W h_{t−1} + b)     (each with its own rows of U, W, b)
 *     c_t = f ∘ c_{t−1} + i ∘ g              h_t = o ∘ tanh(c_t)
 *
 * Rows are packed i, f, g, o, as in torch.nn.LSTM, with b = bias_ih + bias_hh.
 * Source: Hochreiter & Schmidhuber (1997); forget gate: Gers, Schmidhuber & Cummins (2000).
 */
import { sigmoid } from "./activations.js";
import { addOuter, addProduct, addTransposedProduct } from "./matrix.js";

/**
 * @typedef {object} LstmWeights
 * @property {number} inputs I
 * @property {number} units H
 * @property {Float64Array} U (4H, I)
 * @property {Float64Array} W (4H, H)
 * @property {Float64Array} b (4H)
 */

/** @typedef {{steps: number, x: Float64Array, h: Float64Array, c: Float64Array, gates: Float64Array}} LstmTrace */

/**
 * @param {LstmWeights} weights
 * @param {Float64Array} x inputs (T, I)
 * @param {Float64Array} [h0] (H), zero unless given
 * @param {Float64Array} [c0] (H), zero unless given
 * @returns {LstmTrace} h and c are (T+1, H) and start with h0 and c0; gates is (T, 4H), packed i, f, g, o
 */
export function lstmForward({ inputs: I, units: H, U, W, b }, x, h0, c0) {
  const T = x.length / I;
  const h = new Float64Array((T + 1) * H);
  const c = new Float64Array((T + 1) * H);
  const gates = new Float64Array(T * 4 * H);
  if (h0) h.set(h0);
  if (c0) c.set(c0);
  for (let t = 1; t <= T; t++) {
    const now = t * H;
    const row = (t - 1) * 4 * H;
    gates.set(b, row);
    addProduct(gates, row, U, 4 * H, I, x, (t - 1) * I);
    addProduct(gates, row, W, 4 * H, H, h, now - H);
    for (let j = 0; j < H; j++) {
      const i = (gates[row + j] = sigmoid(gates[row + j]));
      const f = (gates[row + H + j] = sigmoid(gates[row + H + j]));
      const g = (gates[row + 2 * H + j] = Math.tanh(gates[row + 2 * H + j]));
      const o = (gates[row + 3 * H + j] = sigmoid(gates[row + 3 * H + j]));
      c[now + j] = f * c[now - H + j] + i * g;
      h[now + j] = o * Math.tanh(c[now + j]);
    }
  }
  return { steps: T, x, h, c, gates };
}

/**
 * The gradient at every state, gate input, weight and input.
 *
 *     c̄_t = h̄_t ∘ o ∘ (1 − tanh² c_t) + f_{t+1} ∘ c̄_{t+1}        h̄_t = ∂L/∂h_t|direct + Wᵀ ā_{t+1}
 *
 * @param {LstmWeights} weights
 * @param {LstmTrace} trace what `lstmForward` returned
 * @param {Float64Array} direct ∂L/∂h_t outside the recurrence, (T, H) for t = 1..T
 * @returns {{hBar: Float64Array, cBar: Float64Array, U: Float64Array, W: Float64Array, b: Float64Array, x: Float64Array}}
 *   hBar and cBar are (T+1, H): the whole gradient of L at h_0..h_T and c_0..c_T
 */
export function lstmBackward({ inputs: I, units: H, U, W }, { steps: T, x, h, c, gates }, direct) {
  const hBar = new Float64Array((T + 1) * H);
  const cBar = new Float64Array((T + 1) * H);
  const grads = {
    hBar, cBar,
    U: new Float64Array(4 * H * I), W: new Float64Array(4 * H * H), b: new Float64Array(4 * H), x: new Float64Array(T * I),
  };
  hBar.set(direct, H);
  const aBar = new Float64Array(4 * H);
  for (let t = T; t >= 1; t--) {
    const now = t * H;
    const row = (t - 1) * 4 * H;
    for (let j = 0; j < H; j++) {
      const i = gates[row + j];
      const f = gates[row + H + j];
      const g = gates[row + 2 * H + j];
      const o = gates[row + 3 * H + j];
      const tanhC = Math.tanh(c[now + j]);
      const dh = hBar[now + j];
      const dc = (cBar[now + j] += dh * o * (1 - tanhC * tanhC));
      cBar[now - H + j] = f * dc;
      aBar[j] = dc * g * i * (1 - i);
      aBar[H + j] = dc * c[now - H + j] * f * (1 - f);
      aBar[2 * H + j] = dc * i * (1 - g * g);
      aBar[3 * H + j] = dh * tanhC * o * (1 - o);
    }
    for (let j = 0; j < 4 * H; j++) grads.b[j] += aBar[j];
    addTransposedProduct(hBar, now - H, W, 4 * H, H, aBar, 0);
    addTransposedProduct(grads.x, (t - 1) * I, U, 4 * H, I, aBar, 0);
    addOuter(grads.W, 4 * H, H, aBar, 0, h, now - H);
    addOuter(grads.U, 4 * H, I, aBar, 0, x, (t - 1) * I);
  }
  return grads;
}
