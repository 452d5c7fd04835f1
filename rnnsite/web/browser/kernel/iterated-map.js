/**
 * A function applied to its own output, x_{t+1} = f(x_t): orbit, derivative, fixed points, and the cycle it ends on.
 */
import { sigmoid } from "./activations.js";

/** @typedef {{f: (x: number) => number, slope: (x: number) => number, low: number, high: number}} IteratedMap */

/** @param {number} r @returns {IteratedMap} the logistic map f(x) = r x (1 − x) on [0, 1]. Source: May (1976) */
export const logisticMap = (r) => ({ f: (x) => r * x * (1 - x), slope: (x) => r * (1 - 2 * x), low: 0, high: 1 });

/** @param {number} w @param {number} b @returns {IteratedMap} one tanh unit without input, f(x) = tanh(w x + b) */
export const tanhMap = (w, b) => ({
  f: (x) => Math.tanh(w * x + b),
  slope: (x) => w * (1 - Math.tanh(w * x + b) ** 2),
  low: -1,
  high: 1,
});

/**
 * One sigmoid unit without input, f(a) = w σ(a) + b, in its pre-activation a. Source: Doya (1993)
 * @param {number} w @param {number} b @returns {IteratedMap}
 */
export const sigmoidMap = (w, b) => ({
  f: (a) => w * sigmoid(a) + b,
  slope: (a) => w * sigmoid(a) * (1 - sigmoid(a)),
  low: Math.min(b, b + w),
  high: Math.max(b, b + w),
});

/**
 * The first n iterates and the derivative of each with respect to the start, dx_t/dx_0 = Π_{k<t} f′(x_k).
 * @param {IteratedMap} map @param {number} x0 @param {number} n
 * @returns {{x: Float64Array, derivative: Float64Array}} both (n+1)
 */
export function orbit({ f, slope }, x0, n) {
  const x = new Float64Array(n + 1);
  const derivative = new Float64Array(n + 1);
  x[0] = x0;
  derivative[0] = 1;
  for (let t = 0; t < n; t++) {
    x[t + 1] = f(x[t]);
    derivative[t + 1] = derivative[t] * slope(x[t]);
  }
  return { x, derivative };
}

/**
 * Points with f(x) = x on [low, high]: sign changes of f(x) − x on a grid, each closed in by bisection. Attracting
 * where |f′| < 1. Two fixed points closer together than a 2000th of the interval are missed.
 * @param {IteratedMap} map
 * @returns {{x: number, slope: number, stable: boolean}[]}
 */
export function fixedPoints({ f, slope, low, high }) {
  const gap = (/** @type {number} */ x) => f(x) - x;
  const cells = 2000;
  const found = [];
  for (let i = 0; i < cells; i++) {
    let left = low + ((high - low) * i) / cells;
    let right = low + ((high - low) * (i + 1)) / cells;
    if (gap(left) === 0) found.push(left);
    else if (gap(left) * gap(right) < 0) {
      for (let k = 0; k < 60; k++) {
        const middle = (left + right) / 2;
        if (gap(left) * gap(middle) <= 0) right = middle;
        else left = middle;
      }
      found.push((left + right) / 2);
    }
  }
  if (gap(high) === 0) found.push(high);
  return found.map((x) => ({ x, slope: slope(x), stable: Math.abs(slope(x)) < 1 }));
}

/**
 * Where the orbit ends up: after 20,000 steps, the smallest p ≤ 64 with |x_{k+p} − x_k| < 1e-7 for p steps running.
 * @param {IteratedMap} map @param {number} x0
 * @returns {{cycle: number[], multiplier: number, exponent: number}}
 *   cycle is empty when nothing up to 64 repeats; multiplier is dx_p/dx_0 once round the cycle; exponent is the
 *   average of log |f′| along the orbit (the Lyapunov exponent: positive means that neighbours part)
 */
export function fate(map, x0) {
  let x = x0;
  for (let k = 0; k < 20000; k++) x = map.f(x);
  const longest = 64;
  const tail = orbit(map, x, 2 * longest).x;
  let cycle = /** @type {number[]} */ ([]);
  for (let p = 1; p <= longest && cycle.length === 0; p++) {
    let repeats = true;
    for (let k = 0; k < longest && repeats; k++) repeats = Math.abs(tail[k + p] - tail[k]) < 1e-7;
    if (repeats) cycle = Array.from(tail.subarray(0, p));
  }
  const multiplier = cycle.reduce((product, point) => product * map.slope(point), 1);
  let sum = 0;
  const samples = cycle.length ? cycle.length : 20000;
  for (let k = 0; k < samples; k++, x = map.f(x)) sum += Math.log(Math.abs(map.slope(x)));
  return { cycle, multiplier, exponent: sum / samples };
}
