"""Every explorer has a page of its own, and the markup to embed it shows it elsewhere as it was set."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rnnsite.web.blocks import EXPLORERS

pytestmark = pytest.mark.site


class Frame(HTMLParser):
    """The attributes of the one element there is."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "iframe"
        self.given = dict(attrs)


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorers_own_page_is_live_and_leads_to_where_it_stands(
    open_page: Callable[..., Page], site: Path, name: str
) -> None:
    page = open_page(f"explorers/{name}/", viewport={"width": 640, "height": 900})
    expect(page.locator(".rs-explorer[data-live] .rs-x-finding")).not_to_be_empty()
    target = page.locator("h1 a").get_attribute("href") or ""
    assert f'data-explorer="{name}"' in (site / "x" / "y" / target / "index.html").resolve().read_text(encoding="utf-8")


def test_what_is_copied_embeds_the_explorer_as_it_is_set(open_page: Callable[..., Page], address: str) -> None:
    page = open_page("gradients/jacobian-products/", permissions=["clipboard-read", "clipboard-write"])
    explorer = page.locator(".rs-explorer[data-explorer=gradient-flow]").first
    explorer.scroll_into_view_if_needed()
    expect(explorer).to_have_attribute("data-live", "")
    rho = explorer.locator("[data-parameter=rho]")
    rho.focus()
    rho.press("ArrowRight")
    says = rho.get_attribute("aria-valuetext")
    explorer.get_by_role("button", name="Copy embed").click()
    expect(explorer.get_by_role("button", name="Embed copied")).to_be_visible()
    frame = Frame()
    frame.feed(page.evaluate("navigator.clipboard.readText()"))
    source = frame.given["src"] or ""
    assert source.startswith(f"{address}explorers/gradient-flow/?")
    assert re.fullmatch(r"\d+", frame.given["height"] or "")
    alone = open_page(source.removeprefix(address))
    expect(alone.locator("[data-parameter=rho]")).to_have_attribute("aria-valuetext", says or "")


def test_a_page_of_another_site_can_hold_it(open_page: Callable[..., Page]) -> None:
    page = open_page("404.html", bypass_csp=True)
    page.evaluate(
        "document.body.innerHTML = '<iframe src=\"explorers/leaky-memory/?lm.alpha=0.9\" width=600 height=700>'"
    )
    inside = page.frame_locator("iframe")
    expect(inside.locator(".rs-explorer[data-live] .rs-x-finding")).not_to_be_empty()
