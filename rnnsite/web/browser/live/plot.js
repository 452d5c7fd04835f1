// A figure made from plain data by a cell, drawn in the site's look by the Plotly that figures of the page use.
import style from "generated/plot_style.json";
import { watchPalette } from "../explorers/colours.js";
import { html } from "../explorers/dom.js";

const HEIGHT = 320;

/** @param {HTMLElement} place @param {{data: object[], layout: object}} figure */
export async function drawPlot(place, figure) {
  const label = figure.layout.title?.text ?? figure.layout.title ?? "Figure";
  const plot = html("div", { class: "rs-cell-plot", role: "img", "aria-label": String(label) });
  place.replaceChildren(plot);
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
  const title = words(layout.title), above = words(layout.yaxis?.title); // the y title stands level, over its axis
  const legend = data.length > 1 && layout.showlegend !== false;
  const margin = { l: 58, r: 18, t: 14 + 22 * (Boolean(title) + Boolean(above) + legend), b: 54, pad: 2 };
  const note = { text: above, xref: "paper", yref: "paper", x: 0, y: 1, xanchor: "left", yanchor: "bottom", yshift: legend ? 30 : 8, showarrow: false };
  const wide = {
    height: HEIGHT,
    margin,
    showlegend: legend,
    legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom", yref: "paper", itemwidth: 30 },
    ...layout,
    ...(title && { title: { text: title, x: 0, xref: "paper", y: 0.98, yanchor: "top" } }),
    ...(above && { annotations: [...(layout.annotations ?? []), note] }),
    xaxis: axis(layout.xaxis, words(layout.xaxis?.title)),
    yaxis: axis(layout.yaxis, ""),
  };
  const template = { layout: { ...style.template.layout, font: { ...style.template.layout.font, ...(narrow && { size: 13 }) } } };
  const dragmode = matchMedia("(hover: hover)").matches ? "zoom" : false;
  return [named(data), named({ ...wide, template, width, dragmode })];
}

const words = (title) => title?.text ?? title ?? "";

/** An axis with its title as Plotly takes it; Plotly enlarges the ticks of log axes by a quarter. */
function axis(given, title) {
  return { ...(given?.type === "log" && { tickfont: { size: 11 }, dtick: 1 }), ...given, title: { text: title } };
}
