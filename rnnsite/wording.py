"""Measured numbers as a reader sees them, in the same words in a claim, in prose and in a table.

A spec says in which form: `.0%` prints a share in percent, `points` (or `.1points`) a difference of two shares in
percentage points, `10^` ten to that power, anything else is Python's own format, as `.2g`. A unit is said once, before
the interval.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from rnnsite.errors import RnnsiteError
from rnnsite.statistics import Estimate, in_words

POWER = "10^"
_HUNDREDTHS = re.compile(r"(?:\.(\d))?(%|points)")


def say(value: Any, spec: str | None = None) -> str:
    """A number, an estimate or a string in the form of `spec`; a string as it is.

    >>> say(Estimate(0.94, 0.82, 0.98), ".0%").replace("\\N{NO-BREAK SPACE}", " ")
    '94 % [82, 98]'
    >>> say(Estimate(-0.274, -0.45, -0.09), "points").replace("\\N{NO-BREAK SPACE}", " ")
    '−27 points [−45, −9]'
    >>> say(Estimate(-19.4, -19.6, -19.3), "10^")
    '4×10⁻²⁰ [2.5×10⁻²⁰, 5×10⁻²⁰]'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Estimate):
        if not spec:
            return str(value)
        shown, low, high = (_number(number, spec) for number in (value.value, value.low, value.high))
        said = shown + _unit(spec, shown)
        return said if value.low == value.high else f"{said} [{low}, {high}]"
    if isinstance(value, int) and not spec:
        return f"{value:,}".replace("-", "−")
    shown = _number(float(value), spec or ".3g")
    return shown + _unit(spec, shown)


def say_bound(bound: float, spec: str | None = None) -> str:
    """A bound in the unit that `spec` prints its quantity in, with all its digits."""
    if spec == POWER:
        return power_of_ten(bound)
    if not spec or not _HUNDREDTHS.fullmatch(spec):
        return in_words(bound, ".5g")
    shown = in_words(100 * bound, ".5g")
    return shown + _unit(spec, shown)


def refuse_unknown(spec: str) -> None:
    """Raise unless `spec` is one of the forms there are."""
    try:
        _number(0.5, spec)
    except ValueError:
        raise RnnsiteError(
            f"there is no way {spec!r} of printing a number: give .0%, points or 10^, or a format of Python such as .2g"
        ) from None


def power_of_ten(exponent: float) -> str:
    """Ten to that power as a reader reads it: `4×10⁻²⁰` for −19.4, `150` for 2.18."""
    if abs(exponent) < 300 or not math.isfinite(exponent):
        value = float(f"{np.power(10.0, exponent):.2g}")
        return in_words(value, ".6g" if 1e-3 <= value < 1e5 else ".2g")
    whole = math.floor(exponent)  # a float ends at 10³⁰⁸, a measured rate need not
    return f"{10 ** (exponent - whole):.2g}×10^{whole}"


def _number(value: float, spec: str) -> str:
    """The number without its unit."""
    if spec == POWER:
        return power_of_ten(value)
    hundredths = _HUNDREDTHS.fullmatch(spec)
    if not hundredths:
        return in_words(value, spec)
    shown = in_words(100 * value, f".{hundredths[1] or 0}f")
    return shown.removeprefix("−") if not shown.strip("−0.") else shown  # no −0 %


def _unit(spec: str | None, shown: str) -> str:
    hundredths = _HUNDREDTHS.fullmatch(spec or "")
    if not hundredths:
        return ""
    unit = "%" if hundredths[2] == "%" else "point" if shown in {"1", "−1"} else "points"
    return f"\N{NO-BREAK SPACE}{unit}"
