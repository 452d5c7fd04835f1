/** States as colour: one column a step, one row a unit, on a canvas that the browser stretches without smoothing. */
import { DIVERGING, scaleOf } from "./colours.js";

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

/** @param {Float64Array} states */
function roundedUp(states) {
  let largest = 0;
  for (const value of states) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  return power * ([1, 2, 5].find((digit) => digit * power >= largest) ?? 10);
}
