"""Listings: words are wrapped for the page, code and examples are left as they are."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import rnnsite
from rnnsite.experiments import basins, far_near_gradient, loss_averaging
from rnnsite.tasks import agreement_grammar, single_unit
from rnnsite.web.narrow import WIDTH, narrow

FILES = sorted(Path(rnnsite.__file__).parent.rglob("*.py"))
SHOWN = (basins.gradient, far_near_gradient.run, loss_averaging.losses, agreement_grammar.sentences, single_unit.error)


@pytest.mark.parametrize("function", SHOWN, ids=lambda function: function.__name__)
def test_the_code_stays_and_the_words_stay(function: object) -> None:
    before = inspect.getsource(function)  # type: ignore[arg-type]
    after = narrow(before)
    trees = [ast.parse(text).body[0] for text in (before, after)]
    words = [(ast.get_docstring(tree) or "").split() for tree in trees]  # type: ignore[arg-type]
    assert words[0] == words[1]
    for tree in trees:
        del tree.body[0]  # type: ignore[attr-defined]  # the docstring
    assert ast.dump(trees[0]) == ast.dump(trees[1])


@pytest.mark.parametrize("function", SHOWN, ids=lambda function: function.__name__)
def test_no_line_of_words_is_wider_than_the_page(function: object) -> None:
    after = narrow(inspect.getsource(function))  # type: ignore[arg-type]
    docstring = ast.get_docstring(ast.parse(after).body[0], clean=False) or ""  # type: ignore[arg-type]
    assert all(len(line) <= WIDTH for line in docstring.split("\n") if ">>>" not in line)


def test_items_in_columns_are_not_run_together() -> None:
    items = [f"    {name}   {'what it is and ' * 8}so on" for name in ("first", "second")]
    assert narrow('    """Items:\n\n' + "\n".join(items) + '\n    """').count("\n    second   what") == 1


def test_an_item_of_two_columns_is_wrapped_within_its_second() -> None:
    docstring = """    Columns.

    one, two   what they are, in a line that is longer
               than the page, and what follows it
    three      short
    h = f(x, y)      an equation, and what it says
                     in a few words
    Source: a paper, of a year.
    """
    expected = """    Columns.

    one, two   what they are, in a
               line that is longer
               than the page, and
               what follows it
    three      short
    h = f(x, y)      an equation,
                     and what it
                     says in a few
                     words
    Source: a paper, of a year.
    """
    assert narrow('    """' + docstring.lstrip() + '"""', 35) == '    """' + expected.lstrip() + '"""'


def test_an_item_in_a_comment_stays_a_comment() -> None:
    assert (
        narrow("    # one   what it is, and more\n    x = 1", 26)
        == "    # one   what it is,\n    #       and more\n    x = 1"
    )


def test_what_follows_an_item_that_fills_its_line_is_kept() -> None:
    item = "    name   " + "what it is and " * 8 + "so on"
    after = narrow(f'    """Items:\n\n{item}\n    Source: a paper.\n    """')
    assert "\n    Source: a paper.\n" in after


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_word_of_any_file_is_lost(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    assert _words(narrow(source)) == _words(source)


def _words(source: str) -> list[str]:
    """Without the marks of comments, of which a wrapped one has more."""
    return [word for word in source.split() if word != "#"]


def test_examples_and_trailing_comments_are_left() -> None:
    example = '    """One.\n\n    >>> ' + "x + " * 40 + 'x\n    1\n    """\n    y = 1  # ' + "long " * 30
    assert narrow(example) == example
