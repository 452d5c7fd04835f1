"""Every page loads cleanly, in light and dark, on a desk and on a phone; axe and the layout have nothing to mend."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from rnnsite import catalogue

from .every_page import pages, read_through

pytestmark = pytest.mark.site
AXE = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
}"""
# What waits below a margin note that is longer than its paragraphs, and the white above it in px.
PUSHED = """() => [...document.querySelectorAll("article *")].flatMap((below) => {
  const { clear, float } = getComputedStyle(below);
  const beside = (other) => getComputedStyle(other).float !== "none" || !other.offsetHeight;
  let above = below.previousElementSibling;
  while (above && beside(above)) above = above.previousElementSibling;
  if (clear === "none" || float !== "none" || !above) return [];
  const white = below.getBoundingClientRect().top - above.getBoundingClientRect().bottom;
  return white > 60 ? [`${Math.round(white)} px above ${below.id || below.className}`] : [];
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", [*pages(), "experiments/random_products/", "figures/random_products/", "explorers/cliff/"]
)
def test_a_page_loads_cleanly_and_nothing_is_found(
    open_page: Callable[..., Page], axe: str, path: str, scheme: str
) -> None:
    page = open_page(path, color_scheme=scheme)
    read_through(page)
    page.wait_for_load_state("networkidle")
    page.evaluate(axe)
    found: list[str] = page.evaluate(AXE) + page.evaluate(PUSHED)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", pages())
def test_a_phone_never_scrolls_sideways(open_page: Callable[..., Page], path: str) -> None:
    page = open_page(path, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    read_through(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, f"{path} is {width} px wide"


def test_the_policy_stands_on_every_page(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert page.read_text(encoding="utf-8").count("Content-Security-Policy") == 1, page


def number(cell: str) -> float:
    """Of seconds as the table prints them: on a slow machine an experiment takes more than a thousand."""
    return float(cell.replace(",", ""))


def test_every_experiment_is_listed_under_its_chapter_with_the_chapters_seconds(open_page: Callable[..., Page]) -> None:
    page = open_page("experiments/")
    assert page.locator(".rs-all tbody tr:not(.rs-chapter)").count() == len(catalogue.stems())
    for chapter in page.locator(".rs-all tbody").all():
        rows = chapter.locator("tr:not(.rs-chapter)")
        trained = rows.filter(has_not=page.get_by_text("recorded"))
        assert 0 < trained.count() <= rows.count()
        seconds = [number(cell) for cell in trained.locator("td:nth-child(7)").all_text_contents()]
        assert abs(sum(seconds) - number(chapter.locator(".rs-chapter td").first.text_content() or "nan")) < 1


def test_the_policy_bites(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address + "bibliography/")
    blocked: Any = page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
        })"""
    )
    assert blocked == "script-src-elem"
    assert page.evaluate("window.ran") is None
    page.close()


def test_an_explorer_of_the_built_site_answers_to_the_keyboard(open_page: Callable[..., Page]) -> None:
    page = open_page("")
    explorer = page.locator(".rs-explorer[data-live]")
    slider = explorer.locator("input[type=range]").first
    slider.focus()
    before = explorer.inner_text()
    slider.press("ArrowRight")
    expect(explorer).not_to_have_text(before, use_inner_text=True)
    expect(page).to_have_url(re.compile(r"[?&]gf\."))
    shared = page.url.removeprefix(page.url.split("?")[0])
    again = open_page(shared)
    assert again.locator(".rs-explorer[data-live] input[type=range]").first.input_value() == slider.input_value()


def test_no_word_of_the_search_index_has_a_digit(site: Path) -> None:
    """Lunr may take it for a part of a node's number, and then it finds nothing, whatever one looks for."""
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    assert len(index["docs"]) > 100
    for doc in index["docs"]:
        words = re.split(index["config"]["separator"], doc["title"] + " " + doc["text"], flags=re.ASCII)
        assert not [word for word in words if re.search("[0-9]", word)], doc["location"]


@pytest.mark.parametrize("width", [390, 1000, 1280])
def test_what_a_search_finds_stays_inside_the_window_and_above_the_tabs(
    open_page: Callable[..., Page], width: int
) -> None:
    page = open_page("gates/lstm/", viewport={"width": width, "height": 900})
    page.locator(".md-search__input" if width > 960 else ".md-header__button[for=__search]").click()
    page.locator(".md-search__input").press_sequentially("forget gate")
    expect(page.locator(".md-search-result__item").first).to_be_visible()
    page.wait_for_timeout(400)  # the field grows
    box = page.locator(".md-search__form").bounding_box()
    assert box is not None
    assert box["width"] > 380
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    above = page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('.md-search__form') !== null", [
        box["x"] + 20, box["y"] + box["height"] / 2
    ])  # fmt: skip
    assert above
