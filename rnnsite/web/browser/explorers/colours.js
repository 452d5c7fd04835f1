/** The site's palette, read from its CSS custom properties, for what is painted on a canvas. */

/** @typedef {[number, number, number]} Rgb */

/** @type {CanvasRenderingContext2D | null} */
let probe = null;

/** @type {Map<string, Rgb>} */
const known = new Map();

/**
 * Any CSS colour as numbers: the browser itself translates it, so that `#abc`, `oklch(…)` and `light-dark(…)` all work.
 * @param {Element} element @param {string} property such as "--x-ink"
 * @returns {Rgb}
 */
function colourOf(element, property) {
  const css = getComputedStyle(element).getPropertyValue(property).trim();
  const found = known.get(css);
  if (found) return found;
  probe ??= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  if (!probe) return [0, 0, 0];
  probe.fillStyle = "#000";
  probe.fillStyle = css;
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
  known.set(css, [r, g, b]);
  return [r, g, b];
}

/**
 * A scale of 256 colours between evenly spaced stops, packed as the 32-bit pixels of an ImageData.
 * @param {Element} element @param {string[]} properties
 * @returns {Uint32Array}
 */
export function scaleOf(element, properties) {
  const stops = properties.map((property) => colourOf(element, property));
  const bytes = new Uint8ClampedArray(256 * 4);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (stops.length - 1);
    const left = Math.min(Math.floor(at), stops.length - 2);
    for (let channel = 0; channel < 3; channel++) {
      bytes[i * 4 + channel] = stops[left][channel] + (at - left) * (stops[left + 1][channel] - stops[left][channel]);
    }
    bytes[i * 4 + 3] = 255;
  }
  return new Uint32Array(bytes.buffer);
}

export const DIVERGING = ["--x-below-2", "--x-below-1", "--x-middle", "--x-above-1", "--x-above-2"];
export const SEQUENTIAL = ["--x-low", "--x-low-2", "--x-mid", "--x-high-2", "--x-high"];

/**
 * Calls back when the reader switches between light and dark.
 * @param {() => void} changed
 * @returns {() => void} stops watching
 */
export function watchPalette(changed) {
  const observer = new MutationObserver(changed);
  for (const element of [document.body, document.documentElement]) {
    observer.observe(element, { attributes: true, attributeFilter: ["data-md-color-scheme", "class"] });
  }
  return () => observer.disconnect();
}
