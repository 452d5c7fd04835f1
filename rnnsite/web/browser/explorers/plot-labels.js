/** Where to write the labels of a plot: at what they name, on the side that is free. */

const LINE_HEIGHT = 16;
const LETTER = 7.3; // px at 13 px semi-bold, wide enough for the site's faces

/** @typedef {{left: number, right: number, top: number, bottom: number}} Box */
/** @typedef {{xs: number[], ys: number[]}} Track a line in pixels, from left to right */
/** @typedef {{x: number, y: number, anchor: "start" | "middle" | "end"}} Place y is the text's baseline */
/** @typedef {{text: string, tone: string, places: Place[], track?: Track}} Label places in order of preference; track: what it names */

/**
 * Places to name a line, the left end first: above it or below it, close or a little further off.
 * @param {Track} track @param {Box} room
 * @returns {Place[]}
 */
export function alongLine(track, room) {
  const places = [];
  for (const fraction of [0.015, 0.12, 0.25, 0.4, 0.55, 0.7]) {
    const x = room.left + fraction * (room.right - room.left);
    const y = heightAt(track, x);
    if (y === null || y < room.top - 4 || y > room.bottom + 4) continue; // off the plot there
    for (const offset of [-9, 19, -22, 32]) places.push({ x, y: y + offset, anchor: /** @type {const} */ ("start") });
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
  ];
}

/**
 * Gives each label the first of its places that no line crosses and no earlier label takes, or the least bad.
 * @param {Label[]} labels the most important first
 * @param {Track[]} tracks
 * @param {Box} room
 * @returns {(Place & {text: string, tone: string})[]}
 */
export function placeLabels(labels, tracks, room) {
  /** @type {Box[]} */
  const taken = [];
  return labels.filter((label) => label.places.length).map(({ text, tone, places, track }) => {
    let best = places[0];
    let bestBox = boxOf(text, best);
    let lowest = Infinity;
    places.forEach((place, rank) => {
      const box = boxOf(text, place);
      const outside = box.left < room.left - 1 || box.right > room.right + 12 || box.top < room.top - 12 || box.bottom > room.bottom;
      const cost = rank * 0.4 + (outside ? 60 : 0)
        + 25 * taken.filter((other) => meet(box, other)).length
        + tracks.reduce((sum, other) => sum + 2 * crossings(other, box) + (track && other !== track && between(box, track, other) ? 8 : 0), 0);
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

/** At how many of 7 places across a box a line runs through it. @param {Track} track @param {Box} box */
function crossings(track, box) {
  let count = 0;
  for (let k = 0; k <= 6; k++) {
    const y = heightAt(track, box.left + ((box.right - box.left) * k) / 6);
    if (y !== null && y > box.top - 2 && y < box.bottom + 2) count++;
  }
  return count;
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
