"""The explorers in a real browser, from their sources: keyboard, address, findings, palette."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ..unbundled import finding, open_explorer, settled_address, watched_page

pytestmark = pytest.mark.site


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with watched_page(browser, permissions=["clipboard-read", "clipboard-write"]) as page:
        yield page


def test_gradient_flow_answers_to_the_keyboard_and_writes_the_address(page: Page, address: str) -> None:
    open_explorer(page, address, "flow")
    assert "shrinks to" in finding(page, "flow")
    page.locator("#flow input[value=tanh]").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")  # sigmoid, ReLU, linear
    rho = page.locator("#flow [data-parameter=rho]")
    rho.focus()
    for _ in range(50):
        page.keyboard.press("ArrowRight")
    assert rho.get_attribute("aria-valuetext") == "1.30"
    assert "grows to" in finding(page, "flow")
    assert page.locator("#flow .rs-x-flow text", has_text="before: ρ 0.80").count() == 1
    assert settled_address(page) == "gf.cell=linear&gf.rho=1.3"


def test_the_seven_controls_of_gradient_flow_are_reached_by_tab(page: Page, address: str) -> None:
    open_explorer(page, address, "flow")
    page.locator("#flow input[value=lstm]").check()
    page.locator("#flow input[value=lstm]").focus()
    reached = ["cell"]
    for _ in range(10):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.dataset.parameter ?? document.activeElement.textContent"))
    assert reached == [
        *["cell", "Vanish", "Explode", "Gates", "rho", "bias", "T", "input", "New weights", "Reset", "Copy link"]
    ]


def test_forget_gate_bias_is_shown_only_where_it_acts(page: Page, address: str) -> None:
    open_explorer(page, address, "flow")
    bias = page.locator("#flow .rs-x-slider", has=page.locator("[data-parameter=bias]"))
    assert bias.is_hidden()
    page.locator("#flow input[value=lstm]").check()
    finding(page, "flow")
    assert bias.is_visible()
    assert "forget-gate" in bias.inner_text()
    page.locator("#flow input[value=gru]").check()
    finding(page, "flow")
    assert "update-gate" in bias.inner_text()


def test_new_weights_change_the_numbers_and_the_seed_brings_them_back(page: Page, address: str) -> None:
    open_explorer(page, address, "flow")
    first = finding(page, "flow")
    page.get_by_role("button", name="New weights").first.click()
    assert finding(page, "flow") != first
    assert settled_address(page) == "gf.seed=2"
    page.locator("#flow").get_by_role("button", name="Reset").click()
    assert finding(page, "flow") == first
    assert settled_address(page) == ""


@pytest.mark.parametrize(
    ("which", "query"),
    [
        ("flow", "gf.cell=lstm&gf.rho=1.25&gf.T=80&gf.bias=3.5&gf.input=0.5&gf.seed=7"),
        ("maps", "im.map=tanh&im.w=2.5&im.b=0.2&im.h0=-0.3&im.n=30"),
        ("echo", "es.rho=1.4&es.leak=0.5&es.input=2&es.units=30&es.back=3&es.seed=9"),
        ("clip", "ct.clip=true&ct.threshold=0.3&ct.rate=0.1&ct.seed=4"),
        ("cliff", "cl.w=4.9&cl.b=-2.1&cl.steps=20&cl.rate=0.5&cl.clip=true&cl.threshold=0.7&cl.T=40"),
        ("leak", "lm.alpha=0.8&lm.w=1.5&lm.pulses=2.9.30"),
        ("gates", "gl.f=aaaa5aaaaaaaaaaa&gl.i=0a00000000000000&gl.g=0k0000000000000a&gl.o=7777777777777777"),
        ("text", "tx.cell=gru&tx.text=for+x+in&tx.unit=7&tx.at=3&tx.cut=u0&tx.temperature=1&tx.seed=4"),
    ],
)
def test_a_link_restores_the_setting_and_is_copied_whole(page: Page, address: str, which: str, query: str) -> None:
    open_explorer(page, f"{address}?{query}", which)
    sentence = finding(page, which)
    page.locator(f"#{which}").get_by_role("button", name="Copy link").click()
    page.wait_for_selector(f"#{which} button:has-text('Link copied')")
    copied = page.evaluate("navigator.clipboard.readText()")
    for part in query.split("&"):
        assert part in copied
    assert copied.endswith(f"#{which}")
    open_explorer(page, copied, which)
    assert finding(page, which) == sentence
    page.locator(f"#{which}").get_by_role("button", name="Reset").click()
    assert finding(page, which) != sentence


def test_a_mistyped_link_opens_on_the_pages_own_setting(page: Page, address: str) -> None:
    open_explorer(page, f"{address}?gf.rho=much&gf.cell=transformer&gf.T=1e9", "flow")
    assert page.locator("#flow input[value=tanh]").is_checked()
    assert page.locator("#flow [data-parameter=rho]").get_attribute("aria-valuetext") == "0.80"
    assert page.locator("#flow [data-parameter=T]").get_attribute("aria-valuetext") == "100"


def test_two_explorers_of_a_kind_keep_their_own_part_of_the_address(page: Page, address: str) -> None:
    open_explorer(page, f"{address}?gf2.rho=1.5", "second")
    assert page.locator("#second input[value=lstm]").is_checked()
    assert page.locator("#second [data-parameter=rho]").get_attribute("aria-valuetext") == "1.50"
    page.locator("#flow").scroll_into_view_if_needed()
    page.wait_for_selector("#flow[data-live]")
    assert page.locator("#flow [data-parameter=rho]").get_attribute("aria-valuetext") == "0.80"


def test_logistic_map_at_3_5_shows_its_4_cycle(page: Page, address: str) -> None:
    open_explorer(page, address, "maps")
    assert "a cycle of 4: 0.383 → 0.827 → 0.501 → 0.875 → 0.383" in finding(page, "maps")
    assert "Both fixed points are unstable" in page.locator("#maps").inner_text()
    assert page.locator("#maps .rs-x-square text", has_text="unstable").count() == 2
    page.locator("#maps [data-parameter=r]").focus()
    for _ in range(70):
        page.keyboard.press("ArrowLeft")
    assert "the fixed point 0.643" in finding(page, "maps")
    page.locator("#maps").get_by_role("button", name="Two basins").click()
    assert "the fixed point 0.958" in finding(page, "maps")


def test_a_quiet_reservoir_forgets_its_start_and_one_of_radius_3_does_not(page: Page, address: str) -> None:
    open_explorer(page, address, "echo")
    assert "become one" in finding(page, "echo")
    remembered = float(re.search(r"([\d.]+) steps of the input", finding(page, "echo"))[1])
    assert remembered > 10
    page.locator("#echo").get_by_role("button", name="A radius of 3").click()
    assert "do not meet" in finding(page, "echo")
    assert float(re.search(r"([\d.]+) steps of the input", finding(page, "echo"))[1]) < 1
    page.locator("#echo").get_by_role("button", name="Shouted at").click()
    assert "become one" in finding(page, "echo"), "an input that is loud enough calms even a radius of 3"
    page.locator("#echo").get_by_role("button", name="Leaky").click()
    assert "come together slowly" in finding(page, "echo")
    assert page.locator("#echo .rs-x-panel:last-child text", has_text="before: ρ 3, α 0, input 10").count() == 1
    page.locator("#echo [data-parameter=rho]").focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    assert page.locator("#echo [data-parameter=rho]").get_attribute("aria-valuetext") == "0.40"
    page.locator("#echo").get_by_role("button", name="Other weights").click()
    assert "es.seed=2" in settled_address(page)


@pytest.mark.parametrize("which", ["flow", "maps", "cliff", "echo", "leak", "clip", "gates"])
def test_the_setting_to_try_that_is_set_is_marked(page: Page, address: str, which: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_explorer(page, address, which)
    chips = page.locator(f"#{which} .rs-x-presets button")
    for chip in (chips.nth(1), chips.nth(0)):
        chip.click()
        finding(page, which)
        assert chip.get_attribute("aria-pressed") == "true"
        assert page.locator(f"#{which} .rs-x-presets [aria-pressed=true]").count() == 1
    slider = page.locator(f"#{which} input[type=range]:visible").first
    if slider.count():
        slider.press("ArrowLeft")
        finding(page, which)
        assert chips.nth(0).get_attribute("aria-pressed") == "false"


def test_the_finding_is_spoken_once_the_slider_rests(page: Page, address: str) -> None:
    open_explorer(page, address, "flow")
    spoken = page.locator("#flow [aria-live=polite]")
    assert spoken.inner_text() == ""
    page.evaluate("""() => {
      window.changes = {};
      for (const [name, part] of [["shown", ".rs-x-finding"], ["spoken", "[aria-live=polite]"]]) {
        new MutationObserver(() => { changes[name] ??= performance.now(); })
          .observe(document.querySelector(`#flow ${part}`), { childList: true, characterData: true, subtree: true });
      }
    }""")
    page.locator("#flow [data-parameter=rho]").press("ArrowRight")
    expect(spoken).to_contain_text("From step 50")
    waited = page.evaluate("changes.spoken - changes.shown")
    assert waited > 500, f"a screen reader is told {waited} ms after the eye: it would be told at every move of a drag"
    assert "gradient" in page.locator("#flow .rs-x-flow svg").get_attribute("aria-label").lower()


def test_switching_the_palette_repaints_what_is_on_canvas(page: Page, address: str) -> None:
    open_explorer(page, address, "cliff")
    painted = "document.querySelector('#cliff .rs-x-canvas').toDataURL()"
    light = page.evaluate(painted)
    page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
    finding(page, "cliff")
    assert page.evaluate(painted) != light
