// One live cell: the highlighted code becomes an editor when the reader turns to it; Run, Stop, Edit and Reset.
import { html, uniqueId } from "../explorers/dom.js";
import { createOutput } from "./output.js";
import { Ended, forgotten, isLoaded, progress, run, stop } from "./runtime.js";

/**
 * @param {HTMLElement} element with code and buttons, as rnnsite/web/live.py wrote them
 * @param {number} number from 1, down the page
 * @param {() => object[]} siblings all cells of the page
 */
export function createCell(element, number, siblings) {
  const { worker, bytes, offline } = JSON.parse(element.dataset.live);
  const [script, keeper] = [worker, offline].map((address) => address && new URL(address, location).href); // the page may turn
  const find = (name) => element.querySelector(`.rs-cell-${name}`);
  const [runs, stops, edits, resets, note] = ["run", "stop", "edit", "reset", "note"].map(find);
  const block = element.querySelector(".highlight");
  const original = block.querySelector("pre > code").textContent.trimEnd();
  const hint = html("p", { class: "rs-cell-hint", id: uniqueId("hint"), hidden: true }, "Shift-Enter runs the cell. Esc, then Tab, leaves the editor.");
  const output = createOutput(element);
  const cell = { number, code, done: false, destroy };
  let editor, opening, waits = false, pressed = 0, took;
  find("bar").after(hint);
  element.setAttribute("aria-label", `Live Python, cell ${number}`);
  runs.addEventListener("click", go);
  stops.addEventListener("click", () => stop());
  edits.addEventListener("click", async () => (await edit())?.focus());
  resets.addEventListener("click", reset);
  block.addEventListener("click", async () => getSelection().isCollapsed && (await edit())?.focus());
  if (isLoaded()) note.textContent = ""; // it said what the first run loads
  runs.disabled = edits.disabled = false;
  progress.add(told);
  forgotten.add(forget);

  function code() {
    return editor?.code() ?? original;
  }

  /** The editor in the place of the code. Without a connection the code stands, and the button tries again. */
  function edit() {
    opening ??= import("./editor.js").then(
      ({ openEditor }) => {
        if (!element.isConnected) return undefined;
        const place = html("div", { class: "rs-cell-editor" });
        block.hidden = true;
        block.after(place);
        editor = openEditor({ parent: place, code: original, label: `Python code of cell ${number}`, hint: hint.id, run: go, changed });
        hint.hidden = false;
        edits.hidden = true;
        return editor;
      },
      () => {
        opening = undefined;
        output.say("The editor could not be loaded; try again.");
      },
    );
    return opening;
  }

  function changed() {
    resets.disabled = false;
  }

  async function go() {
    if (waits) return;
    waits = true;
    resets.disabled = false;
    exchange(runs, stops);
    element.setAttribute("aria-busy", "true");
    output.clear();
    editor?.mark(null);
    note.textContent = "Waiting for Python…";
    [pressed, took] = [performance.now(), undefined];
    try {
      const before = () => siblings().filter((one) => one.number < number && !one.done).map((one) => [one.number, one.code()]);
      const result = await run({ worker: script, offline: keeper }, { code: code(), number, above: before }, { begin: () => (note.textContent = "Running…"), text: output.print });
      took = took ? `${took}, first result after ${time(pressed)}` : time(pressed);
      cell.done = result.kind !== "error";
      await output.show(result);
      if (result.line) (await edit())?.mark(result.line);
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      output.say(ending(error));
    } finally {
      waits = false;
      exchange(stops, runs);
      note.textContent = took ?? "";
      find("progress")?.remove();
      element.removeAttribute("aria-busy");
    }
  }

  function reset() {
    if (waits) stop();
    editor?.set(original);
    editor?.mark(null);
    output.clear();
    if (document.activeElement === resets) runs.focus();
    resets.disabled = true;
  }

  /** @param {{loaded?: number, starting?: boolean, ready?: boolean}} news of Python on its way */
  function told({ loaded, starting, ready }) {
    if (ready && !waits) note.textContent = "";
    if (!waits) return;
    let bar = find("progress");
    const all = bytes[0] + bytes[1]; // the worker's script, which is here once it tells of bytes, and the rest
    if (loaded) {
      if (!bar) note.before((bar = html("progress", { class: "rs-cell-progress", max: all, value: bytes[0], "aria-label": "Loading Python" })));
      bar.value += loaded;
      note.textContent = `Loading Python, ${(bar.value / 1e6).toFixed(1)} of ${(all / 1e6).toFixed(1)} MB`;
    }
    if (starting) {
      bar?.remove();
      note.textContent = "Starting Python…";
    }
    if (ready) took = `Python loaded in ${time(pressed)}`;
  }

  function forget() {
    cell.done = false;
  }

  function destroy() {
    progress.delete(told);
    forgotten.delete(forget);
    output.clear();
    editor?.destroy();
  }

  return cell;
}

/** The time since then, in words. @param {number} start */
function time(start) {
  const passed = performance.now() - start;
  return passed < 1000 ? `${passed.toFixed(0)} ms` : `${(passed / 1000).toFixed(1)} s`;
}

/** One button takes over from another, and with it the keyboard's focus. */
function exchange(from, to) {
  to.disabled = false;
  if (document.activeElement === from) to.focus();
  from.disabled = true;
}

function ending({ message, loading }) {
  const lost = "The variables of this page are gone: run the cells above again if this one needs them.";
  if (message === "stopped") return `Stopped. ${lost}`;
  return loading ? `Python could not be loaded (${message}). Run tries again.` : `Python broke down (${message}). ${lost}`;
}
