"""Figures stand still first, come alive on touch, and survive instant navigation and the palette switch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.site
PAGE = "gradients/repeated-multiplication/"
FIGURE = "#fig-random_products"
PLOTLY_STYLES = f"""() => [...document.querySelectorAll("{FIGURE} .js-plotly-plot *")].map((element) => {{
  const {{ position, pointerEvents, overflow }} = getComputedStyle(element);
  return [position, pointerEvents, overflow].join(" ");
}}).join("; ")"""


def ask_for(page: Page, figure: str = FIGURE) -> None:
    page.locator(f"{figure} .rs-plot").scroll_into_view_if_needed()
    button = page.locator(f"{figure} .rs-interact")
    expect(button).to_be_visible()  # shown once the figure listens; a key pressed before that is lost
    button.press("Enter")
    page.wait_for_selector(f"{figure} .js-plotly-plot .scatterlayer path")


def follow(page: Page, link: str, title: str) -> None:
    """Click a link of the menu and wait for the page: instant navigation changes the address before the content."""
    page.locator(f".md-nav a[href*='{link}']").first.evaluate("link => link.click()")
    expect(page.locator("h1")).to_contain_text(title)


def there_and_back(page: Page) -> None:
    """To another page and back, without leaving the document.

    On a busy machine the theme may load a page anew, which would test nothing: then once more.
    """
    for _ in range(4):
        page.wait_for_load_state("networkidle")
        page.evaluate("window.stayed = true")
        follow(page, "bibliography", "Bibliography")
        follow(page, "repeated-multiplication", "Repeated multiplication")
        if page.evaluate("window.stayed === true"):
            return
    pytest.fail("every page was loaded anew: instant navigation is off, so nothing was tested")


def test_the_drawing_stands_first_and_costs_no_plotly(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator(FIGURE).scroll_into_view_if_needed()
    drawing = page.locator(f"{FIGURE} img:visible")
    expect(drawing).to_have_count(1)
    expect(drawing).to_have_js_property("complete", True)
    assert drawing.evaluate("img => img.naturalWidth") > 0
    assert not [url for url in asked if "plotly" in url or url.endswith(".json")]
    assert len(drawing.get_attribute("alt") or "") > 40


def test_a_figure_comes_alive_by_keyboard(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE)
    ask_for(page)
    assert page.locator(f"{FIGURE} .js-plotly-plot .scatterlayer .trace").count() >= 4


def test_it_comes_alive_again_after_instant_navigation(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE)
    ask_for(page)
    dressed = page.evaluate(PLOTLY_STYLES)
    assert "absolute" in dressed
    there_and_back(page)
    expect(page.locator(f"{FIGURE} .js-plotly-plot")).to_have_count(0)  # a new figure, not the one left behind
    ask_for(page)
    assert page.evaluate(PLOTLY_STYLES) == dressed, "plotly's own style sheet did not survive"


def test_it_follows_the_palette(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE, color_scheme="light")
    ask_for(page)
    colour = f"getComputedStyle(document.querySelector('{FIGURE} .js-plotly-plot .xtick text')).fill"
    light = page.evaluate(colour)
    page.locator("label[for^=__palette]:visible").first.click()
    expect(page.locator(f"{FIGURE} .js-plotly-plot .xtick text").first).not_to_have_css("fill", light)
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"


def test_the_dark_drawing_is_shown_in_the_dark_only(open_page: Callable[..., Page]) -> None:
    for scheme in ("light", "dark"):
        page = open_page(PAGE, color_scheme=scheme)
        page.locator(FIGURE).scroll_into_view_if_needed()
        expect(page.locator(f"{FIGURE} .rs-{scheme} img")).to_be_visible()
        other = "dark" if scheme == "light" else "light"
        expect(page.locator(f"{FIGURE} .rs-{other} img")).to_be_hidden()


def test_the_data_is_there_to_read_and_to_take(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE)
    page.locator(f"{FIGURE} .rs-data summary").click()
    expect(page.locator(f"{FIGURE} .rs-data table")).to_be_visible()
    assert page.locator(f"{FIGURE} .rs-data tbody tr").count() > 10
    for link in page.locator(f"{FIGURE} .rs-downloads a[download]").all():
        answer = page.request.get(page.evaluate("a => a.href", link.element_handle()))
        assert answer.ok
        assert len(answer.body()) > 200
