// Figures come to life where they stand: the drawing stays until a reader hovers, focuses, taps or presses "Interact".
// Only then are Plotly (its cartesian bundle) and the figure's JSON fetched, once for the whole visit.

const PHONE = matchMedia("(max-width: 30em)"); // the breakpoint of the <picture> in rnnsite/web/drawn.py
const DWELL = 150; // ms a mouse must rest on a figure; passing over it loads nothing
const live = new Set();
let plotly;

/** Make every figure under `root` come alive on demand. Call again after each instant navigation. */
export function mountFigures(root = document) {
  for (const figure of live) if (!figure.host.isConnected) figure.leave();
  for (const host of root.querySelectorAll(".rs-plot:not([data-mounted])")) {
    host.dataset.mounted = "";
    new Figure(host);
  }
}

class Figure {
  constructor(host) {
    this.host = host;
    this.stage = host.querySelector(".rs-stage");
    this.button = host.querySelector(".rs-interact");
    this.button.addEventListener("click", () => (this.plot ? this.reset() : this.wake()));
    this.button.addEventListener("focus", () => this.button.matches(":focus-visible") && this.wake());
    // a table in place of a drawing is read and scrolled: only the button replaces it
    if (!this.stage.querySelector("picture")) return;
    this.stage.addEventListener("click", () => this.wake());
    let rest;
    this.stage.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse" && !navigator.connection?.saveData) rest = setTimeout(() => this.wake(), DWELL);
    });
    this.stage.addEventListener("pointerleave", () => clearTimeout(rest));
  }

  /** Load and draw; a second call waits for the first. After a failure the drawing stands and the button tries again. */
  wake() {
    this.waking ??= this.draw().catch((error) => {
      this.waking = undefined;
      this.say("Could not load; try again");
      if (!(error instanceof TypeError)) throw error; // TypeError: the network; anything else is a fault of ours
    });
    return this.waking;
  }

  async draw() {
    this.stage.setAttribute("aria-busy", "true");
    try {
      const [Plotly, form] = await Promise.all([loadPlotly(), this.form()]);
      if (!this.host.isConnected) return;
      const plot = document.createElement("div");
      plot.className = "rs-live";
      plot.setAttribute("role", "group");
      plot.setAttribute("aria-label", this.host.dataset.label);
      this.stage.dataset.live = ""; // a table gives way before the size is measured
      this.stage.append(plot);
      await Plotly.newPlot(plot, ...this.painted(form), CONFIG);
      this.stage.classList.add("rs-is-live"); // from here on the drawing below is invisible, and keeps the size
      this.plot = plot;
      live.add(this);
      this.observer = new ResizeObserver(() => this.resize());
      this.observer.observe(this.stage);
      this.say("Reset view");
    } finally {
      this.stage.removeAttribute("aria-busy");
    }
  }

  /** Plotly's form of the figure, for a phone or for a page. */
  async form() {
    this.phone = PHONE.matches;
    const answer = await fetch(`${this.host.dataset.src}${this.phone ? "-phone" : ""}.json`);
    if (!answer.ok) throw new TypeError(`${answer.status} for ${answer.url}`);
    return (this.current = await answer.text());
  }

  /** [data, layout] in the colours of the page and at the size of the stage. */
  painted(text) {
    let { data, layout } = JSON.parse(text);
    if (isDark()) {
      const dark = layout.meta.dark;
      ({ data, layout } = JSON.parse(text.replace(/#[0-9a-f]{6}/gi, (light) => dark[light.toLowerCase()] ?? light)));
    }
    const { clientWidth: width, clientHeight: height } = this.stage;
    const paper = getComputedStyle(document.body).backgroundColor; // hover labels are mixed with it
    const dragmode = matchMedia("(hover: hover)").matches ? "zoom" : false; // without a mouse, dragging scrolls the page
    return [data, { ...layout, width, height, dragmode, paper_bgcolor: paper, plot_bgcolor: paper }];
  }

  async repaint() {
    if (!this.host.isConnected) return this.leave();
    await plotly.react(this.plot, ...this.painted(this.current), CONFIG);
  }

  resize() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(async () => {
      if (!this.host.isConnected) return this.leave();
      if (PHONE.matches !== this.phone) {
        await this.form();
        return this.repaint();
      }
      const { clientWidth: width, clientHeight: height } = this.stage;
      const { width: drawnWidth, height: drawnHeight } = this.plot.layout;
      if (width && (width !== drawnWidth || height !== drawnHeight)) plotly.relayout(this.plot, { width, height });
    });
  }

  reset() {
    this.repaint();
  }

  leave() {
    this.observer.disconnect();
    plotly.purge(this.plot);
    live.delete(this);
  }

  say(text) {
    this.button.textContent = text;
  }
}

export const CONFIG = {
  responsive: false, // the ResizeObserver knows the stage, Plotly only the window
  displayModeBar: false, // drag to zoom, double click or the button to return: no more is needed
  displaylogo: false,
};

export function isDark() {
  const scheme = document.body.dataset.mdColorScheme;
  return scheme ? scheme === "slate" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Plotly, with its rules kept where instant navigation, which replaces the page's <style>s, cannot drop them. */
export async function loadPlotly() {
  if (plotly) return plotly;
  const { default: loaded } = await import("plotly.js-cartesian-dist-min");
  if (plotly) return plotly;
  const rules = [...(document.getElementById("plotly.js-style-global")?.sheet.cssRules ?? [])];
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules.map((rule) => rule.cssText).join("\n"));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return (plotly = loaded);
}

new MutationObserver(() => live.forEach((figure) => figure.repaint())).observe(document.body, {
  attributeFilter: ["data-md-color-scheme"],
});
