/**
 * A loss surface with a wall: one sigmoid unit that must end near 0.7, as a function of its weight and its bias.
 *
 *     a_t = w h_{t−1} + b,   h_t = σ(a_t),   a_0 = 0.5,   L(w, b) = (h_T − 0.7)²
 *
 * Source: Pascanu, Mikolov & Bengio (2013), section 2.3 and figure 6, who take T = 50.
 */
import { sigmoid } from "./activations.js";

export const START = 0.5;
export const TARGET = 0.7;

/**
 * @param {number} w @param {number} b @param {number} T
 * @returns {{loss: number, dw: number, db: number}} L and its gradient, carried forward with the state:
 *   da_t/dw = h_{t−1} + s da_{t−1}/dw,  da_t/db = 1 + s da_{t−1}/db,  s = w σ′(a_{t−1})
 */
export function cliffLoss(w, b, T) {
  let a = START;
  let aw = 0;
  let ab = 0;
  for (let t = 0; t < T; t++) {
    const h = sigmoid(a);
    const s = w * h * (1 - h);
    aw = h + s * aw;
    ab = 1 + s * ab;
    a = w * h + b;
  }
  const h = sigmoid(a);
  const da = 2 * (h - TARGET) * h * (1 - h);
  return { loss: (h - TARGET) ** 2, dw: da * aw, db: da * ab };
}

/**
 * L on a grid, row by row from the lowest b; a state that has stopped moving is not stepped further.
 * @param {[number, number]} wRange @param {[number, number]} bRange
 * @param {number} columns @param {number} rows @param {number} T
 * @returns {Float64Array} (rows, columns)
 */
export function cliffSurface(wRange, bRange, columns, rows, T) {
  const losses = new Float64Array(rows * columns);
  for (let r = 0, k = 0; r < rows; r++) {
    const b = bRange[0] + ((bRange[1] - bRange[0]) * r) / (rows - 1);
    for (let c = 0; c < columns; c++, k++) {
      const w = wRange[0] + ((wRange[1] - wRange[0]) * c) / (columns - 1);
      let a = START;
      for (let t = 0; t < T; t++) {
        const before = a;
        a = w * sigmoid(a) + b;
        if (Math.abs(a - before) < 1e-13) break;
      }
      losses[k] = (sigmoid(a) - TARGET) ** 2;
    }
  }
  return losses;
}

/**
 * Gradient descent from a point, with the gradient's norm clipped to `threshold` (Infinity: not clipped).
 *
 *     g ← ∇L;   if ‖g‖ > threshold: g ← g · threshold / ‖g‖;   (w, b) ← (w, b) − η g
 *
 * @param {{w: number, b: number, steps: number, rate: number, threshold: number, T: number}} setting
 * @returns {{w: number, b: number, loss: number, norm: number}[]} steps + 1 points, norm before clipping
 */
export function descend({ w, b, steps, rate, threshold, T }) {
  const path = [];
  for (let k = 0; k <= steps; k++) {
    const { loss, dw, db } = cliffLoss(w, b, T);
    const norm = Math.hypot(dw, db);
    path.push({ w, b, loss, norm });
    const size = norm > threshold ? (rate * threshold) / norm : rate;
    w -= size * dw;
    b -= size * db;
  }
  return path;
}
