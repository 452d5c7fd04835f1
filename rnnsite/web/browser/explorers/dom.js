/** Two helpers, so that no explorer writes markup as a string: text given by a page can never become an element. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * An HTML element. Keys of `attributes` that start with "on" are listeners; null and false leave an attribute out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function html(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * An SVG element, by the same rules.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...children) {
  return fill(/** @type {any} */ (document.createElementNS(SVG, tag)), attributes, children);
}

/**
 * @template {Element} E
 * @param {E} element @param {Record<string, any>} attributes @param {Child[]} children
 * @returns {E}
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child || child === "").map((child) => /** @type {Node | string} */ (child)));
  return element;
}

let count = 0;
/** @param {string} stem @returns {string} an id that no other element of the page has */
export const uniqueId = (stem) => `rs-${stem}-${++count}`;

/** @param {string} text @returns {HTMLElement} the part of a finding that carries the result */
export const strong = (text) => html("strong", {}, text);

/** A letter of an equation with its subscript: h_t. @param {string} name @param {string} [below] */
export const symbol = (name, below) => html("span", { class: "rs-x-symbol" }, html("var", {}, name), below ? html("sub", {}, below) : null);
