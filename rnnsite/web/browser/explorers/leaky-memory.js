/** Explorer: a leaky unit, the pulses that the reader sends it, what it keeps of the first, and its gradient. */
import { leakyUnit, leftOfFirst } from "../kernel/index.js";
import { button, presets, slider } from "./controls.js";
import { html, strong, symbol } from "./dom.js";
import { fixed, short } from "./format.js";
import { createFrame } from "./frame.js";
import { Plot } from "./plot.js";
import { UrlState } from "./url-state.js";

const T = 40;
const PULSE = 1; // x_t of a step with a pulse

export const parameters = {
  alpha: { value: 0.9, min: 0, max: 0.99, step: 0.01 },
  w: { value: 0.5, min: 0, max: 2, step: 0.05 },
  pulses: { value: "4.18", pattern: /^(\d{1,2}(\.\d{1,2})*)?$/ }, // the steps that have one
};

const PRESETS = [
  { label: "No leak", values: { alpha: 0 } },
  { label: "Slow", values: { alpha: 0.97 } },
  { label: "A switch", values: { alpha: 0, w: 2 } },
];

const TOPS = [0.02, 0.05, 0.1, 0.2, 0.5, 1];
const DECADES = [4, 8, 16, 32, 64, 300];

/**
 * @param {HTMLElement} element
 * @param {{prefix?: string} & Record<string, any>} [options] the page's own setting, by the names in `parameters`
 * @returns {{destroy(): void}}
 */
