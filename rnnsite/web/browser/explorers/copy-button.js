/** A button that puts a text on the clipboard and says so. */
import { button } from "./controls.js";
import { html } from "./dom.js";

/**
 * @param {string} label "Copy …"
 * @param {() => string} text
 * @param {() => string} refused what to say, after what can be done, when the clipboard stays closed
 * @param {(sentence: string) => void} say to a screen reader
 */
export function copyButton(label, text, refused, say) {
  const copy = button(label, press, "plain");
  async function press() {
    const wanted = text();
    let copied = true;
    try {
      await navigator.clipboard.writeText(wanted);
    } catch {
      copied = copyBySelection(wanted);
    }
    copy.textContent = copied ? `${label[5].toUpperCase()}${label.slice(6)} copied` : refused();
    say(copy.textContent);
    setTimeout(() => {
      copy.textContent = label;
    }, 2500);
  }
  return copy;
}

/** For pages served without https, where the clipboard is closed to scripts. @param {string} text @returns {boolean} */
function copyBySelection(text) {
  const field = html("textarea", { class: "rs-x-spoken", "aria-hidden": "true", tabindex: "-1" });
  field.value = text;
  document.body.append(field);
  field.select();
  let copied = false;
  try {
    copied = document.execCommand("copy");
  } catch {
    copied = false;
  }
  field.remove();
  return copied;
}
