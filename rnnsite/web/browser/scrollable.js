// What is wider than its column scrolls sideways. What does, and only that, takes the keyboard's focus.
const WIDE = { ".rs-equation": "Equation", ".rs-table-scroll, .md-typeset__scrollwrap": "Table", "pre > code": "Code" };

function mark(element) {
  if (element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight) {
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    if (!element.hasAttribute("aria-label")) {
      element.setAttribute("aria-label", WIDE[Object.keys(WIDE).find((selector) => element.matches(selector))]);
    }
  } else {
    element.removeAttribute("tabindex");
  }
}

const observer = new ResizeObserver((entries) => entries.forEach((entry) => mark(entry.target)));

export function markScrollable(root) {
  observer.disconnect();
  root.querySelectorAll(Object.keys(WIDE).join()).forEach((element) => observer.observe(element));
}
