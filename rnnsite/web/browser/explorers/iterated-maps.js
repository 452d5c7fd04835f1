/** Explorer: a function applied to its own output. Cobweb, fixed points, the cycle it ends on, and its derivative. */
import { fate, fixedPoints, logisticMap, orbit, tanhMap } from "../kernel/index.js";
import { choice, presets, slider } from "./controls.js";
import { html, strong, symbol } from "./dom.js";
import { fixed, listed, powerOfTen, short } from "./format.js";
import { createFrame } from "./frame.js";
import { Plot } from "./plot.js";
import { UrlState } from "./url-state.js";

const MAPS = [
  { value: "logistic", label: "logistic map", tone: "accent" },
  { value: "tanh", label: "tanh unit", tone: "tanh" },
];

export const parameters = {
  map: { value: "logistic", choices: MAPS.map(({ value }) => value) },
  r: { value: 3.5, min: 0, max: 4, step: 0.01 },
  x0: { value: 0.2, min: 0.01, max: 0.99, step: 0.01 },
  w: { value: 2, min: -4, max: 4, step: 0.05 },
  b: { value: 0, min: -2, max: 2, step: 0.05 },
  h0: { value: 0.1, min: -1, max: 1, step: 0.01 },
  n: { value: 50, min: 1, max: 150, step: 1 },
};

const PRESETS = [
  { label: "Fixed point", values: { map: "logistic", r: 2.8 } },
  { label: "4-cycle", values: { map: "logistic", r: 3.5 } },
  { label: "Chaos", values: { map: "logistic", r: 3.9 } },
  { label: "Two basins", values: { map: "tanh", w: 2, b: 0, h0: 0.01 } },
];

const DECADES = [4, 8, 16, 32, 64, 128, 300];

/**
 * @param {HTMLElement} element
 * @param {{prefix?: string} & Record<string, any>} [options] the page's own setting, by the names in `parameters`
 * @returns {{destroy(): void}}
 */
