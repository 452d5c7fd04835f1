/** Explorer: gradient descent on a loss surface with a wall, with and without clipping the gradient. */
import { cliffSurface, descend } from "../kernel/index.js";
import { button, presets, slider, toggle } from "./controls.js";
import { html, strong, symbol } from "./dom.js";
import { fixed, short } from "./format.js";
import { createFrame } from "./frame.js";
import { Plot } from "./plot.js";
import { paintTerrain } from "./terrain.js";
import { UrlState } from "./url-state.js";

/** The part of the plane that is shown. */
const W = /** @type {[number, number]} */ ([3, 7]);
const B = /** @type {[number, number]} */ ([-3.5, -0.5]);
const FINE = [400, 300];
const COARSE = [112, 84]; // while T is being dragged
const HIGHEST = 0.49; // (0 − 0.7)²: the loss can come no higher
const FAR = 1; // a step of this length crosses a quarter of the map: the wall has thrown the point
const RUN = 60; // steps that "Run" adds

export const parameters = {
  w: { value: 5, min: W[0], max: W[1], step: 0.01 },
  b: { value: -2.25, min: B[0], max: B[1], step: 0.01 },
  steps: { value: 8, min: 0, max: 200, step: 1 },
  rate: { value: 1, min: 0.05, max: 5 },
  clip: { value: false },
  threshold: { value: 1, min: 0.05, max: 20 },
  T: { value: 50, min: 2, max: 100, step: 1 },
};

const PRESETS = [
  { label: "Thrown", values: { steps: 8 } },
  { label: "Clipped", values: { steps: 200, clip: true, threshold: 0.5 } },
  { label: "T = 5: no wall", values: { T: 5, steps: 40 } },
];

/**
 * @param {HTMLElement} element
 * @param {{prefix?: string} & Record<string, any>} [options] the page's own setting, by the names in `parameters`
 * @returns {{destroy(): void}}
 */
