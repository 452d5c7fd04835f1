/**
 * The four products that recurrent cells need, on row-major Float64Array matrices.
 *
 * Vectors are given as an array and an offset, so that a step reads and writes its slice of a (T, ·) array in place.
 */

/**
 * out += A v, with A (rows, columns).
 * @param {Float64Array} out @param {number} at
 * @param {Float64Array} A @param {number} rows @param {number} columns
 * @param {Float64Array} v @param {number} from
 */
export function addProduct(out, at, A, rows, columns, v, from) {
  for (let i = 0, k = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++, k++) sum += A[k] * v[from + j];
    out[at + i] += sum;
  }
}

/**
 * out += Aᵀ v, with A (rows, columns); walks A row by row, which is the order it lies in memory.
 * @param {Float64Array} out @param {number} at
 * @param {Float64Array} A @param {number} rows @param {number} columns
 * @param {Float64Array} v @param {number} from
 */
export function addTransposedProduct(out, at, A, rows, columns, v, from) {
  for (let i = 0, k = 0; i < rows; i++) {
    const vi = v[from + i];
    for (let j = 0; j < columns; j++, k++) out[at + j] += A[k] * vi;
  }
}

/**
 * A += u vᵀ, with A (rows, columns).
 * @param {Float64Array} A @param {number} rows @param {number} columns
 * @param {Float64Array} u @param {number} uFrom
 * @param {Float64Array} v @param {number} vFrom
 */
export function addOuter(A, rows, columns, u, uFrom, v, vFrom) {
  for (let i = 0, k = 0; i < rows; i++) {
    const ui = u[uFrom + i];
    for (let j = 0; j < columns; j++, k++) A[k] += ui * v[vFrom + j];
  }
}

/**
 * Euclidean length of each row of a (rows, columns) array. Rows are scaled by their largest entry first, so that
 * gradients of 1e-200 and 1e200, whose squares leave the range of a double, still have a length.
 * @param {Float64Array} values @param {number} rows @param {number} columns
 * @returns {Float64Array}
 */
export function rowNorms(values, rows, columns) {
  const norms = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    let largest = 0;
    for (let j = 0; j < columns; j++) largest = Math.max(largest, Math.abs(values[r * columns + j]));
    if (largest === 0 || !Number.isFinite(largest)) {
      norms[r] = largest;
      continue;
    }
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += (values[r * columns + j] / largest) ** 2;
    norms[r] = largest * Math.sqrt(sum);
  }
  return norms;
}
