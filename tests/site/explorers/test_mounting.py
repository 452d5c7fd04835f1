"""Explorers in a page: on a phone, before and after mounting, under navigation, within a frame, with wrong options."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from ..unbundled import open_explorer

pytestmark = pytest.mark.site

PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("which", ["flow", "maps", "cliff", "echo", "leak", "clip", "gates", "text"])
def test_on_a_phone_nothing_sticks_out_and_everything_can_be_touched(page: Page, address: str, which: str) -> None:
    page.set_viewport_size(PHONE)
    open_explorer(page, address, which)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    small = page.evaluate(
        """(which) => [...document.querySelectorAll(`#${which} :is(button, input)`)]
          .filter((element) => element.offsetParent && element.getBoundingClientRect().height < 40)
          .map((element) => element.outerHTML)""",
        which,
    )
    assert small == []
    overlong = page.evaluate(
        """(which) => [...document.querySelectorAll(`#${which} .rs-x-plot`)].flatMap((plot) => {
          const box = plot.getBoundingClientRect();
          return [...plot.querySelectorAll("text")].filter((text) => {
            const { left, right } = text.getBoundingClientRect();
            return left < box.left - 8 || right > box.right + 8;
          }).map((text) => text.textContent);
        })""",
        which,
    )
    assert overlong == []


@pytest.mark.parametrize("width", [390, 1280])
def test_room_is_kept_before_mounting_so_that_the_text_below_stays(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.route("**/gradient-flow.js", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.goto(address, wait_until="commit")
    page.wait_for_selector("#after-flow")
    page.wait_for_load_state("load")
    where = "document.querySelector('#after-flow').getBoundingClientRect().top + scrollY"
    before = page.evaluate(f"document.querySelector('#flow[data-live]') ? null : {where}")
    page.wait_for_selector("#flow[data-live]")
    assert before is not None
    assert abs(page.evaluate(where) - before) <= 25


def test_mounting_again_changes_nothing_and_what_left_the_page_is_put_back(page: Page, address: str) -> None:
    open_explorer(page, address, "flow")
    page.evaluate("mountAll(); mountAll();")
    assert page.locator("#flow .rs-x").count() == 1
    page.locator("#flow [data-parameter=rho]").press("ArrowRight")
    left = page.evaluate_handle("document.querySelector('#flow')")
    page.evaluate("""() => {  // what instant navigation does: new content, new address, mountAll again
      document.querySelector("main").innerHTML =
        `<div class="rs-explorer" id="other" data-explorer="iterated-maps"><p>Still text.</p></div>`;
      history.pushState(null, "", "/blank.html");
      mountAll();
    }""")
    page.wait_for_selector("#other[data-live]")
    assert left.evaluate("(element) => element.textContent.trim()") == "The gradient shrinks."
    page.wait_for_timeout(400)
    assert page.url == f"{address}blank.html"  # the setting of the page that was left is not written to this one


def test_a_whole_redraw_fits_into_a_frame(page: Page, address: str) -> None:
    """T = 100, H = 32: below 10 ms forward and backward; the sixth fastest of 60, since the machine may be busy."""
    page.goto(address)
    times = page.evaluate("""async () => {
      const { gradientFlow } = await import("/browser/explorers/gradient-flow-network.js");
      const typical = {};
      for (const cell of ["tanh", "gru", "lstm"]) {
        const times = [];
        for (let k = 0; k < 60; k++) {
          const start = performance.now();
          gradientFlow({ cell, rho: 0.8 + k / 100, T: 100, seed: 1, bias: 1, input: 0.1 });
          times.push(performance.now() - start);
        }
        typical[cell] = times.sort((a, b) => a - b)[5];
      }
      return typical;
    }""")
    assert max(times.values()) < 10, times


def test_a_wrong_option_of_a_page_is_named(page: Page, address: str) -> None:
    page.goto(address)
    for options, fault in [({"rhoo": 1}, '"rhoo" is unknown'), ({"cell": "cnn"}, '"cell" cannot be "cnn"')]:
        message = page.evaluate(
            """async (options) => {
              const { mount } = await import("/browser/explorers/gradient-flow.js");
              try { mount(document.createElement("div"), options); return ""; } catch (error) { return error.message; }
            }""",
            options,
        )
        assert fault in message
