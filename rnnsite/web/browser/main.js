// The one script of every page. Parts that not every page needs are fetched with the first page that has a place for them.
import { offerCopies } from "./copy-code.js";
import { markScrollable } from "./scrollable.js";

let explorers, figures, cells;

function show(root) {
  if (root.querySelector(".rs-explorer")) explorers ??= import("./explorers/index.js");
  if (root.querySelector(".rs-plot")) figures ??= import("./figures.js");
  if (root.querySelector("[data-sym]")) import("./symbols.js");
  if (root.querySelector(".rs-check")) import("./checks.js");
  if (root.querySelector(".rs-cell")) cells ??= import("./live/index.js");
  // once there, each is told of every page: what it left behind on the last one has to be put away
  explorers?.then((part) => part.mountAll(root));
  figures?.then((part) => part.mountFigures(root));
  cells?.then((part) => part.mountCells(root));
  markScrollable(root);
  offerCopies(root);
}

// The theme announces every page it swaps in; a page without the theme (a figure or an explorer alone) is shown once.
if (window.document$) window.document$.subscribe(() => show(document));
else {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => { document.body.dataset.mdColorScheme = dark.matches ? "slate" : "default"; };
  dark.addEventListener("change", follow);
  follow();
  show(document);
}
