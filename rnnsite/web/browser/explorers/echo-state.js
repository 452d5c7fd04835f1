/** Explorer: an echo state network. Two starts under one input, what its readout hears, and how far back it remembers. */
import { Random, listen, readOut, reservoir, ridge } from "../kernel/index.js";
import { button, presets, slider } from "./controls.js";
import { html, strong, symbol } from "./dom.js";
import { fixed, short } from "./format.js";
import { createFrame } from "./frame.js";
import { Plot } from "./plot.js";
import { UrlState } from "./url-state.js";

export const parameters = {
  rho: { value: 0.9, min: 0, max: 3, step: 0.05 },
  leak: { value: 0, min: 0, max: 0.95, step: 0.05 },
  input: { value: 0.3, min: 0.01, max: 10, step: 0.01 },
  units: { value: 50, min: 10, max: 100, step: 10 },
  back: { value: 14, min: 0, max: 30, step: 1 },
  seed: { value: 1, min: 1, max: 999, step: 1 },
};

const PRESETS = [
  { label: "It echoes", values: {} },
  { label: "It forgets too soon", values: { rho: 0.2 } },
  { label: "A radius of 3", values: { rho: 3 } },
  { label: "Shouted at", values: { rho: 3, input: 10 } },
  { label: "Leaky", values: { leak: 0.8 } },
];

const WATCHED = 120; // steps for which the two starts are compared
const WASHOUT = 100;
const LEARNED = 400;
const UNSEEN = 300;
const SHOWN = 60;
const FARTHEST = 30; // steps back
const PENALTY = 1e-8;
const MET = 1e-3; // share of the distance at the start at which two states count as one

/**
 * @param {HTMLElement} element
 * @param {{prefix?: string} & Record<string, any>} [options] the page's own setting, by the names in `parameters`
 * @returns {{destroy(): void}}
 */
