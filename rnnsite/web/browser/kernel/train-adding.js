/**
 * A ReLU network whose recurrent matrix starts as the identity learns to add, by gradient descent with clipping.
 *
 *     h_t = relu(U x_t + W h_{t−1} + b),   answer = v·h_T + a,   L = mean over the batch of (answer − y)²
 *     g ← g · min(1, c / ‖g‖),   θ ← θ − η g     with one norm over all of U, W, b, v, a
 *
 * Each step of a sequence has a number from U(0, 1) and a mark. One mark stands in each half; y is the sum of the two
 * marked numbers. Always answering 1 has a mean squared error of 1/6.
 *
 * Sources: Le, Jaitly & Hinton (2015), sections 3 and 4.1 (network and problem; the marks, one in each half, as is
 * usual); Pascanu, Mikolov & Bengio (2013), algorithm 1 (clipping).
 */
import { elmanBackward, elmanForward } from "./elman.js";
import { rowNorms } from "./matrix.js";
import { Random } from "./rng.js";

export const BASELINE = 1 / 6; // mean squared error of always answering 1
/**
 * A network, or the gradient of its parameters: one array `all`, and in it U (H, 2), W (H, H), b (H), v (H) and a (1).
 * @typedef {{inputs: number, units: number, all: Float64Array, U: Float64Array, W: Float64Array, b: Float64Array, v: Float64Array, a: Float64Array}} Network
 */
/** @typedef {{x: Float64Array[], y: Float64Array}} Batch x: B sequences (T, 2) of number and mark; y (B) */

/** @param {number} H @returns {Network} zeros */
function zeros(H) {
  const sizes = { U: 2 * H, W: H * H, b: H, v: H, a: 1 };
  const all = new Float64Array(H * H + 4 * H + 1);
  let from = 0;
  const parts = Object.entries(sizes).map(([name, size]) => [name, all.subarray(from, (from += size))]);
  return { inputs: 2, units: H, all, ...Object.fromEntries(parts) };
}

/** @param {number} T @param {number} B @param {Random} random @returns {Batch} */
export function addingBatch(T, B, random) {
  const x = Array.from({ length: B }, () => new Float64Array(2 * T));
  const half = Math.floor(T / 2);
  const y = new Float64Array(B);
  x.forEach((sequence, i) => {
    for (let t = 0; t < T; t++) sequence[2 * t] = random.uniform();
    for (const t of [Math.floor(random.uniform() * half), half + Math.floor(random.uniform() * (T - half))]) {
      sequence[2 * t + 1] = 1;
      y[i] += sequence[2 * t];
    }
  });
  return { x, y };
}

/** U and v from U(−1/√columns, 1/√columns), W the identity, b and a zero. @param {number} H @param {Random} random */
export function identityNetwork(H, random) {
  const network = zeros(H);
  for (const [weights, columns] of /** @type {const} */ ([[network.U, 2], [network.v, H]])) {
    weights.forEach((_, i) => { weights[i] = (2 * random.uniform() - 1) / Math.sqrt(columns); });
  }
  for (let j = 0; j < H; j++) network.W[j * H + j] = 1;
  return network;
}

/** @param {Network} network @param {Float64Array} x one sequence (T, 2) */
function answer(network, x) {
  const trace = elmanForward(network, "relu", x);
  const last = trace.steps * network.units;
  let value = network.a[0];
  for (let j = 0; j < network.units; j++) value += network.v[j] * trace.h[last + j];
  return { trace, last, value };
}

/** The loss of a batch and its gradient, by backpropagation through time. @param {Network} network @param {Batch} batch */
export function addingGradient(network, { x, y }) {
  const { units: H, v } = network;
  const gradient = zeros(H);
  let loss = 0;
  x.forEach((sequence, i) => {
    const { trace, last, value } = answer(network, sequence);
    const error = value - y[i];
    loss += error ** 2 / y.length;
    const slope = (2 * error) / y.length;
    const direct = new Float64Array(trace.steps * H);
    gradient.a[0] += slope;
    for (let j = 0; j < H; j++) {
      gradient.v[j] += slope * trace.h[last + j];
      direct[last - H + j] = slope * v[j];
    }
    const through = elmanBackward(network, "relu", trace, direct);
    for (const name of /** @type {const} */ (["U", "W", "b"])) {
      for (let k = 0; k < gradient[name].length; k++) gradient[name][k] += through[name][k];
    }
  });
  return { loss, gradient: gradient.all, norm: rowNorms(gradient.all, 1, gradient.all.length)[0] };
}

/** min(1, c / ‖g‖): what the gradient is multiplied by. @param {number} norm @param {number} threshold Infinity: no clipping */
export const clipFactor = (norm, threshold) => (norm > threshold ? threshold / norm : 1);

/**
 * One update after the other, until one whose loss or gradient is no finite number. The caller decides when to go on.
 * @param {Network} network changed in place
 * @param {{T: number, batch: number, rate: number, threshold: number, updates: number}} setting
 * @param {Random} random
 * @returns {Generator<{loss: number, norm: number}, void, void>} loss and norm before the update, norm before clipping
 */
export function* trainAdding(network, { T, batch, rate, threshold, updates }, random) {
  for (let k = 0; k < updates; k++) {
    const { loss, norm, gradient } = addingGradient(network, addingBatch(T, batch, random));
    yield { loss, norm };
    if (!Number.isFinite(loss) || !Number.isFinite(norm)) return;
    const step = rate * clipFactor(norm, threshold);
    for (let i = 0; i < gradient.length; i++) network.all[i] -= step * gradient[i];
  }
}

/** On new sequences: the mean squared error, and the units that are above 0 at any step. @param {Network} network @param {Batch} batch */
export function testAdding(network, { x, y }) {
  /** @type {Set<number>} */
  const on = new Set();
  let loss = 0;
  x.forEach((sequence, i) => {
    const { trace, value } = answer(network, sequence);
    loss += (value - y[i]) ** 2 / y.length;
    for (let k = 0; k < trace.h.length; k++) if (trace.h[k] > 0) on.add(k % network.units);
  });
  return { loss, on };
}

/** Independent streams of numbers for weights, training and test, so that a threshold changes none of them. @param {number} seed */
export const streams = (seed) => ({ weights: new Random(3 * seed), data: new Random(3 * seed + 1), test: new Random(3 * seed + 2) });
