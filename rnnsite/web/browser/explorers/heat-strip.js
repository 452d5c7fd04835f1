/** States as colour: one column a step, one row a unit, on a canvas that the browser stretches without smoothing. */
import { DIVERGING, scaleOf, SEQUENTIAL } from "./colours.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Float64Array} states (T, H)
 * @param {number} units H
 * @returns {number} the value that the strongest colours stand for: 1, 2 or 5 times a power of ten
 */
export function paintStates(canvas, states, units) {
  const steps = states.length / units;
  const largest = roundedUp(states);
  canvas.width = steps;
  canvas.height = units;
  const context = canvas.getContext("2d");
  if (!context) return largest;
  const scale = scaleOf(canvas, DIVERGING);
  const image = context.createImageData(steps, units);
  const pixels = new Uint32Array(image.data.buffer);
  for (let t = 0; t < steps; t++) {
    for (let j = 0; j < units; j++) {
      pixels[j * steps + t] = scale[Math.round(127.5 * (1 + states[t * units + j] / largest))];
    }
  }
  context.putImageData(image, 0, 0);
  return largest;
}

/**
 * Shares as bands: one row of colours each, the pale end at 0 and the dark one at 1 (in the dark the other way round).
 * @param {HTMLCanvasElement} canvas
 * @param {number[][]} rows of numbers from 0 to 1, as many in each
 */
export function paintShares(canvas, rows) {
  canvas.width = rows[0].length;
  canvas.height = rows.length;
  const context = canvas.getContext("2d");
  if (!context || !canvas.width) return;
  const scale = scaleOf(canvas, SEQUENTIAL);
  const image = context.createImageData(canvas.width, canvas.height);
  new Uint32Array(image.data.buffer).set(rows.flatMap((row) => row.map((share) => scale[Math.round(255 * share)])));
  context.putImageData(image, 0, 0);
}

/** @param {Float64Array} states */
function roundedUp(states) {
  let largest = 0;
  for (const value of states) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  return power * ([1, 2, 5].find((digit) => digit * power >= largest) ?? 10);
}
