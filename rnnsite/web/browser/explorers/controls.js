/** Labelled controls bound to an explorer's setting. Native elements only, so that keyboards and screen readers work. */
import { html, uniqueId } from "./dom.js";

/** @typedef {import("./url-state.js").UrlState} UrlState */
/** @typedef {import("./dom.js").Child} Child */

/** @param {UrlState} state @param {() => void} show */
function bind(state, show) {
  state.listeners.add(show);
  show();
}

/**
 * A slider. With `log`, the setting is a power of ten of the slider's position.
 * @param {UrlState} state
 * @param {string} name
 * @param {{label: Child[], format: (value: number) => string, mark?: number, log?: boolean}} look
 *   mark: a value worth a tick under the track
 * @returns {HTMLElement}
 */
export function slider(state, name, { label, format, mark, log = false }) {
  const { min = 0, max = 1, step = 0.01 } = state.parameters[name];
  const toPosition = (/** @type {number} */ value) => (log ? Math.log10(value) : value);
  const low = toPosition(min);
  const high = toPosition(max);
  const id = uniqueId(name);
  const input = html("input", {
    type: "range", id, min: low, max: high, step: log ? 0.05 : step, "data-parameter": name,
    oninput: () => {
      const position = Number(input.value);
      state.set({ [name]: log ? Number((10 ** position).toPrecision(2)) : position }, name);
    },
  });
  const output = html("output", { for: id });
  const fraction = (/** @type {number} */ value) => (toPosition(value) - low) / (high - low);
  const track = html("div", { class: "rs-x-track" }, input);
  if (mark !== undefined) {
    const tick = html("span", { class: "rs-x-mark", "aria-hidden": "true" }, format(mark));
    tick.style.setProperty("--at", String(fraction(mark)));
    track.append(tick);
  }
  bind(state, () => {
    const value = state.values[name];
    // While the slider itself moves it is left alone: writing a rounded position back would fight the finger.
    if (Math.abs(Number(input.value) - toPosition(value)) > (log ? 0.03 : step / 2)) input.value = String(toPosition(value));
    input.style.setProperty("--filled", String(fraction(value)));
    input.setAttribute("aria-valuetext", format(value));
    output.textContent = format(value);
  });
  return html("div", { class: "rs-x-slider" }, html("label", { for: id }, ...label), output, track);
}

/**
 * One of several, as a row of radio buttons, each in its own colour.
 * @param {UrlState} state
 * @param {string} name
 * @param {{legend: string, choices: {value: string, label: string, tone?: string}[]}} look
 * @returns {HTMLElement}
 */
export function choice(state, name, { legend, choices }) {
  const group = uniqueId(name);
  const inputs = choices.map(({ value }) =>
    html("input", { type: "radio", name: group, value, "data-parameter": name, onchange: () => state.set({ [name]: value }) }),
  );
  bind(state, () => {
    for (const input of inputs) input.checked = input.value === state.values[name];
  });
  const title = html("div", { class: "rs-x-legend", id: uniqueId("legend") }, legend);
  return html(
    "div", // not a fieldset, whose legend WebKit does not set beside the choices
    { class: "rs-x-choice", role: "radiogroup", "aria-labelledby": title.id },
    title,
    ...choices.map(({ label, tone }, i) =>
      html("label", { class: tone ? `rs-tone-${tone}` : "rs-tone-accent" }, inputs[i], html("span", {}, label)),
    ),
  );
}

/**
 * On or off.
 * @param {UrlState} state @param {string} name @param {Child[]} label
 * @returns {HTMLElement}
 */
export function toggle(state, name, label) {
  const input = html("input", {
    type: "checkbox", role: "switch", "data-parameter": name, onchange: () => state.set({ [name]: input.checked }),
  });
  bind(state, () => {
    input.checked = state.values[name];
  });
  return html("label", { class: "rs-x-toggle" }, input, html("span", { class: "rs-x-switch", "aria-hidden": "true" }), html("span", {}, ...label));
}

/**
 * @param {string} label @param {() => void} act @param {string} [kind] "plain" looks like text, "solid" like the main one
 * @returns {HTMLButtonElement}
 */
export function button(label, act, kind = "line") {
  return html("button", { type: "button", class: `rs-x-button rs-x-button--${kind}`, onclick: act }, label);
}

/**
 * Settings worth trying, as a row of buttons; the one that is set is marked.
 * @param {UrlState} state @param {{label: string, values: import("./url-state.js").Values}[]} settings
 * @returns {HTMLElement}
 */
export function presets(state, settings) {
  const id = uniqueId("try");
  const chips = settings.map(({ label, values }) => button(label, () => state.set({ ...state.initial, ...values }, label), "chip"));
  bind(state, () => chips.forEach((chip, k) => {
    const wanted = { ...state.initial, ...settings[k].values };
    chip.setAttribute("aria-pressed", String(Object.keys(wanted).every((name) => wanted[name] === state.values[name])));
  }));
  return html("div", { class: "rs-x-presets", role: "group", "aria-labelledby": id }, html("span", { id }, "Try"), ...chips);
}
