"""Docstrings and comments of a listing, wrapped anew to the width that a page has. Code keeps its lines."""

from __future__ import annotations

import re
import textwrap

WIDTH = 80  # columns of a listing beside the margin notes
ITEM = re.compile(r" *\S+(?: \S+)* {2,}(?=\S)")  # what stands in columns is a list: "name   what it is"
FULL = 100  # a longer line was broken by its author, who has 120: the next one goes on with its sentence


def narrow(source: str, width: int = WIDTH, full: int = FULL) -> str:
    r"""`source` with no line of words longer than `width`; what follows `>>>` is code and stays.

    >>> print(narrow('def f():\n    # The first line is long,\n    # the second is not.\n    return 1', 20, 25))
    def f():
        # The first line
        # is long, the
        # second is not.
        return 1
    """
    found: list[str] = []
    words: list[str] = []  # lines of one sentence, waiting for its end
    in_docstring = in_example = False
    for line in source.split("\n"):
        text = line.strip()
        starts_comment = text.startswith("#") and not in_docstring
        opens = text.count('"""') % 2 == 1
        is_docstring = in_docstring or text.startswith(('"""', 'r"""'))
        in_example = in_docstring and (text.startswith(">>>") or (in_example and text not in ("", '"""')))
        prefix = line[: len(line) - len(line.lstrip())] + "# " * starts_comment
        is_words = text not in ("", '"""') and (starts_comment or is_docstring) and not in_example
        goes_on = is_words and not ITEM.match(line) and _goes_on(words, line, prefix, full)
        if words and not goes_on:
            found += _wrapped(words, width)
            words = []
        if is_words:
            words.append(line)
        else:
            found.append(line)
        in_docstring ^= opens and is_docstring
    return "\n".join(found + _wrapped(words, width))


def _goes_on(words: list[str], line: str, prefix: str, full: int) -> bool:
    """Whether a line of words belongs to those before it: below an item's text, or after a line that was full."""
    if not words:
        return False
    item = ITEM.match(words[0])
    if item:
        return len(line) - len(line.lstrip()) == item.end()
    return len(words[-1]) > full and _prefix(words[-1]) == prefix


def _prefix(line: str) -> str:
    """What stands before the words of a line: its indentation, and the mark of a comment."""
    text = line.lstrip()
    return line[: len(line) - len(text)] + "# " * text.startswith("#")


def _wrapped(lines: list[str], width: int) -> list[str]:
    if not lines or max(map(len, lines)) <= width:
        return lines
    item = ITEM.match(lines[0])
    prefix = _prefix(lines[0])
    first = item[0] if item else prefix
    then = prefix.ljust(len(first))
    text = " ".join([lines[0][len(first) :].strip(), *(line[len(then) :].strip() for line in lines[1:])])
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=then, break_long_words=False, break_on_hyphens=False
    )
