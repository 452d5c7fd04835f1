"""Our docstrings as Markdown for the API page: aligned terms become definition lists, doctests code.

A docstring is paragraphs; a paragraph whose lines read ``term  two or more spaces  description`` lists its terms, with
longer descriptions indented on the lines below.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from griffe import Extension, Object

_TERM = re.compile(r"^(?P<term>\S(?:.{0,60}?\S)?) {2,}(?P<text>\S.*)$")


class Docstrings(Extension):
    """Rewrites each docstring when mkdocstrings has collected it."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        if obj.docstring:
            obj.docstring.value = to_markdown(obj.docstring.value)


def to_markdown(docstring: str) -> str:
    """A docstring in the site's Markdown."""
    return "\n\n".join(_block(block) for block in re.split(r"\n[ \t]*\n", inspect.cleandoc(docstring)))


def _block(block: str) -> str:
    if block.startswith(">>>"):
        return f"```pycon\n{block}\n```"
    if block.startswith("    "):
        return f"```python\n{inspect.cleandoc(block)}\n```"
    if not _TERM.match(block.splitlines()[0]):
        return _plain(block)
    items: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        match = _TERM.match(line)
        if match:
            items.append((match["term"], [match["text"]]))
        elif line.startswith(" "):
            items[-1][1].append(line.strip())
        else:  # a term without a description on its line
            items.append((line, []))
    return "\n\n".join(f"`{term}`\n:   {_plain(' '.join(text)) or '…'}" for term, text in items)


def _plain(text: str) -> str:
    """Brackets outside code are only brackets: `[h][t]` is not a link. Nor is a lone asterisk emphasis."""
    escaped = str.maketrans({"[": "&#91;", "*": "&#42;", "_": "&#95;"})
    parts = text.split("`")
    return "`".join(part if number % 2 else part.translate(escaped) for number, part in enumerate(parts))
