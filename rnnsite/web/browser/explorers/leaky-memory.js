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
const MARKED = 8; // as many pulses have a line of their own; more would hide the state
const FAINTEST = 1e-4; // state at the bottom of its plot: the same for all settings, so that they can be compared
const SMALLEST = 1e-12; // gradient at the bottom of its plot
const BELOW = 1e-300; // what is 0 is drawn here, far below: the line falls out of the plot

export const parameters = {
  alpha: { value: 0.9, min: 0, max: 0.99, step: 0.01 },
  w: { value: 0.5, min: 0, max: 2, step: 0.05 },
  pulses: { value: "4", pattern: /^(\d{1,2}(\.\d{1,2})*)?$/ }, // the steps that have one
};

const PRESETS = [
  { label: "Leaky", values: {} },
  { label: "No leak", values: { alpha: 0 } },
  { label: "Slow", values: { alpha: 0.97 } },
  { label: "A switch", values: { alpha: 0, w: 2 } },
];

/**
 * @param {HTMLElement} element
 * @param {{prefix?: string} & Record<string, any>} [options] the page's own setting, by the names in `parameters`
 * @returns {{destroy(): void}}
 */
export function mount(element, { prefix = "lm", ...options } = {}) {
  const state = new UrlState(prefix, parameters, options);
  const frame = createFrame(element, { name: "leaky-memory", title: "the memory of a leaky unit", state, draw });
  let at = 1; // the step that the keyboard is on
  /** @type {number | null} */
  let under = null; // the step under the mouse

  frame.top.append(presets(state, PRESETS));
  frame.figures.append(html("p", { class: "rs-x-caption" },
    "State ", symbol("h", "t"), " at each step. Tap to send a pulse or to take it back; with keys: arrows, then Space."));
  const surface = html("div", { class: "rs-x-surface", tabindex: "0", role: "application", "aria-roledescription": "steps with pulses" });
  frame.figures.append(surface);
  const trace = new Plot(surface, { className: "rs-x-trace", hidden: true });
  frame.figures.append(html("p", { class: "rs-x-caption" }, "Gradient ", symbol("∂h", "T"), " / ", symbol("∂h", "t"), ": from the right, back in time"));
  const gradients = new Plot(frame.figures, { className: "rs-x-half" });

  const two = (/** @type {number} */ v) => fixed(v, 2);
  const constant = html("p", { class: "rs-x-caption" });
  const clear = button("No pulses", () => state.set({ pulses: "" }));
  frame.first.append(slider(state, "alpha", { label: ["leak ", symbol("α")], format: two }), constant);
  frame.controls.append(slider(state, "w", { label: ["recurrent weight ", symbol("w")], format: two }), html("div", { class: "rs-x-drive" }, clear));
  frame.note.append(
    symbol("h", "t"), " = ", symbol("α"), " ", symbol("h", "t−1"), " + (1 − ", symbol("α"), ") tanh(", symbol("w"), " ", symbol("h", "t−1"), " + ", symbol("x", "t"),
    "), from 0. A pulse is one step with ", symbol("x"), " = 1.",
  );

  /** @returns {number[]} */
  const pulses = () => [...new Set(state.values.pulses.split(".").filter(Boolean).map(Number))]
    .filter((t) => t >= 1 && t <= T).sort((a, b) => a - b);

  /** @param {number} t */
  function toggle(t) {
    const now = pulses();
    state.set({ pulses: (now.includes(t) ? now.filter((other) => other !== t) : [...now, t].sort((a, b) => a - b)).join(".") });
    frame.say(now.includes(t) ? `The pulse of step ${t} is gone.` : `A pulse at step ${t}.`);
  }

  /** @param {MouseEvent} event */
  function stepAt({ clientX }) {
    const { left, right } = trace.measure();
    const share = (clientX - trace.element.getBoundingClientRect().left - left) / (right - left);
    return share < -0.02 || share > 1.02 ? null : Math.min(T, Math.max(1, Math.round(share * T)));
  }

  surface.addEventListener("click", (event) => { // not at pointerdown: a finger that scrolls sends no pulse
    const step = stepAt(event);
    if (step) toggle(at = step);
  });
  surface.addEventListener("pointermove", (event) => {
    const step = event.pointerType === "mouse" ? stepAt(event) : null;
    if (step === under) return;
    under = step;
    frame.schedule();
  });
  surface.addEventListener("pointerleave", () => {
    under = null;
    frame.schedule();
  });
  surface.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowDown: at - 5, ArrowUp: at + 5, Home: 1, End: T }[event.key];
    if (to === undefined && event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (to === undefined) toggle(at);
    else {
      at = Math.min(T, Math.max(1, to));
      frame.say(`Step ${at}${pulses().includes(at) ? ", a pulse" : ""}.`);
    }
    frame.schedule();
  });
  surface.addEventListener("focus", frame.schedule);
  surface.addEventListener("blur", frame.schedule);

  function draw() {
    const { alpha, w } = state.values;
    const sent = pulses();
    clear.disabled = sent.length === 0;
    constant.replaceChildren(...(alpha ? ["It alone falls to 1/e in ", symbol("τ"), ` = −1/ln ${two(alpha)} = ${short(-1 / Math.log(alpha))} steps.`] : ["None: what stays must come through the weight."]));
    const x = Float64Array.from({ length: T }, (_, t) => (sent.includes(t + 1) ? PULSE : 0));
    const leaky = { ...leakyUnit({ alpha, w }, x), ...leftOfFirst({ alpha, w }, x) };
    const plain = { ...leakyUnit({ alpha: 0, w }, x), ...leftOfFirst({ alpha: 0, w }, x) };
    const sentence = frame.find(...finding(alpha, sent, leaky, plain));
    surface.setAttribute("aria-label",
      `State over ${T} steps, with ${sent.length ? `pulses at ${sent.join(", ")}` : "no pulse"}. At step ${at}: Space ${sent.includes(at) ? "takes its pulse back" : "sends a pulse"}. ${sentence}`);

    const steps = Float64Array.from(leaky.h, (_, t) => t);
    const xAxis = { range: /** @type {[number, number]} */ ([0, T]) };
    const [first, second] = sent;
    const pointed = document.activeElement === surface ? at : under;
    trace.draw({
      x: xAxis, y: { range: [FAINTEST, 1], log: true },
      lines: [
        ...(sent.length > MARKED ? [] : sent).map((t) => ({ x: [t, t], y: [FAINTEST, 1], tone: "muted", kind: /** @type {const} */ ("rule") })),
        ...(alpha && sent.length === 1 ? [{ x: steps, y: plain.h.map(above), tone: "muted", kind: /** @type {const} */ ("other"), ...(first < T - 4 && { label: "without the leak" }) }] : []),
        ...(second ? [{ x: steps.subarray(second), y: leaky.without.subarray(second), tone: "muted", kind: /** @type {const} */ ("thin"), label: "without the first", last: true }] : []),
        { x: steps, y: leaky.h.map(above), tone: "accent" },
      ],
      dots: [
        ...sent.map((t) => ({ x: t, y: FAINTEST, tone: "accent", kind: /** @type {const} */ ("full") })),
        ...(pointed ? [{ x: pointed, y: FAINTEST, tone: "ink", kind: /** @type {const} */ ("hollow") }] : []),
        ...(sent.length === 1 && first < T && leaky.h[T] > FAINTEST ? [{ x: T, y: leaky.h[T], tone: "accent", label: `${percent(leaky.left[T])} left` }] : []),
      ],
    });

    const high = Math.max(0, Math.ceil(Math.log10(Math.max(...leaky.gradient, ...plain.gradient)) - 1e-9));
    gradients.draw({
      x: xAxis,
      y: { range: [SMALLEST, 10 ** high], log: true },
      lines: [
        ...(alpha ? [{ x: steps, y: plain.gradient.map(above), tone: "muted", kind: /** @type {const} */ ("other"), label: "without the leak" }] : []),
        { x: steps, y: leaky.gradient.map(above), tone: "accent" },
      ],
      dots: sent.length ? [{ x: first, y: leaky.gradient[first], tone: "accent", kind: /** @type {const} */ ("full") }] : [],
      alt: `Gradient on a logarithmic axis: ${short(leaky.gradient[0])} of it comes back to step 0, ${short(plain.gradient[0])} without the leak.`,
    });
  }

  frame.start();
  return frame;
}