export function mount(element, { prefix = "lm", ...options } = {}) {
  const state = new UrlState(prefix, parameters, options);
  const frame = createFrame(element, { name: "leaky-memory", title: "the memory of a leaky unit", state, draw });
  let at = 1; // the step that the keyboard is on

  const clear = button("No pulses", () => state.set({ pulses: "" }));
  frame.top.append(html("div", { class: "rs-x-drive" }, clear), presets(state, PRESETS));
  frame.figures.append(html("p", { class: "rs-x-caption" },
    "State ", symbol("h", "t"), " at each step. Tap to send a pulse or to take it back; with keys: arrows, then Space."));
  const surface = html("div", { class: "rs-x-surface", tabindex: "0", role: "application", "aria-roledescription": "steps with pulses" });
  frame.figures.append(surface);
  const trace = new Plot(surface, { className: "rs-x-trace", hidden: true });
  frame.figures.append(html("p", { class: "rs-x-caption" }, "Gradient ", symbol("∂h", "T"), " / ", symbol("∂h", "t"), ": from the right, back in time"));
  const gradients = new Plot(frame.figures, { className: "rs-x-half" });

  const two = (/** @type {number} */ v) => fixed(v, 2);
  frame.first.append(slider(state, "alpha", { label: ["leak ", symbol("α")], format: two }));
  frame.controls.append(slider(state, "w", { label: ["recurrent weight ", symbol("w")], format: two }));
  frame.note.append(
    symbol("h", "t"), " = ", symbol("α"), " ", symbol("h", "t−1"), " + (1 − ", symbol("α"), ") tanh(", symbol("w"), " ", symbol("h", "t−1"), " + ", symbol("x", "t"),
    "), from 0. A pulse is one step with ", symbol("x"), " = 1. The scale of the state follows its size.",
  );

  /** @returns {number[]} */
  const pulses = () => [...new Set(state.values.pulses.split(".").filter(Boolean).map(Number))]
    .filter((t) => t >= 1 && t <= T).sort((a, b) => a - b);

  /** @param {number} t */
  function toggle(t) {
    const now = pulses();
    state.set({ pulses: (now.includes(t) ? now.filter((other) => other !== t) : [...now, t].sort((a, b) => a - b)).join(".") });
  }

  surface.addEventListener("pointerdown", (event) => {
    const box = trace.element.getBoundingClientRect();
    const { left, right } = trace.measure();
    const share = (event.clientX - box.left - left) / (right - left);
    if (share < -0.02 || share > 1.02) return;
    at = Math.min(T, Math.max(1, Math.round(share * T)));
    toggle(at);
  });
  surface.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -5, ArrowUp: 5 }[event.key];
    if (move === undefined && event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (move === undefined) toggle(at);
    else at = Math.min(T, Math.max(1, at + move));
    frame.schedule();
  });
  surface.addEventListener("focus", frame.schedule);
  surface.addEventListener("blur", frame.schedule);

  function draw() {
    const { alpha, w } = state.values;
    const sent = pulses();
    clear.disabled = sent.length === 0;
    const x = Float64Array.from({ length: T }, (_, t) => (sent.includes(t + 1) ? PULSE : 0));
    const unit = { alpha, w };
    const { h, gradient } = leakyUnit(unit, x);
    const { left, without } = leftOfFirst(unit, x);
    const sentence = frame.find(...finding(unit, sent, left, gradient));
    surface.setAttribute("aria-label",
      `State over ${T} steps, with ${sent.length ? `pulses at ${sent.join(", ")}` : "no pulse"}. At step ${at}: Space ${sent.includes(at) ? "takes its pulse back" : "sends a pulse"}. ${sentence}`);

    const highest = Math.max(...h, 0.001);
    const top = TOPS.find((size) => size >= highest) ?? 1;
    const steps = Float64Array.from(h, (_, t) => t);
    const xAxis = { range: /** @type {[number, number]} */ ([0, T]) };
    trace.draw({
      x: xAxis, y: { range: [0, top] },
      lines: [
        ...sent.map((t) => ({ x: [t, t], y: [0, top], tone: "muted", kind: /** @type {const} */ ("rule") })),
        ...(sent.length > 1 ? [{ x: steps, y: without, tone: "muted", kind: /** @type {const} */ ("other") }] : []),
        { x: steps, y: h, tone: "accent" },
      ],
      dots: [
        ...sent.map((t) => ({ x: t, y: 0, tone: "accent", kind: /** @type {const} */ ("full") })),
        ...(document.activeElement === surface ? [{ x: at, y: 0, tone: "ink", kind: /** @type {const} */ ("hollow") }] : []),
        ...(sent.length > 1 ? [{ x: sent[1], y: without[sent[1]], tone: "muted", kind: /** @type {const} */ ("small"), label: "without the first pulse" }] : []),
      ],
    });

    const plain = leakyUnit({ alpha: 0, w }, x).gradient;
    const smallest = [...gradient, ...plain].filter((size) => size > 0).map(Math.log10);
    const need = Math.max(-Math.min(...smallest), 1);
    const high = Math.max(0, Math.ceil(Math.max(...smallest)));
    gradients.draw({
      x: xAxis,
      y: { range: [10 ** -(DECADES.find((d) => d >= need) ?? 300), 10 ** high], log: true },
      lines: [
        ...(alpha > 0 ? [{ x: steps, y: plain, tone: "muted", kind: /** @type {const} */ ("other"), label: "without the leak" }] : []),
        { x: steps, y: gradient, tone: "accent" },
      ],
      dots: sent.length ? [{ x: sent[0], y: gradient[sent[0]], tone: "accent", kind: /** @type {const} */ ("full") }] : [],
      alt: `Gradient on a logarithmic axis: ${short(gradient[0])} of it comes back to step 0, ${short(plain[0])} without the leak.`,
    });
  }

  frame.start();
  return frame;
}

/**
 * @param {{alpha: number, w: number}} unit @param {number[]} sent
 * @param {Float64Array} left @param {Float64Array} gradient
 */
function finding({ alpha }, sent, left, gradient) {
  const tau = alpha === 0 ? "With no leak the last state comes in through its weight alone." : `By its leak alone the unit falls to 1/e in τ = −1/ln α = ${short(-1 / Math.log(alpha))} steps.`;
  if (!sent.length) return [tau, " ", strong("Send a pulse.")];
  const first = sent[0];
  const steps = T - first;
  if (steps === 0) return [tau, " The first pulse is only just in. ", strong("Send an earlier one.")];
  const share = left[T] < 0.001 ? "almost nothing" : `${short(100 * left[T])}\u00a0%`;
  return [
    tau, ` After ${steps} ${steps === 1 ? "step" : "steps"} `, strong(`${share} of the first pulse`), " is left in the state, and the gradient comes back to it as ",
    strong(short(gradient[first])), ".",
  ];
}