export function mount(element, { prefix = "es", ...options } = {}) {
  const state = new UrlState(prefix, parameters, options);
  const frame = createFrame(element, { name: "echo-state", title: "echo state network", state, draw });
  frame.top.append(presets(state, PRESETS), button("Other weights", () => state.set({ seed: (state.values.seed % 999) + 1 }), "line"));

  const captions = [html("p", { class: "rs-x-caption" }), html("p", { class: "rs-x-caption" }), html("p", { class: "rs-x-caption" })];
  const [apart, reading, memory] = captions.map((caption) => {
    const panel = html("div", { class: "rs-x-panel" }, caption);
    frame.figures.append(panel);
    return new Plot(panel, { className: "rs-x-half" });
  });
  const two = (/** @type {number} */ v) => fixed(v, 2);
  frame.first.append(slider(state, "rho", { label: ["spectral radius ", symbol("ρ")], format: two, mark: 1 }));
  frame.controls.append(
    slider(state, "leak", { label: ["leak ", symbol("α")], format: two }),
    slider(state, "input", { label: ["input weights"], format: (v) => short(v), log: true }),
    slider(state, "units", { label: ["units"], format: String }),
    slider(state, "back", { label: ["read the input ", symbol("k"), " steps back"], format: String }),
  );
  frame.note.replaceChildren("The recurrent weights are random and stay. Only the readout is fitted, on 400 steps; what you see are 300 others.");

  const kept = { now: /** @type {Heard | null} */ (null), before: /** @type {Heard | null} */ (null) };

  function draw() {
    const { back } = state.values;
    kept.before = state.previous && hear(state.previous, kept.before, kept.now);
    const now = kept.now = hear(state.values, kept.now, kept.before);
    const before = kept.before && kept.before.key !== now.key ? kept.before : null;
    const { distance, met, r2, capacity } = now;
    const said = now.reading(back);
    const sentence = frame.find(...finding(now));

    captions[0].replaceChildren(`Distance of two starts that hear the same input, over ${WATCHED} steps, as a share of the first`);
    captions[1].replaceChildren("The input ", symbol("k"), ` = ${back} ${back === 1 ? "step" : "steps"} back, and over it, thin, `,
      html("span", { class: "rs-tone-accent" }, "what the readout says it was"), ": ", symbol("r"), `² = ${fixed(r2[back], 2)}`);
    captions[2].replaceChildren("How well the input ", symbol("k"), " steps back can be read (", symbol("r"), "²): the area is the memory");
    const steps = Float64Array.from(distance, (_, t) => t);
    apart.draw({
      x: { range: [0, WATCHED] },
      y: { range: [1e-12, 100], log: true, ticks: [{ at: 1e-12, text: "10⁻¹²" }, { at: 1e-6, text: "10⁻⁶" }, { at: 1, text: "1" }] },
      lines: [
        { x: [0, WATCHED], y: [MET, MET], tone: "muted", kind: "rule", label: "a thousandth" },
        ...(before ? [ghost(steps, before.distance.map(visible), before, now)] : []),
        { x: steps, y: distance.map(visible), tone: met >= 0 ? "accent" : "warn" },
      ],
      dots: met >= 0 ? [{ x: met, y: distance[met], tone: "accent" }] : [],
      alt: `Distance of two runs on a logarithmic axis. ${sentence}`,
    });
    const shown = Float64Array.from({ length: SHOWN }, (_, i) => i);
    const from = now.x.length - SHOWN;
    reading.draw({
      x: { range: [0, SHOWN - 1] }, y: { range: [-1.25, 1.25], ticks: [-1, 0, 1].map((at) => ({ at, text: fixed(at, 0) })) },
      lines: [
        { x: shown, y: shown.map((i) => now.x[from + i - back]), tone: "muted", kind: "ghost" },
        { x: shown, y: shown.map((i) => said[said.length - SHOWN + i]), tone: "accent", kind: "thin" },
      ],
      alt: `The input ${back} steps back and its reading over ${SHOWN} unseen steps; r² is ${short(r2[back])}.`,
    });
    const delays = Float64Array.from(r2, (_, k) => k);
    memory.draw({
      x: { range: [0, FARTHEST] }, y: { range: [0, 1] },
      lines: [
        { x: delays, y: r2, tone: "accent", kind: "area" },
        ...(before ? [ghost(delays, before.r2, before, now)] : []),
        { x: delays, y: r2, tone: "accent" },
      ],
      dots: [{ x: back, y: r2[back], tone: "accent", kind: "full", label: `k = ${back}` }],
      alt: `r² by the number of steps back: ${short(r2[0])} now, ${short(r2[5])} at 5, ${short(r2[15])} at 15; ${fixed(capacity, 1)} in all.`,
    });
  }

  frame.start();
  return frame;
}

/**
 * @typedef {object} Heard what a setting's network does
 * @property {string} key the setting, without the step that is read
 * @property {Record<string, any>} setting
 * @property {Float64Array} x the input
 * @property {Float64Array} distance of two starts, step by step, as a share of the first
 * @property {number} met the first step with a thousandth of it, −1 for none
 * @property {Float64Array} r2 of the input 0 … FARTHEST steps back
 * @property {number} capacity their sum
 * @property {(back: number) => Float64Array} reading
 */

/** @param {Record<string, any>} setting @param {...(Heard | null)} known computed before @returns {Heard} */
function hear(setting, ...known) {
  const { rho, leak, input, units, seed } = setting;
  const key = [rho, leak, input, units, seed].join();
  const found = known.find((one) => one?.key === key);
  if (found) return found;
  const net = network(units, seed);
  const random = new Random(seed + 1000);
  const x = Float64Array.from({ length: WASHOUT + LEARNED + UNSEEN }, () => 2 * random.uniform() - 1);
  const weights = { rho, leak, scale: input };
  const distance = distances(net, weights, x, random);
  const { r2, said } = recall(listen(net, weights, x), units, x);
  return {
    key, setting, x, distance, r2, met: distance.findIndex((share) => share < MET),
    capacity: r2.reduce((sum, value) => sum + value, 0),
    reading: (back) => Float64Array.from({ length: UNSEEN }, (_, t) => said[t * (FARTHEST + 1) + back]),
  };
}

/** @type {Map<string, ReturnType<typeof reservoir>>} the last few: their spectral radius costs more than all the rest */
const networks = new Map();

