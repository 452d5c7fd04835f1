"""The one exception a user's mistake raises: the command line prints its sentence and stops, without a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class RnnsiteError(ValueError):
    """A fault the user can mend. Its message is one sentence that says what was wrong and what was expected."""


def nearest(name: str, known: Iterable[str]) -> str:
    """`" Did you mean 'x'?"` for the known name closest to `name`, or an empty string when none is close."""
    match = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean {match[0]!r}?" if match else ""
