"""Exercises whose answer is a number tell the reader whether it is right, and what to think of when it is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.site
PAGE = "gradients/repeated-multiplication/"
SOURCE = Path(__file__).parents[2] / "docs" / "gradients" / "repeated-multiplication.md"


def test_a_wrong_try_brings_a_hint_and_a_right_one_a_yes(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE)
    check = page.locator(".rs-check").first
    says = check.get_by_role("status")
    field = check.get_by_role("textbox")
    for typed, told in (
        ("12", "Not yet. Each step"), ("about ten", "not a number"), ("14", "Yes: 14."), ("28/2", "Yes"),
        ("1400 %", "Yes"), ("", "not a number"), ("1.4e1", "Yes"), ("14,0", "Yes"), ("-14", "Not yet"),
    ):  # fmt: skip
        field.fill(typed)
        field.press("Enter")
        expect(says).to_contain_text(told)
    assert page.url.endswith(PAGE)
    expect(page.locator(".rs-check").nth(1).get_by_role("status")).to_be_empty()


def test_it_works_after_going_to_another_page_and_with_the_keyboard_alone(open_page: Callable[..., Page]) -> None:
    page = open_page("gradients/", turns_pages=True)
    page.locator("main a, .md-content a").filter(has_text="Repeated multiplication").first.click()
    expect(page).to_have_title(re.compile("Repeated multiplication"))
    check = page.locator(".rs-check").first
    check.get_by_role("textbox").focus()
    page.keyboard.type("14")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(check.get_by_role("status")).to_contain_text("Yes")


def test_without_javascript_the_answer_can_be_opened_and_there_is_nothing_to_type(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(PAGE, java_script_enabled=False)
    assert page.locator(".rs-check").count() == SOURCE.read_text(encoding="utf-8").count("//// check")
    expect(page.locator(".rs-check").first).to_be_hidden()
    expect(page.locator(".rs-answer").first).to_be_visible()