/** @param {number} units @param {number} seed */
function network(units, seed) {
  const key = `${units} ${seed}`;
  const net = networks.get(key) ?? reservoir(new Random(seed), units);
  if (networks.size > 3) networks.clear();
  networks.set(key, net);
  return net;
}

/** @param {Heard} heard */
function finding({ distance, met, r2, capacity }) {
  const end = distance[WATCHED];
  const mean = (/** @type {number} */ from) => distance.subarray(from, from + 20).reduce((sum, share) => sum + share, 0);
  const slowly = end < 0.5 && mean(WATCHED - 20) < 0.7 * mean(WATCHED / 2 - 10);
  const left = end < 1 ? `${short(100 * end)}\u00a0% of their distance is left` : `they are ${short(end)} times as far apart as at first`;
  return [
    ...(met >= 0
      ? ["Two starts ", strong("become one"), `: after ${met} ${met === 1 ? "step" : "steps"} a thousandth of their distance is left.`]
      : ["Two starts ", strong(slowly ? "come together slowly" : "do not meet"), `: after ${WATCHED} steps ${left}.`]),
    " From the state ", strong(`${r2[FARTHEST] > 0.2 ? "more than " : ""}${fixed(capacity, 1)} steps`), " of the input can be read.",
  ];
}

/** The line of the setting before, named by what was different. @param {Float64Array} x @param {Float64Array} y @param {Heard} before @param {Heard} now */
function ghost(x, y, before, now) {
  const names = { rho: "ρ", leak: "α", input: "input", units: "units", seed: "weights" };
  const words = Object.entries(names).filter(([name]) => before.setting[name] !== now.setting[name])
    .map(([name, word]) => (name === "seed" ? "other weights" : `${word} ${short(before.setting[name])}`));
  return { x, y, tone: "muted", kind: /** @type {const} */ ("ghost"), label: `before: ${words.join(", ")}` };
}

const visible = (/** @type {number} */ share) => Math.max(share, 1e-12);

/**
 * The distance of two runs from different starts, step by step, as a share of the first.
 * @param {ReturnType<typeof reservoir>} net @param {{rho: number, leak: number, scale: number}} setting
 * @param {Float64Array} x @param {Random} random
 */
function distances(net, setting, x, random) {
  const starts = [0, 1].map(() => Float64Array.from({ length: net.units }, () => 2 * random.uniform() - 1));
  const [one, other] = starts.map((h0) => [...h0, ...listen(net, setting, x.subarray(0, WATCHED), h0)]);
  const far = new Float64Array(WATCHED + 1);
  for (let i = 0; i < one.length; i++) far[Math.floor(i / net.units)] += (one[i] - other[i]) ** 2;
  return far.map((square) => Math.sqrt(square / far[0]));
}

/**
 * r² of the input 0 … FARTHEST steps back on unseen steps, and the readings, one row a step.
 * @param {Float64Array} states @param {number} units @param {Float64Array} x
 */
function recall(states, units, x) {
  const answers = FARTHEST + 1;
  const past = (/** @type {number} */ from, /** @type {number} */ count) =>
    Float64Array.from({ length: count * answers }, (_, i) => x[from + Math.floor(i / answers) - (i % answers)]);
  const part = (/** @type {number} */ from, /** @type {number} */ count) => states.subarray(from * units, (from + count) * units);
  const V = ridge(part(WASHOUT, LEARNED), units, past(WASHOUT, LEARNED), answers, PENALTY);
  const said = readOut(part(WASHOUT + LEARNED, UNSEEN), units, V);
  const meant = past(WASHOUT + LEARNED, UNSEEN);
  const r2 = Float64Array.from({ length: answers }, (_, k) => {
    let mean = 0, wrong = 0, spread = 0;
    for (let t = 0; t < UNSEEN; t++) mean += meant[t * answers + k] / UNSEEN;
    for (let t = 0; t < UNSEEN; t++) {
      wrong += (said[t * answers + k] - meant[t * answers + k]) ** 2;
      spread += (meant[t * answers + k] - mean) ** 2;
    }
    return Math.max(0, 1 - wrong / spread);
  });
  return { r2, said };
}
