"""Every page with exercises has a number to try, and every check can be worked out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from rnnsite import catalogue
from rnnsite.web.answers import arithmetic

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {path.relative_to(DOCS).as_posix(): path.read_text("utf-8") for path in sorted(DOCS.glob("*/*.md"))}
CHECK = re.compile(r"^//// check\n((?: {4}.*\n)+)", re.M)
# as the block reads it: what YAML does not take for a text would leave the block standing as plain characters
CHECKS = [(page, yaml.safe_load(match[1])) for page, text in PAGES.items() for match in CHECK.finditer(text)]


@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if "/// exercise" in text])
def test_a_page_with_exercises_has_a_number_to_try(page):
    assert CHECK.search(PAGES[page])


@pytest.mark.parametrize(("page", "check"), CHECKS, ids=[f"{page}: {check['answer']}" for page, check in CHECKS])
def test_a_check_has_an_answer_and_a_hint_that_does_not_tell_it(page, check):
    if str(check["answer"]).startswith("="):
        stem, name = check["answer"][1:].split(".")
        assert name in catalogue.experiment(stem).numbers
    else:
        right = arithmetic(str(check["answer"]))
        assert f"{right:g}" not in re.findall(r"[\d.]*\d", check["hint"])
    assert check["hint"].endswith((".", "?"))
