/**
 * One value a step as a row of bars, drawn by the reader: with a pointer or a finger, or with keys. On a touch screen a
 * drag that starts sideways draws, and one that starts up or down scrolls the page.
 */
import { html, svg } from "./dom.js";
import { fixed } from "./format.js";

const MARGIN = { right: 14, top: 9, bottom: 9 };
const STEP = 0.1; // of a value

/**
 * @typedef {object} Look
 * @property {string} word the part of the cell
 * @property {string} letter its letter, or a term with subscripts, such as c_t
 * @property {string} tone
 * @property {number} low the least value: 0, or −1
 * @property {number} left margin in px, shared by what stands below
 * @property {string} [name] for screen readers; without it the row only shows
 * @property {(step: number) => void} [onStep] the reader has gone to a step, counted from 1
 * @property {(values: number[]) => void} [onValues]
 */

/** @param {HTMLElement} parent @param {Look} look */
export function createLane(parent, { word, letter, tone, low, left, name, onStep = () => {}, onValues }) {
  const picture = svg("svg", { "aria-hidden": "true", focusable: "false" });
  const plot = html("div", { class: "rs-x-plot rs-x-lane" }, picture);
  const element = onValues
    ? html("div", { class: "rs-x-surface", role: "slider", tabindex: "0", "aria-label": name, "aria-valuemin": low, "aria-valuemax": 1 }, plot)
    : plot;
  parent.append(element);

  /** @type {number[]} */
  let values = [];
  let at = 1;
  /** @type {{step: number, value: number, kept: number[]} | null} where the pointer was last, and all values before it came */
  let drag = null;

  const clamp = (/** @type {number} */ value) => Math.min(1, Math.max(low, Math.round(value / STEP) * STEP));

  /** Known here before the next frame draws it: another key or move may come sooner. @param {number} step @param {number[]} changed */
  function tell(step, changed) {
    at = step;
    values = changed;
    onStep(step);
    onValues?.(changed);
  }

  /** The step and the value under the pointer. @param {PointerEvent} event */
  function under(event) {
    const box = plot.getBoundingClientRect();
    const across = (event.clientX - box.left - left) / (box.width - left - MARGIN.right);
    const up = (box.bottom - MARGIN.bottom - event.clientY) / (box.height - MARGIN.top - MARGIN.bottom);
    return { step: Math.min(values.length, Math.max(1, Math.ceil(across * values.length))), value: clamp(low + up * (1 - low)) };
  }

  /** Sets the step under the pointer, and those that a fast drag has passed over. @param {PointerEvent} event */
  function paint(event) {
    if (!drag) return;
    const now = under(event);
    const { step, value } = drag;
    const changed = values.map((old, k) => {
      if (k + 1 < Math.min(step, now.step) || k + 1 > Math.max(step, now.step)) return old;
      return clamp(now.value + (step === now.step ? 0 : ((value - now.value) * (k + 1 - now.step)) / (step - now.step)));
    });
    Object.assign(drag, now);
    tell(now.step, changed);
  }

  if (onValues) {
    element.addEventListener("pointerdown", (event) => {
      if (event.button || event.clientX < plot.getBoundingClientRect().left + left - 6) return; // on the names
      drag = { ...under(event), kept: values };
      element.setPointerCapture(event.pointerId);
      paint(event);
    });
    element.addEventListener("pointermove", paint);
    element.addEventListener("pointerup", () => { drag = null; });
    element.addEventListener("pointercancel", () => { // the finger turned out to be scrolling
      if (drag) tell(at, drag.kept);
      drag = null;
    });
    element.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const now = values[at - 1];
      const to = { ArrowUp: now + STEP, ArrowDown: now - STEP, PageUp: now + 0.5, PageDown: now - 0.5, Home: low, End: 1 }[event.key];
      const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (to === undefined && move === undefined) return;
      event.preventDefault();
      tell(
        Math.min(values.length, Math.max(1, at + (move ?? 0))),
        to === undefined ? values : values.map((old, k) => (k === at - 1 ? clamp(to) : old)),
      );
    });
  }

  return {
    element,

    /** @param {ArrayLike<number>} shown @param {number} step the one to point out, from 1 @param {string} [alt] of a row that only shows */
    draw(shown, step, alt = "") {
      if (!drag) values = Array.from(shown);
      at = step;
      const spoken = onValues
        ? { "aria-valuenow": String(Number(values[at - 1].toFixed(1))), "aria-valuetext": `${fixed(values[at - 1], 1)} at step ${at}` }
        : { role: "img", "aria-label": alt };
      for (const [attribute, text] of Object.entries(spoken)) element.setAttribute(attribute, text);
      const width = plot.clientWidth || 600;
      const height = plot.clientHeight || 48;
      const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
      const column = (width - left - MARGIN.right) / values.length;
      const y = (/** @type {number} */ value) => bottom - ((value - low) / (1 - low)) * (bottom - top);
      const gap = Math.min(2, column / 8);
      picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
      picture.replaceChildren(
        svg("rect", { class: "rs-x-here", x: left + (at - 1) * column, y: 0, width: column, height }),
        svg("line", { class: "rs-x-grid", x1: left, x2: width - MARGIN.right, y1: top, y2: top }),
        svg("line", { class: "rs-x-axis", x1: left, x2: width - MARGIN.right, y1: y(0), y2: y(0) }),
        ...(low < 0 ? [svg("line", { class: "rs-x-grid", x1: left, x2: width - MARGIN.right, y1: bottom, y2: bottom })] : []),
        svg("g", { class: `rs-tone-${tone}` }, ...values.flatMap((value, k) => {
          const x = left + k * column + gap;
          const bar = { x: x.toFixed(1), width: (column - 2 * gap).toFixed(1) };
          return [
            svg("rect", { class: "rs-x-bar", ...bar, y: Math.min(y(value), y(0)).toFixed(1), height: Math.abs(y(value) - y(0)).toFixed(1) }),
            svg("rect", { class: "rs-x-cap", ...bar, y: (y(value) - 1.5).toFixed(1), height: 3 }),
          ];
        })),
        svg("text", { x: left - 8, y: top, dy: "0.32em", "text-anchor": "end" }, "1"),
        svg("text", { x: left - 8, y: bottom, dy: "0.32em", "text-anchor": "end" }, low < 0 ? "−1" : "0"),
        svg("text", { class: `rs-x-label rs-tone-${tone}`, x: left - 32, y: height / 2 - 2, "text-anchor": "end" }, word),
        svg("text", { class: `rs-x-label rs-x-letter rs-tone-${tone}`, x: left - 32, y: height / 2 + 14, "text-anchor": "end" }, ...withSubscripts(letter)),
      );
    },
  };
}

/** c_t as a c with a small t below. @param {string} term */
function withSubscripts(term) {
  return term.split(/_(\w+)/).map((part, k) => svg("tspan", k % 2 ? { dy: 4, class: "rs-x-sub" } : { dy: k ? -4 : 0 }, part));
}
