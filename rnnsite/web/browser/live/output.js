// What a cell says: text, a table, a figure, or an error with its place.
import { html } from "../explorers/dom.js";

/** The output of one cell. @param {HTMLElement} cell under whose buttons it stands */
export function createOutput(cell) {
  const text = html("code");
  const pre = html("pre", { class: "rs-cell-text", hidden: true }, text);
  const value = html("div", { class: "rs-cell-value" });
  const spoken = html("p", { class: "rs-x-spoken", role: "status" });
  const root = html("div", { class: "rs-cell-output" }, pre, value, spoken);
  let plot, waiting = "", frame = 0;
  cell.append(root);

  const write = () => {
    frame = 0;
    pre.hidden = false;
    text.append(waiting);
    waiting = "";
    pre.scrollTop = pre.scrollHeight;
  };

  async function draw(figure) {
    try {
      plot = await (await import("./plot.js")).drawPlot(value, figure);
    } catch (error) {
      value.replaceChildren(html("p", { class: "rs-cell-says" }, `The figure could not be drawn: ${error.message}`));
    }
  }

  return {
    clear() {
      cancelAnimationFrame(frame);
      [frame, waiting] = [0, ""];
      plot?.destroy();
      plot = undefined;
      text.textContent = "";
      pre.hidden = true;
      value.replaceChildren();
      spoken.textContent = "";
    },

    print(more) {
      waiting += more;
      frame ||= requestAnimationFrame(write);
    },

    /** A sentence of ours: loading, stopped, broken. */
    say(sentence) {
      value.replaceChildren(html("p", { class: "rs-cell-says" }, sentence));
      spoken.textContent = sentence;
    },

    async show(result) {
      if (frame) {
        cancelAnimationFrame(frame);
        write();
      }
      if (result.kind === "text") value.replaceChildren(html("pre", { class: "rs-cell-text" }, html("code", {}, result.text)));
      if (result.kind === "table") value.replaceChildren(table(result));
      if (result.kind === "error") value.replaceChildren(...fault(result));
      if (result.kind === "figure") await draw(result.figure);
      const what = { table: "a table", figure: "a figure", nothing: "", text: result.text };
      spoken.textContent = result.kind === "error" ? `Error: ${result.text}` : ["Done", text.textContent, what[result.kind]].filter(Boolean).join(": ").slice(0, 300);
    },
  };
}

function table({ columns, rows, more }) {
  const head = html("tr", {}, ...columns.map((name) => html("th", { scope: "col" }, name)));
  const body = rows.map((row) => html("tr", {}, ...row.map((cell) => html("td", {}, cell))));
  const scroll = html("div", { class: "rs-table-scroll", tabindex: "0", role: "group", "aria-label": "Table" },
    html("table", {}, html("thead", {}, head), html("tbody", {}, ...body)));
  return more ? html("div", {}, scroll, html("p", { class: "rs-cell-more" }, `${more} more rows`)) : scroll;
}

function fault({ text, help }) {
  const error = html("pre", { class: "rs-cell-text rs-cell-error" }, html("code", {}, text));
  return help ? [error, html("p", { class: "rs-cell-says" }, help)] : [error];
}
