"""Live Python cells in a real browser, under the site's policy: run, edit, stop, fail, survive, and do without a net.

One page with a running Python serves most tests, since a start takes seconds.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from rnnsite.web.csp import policy_for

from .live_pages import FIRST_PATH, LONG, SECOND_PATH, build_small_site, cell, follow, put, run, until, wait, watch
from .serving import Quiet, serve
from .test_pages import AXE

pytestmark = pytest.mark.site
PARTS = re.compile(r"/(editor|live-worker|pyodide|python_stdlib)-")
KEPT = """async () => {
  const stores = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  return (await Promise.all(stores.map((store) => store.keys()))).flat().map((request) => request.url);
}"""
STOP = """(button) => new Promise((done) => {
  const start = performance.now();
  const cell = button.closest(".rs-cell");
  new MutationObserver(() => cell.ariaBusy || done(performance.now() - start)).observe(cell, { attributes: true });
  button.click();
})"""


@pytest.fixture(scope="module")
def small_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def small_site(tmp_path_factory: pytest.TempPathFactory, small_port: int) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        return build_small_site(tmp_path_factory.mktemp("live"), small_port, patch)


@pytest.fixture(scope="module")
def small_address(small_site: Path, small_port: int) -> Iterator[str]:
    with serve(small_site, small_port) as address:
        yield address


@pytest.fixture(scope="module")
def faults() -> list[str]:
    return []


@pytest.fixture(scope="module")
def running(browser: Browser, small_address: str, faults: list[str]) -> Iterator[Page]:
    """The first page, its first cell run."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    watch(page, small_address, faults)
    page.goto(small_address + FIRST_PATH)
    run(page, 1)
    yield page
    page.context.close()


@pytest.fixture
def page(running: Page, small_address: str, faults: list[str]) -> Iterator[Page]:
    """That page as a reader finds it on coming back to it; its Python is still there."""
    faults.clear()
    running.evaluate("window.same = true")
    for name in (SECOND_PATH, FIRST_PATH):
        follow(running, small_address + name)
    yield running
    assert not faults, "\n".join(faults)


def test_nothing_is_loaded_before_a_reader_asks(browser: Browser, small_address: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(small_address + FIRST_PATH)
    expect(cell(page, 1)).to_have_attribute("aria-label", "Live Python, cell 1")
    expect(cell(page, 1).locator(".rs-cell-note")).to_have_text(re.compile(r"The first run loads Python, \d\.\d.MB"))
    cell(page, 1).hover()
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if PARTS.search(url)]
    cell(page, 1).locator(".highlight pre").click()
    expect(cell(page, 1).locator(".cm-content")).to_be_focused()
    assert {PARTS.search(url)[1] for url in asked if PARTS.search(url)} == {"editor"}  # type: ignore[index]
    page.close()


def test_text_a_value_and_variables_that_cells_share(page: Page) -> None:
    expect(run(page, 1).locator(".rs-cell-text:visible")).to_have_text("x is 2")
    expect(run(page, 2).locator(".rs-cell-text:visible")).to_have_text("3")
    expect(run(page, 2, "x = x * 10\nx").locator(".rs-cell-text:visible")).to_have_text("20")
    expect(
        run(page, 2, "import rnnsite.scratch\nrnnsite.scratch.half(x)").locator(".rs-cell-text:visible")
    ).to_have_text("10.0")


def test_a_table_and_a_figure(page: Page) -> None:
    output = run(page, 1, "[{'step': t, 'left': 0.9**t} for t in (1, 50)]")
    assert output.locator("th").all_text_contents() == ["step", "left"]
    assert output.locator("td").all_text_contents() == ["1", "0.9", "50", "0.0051538"]
    figure = {"data": [{"y": [1, 3, 2], "line": {"color": "accent"}}], "layout": {"yaxis": {"title": "height"}}}
    output = run(page, 2, repr(figure))
    expect(output.locator(".main-svg").first).to_be_visible()
    expect(output.locator(".rs-cell-plot-head")).to_have_text("height")
    colour = "document.querySelector('.rs-cell-plot')._fullData[0].line.color"
    assert page.evaluate(colour) == "#8a3134"
    page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
    expect(output.locator(".lines path")).to_have_css("stroke", "rgb(224, 134, 120)")
    page.evaluate("document.body.dataset.mdColorScheme = 'default'")


