/** Explorer: a small network trained in the browser, by the threshold at which the gradient's norm is clipped. */
import { addingBatch, BASELINE, identityNetwork, streams, testAdding, trainAdding } from "../kernel/index.js";
import { button, presets, slider, toggle } from "./controls.js";
import { html, strong, symbol } from "./dom.js";
import { short } from "./format.js";
import { createFrame } from "./frame.js";
import { Plot } from "./plot.js";
import { UrlState } from "./url-state.js";

const T = 6;
const UNITS = 16;
const BATCH = 8;
const UPDATES = 1000;
const TEST = 2000; // sequences never trained on
const PART = 50; // of these at a time
const SLICE = 12; // ms of training between two frames
const PAUSE = 60; // ms from one drawing of a run under way to the next
const SMOOTH = 25; // updates whose mean the thick line is
const LOSSES = /** @type {[number, number]} */ ([1e-3, 1e2]); // the scales are the same for all runs, so that these can be compared
const NORMS = /** @type {[number, number]} */ ([1e-3, 1e4]);

export const parameters = {
  clip: { value: true },
  threshold: { value: 1, min: 0.01, max: 100 },
  rate: { value: 0.2, min: 0.01, max: 0.5 },
  seed: { value: 1, min: 1, max: 9999, step: 1 },
};

const PRESETS = [
  { label: "Clipped at 1", values: {} },
  { label: "Not clipped", values: { clip: false } },
  { label: "At 0.03", values: { threshold: 0.03 } },
];

/** @typedef {{clip: boolean, threshold: number, rate: number, seed: number}} Setting */
/** @typedef {{verdict: "learned" | "a little" | "lost" | "diverged", loss: number, active: number}} Outcome */
/** @typedef {{setting: Setting, losses: number[], norms: number[], advance(): boolean, outcome: Outcome | null}} Run */

/**
 * @param {HTMLElement} element
 * @param {{prefix?: string} & Record<string, any>} [options] the page's own setting, by the names in `parameters`
 * @returns {{destroy(): void}}
 */
