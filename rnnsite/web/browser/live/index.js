/** Live Python cells: `mountCells` gives their buttons a meaning. The editor and Python are fetched when asked for. */
import { createCell } from "./cell.js";
import { turnPage } from "./runtime.js";

/** @type {Map<HTMLElement, {destroy(): void}>} */
const live = new Map();

/**
 * Mounts the cells under `root`, and takes away those that have left the document. Call it after each navigation.
 * @param {ParentNode} [root]
 */
export function mountCells(root = document) {
  let left = false;
  for (const [element, cell] of live) {
    if (element.isConnected) continue;
    cell.destroy();
    live.delete(element);
    left = true;
  }
  if (left) turnPage();
  const elements = [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".rs-cell"))];
  const cells = elements.map((element, at) => live.get(element) ?? createCell(element, at + 1, () => cells));
  elements.forEach((element, at) => live.set(element, cells[at]));
}
