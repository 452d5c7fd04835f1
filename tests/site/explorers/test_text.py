"""The explorer of the character models: what is typed, what is held, what they write, and no weights at all."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from ..unbundled import finding, open_explorer, settled_address

pytestmark = pytest.mark.site


def test_what_is_typed_is_read_and_a_held_gate_changes_its_price(page: Page, address: str) -> None:
    open_explorer(page, f"{address}?tx.cell=lstm&tx.unit=0", "text")
    assert "the LSTM needs" in finding(page, "text")
    field = page.locator("#text textarea")
    field.fill("ab")
    field.press("End")
    field.press_sequentially(" c")
    assert "the LSTM needs" in finding(page, "text")
    surface = page.locator("#text .rs-x-read")
    assert "At character 4, c, unit 0" in surface.get_attribute("aria-label")
    surface.focus()
    for key in ("ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    assert "At character 2, b, unit 0" in (finding(page, "text") and surface.get_attribute("aria-label"))
    assert settled_address(page) == "tx.cell=lstm&tx.unit=0&tx.text=ab+c&tx.at=2"
    page.locator("#text input[value=f0]").focus()
    page.keyboard.press("Space")
    assert "with every f held at 0" in finding(page, "text")
    page.locator("#text input[value=gru]").check()
    assert "held" not in finding(page, "text"), "a GRU has no forget gate"
    assert page.locator("#text input[value=f0]").is_hidden()
    field.fill("")
    assert "Type a few words" in finding(page, "text")


def test_the_unit_shown_first_is_the_one_that_follows_quotations(page: Page, address: str) -> None:
    open_explorer(page, address, "text")
    assert "the GRU needs" in finding(page, "text")
    assert "of unit 6 " in page.locator("#text .rs-x-caption").first.inner_text()  # so says the file of unbundled.py
    page.locator("#text").get_by_role("button", name="inside brackets").press("Enter")
    finding(page, "text")
    assert "of unit 7 " in page.locator("#text .rs-x-caption").first.inner_text()
    page.locator("#text input[value=unit]").check()
    assert "with unit 7 held at 0" in finding(page, "text")


def test_the_network_writes_on_and_a_link_brings_the_same_words(page: Page, address: str) -> None:
    open_explorer(page, address, "text")
    page.locator("#text").get_by_role("button", name="Write on").press("Enter")
    finding(page, "text")
    written = page.locator("#text .rs-x-written")
    words = written.inner_text()
    assert len(words) > 100
    assert settled_address(page) == "tx.seed=1"
    open_explorer(page, page.url, "text")
    finding(page, "text")
    assert written.inner_text() == words
    page.locator("#text").get_by_role("button", name="Clear").click()
    finding(page, "text")
    assert written.is_hidden()


def test_without_its_weights_the_text_explorer_says_so(page: Page, address: str) -> None:
    page.goto(address)
    said = page.evaluate("""async () => {
      const { mount } = await import("/browser/explorers/text.js");
      const element = document.createElement("div");
      document.body.append(element);
      mount(element);
      return element.querySelector(".rs-x-finding").textContent;
    }""")
    assert said == "The trained networks were left out of this build."