export function mount(element, { prefix = "cl", ...options } = {}) {
  const state = new UrlState(prefix, parameters, options);
  const frame = createFrame(element, { name: "cliff", title: "descent on a surface with a wall", state, draw });
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let running = 0;

  const run = button("Run", start, "solid");
  const step = button("Step", () => advance(1));
  const back = button("To the start", () => { stop(); state.set({ steps: 0 }, "steps"); });
  const count = html("output");
  frame.top.append(html("div", { class: "rs-x-drive" }, run, step, back, count), presets(state, PRESETS));

  frame.figures.append(html("p", { class: "rs-x-caption rs-x-caption--split" },
    html("span", {}, "Weight ", symbol("w"), " across, bias ", symbol("b"), " up. Tap, or use the arrow keys, to move the start."),
    html("span", { class: "rs-x-scale", "aria-hidden": "true" }, "loss 0", html("span", { class: "rs-x-ramp rs-x-ramp--up" }), "0.49")));
  const surface = html("div", { class: "rs-x-surface", tabindex: "0", role: "application", "aria-roledescription": "loss surface" });
  frame.figures.append(surface);
  const map = new Plot(surface, { className: "rs-x-terrain", canvas: true, hidden: true });
  const traces = html("div", { class: "rs-x-traces" });
  traces.append(html("p", { class: "rs-x-caption" }, "Gradient norm at each step"));
  const normPlot = new Plot(traces, { className: "rs-x-low" });
  traces.append(html("p", { class: "rs-x-caption" }, "Loss"));
  const lossPlot = new Plot(traces, { className: "rs-x-low" });

  const threshold = slider(state, "threshold", { label: ["clip norms above"], format: (v) => short(v), log: true });
  frame.first.append(toggle(state, "clip", ["clip the gradient"]));
  frame.controls.append(
    threshold,
    slider(state, "rate", { label: ["learning rate ", symbol("η")], format: (v) => short(v), log: true }),
    slider(state, "T", { label: ["time steps ", symbol("T")], format: String }),
    traces,
  );
  frame.note.append(
    symbol("a", "t"), " = ", symbol("w"), " ", symbol("h", "t−1"), " + ", symbol("b"), ", ", symbol("h", "t"), " = σ(", symbol("a", "t"), "), from ", symbol("a", "0"), " = 0.5; ",
    "the loss is (", symbol("h", "T"), " − 0.7)", html("sup", {}, "2"), ". One unit without input: the example of Pascanu, Mikolov and Bengio (2013).",
  );

  /** @param {number} count */
  function advance(count) {
    stop();
    state.set({ steps: state.values.steps + count }, "steps");
  }

  /** Adds steps one by one, or all at once for readers who asked for less motion. */
  function start() {
    if (running) return stop();
    if (still.matches) return advance(RUN);
    const first = state.values.steps >= parameters.steps.max ? 0 : state.values.steps;
    const began = performance.now();
    run.textContent = "Stop";
    let shown = state.values.steps;
    const tick = () => {
      if (state.values.steps !== shown) return stop(); // Reset or a preset came between
      const done = Math.min(RUN, Math.floor((performance.now() - began) / 50));
      state.set({ steps: first + done }, "steps");
      shown = state.values.steps;
      if (done < RUN && first + done < parameters.steps.max) running = requestAnimationFrame(tick);
      else stop();
    };
    running = requestAnimationFrame(tick);
  }

  function stop() {
    cancelAnimationFrame(running);
    running = 0;
    run.textContent = "Run";
  }

  /** @param {PointerEvent} event */
  function drop(event) {
    const box = map.element.getBoundingClientRect();
    const { left, right, top, bottom } = map.measure();
    const across = (event.clientX - box.left - left) / (right - left);
    const up = (bottom - (event.clientY - box.top)) / (bottom - top);
    if (across < 0 || across > 1 || up < 0 || up > 1) return;
    stop();
    state.set({ w: W[0] + across * (W[1] - W[0]), b: B[0] + up * (B[1] - B[0]) }, "point");
  }
  surface.addEventListener("pointerdown", drop);
  surface.addEventListener("pointermove", (event) => { if (event.buttons & 1) drop(event); });
  surface.addEventListener("keydown", (event) => {
    const [dw, db] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
    if (!dw && !db) return;
    event.preventDefault();
    stop();
    const stride = event.shiftKey ? 0.1 : 0.02;
    state.set({ w: state.values.w + dw * stride, b: state.values.b + db * stride }, "point");
  });

  let painted = "";
  let refining = 0;
  function draw() {
    const { w, b, steps, rate, clip, threshold: limit, T } = state.values;
    threshold.hidden = !clip;
    step.disabled = steps >= parameters.steps.max;
    count.textContent = `${steps} ${steps === 1 ? "step" : "steps"}`;
    const setting = { w, b, steps, rate, T };
    const path = descend({ ...setting, threshold: clip ? limit : Infinity });
    const other = descend({ ...setting, threshold: clip ? Infinity : limit });
    const sentence = frame.find(...finding(path, { rate, clip, limit }));
    surface.setAttribute("aria-label", `Loss surface over weight and bias. The point starts at w ${fixed(w, 2)}, b ${fixed(b, 2)}; arrow keys move it. ${sentence}`);

    map.draw({
      x: { range: W }, y: { range: B, ticks: [-3, -2, -1].map((at) => ({ at, text: fixed(at, 0) })) },
      lines: [
        ...(clip ? [{ ...track(other), tone: "ink", kind: /** @type {const} */ ("other") }] : []),
        { ...track(path), tone: "paper", kind: "halo" },
        { ...track(path), tone: "warn", kind: steps > 60 ? "thin" : "path" },
      ],
      arrows: exits(path).map((arrow) => ({ ...arrow, tone: "warn" })),
      dots: [
        ...(steps > 60 ? [] : path.slice(1)).map((at) => ({ x: at.w, y: at.b, tone: "warn", kind: /** @type {const} */ ("small") })),
        ...(clip ? exits(other).map(({ to }) => ({ x: to[0], y: to[1], kind: /** @type {const} */ ("small"), label: "without clipping" })) : []),
        { x: w, y: b, tone: "warn", label: "start" },
        ...(onMap(path[steps]) && steps ? [{ x: path[steps].w, y: path[steps].b, tone: "warn", kind: /** @type {const} */ ("hollow") }] : []),
      ],
    });
    paint(T);

    const x = { range: /** @type {[number, number]} */ ([0, Math.max(8, steps)]) };
    const dots = (/** @type {"norm" | "loss"} */ name) =>
      steps <= 40 ? path.map((point, k) => ({ x: k, y: point[name], tone: "warn", kind: /** @type {const} */ ("small") })) : [];
    normPlot.draw({
      x, y: { range: decadesAround(path.map(({ norm }) => norm), -2, 3), log: true },
      lines: [
        ...(clip ? [{ x: x.range, y: [limit, limit], tone: "muted", kind: /** @type {const} */ ("rule") }] : []),
        { ...series(path, "norm"), tone: "warn", kind: "thin" },
      ],
      dots: dots("norm"),
      alt: `Gradient norm over ${steps} steps, at most ${short(Math.max(...path.map(({ norm }) => norm)))}.`,
    });
    lossPlot.draw({
      x, y: { range: decadesAround(path.map(({ loss }) => loss), -4, 0), log: true },
      lines: [{ ...series(path, "loss"), tone: "warn", kind: "thin" }],
      dots: dots("loss"),
      alt: `Loss over ${steps} steps, from ${short(path[0].loss)} to ${short(path[steps].loss)}.`,
    });
  }

  /** The surface changes only with T and with the palette; a first, coarse painting keeps the T slider smooth. @param {number} T */
  function paint(T) {
    if (!map.canvas) return;
    const palette = getComputedStyle(map.canvas).getPropertyValue("--x-low");
    if (`${T} ${palette}` === painted) return;
    const first = painted === "";
    painted = `${T} ${palette}`;
    clearTimeout(refining);
    if (first) return paintAt(T, FINE);
    paintAt(T, COARSE);
    refining = window.setTimeout(() => paintAt(T, FINE), 120);
  }

  /** @param {number} T @param {number[]} size */
  function paintAt(T, [columns, rows]) {
    const losses = cliffSurface(W, B, columns, rows, T);
    if (map.canvas) paintTerrain(map.canvas, losses.map((loss) => Math.sqrt(loss / HIGHEST)), columns, rows);
  }

  frame.start();
  return { destroy() { stop(); clearTimeout(refining); frame.destroy(); } };
}

