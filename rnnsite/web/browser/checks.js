// Exercises with a number for an answer: what the reader types is compared, and a wrong try brings the hint.

const WRONG = "That is not a number: try 0.25, 1e-3, 25% or 1/4.";

/** @param {string} text @returns {number} NaN for what is no number */
export function read(text) {
  const [, body, per] = /^([^%]*?)\s*(%?)$/.exec(text.trim().replace(/[\u2212\u2013]/g, "-").replace(",", ".")) ?? [];
  if (!body) return NaN;
  const parts = body.split("/").map((part) => (part.trim() === "" ? NaN : Number(part)));
  const value = parts.length === 1 ? parts[0] : parts.length === 2 ? parts[0] / parts[1] : NaN;
  return Number.isFinite(value) ? (per ? value / 100 : value) : NaN;
}

/** @param {SubmitEvent} event */
function check(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches(".rs-check")) return;
  event.preventDefault();
  const given = read(form.querySelector("input").value);
  const right = Number(form.dataset.answer);
  const near = Math.abs(given - right) <= Number(form.dataset.within) * Math.abs(right) + 1e-12;
  const says = form.querySelector(".rs-check-says");
  form.dataset.state = near ? "right" : "wrong";
  const exact = Number.isInteger(right) ? String(right) : String(Number(right.toPrecision(3)));
  says.textContent = Number.isNaN(given) ? WRONG : near ? `Yes: ${exact.replace("-", "\u2212")}.` : `Not yet. ${form.dataset.hint}`;
}

document.addEventListener("submit", check); // once for all pages: navigation swaps what is in the document
