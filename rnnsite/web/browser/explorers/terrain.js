/** A surface seen from above: bands of height, shaded as if lit from the upper left, so that a wall looks like one. */
import { scaleOf, SEQUENTIAL } from "./colours.js";

const BANDS = 14;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Float64Array} heights (rows, columns) in [0, 1], lowest row first
 * @param {number} columns @param {number} rows
 */
export function paintTerrain(canvas, heights, columns, rows) {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  if (!context) return;
  const scale = scaleOf(canvas, SEQUENTIAL);
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let r = 0; r < rows; r++) {
    const target = (rows - 1 - r) * columns;
    for (let c = 0; c < columns; c++) {
      const band = Math.min(BANDS - 1, Math.floor(heights[r * columns + c] * BANDS));
      pixels[target + c] = scale[Math.round((band / (BANDS - 1)) * 255)];
    }
  }
  shade(image.data, heights, columns, rows);
  context.putImageData(image, 0, 0);
}

/** Lightens what faces the light and darkens what turns away. @param {Uint8ClampedArray} bytes @param {Float64Array} heights @param {number} columns @param {number} rows */
function shade(bytes, heights, columns, rows) {
  for (let r = 1; r < rows - 1; r++) {
    for (let c = 1; c < columns - 1; c++) {
      const k = r * columns + c;
      const east = (heights[k + 1] - heights[k - 1]) * 9;
      const north = (heights[k + columns] - heights[k - columns]) * 9;
      const light = (0.6 * east - 0.6 * north + 1) / Math.sqrt(1 + east * east + north * north) - 1;
      const change = Math.max(-80, Math.min(60, 70 * light));
      const pixel = ((rows - 1 - r) * columns + c) * 4;
      for (let channel = 0; channel < 3; channel++) bytes[pixel + channel] += change;
    }
  }
}