const above = (/** @type {number} */ value) => Math.max(value, BELOW);

/** @param {number} share */
const percent = (share) => `${short(100 * share)}\u00a0%`;

/** @typedef {{h: Float64Array, gradient: Float64Array, left: Float64Array}} Trace */
/** @param {number} alpha @param {number[]} sent @param {Trace} leaky @param {Trace} plain */
function finding(alpha, sent, leaky, plain) {
  if (!sent.length) return ["Nothing comes in. ", strong("Send a pulse.")];
  const [first] = sent;
  const steps = T - first;
  if (steps === 0) return ["The pulse is only just in. ", strong("Send an earlier one.")];
  const [share, other] = [leaky, plain].map(({ left }) => (left[T] < 0.001 ? "almost nothing" : percent(left[T])));
  const what = sent.length > 1 ? "first pulse" : "pulse";
  const kept = [
    `After ${steps} ${steps === 1 ? "step" : "steps"} `, strong(`${share} of the ${what}`), " is left, and ",
    strong(short(leaky.gradient[first])), " of the gradient comes back to it",
  ];
  if (alpha) return [...kept, `; without the leak ${other} and ${short(plain.gradient[first])}. The price: it came in as ${short(leaky.h[first])}, not ${short(plain.h[first])}.`];
  const held = leaky.left[T] > 0.5 && leaky.gradient[first] < 1e-3;
  return ["No leak. ", ...kept, held ? ": a switch holds, but no gradient gets back to what set it." : "."];
}