def test_an_error_marks_the_readers_line(page: Page) -> None:
    output = run(page, 1, "def f(x):\n    return 1 / x\n\nf(0)")
    expect(output.locator(".rs-cell-error")).to_have_text(
        "line 4: f(0)\nline 2, in f: return 1 / x\nZeroDivisionError: division by zero"
    )
    expect(cell(page, 1).locator(".rs-cell-wrong")).to_have_text("    return 1 / x")
    put(page, 1, "f(1)")
    expect(cell(page, 1).locator(".rs-cell-wrong")).to_have_count(0)


def test_a_name_from_a_cell_that_was_not_run(page: Page) -> None:
    output = run(page, 2)
    expect(output.locator(".rs-cell-says")).to_have_text("Cell 1 gives x its value: run that one first.")
    expect(cell(page, 2).locator(".rs-cell-wrong")).to_have_text("x + 1")  # the editor opens to show it


def test_an_endless_loop_is_stopped_in_under_a_second_and_python_is_there_again(page: Page) -> None:
    put(page, 1, "print('before')\nwhile True:\n    pass")
    cell(page, 1).locator(".rs-cell-run").click()
    output = cell(page, 1).locator(".rs-cell-output")
    expect(output.locator(".rs-cell-text").first).to_have_text("before", timeout=LONG)  # text comes while it runs
    assert cell(page, 1).locator(".rs-cell-stop").evaluate(STOP) < 1000
    expect(output.locator(".rs-cell-says")).to_contain_text("The variables of this page are gone")
    expect(run(page, 1, "1 + 1").locator(".rs-cell-text:visible")).to_have_text("2")


def test_a_flood_of_text_is_cut_and_can_be_stopped(page: Page) -> None:
    put(page, 1, "while True:\n    print('again and again')")
    cell(page, 1).locator(".rs-cell-run").click()
    text = cell(page, 1).locator(".rs-cell-text").first
    expect(text).to_contain_text("no more than 100000 characters", timeout=LONG)
    assert cell(page, 1).locator(".rs-cell-stop").evaluate(STOP) < 1000
    assert len(text.text_content() or "") < 101_000


def test_a_memory_hog_is_an_error_in_its_line_and_all_else_stays(page: Page) -> None:
    run(page, 1, "kept = 7")
    output = run(page, 2, "hog = []\nwhile True:\n    hog.append('a' * 2**20)")
    expect(output.locator(".rs-cell-error")).to_contain_text("line 3: hog.append('a' * 2**20)\nMemoryError")
    expect(output.locator(".rs-cell-says")).to_contain_text("512 MB")
    expect(run(page, 2, "del hog\nkept").locator(".rs-cell-text:visible")).to_have_text("7")


def test_when_python_itself_ends_the_page_goes_on(page: Page) -> None:
    output = run(page, 1, "import os\nos._exit(3)")
    expect(output.locator(".rs-cell-says")).to_contain_text("Python broke down")
    expect(run(page, 1, "1 + 1").locator(".rs-cell-text:visible")).to_have_text("2")


def test_a_cell_waits_for_another_and_a_stop_ends_both(page: Page) -> None:
    put(page, 1, "while True:\n    pass")
    cell(page, 1).locator(".rs-cell-run").click()
    cell(page, 2).locator(".rs-cell-run").click()
    cell(page, 2).locator(".rs-cell-stop").click()
    for number in (1, 2):
        expect(wait(page, number).locator(".rs-cell-says")).to_contain_text("Stopped.")


def test_reset_puts_back_the_code_and_takes_the_output_away(page: Page) -> None:
    reset = cell(page, 1).locator(".rs-cell-reset")
    expect(reset).to_be_disabled()
    run(page, 1, "1 / 0")
    reset.click()
    expect(cell(page, 1).locator(".cm-content")).to_have_text(re.compile(r"x = 2.*print", re.DOTALL))
    expect(cell(page, 1).locator(".rs-cell-wrong")).to_have_count(0)
    expect(cell(page, 1).locator(".rs-cell-output")).to_have_text("")
    expect(reset).to_be_disabled()


def test_another_page_has_its_own_variables_and_python_need_not_be_loaded_again(page: Page, small_address: str) -> None:
    run(page, 1)
    put(page, 2, "while True:\n    pass")  # what still runs when the reader leaves is ended
    cell(page, 2).locator(".rs-cell-run").click()
    expect(cell(page, 2).locator(".rs-cell-note")).to_have_text("Running…")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="The second page").click()
    expect(page.locator("h1")).to_contain_text("Second")
    expect(cell(page, 1).locator(".rs-cell-note")).to_have_text("")  # nothing is to be loaded any more
    expect(run(page, 1).locator(".rs-cell-error")).to_contain_text("NameError")
    expect(run(page, 1, "x = 5\nx").locator(".rs-cell-text:visible")).to_have_text("5")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("First")
    expect(run(page, 2).locator(".rs-cell-error")).to_contain_text("NameError")
    expect(run(page, 1).locator(".rs-cell-text:visible")).to_have_text("x is 2")
    put(page, 1, "7")
    assert page.evaluate("getComputedStyle(document.querySelector('.cm-content')).whiteSpace") == "pre", (
        "editor's rules"
    )
    assert page.evaluate("window.same"), "the document was never left"
    assert not [url for url in asked if re.search(r"/(pyodide|python_stdlib)-", url)]


