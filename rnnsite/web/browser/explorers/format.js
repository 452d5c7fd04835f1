/** Numbers as a reader expects them in a sentence or on an axis. */

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** @param {number} exponent an integer @returns {string} 10⁻⁷ */
export function powerOfTen(exponent) {
  return "10" + [...String(exponent)].map((c) => RAISED[/** @type {keyof typeof RAISED} */ (c)]).join("");
}

/** @param {number} value @param {number} places @returns {string} fixed decimals, with a true minus sign, never −0.0 */
export function fixed(value, places) {
  const text = value.toFixed(places);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/**
 * Two or three digits whatever the size: 0.42, 117, 3.1×10⁻⁷.
 * @param {number} value
 * @param {number} [digits] significant digits, 2 unless given
 */
export function short(value, digits = 2) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  let exponent = Math.floor(Math.log10(Math.abs(value)));
  let mantissa = (value / 10 ** exponent).toFixed(digits - 1);
  if (Math.abs(value) < 1e-300) mantissa = value.toExponential(digits - 1).split("e")[0]; // 10 ** −320 rounds to rubbish
  if (Math.abs(Number(mantissa)) >= 10) {
    exponent += 1;
    mantissa = (Number(mantissa) / 10).toFixed(digits - 1);
  }
  if (exponent >= -3 && exponent <= 3) {
    return Number(value.toPrecision(digits)).toString().replace("-", "−");
  }
  return `${mantissa}×${powerOfTen(exponent)}`.replace("-", "−");
}

/** @param {string[]} words @returns {string} "a", "a and b", "a, b and c" */
export function listed(words) {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}
