"""The explorers of the cliff and of clipping: where a step lands, what a threshold saves, and runs that end."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ..unbundled import finding, open_explorer, settled_address

pytestmark = pytest.mark.site


def test_the_cliff_throws_the_point_and_clipping_holds_it(page: Page, address: str) -> None:
    open_explorer(page, address, "cliff")
    assert "Step 6 meets the wall" in finding(page, "cliff")
    assert "off the map" in finding(page, "cliff")
    page.locator("#cliff [data-parameter=clip]").focus()
    page.keyboard.press("Space")
    assert "Clipped to 1" in finding(page, "cliff")
    assert page.locator("#cliff text", has_text="without clipping").count() == 1
    page.locator("#cliff").get_by_role("button", name="Step", exact=True).click()
    finding(page, "cliff")
    assert page.locator("#cliff .rs-x-drive output").inner_text() == "9 steps"


def test_the_start_is_moved_by_arrow_keys_and_by_a_tap(page: Page, address: str) -> None:
    open_explorer(page, address, "cliff")
    surface = page.locator("#cliff .rs-x-surface")
    surface.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    assert "w 5.02, b −2.15" in (finding(page, "cliff") and surface.get_attribute("aria-label"))
    box = page.locator("#cliff .rs-x-terrain .rs-x-canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    assert "w 4.00, b −2.00" in (finding(page, "cliff") and surface.get_attribute("aria-label"))


def test_run_stops_by_itself_and_jumps_there_when_motion_is_unwanted(page: Page, address: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_explorer(page, address + "?cl.steps=0", "cliff")
    page.locator("#cliff").get_by_role("button", name="Run").click()
    finding(page, "cliff")
    assert page.locator("#cliff .rs-x-drive output").inner_text() == "60 steps"
    page.emulate_media(reduced_motion="no-preference")
    page.locator("#cliff").get_by_role("button", name="To the start").click()
    page.locator("#cliff").get_by_role("button", name="Run").click()
    expect(page.locator("#cliff .rs-x-drive output")).to_have_text("60 steps", timeout=15000)
    expect(page.locator("#cliff").get_by_role("button", name="Run")).to_be_visible()


def test_reset_ends_a_run(page: Page, address: str) -> None:
    open_explorer(page, address + "?cl.steps=0", "cliff")
    page.locator("#cliff").get_by_role("button", name="Run").click()
    page.locator("#cliff").get_by_role("button", name="Reset").click()
    page.wait_for_timeout(300)
    assert page.locator("#cliff .rs-x-drive output").inner_text() == "8 steps"


def test_a_run_that_is_not_clipped_is_lost_and_a_clipped_one_learns(page: Page, address: str) -> None:
    open_explorer(page, address, "clip")
    assert "Clipped at 1, the network learned" in finding(page, "clip")
    assert "Not clipped, the same run is lost" in finding(page, "clip")
    assert page.locator("#clip text", has_text="not clipped").count() == 1
    page.locator("#clip [data-parameter=clip]").focus()
    page.keyboard.press("Space")
    assert "no better than a constant answer" in finding(page, "clip")
    assert page.locator("#clip [data-parameter=threshold]").is_hidden()
    assert page.locator("#clip text", has_text="before: c = 1").count() == 1
    page.locator("#clip").get_by_role("button", name="New run").press("Enter")
    finding(page, "clip")
    assert "Tried here, 2 seeds" in page.locator("#clip").inner_text()
    assert settled_address(page) == "ct.clip=false&ct.seed=2"


def test_seed_by_seed_what_is_not_clipped_is_lost_and_what_is_clipped_at_1_learns(page: Page, address: str) -> None:
    """Seeds 1 to 5. Only additions, products and roots are involved, which every browser rounds alike."""
    page.emulate_media(reduced_motion="reduce")
    for clip, verdict in [("false", "Tried here, 5 seeds: 5 lost."), ("true", "Tried here, 5 seeds: 5 learned.")]:
        open_explorer(page, f"{address}?ct.clip={clip}", "clip")
        for _ in range(4):
            finding(page, "clip")
            page.locator("#clip").get_by_role("button", name="New run").click()
        finding(page, "clip")
        assert verdict in page.locator("#clip").inner_text()


def test_a_control_that_moves_ends_the_run_under_way_and_is_answered_at_once(page: Page, address: str) -> None:
    open_explorer(page, address, "clip")
    threshold = page.locator("#clip [data-parameter=threshold]")
    threshold.focus()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    assert threshold.get_attribute("aria-valuetext") == "0.1"
    assert "Clipped at 0.1" in finding(page, "clip")
    assert "Tried here, 1 seed:" in page.locator("#clip").inner_text()
