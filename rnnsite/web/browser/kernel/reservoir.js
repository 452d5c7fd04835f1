/**
 * An echo state network: random weights that stay, leaky tanh units, and a readout by ridge regression.
 *
 *     h_t = α h_{t−1} + (1 − α) tanh(U x_t + ρ W h_{t−1}),   y_t = V h_t + a
 *
 * W has a spectral radius of 1, so that ρ is the radius of what is used. Source: Jaeger (2001).
 */
import { addProduct } from "./matrix.js";
import { randomWithRadius } from "./spectral-radius.js";

/**
 * @param {import("./rng.js").Random} random
 * @param {number} units
 * @returns {{units: number, W: Float64Array, U: Float64Array}} U uniform in [−1, 1)
 */
export function reservoir(random, units) {
  return { units, W: randomWithRadius(random, units), U: Float64Array.from({ length: units }, () => 2 * random.uniform() - 1) };
}

/**
 * @param {{units: number, W: Float64Array, U: Float64Array}} weights
 * @param {{rho: number, leak: number, scale: number}} setting scale multiplies U
 * @param {Float64Array} x one input a step (T)
 * @param {Float64Array} [h0] zero unless given
 * @returns {Float64Array} the states h_1 … h_T, (T, units)
 */
export function listen({ units, W, U }, { rho, leak, scale }, x, h0 = new Float64Array(units)) {
  const states = new Float64Array(x.length * units);
  const heard = new Float64Array(units);
  let before = h0;
  for (let t = 0; t < x.length; t++) {
    heard.fill(0);
    addProduct(heard, 0, W, units, units, before, 0);
    const h = states.subarray(t * units, (t + 1) * units);
    for (let j = 0; j < units; j++) h[j] = leak * before[j] + (1 - leak) * Math.tanh(scale * U[j] * x[t] + rho * heard[j]);
    before = h;
  }
  return states;
}

/**
 * The readouts V (units + 1, answers), a bias in the last row, that minimise Σ_t ‖V h_t + a − y_t‖² + T · penalty · ‖V‖².
 * By the normal equations and Cholesky's factors; the bias is penalised with the rest. Source: Hoerl & Kennard (1970).
 * @param {Float64Array} states (T, units) @param {number} units
 * @param {Float64Array} targets (T, answers) @param {number} answers
 * @param {number} penalty
 */
export function ridge(states, units, targets, answers, penalty) {
  const T = states.length / units;
  const n = units + 1;
  const L = new Float64Array(n * n);
  const V = new Float64Array(n * answers);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < n; i++) {
      const hi = i < units ? states[t * units + i] : 1;
      for (let j = 0; j <= i; j++) L[i * n + j] += hi * (j < units ? states[t * units + j] : 1);
      for (let k = 0; k < answers; k++) V[i * answers + k] += hi * targets[t * answers + k];
    }
  }
  for (let i = 0; i < n; i++) L[i * n + i] += T * penalty;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = L[i * n + j];
      for (let m = 0; m < j; m++) sum -= L[i * n + m] * L[j * n + m];
      L[i * n + j] = i === j ? Math.sqrt(sum) : sum / L[j * n + j];
    }
  }
  for (let k = 0; k < answers; k++) {
    for (let i = 0; i < n; i++) {
      for (let m = 0; m < i; m++) V[i * answers + k] -= L[i * n + m] * V[m * answers + k];
      V[i * answers + k] /= L[i * n + i];
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let m = i + 1; m < n; m++) V[i * answers + k] -= L[m * n + i] * V[m * answers + k];
      V[i * answers + k] /= L[i * n + i];
    }
  }
  return V;
}

/** V h_t + a for every step, (T, answers). @param {Float64Array} states @param {number} units @param {Float64Array} V */
export function readOut(states, units, V) {
  const T = states.length / units;
  const answers = V.length / (units + 1);
  const said = new Float64Array(T * answers);
  for (let t = 0; t < T; t++) {
    said.set(V.subarray(units * answers), t * answers);
    for (let j = 0; j < units; j++) {
      for (let k = 0; k < answers; k++) said[t * answers + k] += states[t * units + j] * V[j * answers + k];
    }
  }
  return said;
}
