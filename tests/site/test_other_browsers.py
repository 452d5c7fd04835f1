"""What the site does, done once in Firefox: the other tests of the site run in a Chromium only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from .every_page import read_through
from .firefox import launched
from .live_pages import LONG, cell, run, until, wait, watch
from .serving import serve
from .test_figures import FIGURE, PLOTLY_STYLES, ask_for, there_and_back
from .test_figures import PAGE as FIGURES
from .test_live_cells import KEPT, STOP

pytestmark = pytest.mark.site
PAGES = ["", "gates/lstm/", "notebooks/from-torch/", "experiments/", "explorers/cliff/", "figures/random_products/"]
Opener = Callable[..., Page]
HALF_READ = re.compile(r"Incorrect number of children for <\w+/> tag")  # said of a formula of which half has arrived


@pytest.fixture(scope="module")
def firefox(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with launched(playwright, tmp_path_factory.mktemp("firefox")) as browser:
        yield browser


@pytest.fixture
def open_in_firefox(firefox: Browser, address: str) -> Iterator[Opener]:
    """`open_in_firefox(path, width=1280)`; what Firefox has to complain of fails the test."""
    faults: list[str] = []
    contexts = []

    def open_(path: str, width: int = 1280) -> Page:
        contexts.append(firefox.new_context(viewport={"width": width, "height": 900}))
        page = contexts[-1].new_page()
        watch(page, address, faults)
        page.goto(address + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not [fault for fault in faults if not HALF_READ.match(fault)], "\n".join(faults)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_cleanly_and_fits_a_phone(open_in_firefox: Opener, path: str) -> None:
    page = open_in_firefox(path, width=390)
    read_through(page)
    expect(page.locator(".rs-explorer:not([data-live])")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    broken = "[...document.images].filter((image) => image.complete && !image.naturalWidth).map((image) => image.src)"
    assert page.evaluate(broken) == []


def test_an_explorer_answers_to_the_keyboard_and_its_link_restores_it(open_in_firefox: Opener, address: str) -> None:
    page = open_in_firefox("")
    slider = page.locator(".rs-explorer[data-live] input[type=range]").first
    finding = page.locator(".rs-explorer .rs-x-finding").first
    before = finding.inner_text()
    slider.focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect(finding).not_to_have_text(before, use_inner_text=True)
    expect(slider).to_have_attribute("aria-valuetext", "1.02")
    expect(page).to_have_url(re.compile(r"[?&]gf\.rho=1\.02\b"))  # written once the keys have come to rest
    again = open_in_firefox(page.url.removeprefix(address))
    slider = again.locator(".rs-explorer[data-live] input[type=range]").first
    expect(slider).to_have_attribute("aria-valuetext", "1.02")
    again.locator(".rs-explorer").first.get_by_role("button", name="Reset").click()
    expect(again.locator(".rs-explorer .rs-x-finding").first).to_have_text(before, use_inner_text=True)


def test_figures_come_alive_follow_the_palette_and_survive_the_turn_of_a_page(open_in_firefox: Opener) -> None:
    page = open_in_firefox(FIGURES)
    ask_for(page)
    dressed = page.evaluate(PLOTLY_STYLES)
    assert "absolute" in dressed
    tick = page.locator(f"{FIGURE} .js-plotly-plot .xtick text").first
    light = tick.evaluate("tick => getComputedStyle(tick).fill")
    page.locator("label[for^=__palette]:visible").first.click()
    expect(tick).not_to_have_css("fill", light)
    page.locator("label[for^=__palette]:visible").first.click()
    expect(tick).to_have_css("fill", light)
    there_and_back(page)
    ask_for(page)
    assert page.evaluate(PLOTLY_STYLES) == dressed


def put(page: Page, code: str) -> None:
    """Type this code over that of the first cell: inserting it at once, as in Chromium, adds a line in Firefox."""
    place = cell(page, 1)
    if place.locator(".rs-cell-edit").is_visible():
        place.locator(".rs-cell-edit").click()
    place.locator(".cm-content").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(code)  # the editor indents


def result(page: Page, code: str) -> Locator:
    put(page, code)
    return run(page, 1)


def test_python_runs_fails_at_the_readers_line_and_is_stopped(open_in_firefox: Opener) -> None:
    page = open_in_firefox("gates/lstm/")
    output = result(page, "x = 20\nprint('x is', x)\nx + 1")
    expect(output.locator(".rs-cell-text:visible")).to_have_text(["x is 20", "21"])
    output = result(page, "def f(x): return 1 / x\nf(0)")
    expect(output.locator(".rs-cell-error")).to_contain_text("line 2: f(0)\nline 1, in f")
    expect(cell(page, 1).locator(".rs-cell-wrong")).to_have_text("def f(x): return 1 / x")
    expect(result(page, "x").locator(".rs-cell-text:visible")).to_have_text("20")
    put(page, "print('before')\nwhile True:\npass")
    cell(page, 1).locator(".rs-cell-run").click()
    output = cell(page, 1).locator(".rs-cell-output")
    expect(output.locator(".rs-cell-text").first).to_have_text("before", timeout=LONG)
    assert cell(page, 1).locator(".rs-cell-stop").evaluate(STOP) < 1000
    expect(output.locator(".rs-cell-says")).to_contain_text("The variables of this page are gone")
    figure = {"data": [{"y": [1, 3, 2]}], "layout": {"yaxis": {"title": "height"}}}
    expect(result(page, repr(figure)).locator(".main-svg").first).to_be_visible()
    cell(page, 1).locator(".rs-cell-reset").click()
    run(page, 1)
    expect(cell(page, 1).locator(".rs-cell-error")).to_have_count(0)


def test_a_page_that_was_read_runs_without_a_connection(firefox: Browser, site: Path) -> None:
    page = firefox.new_page()
    with serve(site) as address:
        page.goto(address + "gates/lstm/")
        run(page, 1)
        until(page, "(await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'")
        for part in ("pyodide-", "python_stdlib-", "live-worker-", "style-", "gates/lstm/"):
            until(page, f"(await ({KEPT})()).some((address) => address.includes({part!r}))")
    page.reload()
    cell(page, 1).locator(".rs-cell-run").click()
    expect(wait(page, 1).locator(".rs-cell-error, .rs-cell-says")).to_have_count(0)
    page.context.close()


def test_exercises_are_checked_and_pages_found(open_in_firefox: Opener) -> None:
    page = open_in_firefox(FIGURES)
    check = page.locator(".rs-check").first
    for typed, told in (("12", "Not yet."), ("14", "Yes: 14.")):
        check.get_by_role("textbox").fill(typed)
        check.get_by_role("textbox").press("Enter")
        expect(check.get_by_role("status")).to_contain_text(told)
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").press_sequentially("forget gate")
    expect(page.locator(".md-search-result__item").first).to_be_visible()
