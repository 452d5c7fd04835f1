/** Explorer: character models that the build trained, reading what the reader types; a unit or a gate can be taken out. */
import { ALPHABET, encodeText, Random, readText, textModel, writeOn } from "../kernel/index.js";
import { button, choice, slider } from "./controls.js";
import { html, strong, symbol, uniqueId } from "./dom.js";
import { fixed } from "./format.js";
import { createFrame } from "./frame.js";
import { paintShares } from "./heat-strip.js";
import { Plot } from "./plot.js";
import { UrlState } from "./url-state.js";

const LONGEST = 300; // characters of the reader's text
const WRITTEN = 160; // characters the model writes on
const BARS = 6;
const QUOTES = "inside quotes"; // among what the build measured of every unit
const NAMES = { lstm: "LSTM", gru: "GRU", rnn: "RNN" };
const CUTS = ["nothing", "unit", "f0", "f1", "i0", "o0", "u0", "u1", "r0"];
const GATES = { lstm: ["i", "f", "o"], gru: ["r", "u"], rnn: [] };

export const parameters = {
  cell: { value: "gru", choices: ["lstm", "gru", "rnn"] },
  text: { value: 'The "yield" statement is used when defining\na generator function (see the section "Calls").', pattern: new RegExp(`^[\\s\\S]{0,${LONGEST}}$`) },
  unit: { value: -1, min: -1, max: 63, step: 1 }, // −1: the one that follows quotations most closely
  at: { value: LONGEST, min: 1, max: LONGEST, step: 1 },
  cut: { value: "nothing", choices: CUTS },
  temperature: { value: 0.7, min: 0.2, max: 1.5, step: 0.1 },
  seed: { value: 0, min: 0, max: 999, step: 1 }, // 0: nothing is written yet
};

/** @typedef {ReturnType<typeof textModel> & {follows: {what: string, unit: number, r: number}[]}} Loaded */

/**
 * @param {HTMLElement} element with the address of the weights as data-files
 * @param {{prefix?: string} & Record<string, any>} [options] the page's own setting, by the names in `parameters`
 * @returns {{destroy(): void}}
 */