export function mount(element, { prefix = "ct", ...options } = {}) {
  const state = new UrlState(prefix, parameters, options);
  const frame = createFrame(element, { name: "clip-threshold", title: "training with a clipped gradient", state, draw });
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  frame.root.style.setProperty("--x-accent", "var(--x-relu)");
  frame.top.append(presets(state, PRESETS));

  frame.figures.append(html("p", { class: "rs-x-caption" }, `Loss at each update. Thin: one batch; thick: the mean of ${SMOOTH}.`));
  const lossPlot = new Plot(frame.figures);
  const shortened = html("span");
  frame.figures.append(html("p", { class: "rs-x-caption" }, "Gradient norm before clipping", shortened));
  const normPlot = new Plot(frame.figures, { className: "rs-x-half" });

  const threshold = slider(state, "threshold", { label: ["threshold ", symbol("c")], format: (v) => short(v), log: true, mark: 1 });
  const seed = html("output");
  const tally = html("p", { class: "rs-x-caption" });
  frame.first.append(toggle(state, "clip", ["clip the gradient"]), threshold);
  frame.controls.append(
    slider(state, "rate", { label: ["learning rate ", symbol("η")], format: (v) => short(v), log: true }),
    html("div", { class: "rs-x-seed" }, button("New run", () => state.set({ seed: (state.values.seed % 9999) + 1 })), html("span", {}, "seed ", seed)),
    tally,
  );
  frame.note.append(`${UNITS} ReLU units whose recurrent matrix starts as the identity learn to add the two marked numbers of ${T}, by gradient descent on batches of ${BATCH}. A seed draws the first weights and the sequences; clipping changes neither.`);

  /** @type {Run | null} */
  let run = null;
  /** @type {Run | null} the same run without clipping, trained after it */
  let twin = null;
  /** @type {Run | null} the last run that came to its end under another setting */
  let before = null;
  let ticking = 0;
  let drawn = 0;
  /** @type {Map<string, Run>} those that came to their end */
  const ended = new Map();
  /** @type {Map<string, Map<number, string>>} for each setting the verdict on each seed */
  const tried = new Map();

  const underWay = () => [run, twin].find((one) => one && !one.outcome);

  function tick() {
    ticking = 0;
    const training = underWay();
    if (!training) return;
    const began = performance.now();
    let more = true;
    while (more && performance.now() < began + SLICE) more = training.advance();
    if (!more || (training === run && !still.matches && began > drawn + PAUSE)) draw();
    if (!ticking && underWay()) ticking = requestAnimationFrame(tick);
  }

  function draw() {
    drawn = performance.now();
    const setting = /** @type {Setting} */ (state.values);
    if (!run || !same(run.setting, setting)) {
      if (run?.outcome) before = run;
      run = ended.get(nameOf(setting)) ?? begin({ ...setting });
      const bare = { ...setting, clip: false };
      twin = setting.clip ? ended.get(nameOf(bare)) ?? begin(bare) : null;
      cancelAnimationFrame(ticking);
      ticking = requestAnimationFrame(tick);
    }
    if (!state.previous || (before && same(before.setting, setting))) before = null;
    threshold.style.visibility = setting.clip ? "" : "hidden"; // its place is kept
    seed.textContent = String(setting.seed);
    frame.root.setAttribute("aria-busy", String(Boolean(underWay())));
    const sentence = frame.find(...finding(run, twin));
    shortened.textContent = run.outcome ? lengths(run) : "";
    tally.textContent = count(tried, run);
    picture(run, sentence);
  }

  /** @param {Run} run @param {string} sentence */
  function picture({ setting, losses, norms }, sentence) {
    const x = { range: /** @type {[number, number]} */ ([0, UPDATES]) };
    const at = Float64Array.from(losses, (_, k) => k);
    const bare = twin?.outcome ? twin : null; // another seed is no comparison where there is a better one
    const other = before && (!bare || before.setting.seed === setting.seed) ? before : bare;
    lossPlot.draw({
      x, y: { range: LOSSES, log: true },
      lines: [
        { x: x.range, y: [BASELINE, BASELINE], tone: "muted", kind: "rule", label: "always answering 1" },
        ...(other ? [{ x: Float64Array.from(other.losses, (_, k) => k), y: smooth(other.losses), tone: "muted", kind: /** @type {const} */ ("ghost"), label: other === twin ? "not clipped" : `before: ${naming(other.setting, setting)}` }] : []),
        { x: at, y: losses, tone: "relu", kind: "web" },
        { x: at, y: smooth(losses), tone: "relu" },
      ],
      dots: beyond(losses, LOSSES[1]),
      alt: `Loss over ${losses.length} updates on a logarithmic axis. ${sentence}`,
    });
    normPlot.draw({
      x, y: { range: NORMS, log: true },
      lines: [
        ...(setting.clip ? [{ x: x.range, y: [setting.threshold, setting.threshold], tone: "warn", kind: /** @type {const} */ ("dashed"), label: "threshold c", last: true }] : []),
        { x: at, y: norms, tone: "relu", kind: "web" },
      ],
      dots: beyond(norms, NORMS[1]),
      alt: `Gradient norm over ${norms.length} updates on a logarithmic axis, at most ${short(largest(norms))}${setting.clip ? `, with the threshold ${short(setting.threshold)}` : ""}.`,
    });
  }

  /** @param {Setting} setting @returns {Run} */
  function begin(setting) {
    const { weights, data, test } = streams(setting.seed);
    const network = identityNetwork(UNITS, weights);
    const limit = setting.clip ? setting.threshold : Infinity;
    const updates = trainAdding(network, { T, batch: BATCH, rate: setting.rate, threshold: limit, updates: UPDATES }, data);
    /** @type {Run} */
    const run = { setting, losses: [], norms: [], outcome: null, advance };
    const result = { loss: 0, on: new Set() };
    let tested = 0;
    function advance() {
      const { value, done } = updates.next();
      if (value) {
        run.losses.push(value.loss);
        run.norms.push(value.norm);
      }
      if (!done) return true;
      const part = testAdding(network, addingBatch(T, PART, test));
      tested += PART;
      result.loss += (part.loss * PART) / TEST;
      for (const unit of part.on) result.on.add(unit);
      if (tested < TEST) return true;
      run.outcome = judge(run, { loss: result.loss, active: result.on.size });
      const { seed, ...rest } = setting;
      const key = keyOf(rest);
      ended.set(nameOf(setting), run);
      tried.set(key, (tried.get(key) ?? new Map()).set(seed, run.outcome.verdict));
      return false;
    }
    return run;
  }

  frame.start();
  return { destroy() { cancelAnimationFrame(ticking); frame.destroy(); } };
}

/** @param {Run} run @param {{loss: number, active: number}} test @returns {Outcome} */
function judge({ losses, norms }, { loss, active }) {
  const k = losses.length - 1;
  if (!Number.isFinite(losses[k]) || !Number.isFinite(norms[k]) || !Number.isFinite(loss)) return { verdict: "diverged", loss: NaN, active: 0 };
  return { verdict: loss < BASELINE / 2 ? "learned" : loss < 0.9 * BASELINE ? "a little" : "lost", loss, active };
}

