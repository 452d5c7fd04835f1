"""The explorer of a leaky unit in a real browser: pulses by tap and by key, what it finds, what it says."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from ..unbundled import finding, open_explorer, settled_address

pytestmark = pytest.mark.site


def test_a_pulse_is_sent_by_keys_and_by_a_tap_and_taken_back(page: Page, address: str) -> None:
    open_explorer(page, address + "?lm.pulses=", "leak")
    assert "Send a pulse" in finding(page, "leak")
    surface = page.locator("#leak .rs-x-surface")
    surface.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "Space"):  # 1, 2, 7, 6
        page.keyboard.press(key)
    assert "After 34 steps" in finding(page, "leak")
    assert settled_address(page) == "lm.pulses=6"
    box = page.locator("#leak .rs-x-trace").bounding_box()
    page.mouse.click(box["x"] + 46 + (box["width"] - 60) / 2, box["y"] + 80)
    assert "pulses at 6, 20" in (finding(page, "leak") and surface.get_attribute("aria-label"))
    page.keyboard.press("Enter")  # the tap has moved the cursor there
    assert "pulses at 6." in (finding(page, "leak") and surface.get_attribute("aria-label"))
    page.locator("#leak").get_by_role("button", name="No pulses").click()
    assert "Send a pulse" in finding(page, "leak")


def test_the_leak_keeps_what_a_unit_without_it_forgets(page: Page, address: str) -> None:
    open_explorer(page, address, "leak")
    assert "τ = −1/ln 0.90 = 9.5 steps" in page.locator("#leak .rs-x-first").inner_text()
    assert "16\u00a0% of the pulse is left" in finding(page, "leak")
    assert "without the leak almost nothing" in finding(page, "leak")
    assert "it came in as 0.076, not 0.76" in finding(page, "leak")
    page.locator("#leak").get_by_role("button", name="No leak").click()
    assert "almost nothing of the pulse is left" in finding(page, "leak")
    page.locator("#leak").get_by_role("button", name="Slow").click()
    assert "58\u00a0% of the pulse" in finding(page, "leak")
    assert page.locator("#leak [data-parameter=alpha]").get_attribute("aria-valuetext") == "0.97"
    page.locator("#leak").get_by_role("button", name="A switch").click()
    assert "a switch holds, but no gradient gets back" in finding(page, "leak")


def test_the_state_of_a_leaky_unit_is_drawn_on_one_scale(page: Page, address: str) -> None:
    """What the leak costs when the pulse comes in can only be seen if no setting moves the axis."""
    open_explorer(page, address, "leak")
    scales = set()
    for name in ("Leaky", "No leak", "Slow", "A switch", "No pulses"):
        page.locator("#leak").get_by_role("button", name=name, exact=True).click()
        finding(page, "leak")
        scales.add(tuple(page.locator("#leak .rs-x-trace .rs-x-axes text").all_text_contents()))
    assert len(scales) == 1, scales


def test_a_finger_that_scrolls_sends_no_pulse(page: Page, address: str) -> None:
    open_explorer(page, address, "leak")
    box = page.locator("#leak .rs-x-trace").bounding_box()
    where = {"clientX": box["x"] + 200, "clientY": box["y"] + 80, "pointerType": "touch", "bubbles": True}
    for kind in ("pointerdown", "pointermove", "pointercancel"):
        page.locator("#leak .rs-x-trace").dispatch_event(kind, where)
    assert finding(page, "leak")
    assert "pulses at 4." in page.locator("#leak .rs-x-surface").get_attribute("aria-label")


def test_the_step_that_keys_go_to_is_spoken_and_what_they_do_there(page: Page, address: str) -> None:
    open_explorer(page, address, "leak")
    page.evaluate("""() => {
      window.said = [];
      const status = document.querySelector("#leak [aria-live=polite]");
      new MutationObserver(() => said.push(status.textContent)).observe(status, { childList: true });
    }""")
    surface = page.locator("#leak .rs-x-surface")
    for key in ("ArrowRight", "ArrowUp", "Home", "ArrowRight", "ArrowRight", "ArrowRight", "Space", "End"):
        surface.press(key)
    finding(page, "leak")
    steps = ["Step 2.", "Step 7.", "Step 1.", "Step 2.", "Step 3.", "Step 4, a pulse."]
    said = [one for one in page.evaluate("said") if "Send a pulse" not in one]  # the finding, if it came in between
    assert said == [*steps, "The pulse of step 4 is gone.", "Step 40."]


def test_pulses_that_cannot_be_read_are_left_out(page: Page, address: str) -> None:
    open_explorer(page, address + "?lm.pulses=3,4", "leak")
    assert "pulses at 4." in page.locator("#leak .rs-x-surface").get_attribute("aria-label")
    open_explorer(page, address + "?lm.pulses=7.99.7", "leak")
    assert "pulses at 7." in page.locator("#leak .rs-x-surface").get_attribute("aria-label")
