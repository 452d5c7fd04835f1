"""A figure comes alive in a real browser: on demand only, in place, in the page's colours, and after a page swap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import plotly
import pytest
from playwright.sync_api import Browser, Page, Route

from rnnsite.figures.palette import PALETTE
from rnnsite.figures.style import line, new_figure
from rnnsite.figures.table import Table
from rnnsite.web.chrome import Chrome
from rnnsite.web.drawing import Drawings
from rnnsite.web.drawn import Drawn

from .unbundled import BROWSER, POLICY, watched_page

pytestmark = pytest.mark.site

SITE = "http://figures.test/"
BUNDLE = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
ALIVE = ".rs-is-live .main-svg"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Figures</title>
<link rel="stylesheet" href="style.css"></head><body data-md-color-scheme="default" data-md-color-media="">
<main>{plot}</main><script type="module" src="main.js"></script></body></html>"""
MAIN = """import { mountFigures } from "./figures.js";
window.mount = () => mountFigures(document);
window.mount();"""


class Pencil(Chrome):
    """A grey box in place of a drawing: what the real one looks like is tested elsewhere."""

    def svg(self, figure: dict[str, Any]) -> str | None:
        return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0,0h9v9h-9z"/></svg>'


class Figures:
    STEM = "falling"

    @staticmethod
    def figure(arrays: Any) -> Any:
        figure = new_figure(x_title="step", y_title="loss", log_y=True)
        line(figure, arrays["x"], arrays["y"], "lstm", label="LSTM")
        return figure

    @staticmethod
    def alt(arrays: Any) -> str:
        return "The loss falls."

    @staticmethod
    def table(arrays: Any) -> Table:
        return Table(["x", "y"], list(zip(arrays["x"], arrays["y"], strict=True)))


def files(drawn: Drawn) -> dict[str, str]:
    """Everything the page may ask for: the module as it is written, with Plotly's own copy of its bundle."""
    module = (BROWSER / "figures.js").read_text(encoding="utf-8")
    colours = "".join(f"--rs-{name}:{light};" for name, (light, _) in PALETTE.items())
    return {
        "": PAGE.format(plot=drawn.plot_html("")),
        "main.js": MAIN,
        "figures.js": module.replace('"plotly.js-cartesian-dist-min"', '"./plotly.js"'),
        "plotly.js": BUNDLE.read_text(encoding="utf-8") + "\nexport default window.Plotly;",
        "style.css": f":root{{{colours}}}img{{max-width:100%;height:auto}}[data-md-color-scheme=slate]"
        "{background:#14181d}" + (BROWSER / "styles" / "plot.css").read_text(encoding="utf-8"),
        **dict(drawn.files()),
    }


KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml", "json": "application/json"}


@pytest.fixture(params=[800, 390], ids=["page", "phone"])
def width(request: pytest.FixtureRequest) -> int:
    value: int = request.param
    return value


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def page(browser: Browser, width: int, asked: list[str], tmp_path: Path) -> Iterator[Page]:
    arrays = {"x": np.arange(10), "y": 0.5 ** np.arange(10)}
    served = files(Drawings(tmp_path, Pencil()).draw("falling", arrays, Figures))

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(SITE)
        asked.append(name)
        kind = KINDS.get(name.rpartition(".")[2], "text/html")
        if name not in served:
            return route.fulfill(status=204)  # the favicon
        return route.fulfill(body=served[name], content_type=kind, headers={"Content-Security-Policy": POLICY})

    with watched_page(browser, viewport={"width": width, "height": 1000}) as page:
        page.route(f"{SITE}**", answer)
        page.goto(SITE)
        page.wait_for_selector("[data-mounted]")
        yield page


def test_on_demand_in_place_and_in_the_pages_colours(page: Page, width: int, asked: list[str]) -> None:
    page.wait_for_timeout(200)
    drawings = [name for name in asked if name.endswith(".svg")]
    assert drawings == [f"figures/falling/figure{'-phone' if width < 480 else ''}.svg"], "one of the four"
    assert "plotly.js" not in asked
    before = page.locator(".rs-stage").bounding_box()

    page.keyboard.press("Tab")
    page.wait_for_selector(ALIVE)
    assert page.locator(".rs-stage").bounding_box() == before
    assert page.locator(ALIVE).first.bounding_box() == pytest.approx(before, abs=1)
    assert f"figures/falling/figure{'-phone' if width < 480 else ''}.json" in asked
    assert page.evaluate("document.activeElement.textContent") == "Reset view"

    light, dark = PALETTE["lstm"]
    assert line_colour(page) == light
    page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
    until(page, lambda: line_colour(page) == dark)


def test_hover_and_tap_wake_it_too(page: Page, width: int) -> None:
    page.locator(".rs-stage").hover() if width > 480 else page.locator(".rs-stage").click()
    page.wait_for_selector(ALIVE)


def test_the_button_undoes_a_zoom(page: Page) -> None:
    page.locator(".rs-interact").click()
    page.wait_for_selector(ALIVE)
    shown = "document.querySelector('.rs-live')._fullLayout.xaxis.range"
    whole = page.evaluate(shown)
    page.evaluate("Plotly.relayout(document.querySelector('.rs-live'), { 'xaxis.range': [0, 1] })")
    assert page.evaluate(shown) == [0, 1]
    page.locator(".rs-interact").click()
    until(page, lambda: page.evaluate(shown) == whole)


def test_it_survives_a_page_swap(page: Page) -> None:
    """Instant navigation replaces the content and drops the <style> that Plotly put in the head."""
    page.locator(".rs-interact").click()
    page.wait_for_selector(ALIVE)
    page.evaluate(
        """async () => {
          const fresh = new DOMParser().parseFromString(await (await fetch("./")).text(), "text/html");
          document.head.querySelectorAll("style").forEach((style) => style.remove());
          document.querySelector("main").replaceWith(fresh.querySelector("main"));
          window.mount();
        }"""
    )
    page.locator(".rs-interact").click()
    page.wait_for_selector(ALIVE)
    assert page.evaluate(f"getComputedStyle(document.querySelector('{ALIVE}')).position") == "absolute"


def test_turning_the_phone_changes_the_layout(page: Page, width: int) -> None:
    page.locator(".rs-interact").click()
    page.wait_for_selector(ALIVE)
    page.set_viewport_size({"width": 800 if width < 480 else 390, "height": 700})
    layout = "document.querySelector('.rs-live').layout"
    until(page, lambda: page.evaluate(f"{layout}.template.layout.font.size") == (15 if width < 480 else 14))
    assert page.evaluate(f"{layout}.height === document.querySelector('.rs-stage').clientHeight")


def line_colour(page: Page) -> str:
    colour: str = page.evaluate("document.querySelector('.rs-live')._fullData[0].line.color")
    return colour


def until(page: Page, condition: Callable[[], bool]) -> None:
    """Playwright's own wait_for_function evaluates strings, which the page's policy forbids."""
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("not within 5 seconds")
