/**
 * A trained character model: embedding → RNN, GRU or LSTM → scores of the next character; with a unit silenced or a
 * gate held, if asked.
 *
 *     x_t = E[character]      h_t (and c_t) by the cell      P(next) = softmax(V h_t + a)
 *
 * The weights come from rnnsite/figures/gates_on_text.py (`files`), the model is rnnsite.training.language_model.
 */
import { sigmoid } from "./activations.js";
import { addProduct } from "./matrix.js";

/** The line break, then printable ASCII: ALPHABET of rnnsite.tasks.documentation. */
export const ALPHABET = "\n" + Array.from({ length: 95 }, (_, k) => String.fromCharCode(32 + k)).join("");
const UNKNOWN = ALPHABET.indexOf("?");

/** @typedef {{silent?: number, held?: Record<string, number>}} Change  a unit whose state is 0; a gate's value by letter */
/** @typedef {{h: Float64Array, c: Float64Array, gates: Record<string, Float64Array>}} TextState */
/**
 * @typedef {object} TextModel
 * @property {"rnn" | "gru" | "lstm"} cell
 * @property {number} units H
 * @property {string} letters of its gates and candidate, in the order of the rows
 * @property {Float64Array} Ux (symbols, kH): U x + b for every character
 * @property {Float64Array} W (kH, H)
 * @property {Float64Array} bh (H), the GRU's second bias, else empty
 * @property {Float64Array} V (symbols, H)
 * @property {Float64Array} a (symbols)
 */

const LETTERS = { rnn: "h", gru: "rug", lstm: "ifgo" };

/** @param {string} text base64 of little-endian float32 @returns {Float64Array} */
function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: bytes.length / 4 }, (_, k) => view.getFloat32(4 * k, true));
}

/** @param {any} file what the build exported, parsed @returns {TextModel} */
export function textModel(file) {
  const { cell, inputs: I, units: H } = file;
  const [E, U, W, b, V, a] = ["E", "U", "W", "b", "V", "a"].map((name) => unpack(file[name]));
  const rows = b.length;
  const symbols = a.length;
  const Ux = new Float64Array(symbols * rows);
  for (let s = 0; s < symbols; s++) {
    Ux.set(b, s * rows);
    addProduct(Ux, s * rows, U, rows, I, E, s * I);
  }
  return { cell, units: H, letters: LETTERS[/** @type {keyof typeof LETTERS} */ (cell)], Ux, W, bh: file.bh ? unpack(file.bh) : new Float64Array(0), V, a };
}

/** @param {string} text @returns {number[]} places in ALPHABET; anything else is a question mark */
export function encodeText(text) {
  return [...text].map((letter) => {
    const code = ALPHABET.indexOf(letter);
    return code < 0 ? UNKNOWN : code;
  });
}

/** @param {TextModel} model @returns {TextState} the state before anything is read */
export function blankState({ units }) {
  return { h: new Float64Array(units), c: new Float64Array(units), gates: {} };
}

/**
 * One character more.
 * @param {TextModel} model @param {TextState} state @param {number} code @param {Change} [change]
 * @returns {TextState}
 */
export function textStep({ cell, units: H, letters, Ux, W, bh }, state, code, { silent = -1, held = {} } = {}) {
  const rows = letters.length * H;
  const a = Ux.slice(code * rows, (code + 1) * rows);
  const back = new Float64Array(rows);
  addProduct(back, 0, W, rows, H, state.h, 0);
  const part = (/** @type {string} */ letter) => letters.indexOf(letter) * H;
  const gate = (/** @type {string} */ letter) => Float64Array.from({ length: H }, (_, j) => held[letter] ?? sigmoid(a[part(letter) + j] + back[part(letter) + j]));
  const h = new Float64Array(H);
  const c = new Float64Array(H);
  /** @type {Record<string, Float64Array>} */
  const gates = {};
  for (const letter of letters) if (letter !== "g" && letter !== "h") gates[letter] = gate(letter);
  for (let j = 0; j < H; j++) {
    if (j === silent) continue;
    if (cell === "rnn") h[j] = Math.tanh(a[j] + back[j]);
    else if (cell === "gru") {
      const g = Math.tanh(a[2 * H + j] + gates.r[j] * (back[2 * H + j] + bh[j]));
      h[j] = gates.u[j] * state.h[j] + (1 - gates.u[j]) * g;
    } else {
      c[j] = gates.f[j] * state.c[j] + gates.i[j] * Math.tanh(a[part("g") + j] + back[part("g") + j]);
      h[j] = gates.o[j] * Math.tanh(c[j]);
    }
  }
  return { h, c, gates };
}

/**
 * @param {TextModel} model @param {Float64Array} h @param {number} [temperature] scores are divided by it
 * @returns {Float64Array} the probability of each next character
 */
export function nextProbabilities({ units: H, V, a }, h, temperature = 1) {
  const scores = Float64Array.from(a);
  addProduct(scores, 0, V, a.length, H, h, 0);
  const top = Math.max(...scores);
  const p = scores.map((score) => Math.exp((score - top) / temperature));
  const sum = p.reduce((whole, part) => whole + part, 0);
  return p.map((part) => part / sum);
}

/**
 * @param {TextModel} model @param {number[]} codes @param {Change} [change]
 * @returns {{states: TextState[], p: Float64Array[], bits: Float64Array}} after each character; bits is what each one
 *   after the first costs, −log₂ of the probability that the model gave it
 */
export function readText(model, codes, change) {
  const states = [];
  const p = [];
  let state = blankState(model);
  for (const code of codes) {
    state = textStep(model, state, code, change);
    states.push(state);
    p.push(nextProbabilities(model, state.h));
  }
  const bits = Float64Array.from({ length: Math.max(0, codes.length - 1) }, (_, t) => -Math.log2(p[t][codes[t + 1]]));
  return { states, p, bits };
}

/**
 * Characters drawn one after the other, each read before the next is drawn.
 * @param {TextModel} model @param {number[]} codes what is read first
 * @param {number} length @param {number} temperature @param {() => number} uniform in [0, 1) @param {Change} [change]
 * @returns {string}
 */
export function writeOn(model, codes, length, temperature, uniform, change) {
  let state = blankState(model);
  for (const code of codes.length ? codes : [0]) state = textStep(model, state, code, change);
  let text = "";
  for (let k = 0; k < length; k++) {
    let left = uniform();
    const code = nextProbabilities(model, state.h, temperature).findIndex((part) => (left -= part) < 0);
    text += ALPHABET[Math.max(0, code)];
    state = textStep(model, state, Math.max(0, code), change);
  }
  return text;
}
