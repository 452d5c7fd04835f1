// What is wider than its column scrolls sideways. What does, and only that, takes the keyboard's focus.
const WIDE = { ".rs-equation": "Equation", ".rs-table-scroll, .md-typeset__scrollwrap": "Table", "pre > code": "Code" };

const overflows = (element) => element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight;

function mark(element, scrolls) {
  if (scrolls) {
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    if (!element.hasAttribute("aria-label")) {
      element.setAttribute("aria-label", WIDE[Object.keys(WIDE).find((selector) => element.matches(selector))]);
    }
  } else {
    element.removeAttribute("tabindex");
  }
}

// all are measured before any is changed, or each change would cost a layout of the page
const observer = new ResizeObserver((entries) =>
  entries.map(({ target }) => [target, overflows(target)]).forEach(([target, scrolls]) => mark(target, scrolls)),
);

export function markScrollable(root) {
  observer.disconnect();
  root.querySelectorAll(Object.keys(WIDE).join()).forEach((element) => observer.observe(element));
}
