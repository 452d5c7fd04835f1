"""Without JavaScript, and in print, a page still shows its figures, its math and its numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.site
PAGE = "gradients/repeated-multiplication/"


def test_figures_math_numbers_and_claims_stand(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE, java_script_enabled=False)
    expect(page.locator("#fig-random_products img:visible")).to_have_count(1)
    assert page.locator(".katex-html").count() > 5
    expect(page.locator(".katex-html").first).to_be_visible()
    assert all(number.strip() not in {"", "–"} for number in page.locator(".rs-number").all_text_contents())
    expect(page.locator(".rs-claim").first).to_be_visible()
    expect(page.locator(".rs-interact:visible")).to_have_count(0)
    page.locator(".rs-answer summary").first.click()
    expect(page.locator(".rs-answer p").first).to_be_visible()


def test_an_explorer_says_that_it_needs_javascript(open_page: Callable[..., Page]) -> None:
    page = open_page("", java_script_enabled=False)
    expect(page.locator(".rs-noscript").first).to_be_visible()


def test_print_shows_the_drawing_and_not_the_frame(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE, color_scheme="dark")
    page.emulate_media(media="print")
    expect(page.locator("#fig-random_products .rs-light img")).to_be_visible()
    expect(page.locator(".md-header")).to_be_hidden()
    expect(page.locator(".md-sidebar--primary")).to_be_hidden()
