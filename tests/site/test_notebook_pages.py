"""Notebooks of the built site: clean, small, drawn, and there to take away."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

from rnnsite.web import notebooks

from .every_page import read_through
from .test_pages import AXE

pytestmark = pytest.mark.site
NAMES = sorted(notebooks.find(Path(__file__).parents[2]))
LARGEST = 40_000  # bytes of a page, gzipped


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_loads_cleanly_and_axe_finds_nothing(
    open_page: Callable[..., Page], axe: str, name: str, scheme: str
) -> None:
    page = open_page(f"notebooks/{name}/", color_scheme=scheme)
    read_through(page)
    page.wait_for_load_state("networkidle")
    page.evaluate(axe)
    found: list[str] = page.evaluate(AXE)
    assert not found, "\n".join(found)
    assert page.locator(".rs-output, .rs-plot").count() >= 2
    assert page.locator(".katex-error, script[type='math/tex']").count() == 0
    assert "\\(" not in page.locator("article").inner_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_never_scrolls_sideways(open_page: Callable[..., Page], name: str) -> None:
    page = open_page(f"notebooks/{name}/", viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    read_through(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_small_and_inlines_nothing(site: Path, name: str) -> None:
    written = (site / "notebooks" / name / "index.html").read_bytes()
    assert len(gzip.compress(written)) <= LARGEST
    body = written.decode().partition("<article")[2].partition("</article>")[0]
    assert "<style" not in body
    assert "<script" not in body


def test_the_gallery_leads_to_each_and_each_can_be_downloaded(open_page: Callable[..., Page], tmp_path: Path) -> None:
    page = open_page("notebooks/")
    links = page.locator(".rs-gallery a")
    assert links.count() == len(NAMES)
    links.first.click()
    link = page.locator("a[download]").first
    expect(link).to_be_visible()
    with page.expect_download() as coming:
        link.click()
    place = tmp_path / coming.value.suggested_filename
    coming.value.save_as(place)
    assert place.suffix == ".ipynb"
    nbformat.validate(nbformat.read(place, as_version=4))


def test_a_notebooks_figure_comes_alive(open_page: Callable[..., Page]) -> None:
    page = open_page("notebooks/gradient-flow/")
    plot = page.locator(".rs-plot").first
    plot.scroll_into_view_if_needed()
    plot.hover()
    plot.locator(".rs-interact").click()
    expect(plot.locator(".main-svg").first).to_be_visible()


def test_a_figure_leads_to_the_notebook_that_treats_it_and_back(open_page: Callable[..., Page]) -> None:
    page = open_page("gradients/jacobian-products/", turns_pages=True)
    page.locator("#fig-gradient_by_distance .rs-stamp").get_by_role("link", name="Gradient flow").click()
    expect(page.locator("h1")).to_contain_text("Gradient flow")
    page.locator("article a[href$='#fig-gradient_by_distance']").click()
    expect(page.locator("#fig-gradient_by_distance")).to_be_in_viewport()
