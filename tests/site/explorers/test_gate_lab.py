"""The gate lab in a real browser: what its four deeds come to, and drawing by keys, mouse and finger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from ..unbundled import finding, open_explorer, watched_page

pytestmark = pytest.mark.site

LEFT, RIGHT = 110, 14  # px beside the bars of a row
STEPS = 16


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with watched_page(browser, has_touch=True) as page:
        yield page


def row(page: Page, name: str) -> Locator:
    return page.locator("#gates").get_by_role("slider", name=name)


def place(row: Locator, step: int, up: float) -> tuple[float, float]:
    """Where a step of a row stands on the screen, and a share of its height."""
    box = row.bounding_box()
    assert box
    column = (box["width"] - LEFT - RIGHT) / STEPS
    return box["x"] + LEFT + (step - 0.5) * column, box["y"] + 9 + (1 - up) * (box["height"] - 18)


def press(page: Page, name: str) -> str:
    page.locator("#gates").get_by_role("button", name=name, exact=True).click()
    return finding(page, "gates")


@pytest.mark.parametrize(
    ("preset", "holds", "gradient"),
    [
        ("Remember", "0.80", "step 3, the first that writes, comes all"),
        ("Add up", "3.00", "step 3, the first that writes, comes all"),
        ("Erase", "0.00", "step 3, the first that writes, comes nothing"),
        ("Overwrite", "−0.70", "step 3, the first that writes, comes nothing"),
        ("Half open", "0.15", "step 1, the first that writes, comes 0.0031\N{NO-BREAK SPACE}%"),  # 2⁻¹⁵
    ],
)
def test_what_each_setting_comes_to(page: Page, address: str, preset: str, holds: str, gradient: str) -> None:
    open_explorer(page, address, "gates")
    sentence = press(page, preset)
    assert f"holds {holds}" in sentence
    assert gradient in sentence


def test_a_deed_is_done_at_the_step_that_the_keys_are_on(page: Page, address: str) -> None:
    open_explorer(page, address, "gates")
    row(page, "forget gate").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")  # from 3 to 7
    finding(page, "gates")
    assert "Step 7: remember" in page.locator("#gates .rs-x-readout").inner_text()
    sentence = press(page, "overwrite f = 0, i = 1")
    assert "holds 0.20" in sentence, "the candidate of step 7 is 0.2"
    assert "Step 7: overwrite" in page.locator("#gates .rs-x-readout").inner_text()
    assert page.locator("#gates [aria-pressed=true]").inner_text().startswith("overwrite")
    page.wait_for_timeout(350)
    assert page.url.partition("?")[2] == "gl.f=aaaaaa0aaaaaaaaa&gl.i=00a000a000000000"


def test_keys_move_the_step_and_the_value_and_stop_at_the_ends(page: Page, address: str) -> None:
    open_explorer(page, address, "gates")
    candidate = row(page, "candidate")
    candidate.focus()
    for key, told in [
        ("ArrowUp", "0.9 at step 3"),
        ("ArrowDown", "0.8 at step 3"),
        ("Home", "−1.0 at step 3"),
        ("ArrowDown", "−1.0 at step 3"),
        ("PageUp", "−0.5 at step 3"),
        ("End", "1.0 at step 3"),
        ("ArrowLeft", "−0.6 at step 2"),
        ("ArrowLeft", "0.3 at step 1"),
        ("ArrowLeft", "0.3 at step 1"),
    ]:
        page.keyboard.press(key)
        finding(page, "gates")
        assert candidate.get_attribute("aria-valuetext") == told, key
    assert "holds 1.00" in finding(page, "gates")
    candidate.evaluate(  # more than one within a frame
        "(row) => { for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowDown'])"
        " row.dispatchEvent(new KeyboardEvent('keydown', { key })); }"
    )
    finding(page, "gates")
    assert candidate.get_attribute("aria-valuetext") == "0.8 at step 3"


def test_every_part_is_reached_by_tab(page: Page, address: str) -> None:
    open_explorer(page, address, "gates")
    page.locator("#gates").get_by_role("button", name="Half open").focus()
    reached = []
    for _ in range(10):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent"))
    deeds = [f"{deed}f = {f}, i = {i}" for deed, f, i in DEEDS]
    rows = ["forget gate f", "input gate i", "candidate g", "output gate o"]
    assert reached == [*deeds, *rows, "Reset", "Copy link"]


DEEDS = (("remember", 1, 0), ("erase", 0, 0), ("add", 1, 1), ("overwrite", 0, 1))


def test_a_fast_drag_leaves_no_step_out(page: Page, address: str) -> None:
    open_explorer(page, address, "gates")
    forget = row(page, "forget gate")
    page.mouse.move(*place(forget, 5, 1))
    page.mouse.down()
    page.mouse.move(*place(forget, 15, 0))
    page.mouse.up()
    finding(page, "gates")
    page.wait_for_timeout(350)
    assert page.url.partition("?")[2] == "gl.f=aaaaa9876543210a"
    assert "comes nothing" in finding(page, "gates")
    page.locator("#gates").get_by_role("button", name="Reset").click()
    assert "comes all" in finding(page, "gates")


def swipe(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    """A finger, as Chromium itself sees it: whether it draws or scrolls is the browser's own decision."""
    touch = page.context.new_cdp_session(page)
    for k in range(11):
        x, y = (at + k / 10 * way for at, way in zip(start, by, strict=True))
        kind = "touchMove" if k else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        page.wait_for_timeout(16)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(500)


def test_a_tap_sets_a_step_a_finger_sideways_draws_and_one_that_scrolls_changes_nothing(
    page: Page, address: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_explorer(page, address, "gates")
    gate = row(page, "input gate")
    gate.evaluate("(row) => row.scrollIntoView({ block: 'center' })")
    page.touchscreen.tap(*place(gate, 10, 1))
    assert "holds 0.10" in finding(page, "gates")  # 0.8 − 0.7
    before = page.evaluate("scrollY")
    swipe(page, place(gate, 12, 1), (0, -150))
    assert page.evaluate("scrollY") > before + 50
    assert "holds 0.10" in finding(page, "gates")
    gate.evaluate("(row) => row.scrollIntoView({ block: 'center' })")
    start, end = place(gate, 10, 0), place(gate, 3, 0)
    swipe(page, start, (end[0] - start[0], 0))
    assert "holds 0.00" in finding(page, "gates")
    assert "so little is written" in finding(page, "gates")


def test_a_link_with_too_few_steps_opens_on_the_pages_own_setting(page: Page, address: str) -> None:
    open_explorer(page, address + "?gl.f=000&gl.o=zzzzzzzzzzzzzzzz", "gates")
    assert "holds 0.80" in finding(page, "gates")