export function mount(element, { prefix = "tx", ...options } = {}) {
  const state = new UrlState(prefix, parameters, options);
  const frame = createFrame(element, { name: "text", title: "trained character models", state, draw });
  const folder = element.dataset.files && new URL(element.dataset.files, document.baseURI);
  /** @type {Map<string, Loaded | Error | null>} null: on its way */
  const models = new Map();

  const field = html("textarea", {
    id: uniqueId("text"), rows: 3, maxlength: LONGEST, spellcheck: "false", autocapitalize: "off", "data-parameter": "text",
    oninput: () => state.set({ text: field.value, at: LONGEST }),
  });
  const follows = html("div", { class: "rs-x-presets", role: "group", "aria-label": "Units that follow something" });
  frame.top.append(
    choice(state, "cell", { legend: "Network", choices: ["lstm", "gru", "rnn"].map((value) => ({ value, label: NAMES[/** @type {"lstm"} */ (value)], tone: value === "rnn" ? "accent" : value })) }),
    html("div", { class: "rs-x-field" }, html("label", { for: field.id }, "Your text"), field),
  );

  const surface = html("div", { class: "rs-x-surface rs-x-read", tabindex: "0", role: "application", "aria-roledescription": "text, character by character" });
  const unitCaption = html("p", { class: "rs-x-caption" });
  const gateTitle = html("span");
  const gateCaption = html("p", { class: "rs-x-caption rs-x-caption--split" }, gateTitle,
    html("span", { class: "rs-x-scale", "aria-hidden": "true" }, "0 shut", html("span", { class: "rs-x-ramp rs-x-ramp--up" }), "1 open"));
  const barsCaption = html("p", { class: "rs-x-caption" });
  const bars = html("ol", { class: "rs-x-bars" });
  const written = html("p", { class: "rs-x-written" });
  frame.figures.append(unitCaption, surface, gateCaption);
  const gates = new Plot(frame.figures, { canvas: true, hidden: true, margin: { top: 2, left: 24 } });
  frame.figures.append(barsCaption, bars, written);

  const cuts = choice(state, "cut", { legend: "Take out", choices: CUTS.map((value) => ({ value, label: cutLabel(value) })) });
  frame.first.append(follows, slider(state, "unit", { label: ["unit"], format: (v) => (v < 0 ? "for quotes" : String(v)) }));
  frame.controls.append(
    cuts,
    slider(state, "temperature", { label: ["temperature"], format: (v) => fixed(v, 1) }),
    html("div", { class: "rs-x-drive" },
      button("Write on", () => state.set({ seed: (state.values.seed % 999) + 1 }), "solid"),
      button("Clear", () => state.set({ seed: 0 }), "plain")),
  );
  frame.note.append(
    "Trained by this build on Python's documentation, one of the networks of the figure above: small, and no more than half literate. A gate that is held has this value in every unit. Bits: −log", html("sub", {}, "2"), " of the probability given to what came; guessing evenly costs ",
    `${fixed(Math.log2(ALPHABET.length), 1)}.`,
  );

  surface.addEventListener("pointerdown", (event) => {
    const place = /** @type {HTMLElement} */ (event.target).dataset.at;
    if (place) state.set({ at: Number(place) });
  });
  surface.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -10, ArrowDown: 10 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    state.set({ at: Math.min(length(), Math.max(1, Math.min(length(), state.values.at) + move)) });
  });
  const length = () => [...state.values.text].length;

  /** @param {"lstm" | "gru" | "rnn"} cell */
  async function load(cell) {
    models.set(cell, null);
    try {
      const answer = await fetch(new URL(`${cell}.json`, /** @type {URL} */ (folder)));
      if (!answer.ok) throw new Error(`${answer.status}`);
      const file = await answer.json();
      models.set(cell, { ...textModel(file), follows: file.follows });
    } catch (error) {
      models.set(cell, /** @type {Error} */ (error));
    }
    frame.schedule();
  }

  function draw() {
    const { cell, text, cut, temperature, seed } = state.values;
    if (field.value !== text) field.value = text;
    const own = /** @type {string[]} */ (GATES[/** @type {"lstm"} */ (cell)]);
    cuts.querySelectorAll("label").forEach((label, k) => {
      label.hidden = k > 1 && !own.includes(CUTS[k][0]);
    });
    const model = models.get(cell);
    frame.root.toggleAttribute("aria-busy", false);
    if (!folder) return void frame.find("The trained networks were left out of this build.");
    if (model instanceof Error) return void frame.find("The weights could not be loaded. Reload the page to try again.");
    if (!model) {
      frame.root.setAttribute("aria-busy", "true");
      if (model === undefined) load(cell);
      frame.find("The weights are on their way.");
      return;
    }
    const unit = state.values.unit >= 0 ? state.values.unit : (model.follows.find(({ what }) => what === QUOTES)?.unit ?? 0);
    const { change, said } = cutOf(cut, own, unit);
    const codes = encodeText(text);
    const plain = readText(model, codes);
    const now = change ? readText(model, codes, change) : plain;
    const at = Math.min(Math.max(1, codes.length), state.values.at);
    const shown = cell === "lstm" ? "c" : "h";
    const sentence = frame.find(...finding(NAMES[/** @type {"lstm"} */ (cell)], plain.bits, now.bits, said));

    follows.replaceChildren(html("span", {}, "Follows best"), ...model.follows.map(({ what, unit: best, r }) =>
      button(`${what}, r ${fixed(r, 2)}`, () => state.set({ unit: best }), "chip")));
    const values = now.states.map((one) => one[shown][unit]);
    const largest = Math.max(1e-9, ...values.map(Math.abs));
    unitCaption.replaceChildren("State ", symbol(shown), ` of unit ${unit} after each character: blue below 0, rust above, strongest at ±${fixed(largest, 2)}. Tap a character, or use the arrow keys.`);
    surface.replaceChildren(...codes.flatMap((code, t) => letter(ALPHABET[code], t + 1, values[t] / largest, t + 1 === at)));
    surface.setAttribute("aria-label", codes.length
      ? `The text as the network reads it. At character ${at}, ${named(ALPHABET[codes[at - 1]])}, unit ${unit} is ${fixed(values[at - 1], 2)}. ${expected(now.p[at - 1])} ${sentence}`
      : "No text yet.");

    gateCaption.hidden = gates.element.hidden = own.length === 0;
    if (own.length && gates.canvas) {
      gateTitle.replaceChildren(`The gates of unit ${unit}`);
      gates.element.style.height = `${26 * own.length + 28}px`;
      const rows = own.map((gate, k) => ({ at: own.length - k, text: gate }));
      const end = Math.max(2, codes.length) + 0.5;
      const range = /** @type {[number, number]} */ ([0.5, own.length + 0.5]);
      gates.draw({ x: { range: [0.5, end] }, y: { range, ticks: rows }, lines: [{ x: [at, at], y: range, tone: "ink", kind: "rule" }] });
      if (gates.inner) gates.canvas.style.width = `${gates.toX(codes.length + 0.5) - gates.inner.left}px`;
      if (codes.length) paintShares(gates.canvas, own.map((gate) => now.states.map((one) => one.gates[gate][unit])));
      gates.canvas.hidden = codes.length === 0;
    }
    barsCaption.replaceChildren(codes.length ? `What it expects after character ${at}` : "Type something.");
    bars.replaceChildren(...(codes.length ? likeliest(now.p[at - 1]).map(({ code, share }) => bar(ALPHABET[code], share, codes[at] === code)) : []));
    written.hidden = seed === 0;
    if (seed) {
      const random = new Random(seed);
      written.replaceChildren(html("span", { class: "rs-tone-muted" }, text.slice(-40)), writeOn(model, codes, WRITTEN, temperature, () => random.uniform(), change));
    }
  }

  frame.start();
  return frame;
}

