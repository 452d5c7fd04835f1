/** Explorer: one LSTM unit whose gates the reader draws, step by step; what it holds, shows, and passes back. */
import { deedOf, memoryCell } from "../kernel/index.js";
import { presets } from "./controls.js";
import { html, strong, symbol } from "./dom.js";
import { fixed, short } from "./format.js";
import { createFrame } from "./frame.js";
import { createLane } from "./lane.js";
import { Plot } from "./plot.js";
import { UrlState } from "./url-state.js";

const T = 16;
const LEFT = 110; // px: names stand beside the rows
const CANDIDATE = "d4i6f2ch73e5g84g"; // 0.3 −0.6 0.8 … 0.6; at step 3 it is 0.8, at step 10 −0.7

// A letter a step, in base 36: tenths of a gate from 0 to a; tenths of g from 0 (−1) by a (0) to k (1).
const gate = (/** @type {string} */ value) => ({ value, pattern: /^[0-9a]{16}$/ });
const at = (/** @type {number[]} */ steps, on = "a", off = "0") => Array.from({ length: T }, (_, k) => (steps.includes(k + 1) ? on : off)).join("");
const from = (/** @type {number} */ first) => "0".repeat(first - 1) + "a".repeat(T + 1 - first);
const OPEN = "a".repeat(T);
const HALF = "5".repeat(T);

export const parameters = {
  f: gate(OPEN),
  i: gate(at([3])),
  g: { value: CANDIDATE, pattern: /^[0-9a-k]{16}$/ },
  o: gate(from(14)),
};

const PRESETS = [ // step: the one to look at
  { label: "Remember", step: 3, values: {} },
  { label: "Add up", step: 5, values: { i: at([3, 5, 8, 11, 13]), o: from(1) } },
  { label: "Erase", step: 10, values: { f: at([10], "0", "a"), o: from(1) } },
  { label: "Overwrite", step: 10, values: { f: at([10], "0", "a"), i: at([3, 10]), o: from(1) } },
  { label: "Half open", step: 10, values: { f: HALF, i: HALF, o: HALF } },
];

const ROWS = /** @type {const} */ ([
  { letter: "f", word: "forget", tone: "sigmoid", low: 0, name: "forget gate f" },
  { letter: "i", word: "input", tone: "sigmoid", low: 0, name: "input gate i" },
  { letter: "g", word: "candidate", tone: "tanh", low: -1, name: "candidate g" },
  { letter: "o", word: "output", tone: "sigmoid", low: 0, name: "output gate o" },
]);
/** As in the table: f = 1 on the left, i = 0 above. @type {{deed: string, f: number, i: number}[]} */
const DEEDS = [{ deed: "remember", f: 1, i: 0 }, { deed: "erase", f: 0, i: 0 }, { deed: "add", f: 1, i: 1 }, { deed: "overwrite", f: 0, i: 1 }];
const TOPS = [1, 2, 4, 8, 16];
const LATE = 7; // the step from which on a line may be named: at first both are 0

/** @typedef {"f" | "i" | "g" | "o"} Letter */

/** @param {string} text @param {Letter} letter @returns {number[]} */
const decode = (text, letter) => [...text].map((digit) => (parseInt(digit, 36) - (letter === "g" ? 10 : 0)) / 10);
/** @param {ArrayLike<number>} values @param {Letter} letter */
const encode = (values, letter) => Array.from(values, (value) => (Math.round(10 * value) + (letter === "g" ? 10 : 0)).toString(36)).join("");

/**
 * @param {HTMLElement} element
 * @param {{prefix?: string} & Record<string, any>} [options] the page's own setting, by the names in `parameters`
 * @returns {{destroy(): void}}
 */
