/**
 * A small plot: linear or logarithmic axes, lines, dots, labels written at what they name, and an optional canvas
 * beneath for maps. Sizes are real pixels, so that text stays readable at any width; colours are CSS classes, so that
 * light and dark need no redraw.
 */
import { svg, html, uniqueId } from "./dom.js";
import { powerOfTen } from "./format.js";
import { alongLine, aroundPoint, placeLabels } from "./plot-labels.js";

/**
 * @typedef {object} Axis
 * @property {[number, number]} range
 * @property {boolean} [log]
 * @property {{at: number, text: string}[]} [ticks] chosen by the plot unless given
 */
/**
 * @typedef {object} Line
 * @property {ArrayLike<number>} x
 * @property {ArrayLike<number>} y
 * @property {string} [tone] a colour of the palette: "lstm", "muted", …
 * @property {"main" | "thin" | "ghost" | "rule" | "web" | "loop" | "path" | "halo" | "other" | "dashed" | "area"} [kind]
 * @property {string} [label] written along the line, from its left end; the line must run from left to right
 * @property {boolean} [last] write the label at the right end
 */
/** @typedef {{x: number, y: number, tone?: string, kind?: "full" | "hollow" | "small" | "ghost", label?: string}} Dot */
/**
 * @typedef {object} Picture
 * @property {Axis} x
 * @property {Axis} y
 * @property {Line[]} [lines]
 * @property {Dot[]} [dots]
 * @property {{from: [number, number], to: [number, number], tone?: string, kind?: string}[]} [arrows]
 * @property {{text: string, corner: "top" | "bottom"}[]} [regions] what the right-hand corners of the plot mean
 * @property {string} [alt] what the plot shows, for those who cannot see it
 */

const MARGIN = { left: 46, right: 14, top: 12, bottom: 26 };

export class Plot {
  /**
   * @param {HTMLElement} parent
   * @param {{className?: string, margin?: Partial<typeof MARGIN>, canvas?: boolean, hidden?: boolean}} [look]
   *   hidden: leave it out of the accessibility tree, because an element around it speaks for it
   */
  constructor(parent, { className = "", margin = {}, canvas = false, hidden = false } = {}) {
    this.margin = { ...MARGIN, ...margin };
    this.canvas = canvas ? html("canvas", { class: "rs-x-canvas", "aria-hidden": "true" }) : null;
    this.svg = svg("svg", hidden ? { "aria-hidden": "true", focusable: "false" } : { role: "img", focusable: "false" });
    this.element = html("div", { class: `rs-x-plot ${className}` }, this.canvas, this.svg);
    this.clip = uniqueId("clip");
    parent.append(this.element);
    this.width = 0;
    this.height = 0;
    this.toX = (/** @type {number} */ value) => value;
    this.toY = (/** @type {number} */ value) => value;
  }

  /** Reads the size the page gives the plot; a hidden one keeps its last size. */
  measure() {
    this.width = this.element.clientWidth || this.width || 600;
    this.height = this.element.clientHeight || this.height || 240;
    const { left, right, top, bottom } = this.margin;
    this.inner = { left, top, right: this.width - right, bottom: this.height - bottom };
    if (this.canvas) {
      Object.assign(this.canvas.style, {
        left: `${left}px`, top: `${top}px`,
        width: `${this.inner.right - left}px`, height: `${this.inner.bottom - top}px`,
      });
    }
    return this.inner;
  }

  /** @param {Picture} picture */
  draw({ x, y, lines = [], dots = [], arrows = [], regions = [], alt }) {
    const { left, right, top, bottom } = this.measure();
    this.toX = scale(x, left, right);
    this.toY = scale(y, bottom, top);
    const inside = svg("g", { "clip-path": `url(#${this.clip})` });
    const points = svg("g"); // not clipped: a dot in a corner is shown whole
    const room = { left, right, top, bottom };
    const labels = [];
    const tracks = [];
    for (const line of lines) {
      const tone = `rs-tone-${line.tone ?? "ink"} rs-x-line rs-x-line--${line.kind ?? "main"}`;
      const d = this.path(line);
      inside.append(svg("path", { class: tone, d: line.kind === "area" && d ? `${d}V${bottom}H${this.toX(line.x[0]).toFixed(1)}Z` : d }));
      if (line.kind === "area") continue;
      const track = { xs: Array.from(line.x, this.toX), ys: Array.from(line.y, this.toY), named: Boolean(line.label), faint: line.kind === "web" };
      tracks.push(track);
      if (!line.label) continue;
      labels.unshift({ text: line.label, tone, track, places: alongLine(track, room, line.last) });
    }
    for (const { from, to, tone = "ink", kind = "main" } of arrows) {
      const tip = { x: this.toX(to[0]), y: this.toY(to[1]) };
      const angle = (Math.atan2(tip.y - this.toY(from[1]), tip.x - this.toX(from[0])) * 180) / Math.PI;
      inside.append(svg("path", {
        class: `rs-tone-${tone} rs-x-arrow rs-x-arrow--${kind}`, d: "M0 0L-11 -5L-8 0L-11 5Z",
        transform: `translate(${tip.x.toFixed(1)} ${tip.y.toFixed(1)}) rotate(${angle.toFixed(1)})`,
      }));
    }
    const spots = [];
    for (const dot of dots) {
      const tone = `rs-tone-${dot.tone ?? "ink"}`;
      const at = { x: this.toX(dot.x), y: this.toY(dot.y) };
      const radius = dot.kind === "small" ? 2.2 : 5;
      if (at.x < left - 2 || at.x > right + 2 || at.y < top - 2 || at.y > bottom + 2) continue;
      points.append(svg("circle", { class: `${tone} rs-x-dot rs-x-dot--${dot.kind ?? "full"}`, cx: at.x.toFixed(1), cy: at.y.toFixed(1), r: radius }));
      spots.push({ left: at.x - radius, right: at.x + radius, top: at.y - radius, bottom: at.y + radius });
      if (dot.label) labels.unshift({ text: dot.label, tone, places: aroundPoint(at.x, at.y) });
    }
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.replaceChildren(
      svg("clipPath", { id: this.clip }, svg("rect", { x: left, y: top - 3, width: Math.max(0, right - left + 3), height: Math.max(0, bottom - top + 6) })),
      this.axes(x, y),
      inside,
      points,
      // A name such as "explodes" needs room between the line at 1 and the plot's edge.
      ...regions.filter(({ corner }) => Math.abs(this.toY(1) - (corner === "top" ? top : bottom)) > 32).map(({ text, corner }) =>
        svg("text", { class: "rs-x-region", x: right - 4, y: corner === "top" ? top + 16 : bottom - 9, "text-anchor": "end" }, text)),
      ...placeLabels(labels, tracks, spots, room).map(({ text, x, y, tone, anchor }) =>
        svg("text", { class: `${tone} rs-x-label`, x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor }, text)),
    );
    if (alt) this.svg.setAttribute("aria-label", alt);
  }