/** The run in a sentence, and how it ends without clipping. @param {Run} run @param {Run | null} twin */
function finding({ setting: { clip, threshold }, losses, outcome }, twin) {
  if (!outcome) return [`Training, with the gradient ${clip ? `clipped at ${short(threshold)}` : "not clipped"}: `, strong(`update ${losses.length} of ${UPDATES}`), "."];
  const loss = short(outcome.loss);
  const how = clip ? `Clipped at ${short(threshold)}, the network ` : "Not clipped, the network ";
  const constant = `, where always answering 1 has ${short(BASELINE)}.`;
  const ends = {
    diverged: [how, strong(`diverged at update ${losses.length}`), ": its loss is no longer a finite number."],
    learned: [how, strong(`learned: loss ${loss}`), constant],
    "a little": [how, strong(`learned a little: loss ${loss}`), constant],
    lost: [how, "is ", strong(`lost: loss ${loss}, no better than a constant answer`), ".", outcome.active ? "" : " All units are off at every step, for good."],
  };
  const without = { diverged: "diverges", learned: "learns", "a little": "learns a little", lost: "is lost" };
  const too = outcome.verdict === twin?.outcome?.verdict ? " too" : "";
  return [...ends[outcome.verdict], ...(twin?.outcome ? [" Not clipped, the same run ", strong(without[twin.outcome.verdict] + too), "."] : [])];
}

/** What clipping had to do, or would have had. @param {Run} run */
function lengths({ setting: { clip, threshold }, norms }) {
  const most = largest(norms);
  return clip ? `; clipped: ${share(norms.filter((norm) => norm > threshold).length / norms.length)}` : `; ${short(most)} at most`;
}

/** Where a curve leaves the plot at its top, a dot that says how far it goes. @param {number[]} values @param {number} top */
function beyond(values, top) {
  const most = largest(values);
  return most > top ? [{ x: values.indexOf(most), y: top, tone: "relu", kind: /** @type {const} */ ("small"), label: `↑ up to ${short(most)}` }] : [];
}

/** @param {number} part of all steps */
function share(part) {
  if (part === 0) return "none";
  return part === 1 ? "all" : part < 0.01 ? "<\u00a01\u00a0%" : `${Math.min(99, Math.round(100 * part))}\u00a0%`;
}

/** How the seeds tried at this setting ended. @param {Map<string, Map<number, string>>} tried @param {Run} run */
function count(tried, { setting: { seed, ...rest } }) {
  const verdicts = [...(tried.get(keyOf(rest))?.values() ?? [])];
  if (!verdicts.length) return "";
  const parts = ["learned", "a little", "lost", "diverged"].map((verdict) => [verdict, verdicts.filter((v) => v === verdict).length]).filter(([, n]) => n);
  return `Tried here, ${verdicts.length} ${verdicts.length === 1 ? "seed" : "seeds"}: ${parts.map(([verdict, n]) => `${n} ${verdict}`).join(", ")}.`;
}

/** A setting without its seed; the threshold counts only where there is clipping. @param {Omit<Setting, "seed">} setting */
const keyOf = ({ clip, threshold, rate }) => `${clip ? threshold : "none"} ${rate}`;

/** The name of one run. @param {Setting} setting */
const nameOf = ({ seed, ...rest }) => `${keyOf(rest)} ${seed}`;

/** Whether two settings are the same run. @param {Setting} a @param {Setting} b */
const same = (a, b) => nameOf(a) === nameOf(b);

/** How the run before differed. @param {Setting} before @param {Setting} now */
function naming(before, now) {
  const words = [];
  if (before.clip !== now.clip || before.threshold !== now.threshold) words.push(before.clip ? `c = ${short(before.threshold)}` : "not clipped");
  if (before.rate !== now.rate) words.push(`η = ${short(before.rate)}`);
  if (before.seed !== now.seed) words.push(`seed ${before.seed}`);
  return words.join(", ");
}

/** The largest finite value, 0 for none. @param {number[]} values */
const largest = (values) => values.reduce((most, value) => (Number.isFinite(value) && value > most ? value : most), 0);

/** The mean of each value and those before it, at most SMOOTH together. @param {number[]} values */
const smooth = (values) => Float64Array.from(values, (_, k) => {
  const last = values.slice(Math.max(0, k + 1 - SMOOTH), k + 1);
  return last.reduce((sum, value) => sum + value, 0) / last.length;
});