/** @typedef {{w: number, b: number, loss: number, norm: number}[]} Path */

/** The first step that would throw the point far if nothing clipped it, or −1. @param {Path} path @param {number} rate */
const meetsWall = (path, rate) => path.slice(0, -1).findIndex(({ norm }) => rate * norm > FAR);

/** @param {Path} path @param {"norm" | "loss"} name */
const series = (path, name) => ({ x: Float64Array.from(path, (_, k) => k), y: Float64Array.from(path, (point) => point[name]) });

/** Whole powers of ten around the positive values, and at least from 10^low to 10^high. @param {number[]} values @param {number} low @param {number} high @returns {[number, number]} */
function decadesAround(values, low, high) {
  const exponents = values.filter((value) => value > 0).map(Math.log10);
  return [10 ** Math.max(-12, Math.min(low, Math.floor(Math.min(...exponents)))), 10 ** Math.max(high, Math.ceil(Math.max(...exponents)))];
}

/** @param {Path} path */
const track = (path) => ({ x: path.map(({ w }) => w), y: path.map(({ b }) => b) });

/** @param {{w: number, b: number}} point */
const onMap = ({ w, b }) => w >= W[0] && w <= W[1] && b >= B[0] && b <= B[1];

/** Where the path leaves the map, an arrow at the edge. @param {Path} path */
function exits(path) {
  const k = path.findIndex((point) => !onMap(point));
  if (k < 1) return [];
  const [from, to] = [path[k - 1], path[k]];
  const shares = [[W, from.w, to.w], [B, from.b, to.b]].map(([range, a, z]) => {
    const [low, high] = /** @type {[number, number]} */ (range);
    const [start, end] = [Number(a), Number(z)];
    return end > high ? (high - start) / (end - start) : end < low ? (low - start) / (end - start) : 1;
  });
  const share = Math.min(...shares);
  return [{ from: /** @type {[number, number]} */ ([from.w, from.b]), to: /** @type {[number, number]} */ ([from.w + share * (to.w - from.w), from.b + share * (to.b - from.b)]) }];
}

/** @param {{w: number, b: number}} point */
const place = ({ w, b }) => `(${[w, b].map((v) => (Math.abs(v) < 10 ? fixed(v, 2) : Math.abs(v) < 1000 ? fixed(v, 1) : short(v))).join(", ")})`;

/** @param {Path} path @param {{rate: number, clip: boolean, limit: number}} setting */
function finding(path, { rate, clip, limit }) {
  const steps = path.length - 1;
  const last = path[steps];
  if (steps === 0) return [`The point rests at ${place(path[0])}: the loss is ${short(last.loss)}, the gradient norm ${short(last.norm)}. `, strong("Step or run.")];
  const k = meetsWall(path, rate);
  const ending = ` After ${steps} ${steps === 1 ? "step" : "steps"} the loss is ${short(last.loss)}.`;
  if (k < 0) {
    const largest = Math.max(...path.slice(0, -1).map(({ norm }) => norm));
    return ["The point ", strong("moves in small steps"), `, the gradient norm staying at or below ${short(largest)}.${ending}`];
  }
  const meets = `Step ${k + 1} meets the wall: the gradient norm is ${short(path[k].norm, 3)}. `;
  if (clip && limit < path[k].norm) {
    return [meets, strong(`Clipped to ${short(limit)}, the step goes only from ${place(path[k])} to ${place(path[k + 1])}.`), ending];
  }
  const after = path[Math.min(k + 1, steps)];
  const stuck = after.norm < 1e-3 ? " There the surface is flat, and the point stays." : "";
  return [meets, strong(`The point is thrown from ${place(path[k])} to ${place(after)}${onMap(after) ? "" : ", off the map"}.`), stuck || ending];
}
