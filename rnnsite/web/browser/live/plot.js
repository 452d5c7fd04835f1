// A figure made from plain data by a cell, drawn in the site's look by the Plotly that figures of the page use.
import style from "generated/plot_style.json";
import { watchPalette } from "../explorers/colours.js";
import { html } from "../explorers/dom.js";

const HEIGHT = 320;

/** @param {HTMLElement} place @param {{data: object[], layout: object}} figure */
export async function drawPlot(place, figure) {
  // the titles are text of the page, which wraps on a phone; that of the y axis stands level, where it is read first
  const [title, above] = [figure.layout.title, figure.layout.yaxis?.title].map(words);
  const head = html("p", { class: "rs-cell-plot-head" }, title && html("strong", {}, title), above && html("span", {}, above));
  const plot = html("div", { class: "rs-cell-plot", role: "img", "aria-label": title || above || "Figure" });
  place.replaceChildren(...(title || above ? [head] : []), plot);
  const { CONFIG, isDark, loadPlotly } = await import("../figures.js");
  const plotly = await loadPlotly();
  if (!plot.isConnected) return undefined;
  await plotly.newPlot(plot, ...painted(figure, plot.clientWidth, isDark()), CONFIG);
  const repaint = () => plot.isConnected && plotly.react(plot, ...painted(figure, plot.clientWidth, isDark()), CONFIG);
  const resized = new ResizeObserver(() => plot.clientWidth && plot.clientWidth !== plot.layout?.width && repaint());
  resized.observe(plot);
  const unwatch = watchPalette(repaint);
  return {
    destroy() {
      resized.disconnect();
      unwatch();
      plotly.purge(plot);
    },
  };
}

/** [data, layout] in the page's colours: names of the palette and its light hex values become those of the scheme. */
function painted({ data, layout }, width, dark) {
  const named = (value, key) => {
    if (Array.isArray(value)) return value.map((item) => named(item, key));
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, named(item, name)]));
    if (typeof value !== "string") return value;
    const light = (/color$/.test(key) && style.names[value]) || value;
    return dark ? light.replace(/#[0-9a-f]{6}/gi, (hex) => style.dark[hex.toLowerCase()] ?? hex) : light;
  };
  const narrow = width < 480;
  const wide = {
    height: HEIGHT,
    margin: { l: 58, r: 18, t: 12, b: 54, pad: 2 },
    showlegend: data.length > 1,
    legend: { orientation: "h", x: 0, y: 1.01, yanchor: "bottom", itemwidth: 30 },
    ...layout,
    title: { text: "" },
    xaxis: axis(layout.xaxis, words(layout.xaxis?.title)),
    yaxis: axis(layout.yaxis, ""),
  };
  const template = { layout: { ...style.template.layout, font: { ...style.template.layout.font, ...(narrow && { size: 13 }) } } };
  const dragmode = matchMedia("(hover: hover)").matches ? "zoom" : false;
  return [named(data), named({ ...wide, template, width, dragmode })];
}

const words = (title) => String(title?.text ?? title ?? "").replaceAll(/<[^>]*>/g, " ");

/** An axis with its title as Plotly takes it; Plotly enlarges the ticks of log axes by a quarter. */
function axis(given, title) {
  return { ...(given?.type === "log" && { tickfont: { size: 11 }, dtick: 1 }), ...given, title: { text: title } };
}
