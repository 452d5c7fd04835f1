// Equations and tables wider than their column scroll sideways. Those that do, and only those, take the keyboard's focus.
const WIDE = ".rs-equation, .rs-table-scroll, .md-typeset__scrollwrap";

function mark(element) {
  if (element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight) {
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    if (!element.hasAttribute("aria-label")) {
      element.setAttribute("aria-label", element.matches(".rs-equation") ? "Equation" : "Table");
    }
  } else {
    element.removeAttribute("tabindex");
  }
}

const observer = new ResizeObserver((entries) => entries.forEach((entry) => mark(entry.target)));

export function markScrollable(root) {
  observer.disconnect();
  root.querySelectorAll(WIDE).forEach((element) => observer.observe(element));
}
