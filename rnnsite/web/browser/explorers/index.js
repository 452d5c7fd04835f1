/**
 * Every explorer by its name on a page, and `mountAll`, which brings the ones of a page to life as they come near.
 *
 *     <div class="rs-explorer" data-explorer="gradient-flow" data-options='{"cell": "lstm"}'>…without JavaScript…</div>
 */

/** @typedef {{mount(element: HTMLElement, options?: object): {destroy(): void}}} Explorer */

/** @type {Record<string, () => Promise<Explorer>>} */
export const explorers = {
  "gradient-flow": () => import("./gradient-flow.js"),
  "iterated-maps": () => import("./iterated-maps.js"),
  cliff: () => import("./cliff.js"),
  "echo-state": () => import("./echo-state.js"),
  "leaky-memory": () => import("./leaky-memory.js"),
  "clip-threshold": () => import("./clip-threshold.js"),
  "gate-lab": () => import("./gate-lab.js"),
  text: () => import("./text.js"),
};

const PREFIXES = { "gradient-flow": "gf", "iterated-maps": "im", cliff: "cl", "echo-state": "es", "leaky-memory": "lm", "clip-threshold": "ct", "gate-lab": "gl", text: "tx" };

/** @type {Map<HTMLElement, {destroy(): void}>} what stands in the page, or is waiting to come near the viewport */
const live = new Map();

/**
 * Mounts the explorers under `root` that are not mounted yet, and takes away those that have left the document.
 * Call it after each navigation; calling it twice does nothing more.
 * @param {ParentNode} [root]
 */
export function mountAll(root = document) {
  for (const [element, handle] of live) {
    if (element.isConnected) continue;
    handle.destroy();
    live.delete(element);
  }
  /** @type {Record<string, number>} */
  const seen = {};
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-explorer]"))) {
    const name = element.dataset.explorer ?? "";
    seen[name] = (seen[name] ?? 0) + 1;
    if (live.has(element)) continue;
    const short = PREFIXES[/** @type {keyof typeof PREFIXES} */ (name)] ?? name;
    whenNear(element, name, seen[name] === 1 ? short : `${short}${seen[name]}`);
  }
}

/** @param {HTMLElement} element @param {string} name @param {string} prefix of its setting in the address */
function whenNear(element, name, prefix) {
  const observer = new IntersectionObserver(async (entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    if (!(name in explorers)) throw new Error(`Explorer "${name}" is unknown: expected one of ${Object.keys(explorers).join(", ")}.`);
    const { mount } = await explorers[name]();
    if (live.get(element) !== waiting || !element.isConnected) return;
    live.set(element, mount(element, { prefix, ...JSON.parse(element.dataset.options || "{}") }));
    element.dataset.live = "";
  }, { rootMargin: "300px" });
  const waiting = { destroy: () => observer.disconnect() };
  live.set(element, waiting);
  observer.observe(element);
}