  /** The `d` of a line; a point that an axis cannot show (0 on a logarithm, NaN) breaks it, and one alone is a dot. @param {Line} line */
  path({ x, y }) {
    let d = "";
    let pen = "M";
    for (let i = 0; i < x.length; i++) {
      const px = this.toX(x[i]);
      const py = this.toY(y[i]);
      if (!Number.isFinite(px) || !Number.isFinite(py)) pen = "M";
      else {
        d += `${pen}${px.toFixed(1)} ${py.toFixed(1)}${pen === "M" ? "h0" : ""}`;
        pen = "L";
      }
    }
    return d;
  }

  /** @param {Axis} x @param {Axis} y */
  axes(x, y) {
    const { left, right, top, bottom } = /** @type {NonNullable<typeof this.inner>} */ (this.inner);
    const group = svg("g", { class: "rs-x-axes" });
    for (const { at, text } of y.ticks ?? ticks(y, Math.max(y.log ? 3 : 2, Math.floor((bottom - top) / (y.log ? 32 : 54))))) {
      const py = this.toY(at).toFixed(1);
      group.append(
        svg("line", { class: y.log && at === 1 ? "rs-x-grid rs-x-grid--one" : "rs-x-grid", x1: left, x2: right, y1: py, y2: py }),
        svg("text", { x: left - 8, y: py, dy: "0.32em", "text-anchor": "end" }, text),
      );
    }
    group.append(svg("line", { class: "rs-x-axis", x1: left, x2: right, y1: bottom, y2: bottom }));
    for (const { at, text } of x.ticks ?? ticks(x, Math.max(2, Math.floor((right - left) / 70)))) {
      const px = this.toX(at);
      group.append(svg("line", { class: "rs-x-axis", x1: px, x2: px, y1: bottom, y2: bottom + 4 }));
      const half = 4 * text.length; // a number at the end stays within the plot
      group.append(svg("text", { x: Math.min(px, this.width - half), y: bottom + 18, "text-anchor": "middle" }, text));
    }
    return group;
  }
}

/** @param {Axis} axis @param {number} from pixel of the range's start @param {number} to @returns {(value: number) => number} */
function scale({ range: [low, high], log }, from, to) {
  if (!log) return (value) => from + ((value - low) / (high - low)) * (to - from);
  const logLow = Math.log10(low);
  const span = Math.log10(high) - logLow;
  return (value) => from + ((Math.log10(value) - logLow) / span) * (to - from);
}

/** @param {Axis} axis @param {number} most @returns {{at: number, text: string}[]} */
function ticks({ range: [low, high], log }, most) {
  const found = [];
  if (log) {
    const [first, last] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
    const stride = [1, 2, 4, 8, 16, 32, 64, 128].find((s) => Math.floor((last - first) / s) <= most) ?? 256;
    for (let e = Math.ceil(first / stride) * stride; e <= last; e += stride) found.push({ at: 10 ** e, text: e === 0 ? "1" : powerOfTen(e) });
    return found;
  }
  const rough = (high - low) / most;
  const size = 10 ** Math.floor(Math.log10(rough));
  const stride = [1, 2, 2.5, 5, 10].map((s) => s * size).find((s) => s >= rough * 0.999) ?? 10 * size;
  for (let k = Math.ceil(low / stride - 1e-9); k * stride <= high + stride * 1e-9; k++) {
    const at = k * stride;
    found.push({ at, text: Number(at.toPrecision(6)).toString().replace("-", "−") });
  }
  return found;
}
