/** Where to write the labels of a plot: at what they name, on the side that is free. */

const LINE_HEIGHT = 16;
const LETTER = 7.3; // px at 13 px semi-bold, wide enough for the site's faces

/** @typedef {{left: number, right: number, top: number, bottom: number}} Box */
/** @typedef {{xs: number[], ys: number[], named?: boolean, faint?: boolean}} Track a line in pixels; a named one runs from left to right */
/** @typedef {{x: number, y: number, anchor: "start" | "middle" | "end"}} Place y is the text's baseline */
/** @typedef {{text: string, tone: string, places: Place[], track?: Track}} Label places in order of preference; track: what it names */

const FRACTIONS = [0.015, 0.12, 0.25, 0.4, 0.55, 0.7, 0.85, 0.985];

/**
 * Places to name a line, from one end to the other: above it or below it, close or further off.
 * @param {Track} track @param {Box} room @param {boolean} [last] the right end first
 * @returns {Place[]}
 */
export function alongLine(track, room, last = false) {
  const places = [];
  for (const fraction of last ? FRACTIONS.toReversed() : FRACTIONS) {
    const x = room.left + fraction * (room.right - room.left);
    const y = heightAt(track, x);
    if (y === null || y < room.top - 4 || y > room.bottom + 4) continue; // off the plot there
    const anchor = fraction > 0.8 ? /** @type {const} */ ("end") : /** @type {const} */ ("start");
    for (const offset of [-9, 19, -22, 32, -36]) places.push({ x, y: y + offset, anchor });
  }
  return places;
}

/**
 * Places around a point. @param {number} x @param {number} y @returns {Place[]}
 */
export function aroundPoint(x, y) {
  return [
    { x: x + 10, y: y - 8, anchor: "start" }, { x: x + 10, y: y + 18, anchor: "start" },
    { x: x - 10, y: y - 8, anchor: "end" }, { x: x - 10, y: y + 18, anchor: "end" },
    { x, y: y - 14, anchor: "middle" }, { x, y: y + 24, anchor: "middle" },
    { x: x + 26, y: y - 8, anchor: "start" }, { x: x + 26, y: y + 18, anchor: "start" },
  ];
}

/**
 * Gives each label the first of its places that no line crosses, no dot and no earlier label takes, or the least bad.
 * @param {Label[]} labels the most important first
 * @param {Track[]} tracks all lines, named or not
 * @param {Box[]} dots
 * @param {Box} room
 * @returns {(Place & {text: string, tone: string})[]}
 */
export function placeLabels(labels, tracks, dots, room) {
  /** @type {Box[]} */
  const taken = [];
  return labels.filter((label) => label.places.length).map(({ text, tone, places, track }) => {
    let best = places[0];
    let bestBox = boxOf(text, best);
    let lowest = Infinity;
    places.forEach((place, rank) => {
      const box = boxOf(text, place);
      const beyond = Math.max(room.left - 1 - box.left, box.right - room.right - 12, room.top - 12 - box.top, box.bottom - room.bottom, 0);
      const cost = rank * 0.4 + (beyond && 60 + 20 * beyond)
        + 25 * taken.filter((other) => meet(box, other)).length
        + 8 * dots.filter((other) => meet(box, other)).length
        + tracks.reduce((sum, other) => sum + crossed(other, box) + (track && other !== track && other.named && between(box, track, other) ? 8 : 0), 0);
      if (cost < lowest) [best, bestBox, lowest] = [place, box, cost];
    });
    taken.push(bestBox);
    return { ...best, text, tone };
  });
}

/** @param {string} text @param {Place} place @returns {Box} */
function boxOf(text, { x, y, anchor }) {
  const width = text.length * LETTER;
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return { left, right: left + width, top: y - LINE_HEIGHT + 4, bottom: y + 4 };
}

/** @param {Box} a @param {Box} b */
const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** What it costs that a line runs through a box: by the length inside, for a faint line a third. @param {Track} track @param {Box} box */
function crossed({ xs, ys, faint }, box) {
  let length = 0;
  for (let i = 1; i < xs.length; i++) length += inside(xs[i - 1], ys[i - 1], xs[i], ys[i], box);
  if (length < 1) return 0;
  return (6 + 14 * Math.min(1, length / (box.right - box.left))) / (faint ? 3 : 1);
}

/** How much of a segment lies in a box, by Liang and Barsky. @param {number} x @param {number} y @param {number} x2 @param {number} y2 @param {Box} box */
function inside(x, y, x2, y2, box) {
  if ((x < box.left && x2 < box.left) || (x > box.right && x2 > box.right)) return 0; // most of a line, at once
  if ((y < box.top && y2 < box.top) || (y > box.bottom && y2 > box.bottom)) return 0;
  if (!Number.isFinite(x + y + x2 + y2)) return 0;
  let [from, to] = [0, 1];
  for (const [low, high, start, move] of [[box.left, box.right, x, x2 - x], [box.top, box.bottom, y, y2 - y]]) {
    if (move === 0) {
      if (start < low || start > high) return 0;
      continue;
    }
    const ends = [(low - start) / move, (high - start) / move];
    from = Math.max(from, Math.min(...ends));
    to = Math.min(to, Math.max(...ends));
  }
  return to > from ? (to - from) * Math.hypot(x2 - x, y2 - y) : 0;
}

/** Whether another line runs between a label and the line that it names. @param {Box} box @param {Track} own @param {Track} other */
function between(box, own, other) {
  const middle = (box.top + box.bottom) / 2;
  return [box.left, box.right].some((x) => {
    const [mine, theirs] = [heightAt(own, x), heightAt(other, x)];
    return mine !== null && theirs !== null && (mine - theirs) * (theirs - middle) > 0;
  });
}

/** The line's y at some x, between its points. @param {Track} track @param {number} x @returns {number | null} */
function heightAt({ xs, ys }, x) {
  for (let i = 1; i < xs.length; i++) {
    if (xs[i] < x) continue;
    if (x < xs[i - 1] - 8) return null;
    const share = Math.max(0, (x - xs[i - 1]) / (xs[i] - xs[i - 1] || 1));
    const y = ys[i - 1] + share * (ys[i] - ys[i - 1]);
    return Number.isFinite(y) ? y : null;
  }
  return null;
}
