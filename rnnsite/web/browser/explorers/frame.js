/**
 * What all explorers share: the layout, the finding in words, reset, copy link and iframe, one drawing per animation
 * frame, and putting the page's own content back when the explorer is taken away.
 */
import { button } from "./controls.js";
import { watchPalette } from "./colours.js";
import { copyButton } from "./copy-button.js";
import { html } from "./dom.js";
import { iframe } from "./iframe.js";

/** @typedef {import("./dom.js").Child} Child */

/**
 * @param {HTMLElement} element whose content (for readers without JavaScript) is put aside until `destroy`
 * @param {{name: string, title: string, state: import("./url-state.js").UrlState, draw: () => void}} explorer
 */
export function createFrame(element, { name, title, state, draw }) {
  const fallback = [...element.childNodes];
  const top = html("div", { class: "rs-x-top" });
  const finding = html("p", { class: "rs-x-finding" });
  const first = html("div", { class: "rs-x-first" }); // the control to try first: beside the figures, on a phone above them
  const figures = html("div", { class: "rs-x-figures" });
  const controls = html("div", { class: "rs-x-controls" });
  const note = html("p", { class: "rs-x-note" });
  // The sentence changes with every pixel of a drag; a screen reader is told once the setting has come to rest.
  const spoken = html("p", { class: "rs-x-spoken", role: "status", "aria-live": "polite" });
  const actions = html("div", { class: "rs-x-actions" }, button("Reset", () => state.reset(), "plain"), copyButton("Copy link", link, inAddressBar, say));
  const alone = element.dataset.embed; // the way to the explorer's own page, where the site has one
  if (alone) actions.append(copyButton("Copy embed", () => iframe(alone, title, state, root.offsetHeight), () => "The clipboard is closed", say));
  const foot = html("div", { class: "rs-x-foot" }, note, actions);
  const root = html("div", { class: `rs-x rs-x--${name}`, role: "group", "aria-label": `Explorer: ${title}` },
    html("div", { class: "rs-x-body" }, top, finding, first, figures, controls, foot, spoken));
  element.replaceChildren(root);

  let frame = 0;
  let speaking = 0;
  let ready = false;
  let said = "";
  function schedule() {
    if (!frame && ready) frame = requestAnimationFrame(render);
  }
  function render() {
    frame = 0;
    if (root.isConnected) draw();
  }

  function inAddressBar() {
    state.write();
    return "Copy it from the address bar";
  }
  function link() {
    const url = state.address(true);
    if (element.id) url.hash = element.id;
    return url.href;
  }

  /** @param {string} sentence */
  function say(sentence) {
    spoken.textContent = sentence;
  }

  const resized = new ResizeObserver(schedule);
  const unwatch = watchPalette(schedule);
  state.listeners.add(schedule);

  return {
    root, top, first, figures, controls, note, schedule, say,

    /** Draws for the first time; call once everything is in place. */
    start() {
      ready = true;
      draw();
      resized.observe(figures);
    },

    /** What the picture shows, in words. @param {...Child} parts */
    find(...parts) {
      finding.replaceChildren(...parts.filter((part) => part).map((part) => /** @type {Node | string} */ (part)));
      const text = finding.textContent ?? "";
      if (text === said) return text; // drawn again, for a first or another size: there is nothing new to tell
      clearTimeout(speaking);
      if (said) speaking = window.setTimeout(() => say(text), 800);
      said = text;
      return text;
    },

    destroy() {
      cancelAnimationFrame(frame);
      clearTimeout(speaking);
      ready = false;
      resized.disconnect();
      unwatch();
      state.destroy();
      element.replaceChildren(...fallback);
    },
  };
}
