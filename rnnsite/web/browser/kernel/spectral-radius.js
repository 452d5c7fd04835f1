/**
 * Spectral radius of a real square matrix, symmetric or not, by Gelfand's formula.
 *
 *     ρ(W) = lim ‖W^k‖^(1/k)
 *
 * Squaring doubles k, so 40 squarings reach k = 2⁴⁰, where the limit's error, log(constant)/k, is far below rounding.
 * Plain power iteration would not do: it never settles when the largest eigenvalues are a complex pair, which is the
 * usual case for a random W. Each square is divided by its largest entry, whose logarithm is kept, so nothing
 * overflows. Source: Gelfand (1941).
 *
 * @param {Float64Array} W (size, size), row-major
 * @param {number} size
 * @returns {number} the largest |eigenvalue|; 0 for a nilpotent matrix
 */
export function spectralRadius(W, size) {
  let power = Float64Array.from(W);
  let next = new Float64Array(size * size);
  let logRadius = 0;
  for (let doubling = 0, k = 1; doubling <= 40; doubling++, k *= 2) {
    let largest = 0;
    for (const value of power) largest = Math.max(largest, Math.abs(value));
    if (largest === 0) return 0;
    logRadius += Math.log(largest) / k;
    for (let i = 0; i < power.length; i++) power[i] /= largest;
    square(power, size, next);
    [power, next] = [next, power];
  }
  return Math.exp(logRadius);
}

/**
 * A random matrix with a given spectral radius: normal entries, divided by the radius they happen to have.
 * @param {import("./rng.js").Random} random
 * @param {number} size
 * @param {number} [rho]
 * @returns {Float64Array} (size, size)
 */
export function randomWithRadius(random, size, rho = 1) {
  const W = random.normals(size * size);
  const factor = rho / spectralRadius(W, size);
  for (let i = 0; i < W.length; i++) W[i] *= factor;
  return W;
}

/** out = A A. @param {Float64Array} A @param {number} size @param {Float64Array} out */
function square(A, size, out) {
  out.fill(0);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const a = A[i * size + k];
      if (a === 0) continue;
      for (let j = 0; j < size; j++) out[i * size + j] += a * A[k * size + j];
    }
  }
}