/** @param {string} cut */
function cutLabel(cut) {
  return cut === "nothing" ? "nothing" : cut === "unit" ? "this unit" : `${cut[0]} = ${cut[1]}`;
}

/** @param {string} cut @param {string[]} own gates of the network @param {number} unit */
function cutOf(cut, own, unit) {
  if (cut === "unit") return { change: { silent: unit }, said: `unit ${unit} held at 0` };
  if (!own.includes(cut[0])) return { change: undefined, said: "" };
  return { change: { held: { [cut[0]]: Number(cut[1]) } }, said: `every ${cut[0]} held at ${cut[1]}` };
}

const mean = (/** @type {Float64Array} */ bits) => bits.reduce((sum, one) => sum + one, 0) / bits.length;

/** @param {string} name @param {Float64Array} plain @param {Float64Array} now @param {string} said */
function finding(name, plain, now, said) {
  if (plain.length < 2) return ["Type a few words: the ", name, " says after each character what it expects next."];
  const whole = `${fixed(mean(plain), 2)} bits a character`;
  if (!said) return ["To foresee this text the ", name, " needs ", strong(whole), "."];
  const more = mean(now) - mean(plain);
  const sign = more < 0 ? "fewer" : "more";
  return ["To foresee this text the ", name, ` needs ${whole}, and with ${said} `, strong(fixed(mean(now), 2)), `: ${fixed(Math.abs(more), 2)} ${sign}.`];
}

/** @param {string} letter */
const visible = (letter) => (letter === "\n" ? "↵" : letter === " " ? "␣" : letter);
/** @param {string} letter */
const named = (letter) => (letter === "\n" ? "a line break" : letter === " " ? "a space" : letter);

/** @param {string} letter @param {number} at @param {number} value from −1 to 1 @param {boolean} chosen */
function letter(letter, at, value, chosen) {
  const span = html("span", { "data-at": at, class: chosen ? "rs-x-chosen" : null }, letter === "\n" ? "↵" : letter);
  const tone = value < 0 ? "--x-below-1" : "--x-above-1";
  span.style.background = `color-mix(in srgb, var(${tone}) ${Math.round(60 * Math.abs(value))}%, var(--x-paper))`;
  return letter === "\n" ? [span, html("br")] : [span];
}

/** @param {Float64Array} p */
function likeliest(p) {
  return [...p].map((share, code) => ({ code, share })).sort((one, other) => other.share - one.share).slice(0, BARS);
}

/** @param {Float64Array} p */
const expected = (p) => `It expects ${likeliest(p).slice(0, 3).map(({ code, share }) => `${named(ALPHABET[code])} with ${Math.round(100 * share)} %`).join(", ")}.`;

/** @param {string} letter @param {number} share @param {boolean} came whether this is what the text goes on with */
function bar(letter, share, came) {
  const inner = html("span", { class: "rs-x-bar", "aria-hidden": "true" });
  inner.style.setProperty("--share", String(share));
  return html("li", { class: came ? "rs-x-came" : null }, html("code", {}, visible(letter)), inner, html("span", {}, `${Math.round(100 * share)}\u00a0%${came ? ", it came" : ""}`));
}