export function mount(element, { prefix = "im", ...options } = {}) {
  const state = new UrlState(prefix, parameters, options);
  const frame = createFrame(element, { name: "iterated-maps", title: "iterated maps", state, draw });
  frame.top.append(choice(state, "map", { legend: "Map", choices: MAPS }), presets(state, PRESETS));

  const captions = [html("p", { class: "rs-x-caption" }), html("p", { class: "rs-x-caption" }), html("p", { class: "rs-x-caption" })];
  const panel = (/** @type {HTMLElement} */ caption, /** @type {string} */ area) => {
    const element = html("div", { class: `rs-x-panel rs-x-panel--${area}` }, caption);
    frame.figures.append(element);
    return element;
  };
  const cobwebPanel = panel(captions[0], "cobweb");
  const cobweb = new Plot(cobwebPanel, { className: "rs-x-square" });
  const resting = html("p", { class: "rs-x-caption" });
  cobwebPanel.append(resting);
  const time = new Plot(panel(captions[1], "time"), { className: "rs-x-half" });
  const slopes = new Plot(panel(captions[2], "slopes"), { className: "rs-x-half" });

  const two = (/** @type {number} */ v) => fixed(v, 2);
  const logistic = [
    slider(state, "r", { label: ["growth ", symbol("r")], format: two }),
    slider(state, "x0", { label: ["start ", symbol("x", "0")], format: two }),
  ];
  const tanh = [
    slider(state, "w", { label: ["weight ", symbol("w")], format: two }),
    slider(state, "b", { label: ["bias ", symbol("b")], format: two }),
    slider(state, "h0", { label: ["start ", symbol("h", "0")], format: two }),
  ];
  frame.first.append(logistic[0], tanh[0]);
  frame.controls.append(...logistic.slice(1), ...tanh.slice(1), slider(state, "n", { label: ["steps ", symbol("n")], format: String }));

  function draw() {
    const { map: name, r, x0, w, b, h0, n } = state.values;
    const isLogistic = name === "logistic";
    logistic.forEach((control) => { control.hidden = !isLogistic; });
    tanh.forEach((control) => { control.hidden = isLogistic; });
    const letter = isLogistic ? "x" : "h";
    const tone = isLogistic ? "accent" : "tanh";
    frame.root.style.setProperty("--x-accent", isLogistic ? "" : "var(--x-tanh)");

    const map = isLogistic ? logisticMap(r) : tanhMap(w, b);
    const start = isLogistic ? x0 : h0;
    const run = orbit(map, start, n);
    const points = fixedPoints(map);
    const end = fate(map, start);
    const before = state.previous && state.previous.map === name ? previousRun(state.previous) : null;

    const formula = isLogistic ? [symbol("x"), " → ", symbol("r"), " ", symbol("x"), " (1 − ", symbol("x"), ")"] : [symbol("h"), " → tanh(", symbol("w"), " ", symbol("h"), " + ", symbol("b"), ")"];
    captions[0].replaceChildren(...formula);
    captions[1].replaceChildren("The orbit ", symbol(letter, "t"), ", step by step");
    captions[2].replaceChildren("Size of the derivative ", symbol(`d${letter}`, "t"), " / ", symbol(`d${letter}`, "0"));
    frame.note.replaceChildren("A fixed point attracts (filled) when the slope there lies between −1 and 1, and repels (hollow) otherwise.");
    const sentence = frame.find(...finding(letter, end, run.derivative, n));

    resting.textContent = fixedPointsInWords(points);

    const range = /** @type {[number, number]} */ ([map.low, map.high]);
    const curve = Float64Array.from({ length: 201 }, (_, i) => map.low + ((map.high - map.low) * i) / 200);
    const loop = end.cycle.length > 1 ? [...end.cycle, end.cycle[0], end.cycle[1 % end.cycle.length]] : [];
    cobweb.draw({
      x: { range }, y: { range },
      lines: [
        { x: range, y: range, tone: "muted", kind: "rule" },
        { ...web(run.x, map.low), kind: "web" },
        { x: curve, y: curve.map(map.f), tone },
        ...(loop.length ? [{ ...web(loop, null), kind: /** @type {const} */ ("loop") }] : []),
      ],
      dots: [
        { x: start, y: map.low, kind: "small" },
        ...points.map(({ x, stable }) => ({ x, y: x, tone, kind: stable ? /** @type {const} */ ("full") : /** @type {const} */ ("hollow"), label: stable ? "stable" : "unstable" })),
      ],
      alt: `Cobweb of the map. ${sentence} ${resting.textContent}`,
    });

    const steps = Float64Array.from(run.x, (_, t) => t);
    const xAxis = { range: /** @type {[number, number]} */ ([0, n]) };
    time.draw({
      x: xAxis, y: { range },
      lines: [{ x: steps, y: run.x, kind: "thin" }],
      dots: n <= 80 ? Array.from(steps, (t) => ({ x: t, y: run.x[t], kind: /** @type {const} */ ("small") })) : [],
      alt: `The orbit over ${n} steps, from ${short(run.x[0])} to ${short(run.x[n])}.`,
    });

    const sizes = run.derivative.map(Math.abs);
    const old = before && before.derivative.map(Math.abs);
    const extremes = [...sizes, ...(old ? old.subarray(0, n + 1) : [])].filter((size) => size > 0 && Number.isFinite(size)).map(Math.log10);
    const decades = (/** @type {number} */ need) => DECADES.find((d) => d >= need) ?? 300;
    slopes.draw({
      x: xAxis,
      y: { range: [10 ** -decades(-Math.min(...extremes)), 10 ** decades(Math.max(...extremes))], log: true },
      lines: [
        ...(old ? [{ x: Float64Array.from(old, (_, t) => t), y: old, tone: "muted", kind: /** @type {const} */ ("ghost") }] : []),
        { x: steps, y: sizes, tone },
      ],
      alt: `Size of the derivative on a logarithmic axis: ${short(sizes[n])} after ${n} steps.`,
    });
  }

  frame.start();
  return frame;
}

