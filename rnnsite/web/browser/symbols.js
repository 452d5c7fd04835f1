// \sym{rho}{\rho} in an equation lights up with every other place of that name while one of them is pointed at or moved:
// in another equation, in the text, or a slider of an explorer (data-parameter).
const NAMED = "[data-sym], [data-parameter]";
const nameOf = (element) => element.dataset.sym ?? element.dataset.parameter;

function light({ target }) {
  const name = target instanceof Element && target.closest(NAMED) ? nameOf(target.closest(NAMED)) : undefined;
  for (const symbol of document.querySelectorAll("[data-sym]")) symbol.classList.toggle("rs-lit", symbol.dataset.sym === name);
}

for (const event of ["pointerover", "focusin", "input"]) document.addEventListener(event, light);