export function mount(element, { prefix = "gl", ...options } = {}) {
  const state = new UrlState(prefix, parameters, options);
  const frame = createFrame(element, { name: "gate-lab", title: "an LSTM unit whose gates you draw", state, draw });
  let step = 3; // the one that is pointed out

  const goTo = (/** @type {number} */ chosen) => {
    step = chosen;
    frame.schedule();
  };
  const settings = presets(state, PRESETS);
  settings.querySelectorAll("button").forEach((chip, k) => chip.addEventListener("click", () => goTo(PRESETS[k].step)));
  frame.top.append(settings);

  const values = (/** @type {Letter} */ letter) => decode(state.values[letter], letter);

  frame.figures.append(html("p", { class: "rs-x-caption" }, "Draw the gates: tap or drag along a row; with keys: ← → step, ↑ ↓ value."));
  const lanes = ROWS.map((row) => createLane(frame.figures, {
    ...row, left: LEFT, onStep: goTo, onValues: (drawn) => state.set({ [row.letter]: encode(drawn, row.letter) }),
  }));
  frame.figures.append(html("p", { class: "rs-x-caption" }, "What comes of it: the cell holds ", symbol("c"), ", and shows ", symbol("h"), "."));
  const trace = new Plot(frame.figures, { className: "rs-x-memory", margin: { left: LEFT, bottom: 24 } });
  const road = createLane(frame.figures, { word: "gradient", letter: `∂c_${T} / ∂c_t`, tone: "lstm", low: 0, left: LEFT });

  trace.element.addEventListener("pointerdown", (event) => {
    const box = trace.element.getBoundingClientRect();
    const { left, right } = trace.measure();
    goTo(Math.min(T, Math.max(1, Math.ceil((T * (event.clientX - box.left - left)) / (right - left)))));
  });

  const readout = html("p", { class: "rs-x-readout" });
  const legend = html("legend");
  const deeds = DEEDS.map(({ deed, f, i }) => html("button", {
    type: "button", class: "rs-x-button rs-x-button--line", onclick: () => {
      const [fs, is] = [values("f"), values("i")];
      [fs[step - 1], is[step - 1]] = [f, i];
      state.set({ f: encode(fs, "f"), i: encode(is, "i") }, "deed");
    },
  }, html("span", {}, deed), html("small", {}, html("var", {}, "f"), ` = ${f}, `, html("var", {}, "i"), ` = ${i}`)));
  frame.first.append(readout, html("fieldset", { class: "rs-x-deeds" }, legend, ...deeds));

  frame.note.append(
    symbol("c", "t"), " = ", symbol("f"), " ", symbol("c", "t−1"), " + ", symbol("i"), " ", symbol("g"), ", from 0; ", symbol("h", "t"), " = ", symbol("o"), " tanh ", symbol("c", "t"),
    ". The gradient is the product of the forget gates after ", symbol("t"), ". You set the gates, so nothing flows through ", symbol("h"), ": in a network they depend on it.",
  );

  function draw() {
    const [f, i, g, o] = ROWS.map(({ letter }) => values(letter));
    const { c, h, gradient } = memoryCell({ f, i, g, o });
    const sentence = frame.find(...finding(i, g, c, h, gradient));
    [f, i, g, o].forEach((row, k) => lanes[k].draw(row, step));
    road.draw(gradient.subarray(1), step, `Of the gradient at step ${T} there comes back to step ${step}: ${short(gradient[step])}; to step 1: ${short(gradient[1])}.`);

    const k = step - 1;
    const deed = deedOf(f[k], i[k]);
    legend.textContent = `Make step ${step}`;
    deeds.forEach((one, n) => one.setAttribute("aria-pressed", String(DEEDS[n].deed === deed)));
    readout.replaceChildren(
      strong(`Step ${step}: ${deed}`), html("br"),
      symbol("c", String(step)), ` = ${plain(f[k])} · ${within(fixed(c[k], 2))} + ${plain(i[k])} · ${within(plain(g[k]))} = `, strong(fixed(c[step], 2)), html("br"),
      symbol("h", String(step)), ` = ${plain(o[k])} · tanh ${within(fixed(c[step], 2))} = `, strong(fixed(h[step], 2)),
    );

    const [highest, lowest] = [Math.max(...c), Math.min(...c)];
    const top = TOPS.find((size) => size >= highest - 1e-9) ?? T;
    const bottom = lowest < 0 ? -(TOPS.find((size) => size >= -lowest - 1e-9) ?? T) : 0;
    const steps = Float64Array.from({ length: T }, (_, n) => n + 1);
    const early = (/** @type {Float64Array} */ values) => ({ x: steps.subarray(0, LATE), y: values.subarray(1, LATE + 1) });
    const late = (/** @type {Float64Array} */ values) => ({ x: steps.subarray(LATE - 1), y: values.subarray(LATE) }); // its name stands there
    trace.draw({
      x: { range: [0.5, T + 0.5], ticks: [1, 4, 8, 12, 16].map((tick) => ({ at: tick, text: tick === 1 ? "step 1" : String(tick) })) },
      y: { range: [1.12 * bottom - 0.14 * top, 1.12 * top], ticks: [...new Set([bottom, 0, 1, top])].map((tick) => ({ at: tick, text: fixed(tick, 0) })) },
      lines: [
        { x: [step, step], y: [-2 * T, 2 * T], tone: "muted", kind: "rule" },
        { x: [0, T + 1], y: [0, 0], tone: "muted", kind: "web" },
        { ...early(c), tone: "lstm" },
        { ...early(h), tone: "accent", kind: "loop" },
        { ...late(c), tone: "lstm", label: "cell state c" },
        { ...late(h), tone: "accent", kind: "loop", label: "hidden state h" },
      ],
      dots: [
        { x: step, y: c[step], tone: "lstm", kind: "full" },
        { x: step, y: h[step], tone: "accent", kind: "hollow" },
      ],
      alt: `Cell state and what is shown of it over ${T} steps. ${sentence}`,
    });
  }

  frame.start();
  return frame;
}

/** A gate's value: 0, 0.5, 1. @param {number} value */
const plain = (value) => fixed(value, Number.isInteger(value) ? 0 : 1);

/** A number within a product: a negative one in brackets. @param {string} text */
const within = (text) => (text.startsWith("−") ? `(${text})` : text);

/**
 * @param {number[]} i @param {number[]} g
 * @param {Float64Array} c @param {Float64Array} h @param {Float64Array} gradient
 */
function finding(i, g, c, h, gradient) {
  const end = [`After ${T} steps the cell `, strong(`holds ${fixed(c[T], 2)}`), " and ", strong(`shows ${fixed(h[T], 2)}`), ". "];
  const first = i.findIndex((value, k) => value >= 0.5 && g[k] !== 0) + 1;
  if (!first) return [...end, "The input gate is never more than half open, so little is written."];
  const left = gradient[first];
  const share = left === 0 ? "nothing" : left > 0.995 ? "all" : `${short(100 * left)}\u00a0%`;
  return [...end, `Back to step ${first}, the first that writes, comes `, strong(`${share} of the gradient`), "."];
}