def test_by_keyboard_alone(page: Page) -> None:
    cell(page, 1).locator(".rs-cell-run").focus()
    page.keyboard.press("Enter")
    expect(wait(page, 1).locator(".rs-cell-text:visible")).to_have_text("x is 2")
    expect(cell(page, 1).locator(".rs-cell-run")).to_be_focused()  # it went to Stop and came back
    page.keyboard.press("Tab")
    expect(cell(page, 1).locator(".rs-cell-edit")).to_be_focused()
    page.keyboard.press("Enter")
    code = cell(page, 1).locator(".cm-content")
    expect(code).to_be_focused()
    hint = page.locator(f"#{code.get_attribute('aria-describedby')}")
    expect(hint).to_have_text("Shift-Enter runs the cell. Esc, then Tab, leaves the editor.")
    page.keyboard.press("Control+a")
    page.keyboard.type("for i in range(2):\nprint(i)")  # the editor indents
    page.keyboard.press("Shift+Enter")
    expect(wait(page, 1).locator(".rs-cell-text:visible")).to_have_text("0\n1\n")
    page.keyboard.press("Tab")
    expect(code).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(cell(page, 1).locator(".rs-cell-run")).to_be_focused()


def test_on_a_phone(page: Page, browser: Browser, small_address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    run(page, 1, "print('long ' * 100)\n[{f'a long name {i}': i for i in range(20)}]  # " + "wide " * 30)
    run(page, 2, "{'data': [{'y': [1, 2]}], 'layout': {}}")
    expect(cell(page, 2).locator(".main-svg").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 900})

    touched = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True).new_page()
    touched.goto(small_address + FIRST_PATH)
    expect(cell(touched, 1)).to_have_attribute("aria-label", "Live Python, cell 1")
    cell(touched, 1).locator(".highlight pre").tap()
    expect(cell(touched, 1).locator(".cm-content")).to_be_focused()
    assert min(button.bounding_box()["height"] for button in cell(touched, 1).locator("button:visible").all()) >= 40
    assert touched.evaluate("document.documentElement.scrollWidth") <= 390
    touched.context.close()


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_axe_finds_nothing_in_what_cells_show(page: Page, axe: str, scheme: str) -> None:
    page.evaluate(f"document.body.dataset.mdColorScheme = '{scheme}'")
    page.evaluate(axe)
    for code in ("# a comment\n[{'a': 1.5, 'b': 'text'}]", "1 / 0", "{'data': [{'y': [1, 2]}], 'layout': {}}"):
        run(page, 2, code)
        found: list[str] = page.evaluate(AXE)
        assert not found, "\n".join(found)


def test_without_javascript_it_is_code_like_any_other(browser: Browser, small_address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(small_address + FIRST_PATH)
    expect(cell(page, 1).locator(".highlight pre")).to_contain_text("x = 2")
    expect(page.locator(".rs-cell button:visible")).to_have_count(0)
    page.context.close()


class Strict(Quiet):
    """A server that sends the policy with every file, so that the worker is under it too."""

    def end_headers(self) -> None:
        policy = policy_for([]).replace("'wasm-unsafe-eval'", "'wasm-unsafe-eval' 'unsafe-inline'")
        self.send_header("Content-Security-Policy", policy)
        super().end_headers()


def test_a_connection_that_fails_and_one_that_is_not_needed_any_more(browser: Browser, small_site: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    faults: list[str] = []
    with serve(small_site, handler=Strict) as address:
        watch(page, address, faults)
        page.goto(address + FIRST_PATH)
        page.route("**/pyodide-*", lambda route: route.abort())
        expect(run(page, 1).locator(".rs-cell-says")).to_contain_text("Python could not be loaded")
        page.unroute("**/pyodide-*")
        faults.clear()
        run(page, 1)
        until(page, "(await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'")
        for part in ("pyodide-", "python_stdlib-", "live-worker-", "style-", FIRST_PATH):
            until(page, f"(await ({KEPT})()).some((address) => address.includes({part!r}))")
    page.reload()
    expect(run(page, 1).locator(".rs-cell-text:visible")).to_have_text("x is 2")
    context.close()