/** @param {Record<string, any>} values */
function previousRun({ map, r, x0, w, b, h0, n }) {
  return map === "logistic" ? orbit(logisticMap(r), x0, n) : orbit(tanhMap(w, b), h0, n);
}

/**
 * The staircase of an orbit: up or down to the curve, across to the diagonal. It starts on the axis unless `from` is null.
 * @param {ArrayLike<number>} orbit @param {number | null} from
 */
function web(orbit, from) {
  const x = from === null ? [] : [orbit[0]];
  const y = from === null ? [] : [from];
  for (let t = 0; t + 1 < orbit.length; t++) {
    if (from === null || t > 0) {
      x.push(orbit[t]);
      y.push(orbit[t]);
    }
    x.push(orbit[t]);
    y.push(orbit[t + 1]);
  }
  return { x, y };
}

/**
 * @param {string} letter
 * @param {{cycle: number[], multiplier: number, exponent: number}} end
 * @param {Float64Array} derivative @param {number} n
 */
function finding(letter, { cycle, multiplier, exponent }, derivative, n) {
  const parts = [];
  if (cycle.length === 0 && exponent > 0.001) {
    parts.push("The orbit ", strong("never repeats"), `: nearby starts part by a factor of ${short(Math.exp(exponent), 3)} a step.`);
  } else if (cycle.length === 0) {
    parts.push("The orbit ", strong("settles too slowly to tell"), ": this setting lies on the border between two behaviours.");
  } else if (Math.abs(multiplier) > 1) {
    parts.push("The orbit ", strong(`sits exactly on an unstable ${cycle.length === 1 ? "fixed point" : "cycle"}`), ", which the slightest nudge would make it leave.");
  } else if (cycle.length === 1) {
    parts.push("The orbit settles on ", strong(`the fixed point ${fixed(cycle[0], 3)}`), `, where the slope is ${short(multiplier)}.`);
  } else {
    const lowest = cycle.indexOf(Math.min(...cycle));
    const round = [...cycle.slice(lowest), ...cycle.slice(0, lowest + 1)];
    const visited = cycle.length <= 4 ? `: ${round.map((x) => fixed(x, 3)).join(" → ")}.` : ".";
    parts.push("The orbit settles on ", strong(`a cycle of ${cycle.length}`), visited);
  }
  const size = Math.abs(derivative[n]);
  parts.push(` After ${n} ${n === 1 ? "step" : "steps"}, `, symbol(`d${letter}`, String(n)), " / ", symbol(`d${letter}`, "0"), " has size ",
    strong(size === 0 ? "0" : sizeOf(size)), size < 1e-3 ? ": the start is forgotten." : size > 1e3 ? ": a nudge of the start is blown up." : ".");
  return parts;
}

/** @param {{slope: number, stable: boolean}[]} points */
function fixedPointsInWords(points) {
  const slopes = listed(points.map(({ slope }) => short(slope)));
  const unstable = points.filter(({ stable }) => !stable).length;
  if (points.length === 1) return `The only fixed point is ${unstable ? "unstable" : "stable"}: its slope is ${slopes}.`;
  if (unstable === points.length) return `${unstable === 2 ? "Both" : "All"} fixed points are unstable: their slopes are ${slopes}.`;
  if (points.length === 3 && unstable === 1) return "Two fixed points attract; the one between them repels and parts their basins.";
  return `${unstable} of ${points.length} fixed points ${unstable === 1 ? "is" : "are"} unstable: the slopes are ${slopes}.`;
}

/** @param {number} size */
const sizeOf = (size) => (Number.isFinite(size) ? short(size) : `over ${powerOfTen(308)}`);
