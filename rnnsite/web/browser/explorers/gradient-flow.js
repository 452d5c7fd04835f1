/** Explorer: how large the gradient of the loss still is at every step, for each cell and spectral radius. */
import { button, choice, presets, slider } from "./controls.js";
import { html, strong, symbol } from "./dom.js";
import { fixed, short } from "./format.js";
import { createFrame } from "./frame.js";
import { gradientFlow, UNITS } from "./gradient-flow-network.js";
import { paintStates } from "./heat-strip.js";
import { Plot } from "./plot.js";
import { UrlState } from "./url-state.js";

const CELLS = [
  { value: "tanh", label: "RNN, tanh", tone: "tanh" },
  { value: "sigmoid", label: "sigmoid", tone: "sigmoid" },
  { value: "relu", label: "ReLU", tone: "relu" },
  { value: "linear", label: "linear", tone: "linear" },
  { value: "gru", label: "GRU", tone: "gru" },
  { value: "lstm", label: "LSTM", tone: "lstm" },
];
const NAMES = { tanh: "tanh", sigmoid: "sigmoid", relu: "ReLU", linear: "linear", gru: "GRU", lstm: "LSTM" };

export const parameters = {
  cell: { value: "tanh", choices: CELLS.map(({ value }) => value) },
  rho: { value: 0.8, min: 0.1, max: 2, step: 0.01 },
  T: { value: 50, min: 5, max: 100, step: 1 },
  bias: { value: 2, min: -2, max: 5, step: 0.1 },
  input: { value: 0.1, min: 0, max: 2, step: 0.05 },
  seed: { value: 1, min: 1, max: 9999, step: 1 },
};

const PRESETS = [
  { label: "Vanish", values: { cell: "tanh", rho: 0.8 } },
  { label: "Explode", values: { cell: "linear", rho: 1.3 } },
  { label: "Gates", values: { cell: "lstm", rho: 0.8, bias: 3 } },
];

/** Axes that are the same for most settings, so that a change is seen as the line moving. */
const LOWEST = [-8, -16, -32, -64, -128, -320];
const HIGHEST = [8, 16, 32, 64, 128, 308];

/**
 * @param {HTMLElement} element
 * @param {{prefix?: string} & Record<string, any>} [options] the page's own setting, by the names in `parameters`
 * @returns {{destroy(): void}}
 */
export function mount(element, { prefix = "gf", ...options } = {}) {
  const state = new UrlState(prefix, parameters, options);
  const frame = createFrame(element, { name: "gradient-flow", title: "gradient flow through time", state, draw });

  frame.top.append(choice(state, "cell", { legend: "Cell", choices: CELLS }), presets(state, PRESETS));

  const norms = html("span");
  frame.figures.append(html("p", { class: "rs-x-caption" }, "Gradient norm at each step ", symbol("t"), ": ", norms));
  const plot = new Plot(frame.figures, { className: "rs-x-flow" });
  const scaleEnds = [html("span"), html("span")];
  const statesCaption = html("span", {}, "The states ", symbol("h", "t"), ", one row a unit");
  frame.figures.append(html("p", { class: "rs-x-caption rs-x-caption--split" }, statesCaption,
    html("span", { class: "rs-x-scale", "aria-hidden": "true" }, scaleEnds[0], html("span", { class: "rs-x-ramp" }), scaleEnds[1])));
  const strip = new Plot(frame.figures, { className: "rs-x-strip", canvas: true, margin: { top: 2, bottom: 6 } });

  const bias = slider(state, "bias", { label: ["forget-gate bias ", symbol("b", "f")], format: (v) => fixed(v, 1) });
  const biasLabel = /** @type {HTMLElement} */ (bias.querySelector("label"));
  frame.first.append(slider(state, "rho", { label: ["spectral radius ", symbol("ρ"), " of ", symbol("W")], format: (v) => fixed(v, v === 1 ? 0 : 2), mark: 1 }));
  frame.controls.append(
    bias,
    slider(state, "T", { label: ["steps ", symbol("T")], format: (v) => String(v) }),
    slider(state, "input", { label: ["size of the input ", symbol("x", "t")], format: (v) => fixed(v, 2) }),
  );
  const seedOutput = html("output", {}, "");
  frame.controls.append(html("div", { class: "rs-x-seed" },
    button("New weights", () => state.set({ seed: (state.values.seed % 9999) + 1 })), html("span", {}, "seed ", seedOutput)));
  frame.note.append(symbol("L"), " = ", symbol("v"), html("sup", {}, "⊤"), symbol("h", "T"), " for a random unit vector ", symbol("v"), `: the loss reads the last state only. ${UNITS} units, one random input a step, states start at 0, nothing is trained; every recurrent block has spectral radius `, symbol("ρ"), ".");

  /** @type {import("./url-state.js").Values | null} */
  let previous = null;
  /** @type {import("./gradient-flow-network.js").Flow | null} */
  let before = null;

  function draw() {
    const values = /** @type {any} */ (state.values);
    const { cell, rho, T } = values;
    const gated = cell === "lstm" || cell === "gru";
    bias.hidden = !gated;
    biasLabel.replaceChildren(cell === "gru" ? "update-gate bias " : "forget-gate bias ", symbol("b", cell === "gru" ? "u" : "f"));
    norms.replaceChildren(...norm("h"), ...(cell === "lstm" ? [" and ", ...norm("c")] : []));
    frame.root.style.setProperty("--x-accent", `var(--x-${cell})`);
    seedOutput.textContent = String(values.seed);

    const flow = gradientFlow(values);
    const main = flow.c ?? flow.h;
    if (state.previous !== previous) {
      previous = state.previous;
      before = previous && gradientFlow(/** @type {any} */ (previous));
    }
    const sentence = frame.find(...finding(flow, T, cell));
    const rule = Float64Array.from(flow.steps, (t) => rho ** (T - t));

    const lines = [];
    if (before && state.previous) lines.push({ x: before.steps, y: before.c ?? before.h, kind: /** @type {const} */ ("ghost"), tone: "muted", label: `before: ${naming(state.previous, values)}` });
    if (!gated) lines.push({ x: flow.steps, y: rule, kind: /** @type {const} */ ("rule"), tone: "muted", label: "ρᵀ⁻ᵗ" });
    if (flow.c) lines.push({ x: flow.steps, y: flow.h, kind: /** @type {const} */ ("thin"), tone: cell, label: "at h" });
    lines.push({ x: flow.steps, y: main, tone: cell, label: flow.c ? "LSTM, at the cell state c" : NAMES[/** @type {keyof typeof NAMES} */ (cell)] });

    const extremes = [...main, ...(before ? before.c ?? before.h : [])].filter((norm) => norm > 0 && Number.isFinite(norm)).map(Math.log10);
    const low = LOWEST.find((e) => e <= Math.min(...extremes)) ?? -320;
    const high = HIGHEST.find((e) => e >= Math.max(...extremes)) ?? 308;
    const x = { range: /** @type {[number, number]} */ ([0.5, Math.max(T, before ? before.steps.length : 0) + 0.5]), ticks: stepTicks(T) };
    plot.draw({
      x,
      y: { range: [10 ** low, 10 ** high], log: true },
      lines,
      dots: [{ x: 1, y: main[0], tone: cell }, { x: T, y: main[T - 1], tone: cell }],
      regions: [{ text: "explodes", corner: "top" }, { text: "vanishes", corner: "bottom" }],
      alt: `Gradient norm by step on a logarithmic axis. ${sentence}`,
    });

    if (strip.canvas) {
      const rows = [{ at: UNITS, text: "1" }, { at: 1, text: String(UNITS) }];
      strip.draw({ x: { range: x.range, ticks: [] }, y: { range: [0.5, UNITS + 0.5], ticks: rows }, alt: statesInWords(flow.states) });
      if (strip.inner) strip.canvas.style.width = `${strip.toX(T + 0.5) - strip.inner.left}px`;
      const largest = paintStates(strip.canvas, flow.states, UNITS);
      scaleEnds[0].textContent = short(-largest, 1);
      scaleEnds[1].textContent = short(largest, 1);
    }
  }

  frame.start();
  return frame;
}

