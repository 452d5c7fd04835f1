/**
 * Activation functions φ, each with its derivative written in terms of its own output.
 *
 *     tanh      φ′ = 1 − φ²        sigmoid   φ′ = φ (1 − φ)
 *     relu      φ′ = 1 if φ > 0    linear    φ′ = 1
 */

/** @typedef {{apply: (a: number) => number, slope: (output: number) => number}} Activation */

/** @param {number} a @returns {number} 1 / (1 + e^−a) */
export const sigmoid = (a) => 1 / (1 + Math.exp(-a));

/** @type {Record<"tanh" | "sigmoid" | "relu" | "linear", Activation>} */
export const activations = {
  tanh: { apply: Math.tanh, slope: (h) => 1 - h * h },
  sigmoid: { apply: sigmoid, slope: (h) => h * (1 - h) },
  relu: { apply: (a) => (a > 0 ? a : 0), slope: (h) => (h > 0 ? 1 : 0) },
  linear: { apply: (a) => a, slope: () => 1 },
};
