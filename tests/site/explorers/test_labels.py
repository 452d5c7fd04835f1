"""What is written in an explorer can be read at the ends of its controls, and nothing moves on the way there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from ..unbundled import watched_page

pytestmark = pytest.mark.site

ALL_STEPS = ".".join(map(str, range(1, 41)))
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "leaky-memory": [
        {},
        {"pulses": "4.18"},
        {"alpha": 0},
        {"alpha": 0, "w": 2, "pulses": "4.18"},
        {"alpha": 0, "w": 0},
        {"alpha": 0.99, "w": 2, "pulses": "4.18"},
        {"alpha": 0.99, "w": 2, "pulses": ""},
        {"alpha": 0.9, "w": 1, "pulses": "1.2"},
        {"alpha": 0.9, "w": 1, "pulses": "39.40"},
        {"alpha": 0.9, "w": 1, "pulses": ALL_STEPS},
    ],
    "echo-state": [
        {},
        {"rho": 0, "back": 0},
        {"rho": 3, "units": 10, "back": 30},
        {"rho": 3, "input": 10},
        {"leak": 0.95, "input": 0.01},
        {"rho": 1.2, "input": 0.01, "units": 100, "back": 30},
    ],
    "clip-threshold": [
        {},
        {"clip": False},
        {"threshold": 0.01, "rate": 0.01},
        {"threshold": 100, "rate": 0.5},
    ],
}

MOUNT = """async ([name, settings, width]) => {
  const { mount } = await import(`/browser/explorers/${name}.js`);
  for (const href of ["/browser/explorers/explorers.css", "/explorers-page.css"]) {
    const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    document.head.append(sheet);
    await new Promise((done) => { sheet.onload = done; });
  }
  document.body.replaceChildren(...settings.map((options, k) => {
    const element = Object.assign(document.createElement("div"), { className: "rs-explorer", id: `e${k}` });
    element.style.width = `${width}px`;
    return element;
  }));
  settings.forEach((options, k) => mount(document.querySelector(`#e${k}`), { prefix: `e${k}`, ...options }));
}"""

FAULTS = """() => [...document.querySelectorAll(".rs-x-plot")].flatMap((plot) => {
  const onScreen = (text) => {
    const [box, to] = [text.getBBox(), text.getScreenCTM()];
    const [left, top] = [box.x + to.e, box.y + to.f];
    return { left, right: left + box.width, top: top + 3, bottom: top + box.height - 3 };
  };
  const faults = [];
  const fault = (what, ...texts) =>
    faults.push(`${plot.closest(".rs-explorer").id} ${what}: ${texts.map((text) => text.textContent).join(" / ")}`);
  const frame = plot.getBoundingClientRect();
  const texts = [...plot.querySelectorAll("text")];
  const boxes = texts.map(onScreen);
  texts.forEach((text, i) => {
    const { left, right, top, bottom } = boxes[i];
    const inside = left > frame.left - 2 && right < frame.right + 2 && top > frame.top - 4 && bottom < frame.bottom + 2;
    if (!inside) fault("outside", text);
    boxes.slice(i + 1).forEach((box, k) => {
      const wide = Math.min(right, box.right) - Math.max(left, box.left);
      const high = Math.min(bottom, box.bottom) - Math.max(top, box.top);
      if (wide > 1 && high > 1) fault("two texts meet", text, texts[i + 1 + k]);
    });
    if (!text.classList.contains("rs-x-label")) return;
    // a line of one batch an update is faint, and everywhere; the label's own halo keeps it off
    for (const path of plot.querySelectorAll("path.rs-x-line:not(.rs-x-line--web, .rs-x-line--area)")) {
      const to = path.getScreenCTM();
      let under = 0;
      for (let s = 0; s < path.getTotalLength(); s += 3) {
        const at = path.getPointAtLength(s);
        const [x, y] = [at.x + to.e, at.y + to.f];
        if (x > left && x < right && y > top + 1 && y < bottom - 1) under += 3;
      }
      if (under > 6) fault(`a line runs ${under} px through`, text);
    }
  });
  return faults;
})"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with watched_page(browser, reduced_motion="reduce") as page:
        page.set_default_timeout(120_000)  # the trainings of one explorer, side by side, on a busy machine
        yield page


@pytest.mark.parametrize("width", [358, 640, 940])
@pytest.mark.parametrize("name", SETTINGS)
def test_labels_are_clear_of_lines_and_nothing_moves(page: Page, address: str, name: str, width: int) -> None:
    """358: a phone; 640: the figures beside the controls, as narrow as that gets; 940: a wide page."""
    page.goto(f"{address}blank.html")
    page.evaluate(MOUNT, [name, SETTINGS[name], width])
    page.wait_for_selector("body:not(:has([aria-busy=true]))")
    faults = page.evaluate(FAULTS)
    assert not faults, "\n".join(faults)
    heights = page.evaluate("[...document.querySelectorAll('.rs-x')].map((explorer) => explorer.offsetHeight)")
    assert max(heights) - min(heights) <= 2, dict(zip(map(str, SETTINGS[name]), heights, strict=True))


@pytest.mark.parametrize("name", SETTINGS)
def test_a_change_names_what_was_there_before(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}blank.html")
    page.evaluate(MOUNT, [name, [{}], 358])
    chips = page.locator(".rs-x-presets button").all()
    for chip in [*chips, *chips[::-1]]:
        chip.click()
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.wait_for_selector("body:not(:has([aria-busy=true]))")
        assert not (faults := page.evaluate(FAULTS)), f"{chip.inner_text()}: {faults}"
