/**
 * The networks behind the gradient-flow explorer: 32 random units, one input, and a loss that reads the last state.
 *
 *     L = vᵀ h_T with a random unit vector v, so that ‖∂L/∂h_T‖ = 1 and every plotted norm is relative to the last step
 */
import {
  elmanBackward, elmanForward, gruBackward, gruForward, lstmBackward, lstmForward, Random, randomWithRadius, rowNorms,
} from "../kernel/index.js";

export const UNITS = 32;
const MOST_STEPS = 100;

/** How many blocks of weights each cell has. */
const BLOCKS = { tanh: 1, sigmoid: 1, relu: 1, linear: 1, gru: 3, lstm: 4 };

/** @typedef {keyof typeof BLOCKS} CellName */
/** @typedef {{W: Float64Array[], U: Float64Array, x: Float64Array, v: Float64Array}} Draw */

/** @type {Map<number, Draw>} */
const draws = new Map();

/** Everything random, for all cells alike: switching the cell keeps W, the input and v. @param {number} seed @returns {Draw} */
function drawn(seed) {
  const known = draws.get(seed);
  if (known) return known;
  const random = new Random(seed);
  const W = [0, 1, 2, 3].map(() => randomWithRadius(random, UNITS));
  const U = random.normals(4 * UNITS);
  const x = random.normals(MOST_STEPS);
  const v = random.normals(UNITS);
  const length = rowNorms(v, 1, UNITS)[0];
  const draw = { W, U, x, v: v.map((value) => value / length) };
  if (draws.size > 20) draws.clear();
  draws.set(seed, draw);
  return draw;
}

/**
 * @typedef {object} Flow
 * @property {Float64Array} steps 1..T
 * @property {Float64Array} h ‖∂L/∂h_t‖ (T)
 * @property {Float64Array | null} c ‖∂L/∂c_t‖ (T), the LSTM only
 * @property {Float64Array} states h_t (T, 32)
 */

/**
 * @param {{cell: string, rho: number, T: number, seed: number, bias: number, input: number}} setting
 * @returns {Flow}
 */
export function gradientFlow({ cell, rho, T, seed, bias, input }) {
  const name = /** @type {CellName} */ (cell);
  const blocks = BLOCKS[name];
  const random = drawn(seed);
  const H = UNITS;
  const W = new Float64Array(blocks * H * H);
  for (let k = 0; k < blocks; k++) W.set(random.W[k].map((w) => w * rho), k * H * H);
  const b = new Float64Array(blocks * H);
  if (blocks > 1) b.fill(bias, H, 2 * H); // the LSTM's f and the GRU's u, the gates that keep, are both second
  const weights = { inputs: 1, units: H, U: random.U.subarray(0, blocks * H), W, b, bh: new Float64Array(H) };
  const x = random.x.subarray(0, T).map((value) => value * input);
  const direct = new Float64Array(T * H);
  direct.set(random.v, (T - 1) * H);

  let trace, grads;
  let cBar = null;
  if (name === "lstm") {
    trace = lstmForward(weights, x);
    grads = lstmBackward(weights, trace, direct);
    cBar = grads.cBar;
  } else if (name === "gru") {
    trace = gruForward(weights, x);
    grads = gruBackward(weights, trace, direct);
  } else {
    trace = elmanForward(weights, name, x);
    grads = elmanBackward(weights, name, trace, direct);
  }
  return {
    steps: Float64Array.from({ length: T }, (_, t) => t + 1),
    h: rowNorms(grads.hBar, T + 1, H).subarray(1),
    c: cBar && rowNorms(cBar, T + 1, H).subarray(1),
    states: trace.h.subarray(H),
  };
}