/** @param {import("./gradient-flow-network.js").Flow} flow @param {number} T @param {string} cell */
function finding(flow, T, cell) {
  const main = flow.c ?? flow.h;
  const factor = main[0] / main[T - 1];
  const where = flow.c ? " at the cell state" : "";
  const start = `From step ${T} back to step\u00a01 the gradient${where} `;
  if (!Number.isFinite(factor)) return [start, strong("overflows"), "."];
  if (factor === 0) return [start, strong("becomes exactly 0"), cell === "relu" ? ": at some step no active unit is left to pass it on." : "."];
  const each = factor ** (1 / (T - 1));
  const rate = `, a factor of ${fixed(each, 3)} a step.`;
  if (factor < 0.1) return [start, strong(`shrinks to ${short(factor)} of its size`), rate];
  if (factor > 10) return [start, strong(`grows to ${short(factor)} times its size`), rate];
  return [start, strong(`stays alive: ${short(factor)} times its size`), rate];
}

/** How the setting before differed. @param {Record<string, any>} before @param {Record<string, any>} now */
function naming(before, now) {
  const words = [];
  if (before.cell !== now.cell) words.push(NAMES[/** @type {keyof typeof NAMES} */ (before.cell)]);
  if (before.rho !== now.rho) words.push(`ρ ${fixed(before.rho, 2)}`);
  if (before.T !== now.T) words.push(`T ${before.T}`);
  if (before.bias !== now.bias && (before.cell === "lstm" || before.cell === "gru")) words.push(`bias ${fixed(before.bias, 1)}`);
  if (before.input !== now.input) words.push(`input ${fixed(before.input, 2)}`);
  if (before.seed !== now.seed) words.push(`seed ${before.seed}`);
  return words.join(", ");
}

/** ‖∂L/∂h_t‖ @param {string} state */
const norm = (state) => [symbol(`‖∂L/∂${state}`, "t"), "‖"];

/** The first step, the last, and round numbers between. @param {number} T */
function stepTicks(T) {
  const stride = T > 60 ? 20 : T > 20 ? 10 : 5;
  const at = [1];
  for (let t = stride; t <= T - stride / 2; t += stride) at.push(t);
  return [...at, T].map((t) => ({ at: t, text: String(t) }));
}

/** @param {Float64Array} states */
function statesInWords(states) {
  let sum = 0;
  let largest = 0;
  for (const value of states) {
    sum += Math.abs(value);
    largest = Math.max(largest, Math.abs(value));
  }
  return `States of ${UNITS} units over ${states.length / UNITS} steps: ${short(sum / states.length)} in size on average, ${short(largest)} at most.`;
}
