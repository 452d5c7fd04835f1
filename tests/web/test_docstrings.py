"""Aligned terms become a definition list, doctests code, and nothing is lost."""

from __future__ import annotations

from rnnsite.web.docstrings import to_markdown

DOCSTRING = """What it does.

    a        the first, with `code[i]` and h_t[i]
             over two lines
    b, c     the others

    ‖x‖ = 1 for all_of them * two

    >>> 1 + 1
    2
    """


def test_every_kind_of_paragraph() -> None:
    assert to_markdown(DOCSTRING).split("\n\n") == [
        "What it does.",
        "`a`\n:   the first, with `code[i]` and h&#95;t&#91;i] over two lines",
        "`b, c`\n:   the others",
        "‖x‖ = 1 for all&#95;of them &#42; two",
        "```pycon\n>>> 1 + 1\n2\n```",
    ]
