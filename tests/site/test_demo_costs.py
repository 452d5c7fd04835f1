"""What the built site says that its demos cost is what a browser finds."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from rnnsite.web import gzip_server
from rnnsite.web.costs import size
from rnnsite.web.measuring import KINDS

pytestmark = pytest.mark.site
UNIT = {"ms": 1, "s": 1000, "kB": 1e3, "MB": 1e6}


def amount(text: str) -> float:
    number, unit = re.match(r"([\d.]+) (ms|s|kB|MB)", text).groups()  # type: ignore[union-attr]
    return float(number) * UNIT[unit]


def table(page: Page) -> dict[str, list[str]]:
    rows = page.locator(".rs-listing.rs-costs tbody tr").all()
    return {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in rows}


def test_every_kind_of_demo_has_a_time_and_its_bytes(open_page: Callable[..., Page]) -> None:
    page = open_page("how-built/")
    rows = table(page)
    assert list(rows) == [kind.name for kind in KINDS], page.locator(".rs-costs").inner_text()
    for kind in KINDS:
        time, span, fetched, compressed = rows[kind.name]
        assert amount(time) > 0
        assert span == kind.span
        if kind.again:
            assert fetched == compressed == "nothing more"
        else:
            assert amount(fetched) > amount(compressed) > 50e3
    assert amount(rows["a live cell, after that"][0]) < amount(rows["a live cell, the first time"][0]) / 10
    assert re.search(r"Median of \d+ runs .* in (Headless)?Chrom", page.locator(".rs-costs").inner_text())


def test_the_bytes_are_those_that_a_browser_receives(
    open_page: Callable[..., Page], browser: Browser, site: Path
) -> None:
    said = table(open_page("how-built/"))["an explorer"][3]
    received: dict[str, int] = {}
    with gzip_server.serve(site) as server:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.on(
            "requestfinished",
            lambda request: received.setdefault(urlsplit(request.url).path, request.sizes()["responseBodySize"]),
        )
        page.goto(f"{server.address}gradients/jacobian-products/")
        page.locator(".rs-explorer").first.scroll_into_view_if_needed()
        page.locator(".rs-explorer[data-live] .rs-x-finding").wait_for()
        server.wait_for_rest(1)
        page.wait_for_load_state("networkidle")
        asked = list(server.asked)
        page.context.close()
    sizes = {address: len(gzip_server.packed(gzip_server.file_of(site, address).read_bytes())) for address in asked}
    told = {address: count for address, count in received.items() if count}  # of a worker's script it tells nothing
    assert len(told) > 10
    assert told == {address: sizes.get(address) for address in told}
    assert abs(sum(sizes.values()) - amount(said)) < 0.1 * amount(said), size(sum(sizes.values()))


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_the_table_is_read_without_scrolling_sideways(open_page: Callable[..., Page], scripts: bool) -> None:
    page = open_page("how-built/", viewport={"width": 390, "height": 844}, java_script_enabled=scripts)
    box = page.locator(".rs-costs .rs-table-scroll").bounding_box()
    cells = page.locator(".rs-costs tbody :is(th, td)")
    assert cells.count() == 5 * len(KINDS)
    for cell in cells.all():
        place = cell.bounding_box()
        assert place["x"] >= box["x"] - 1
        assert place["x"] + place["width"] <= box["x"] + box["width"] + 1, cell.inner_text()
