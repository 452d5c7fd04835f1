"""Claims: sentences a reader sees, each with the inequality on the run's arrays that makes it true.

A claim holds when the *whole interval* of what was measured lies on the claimed side. Claims about our own runs
must hold: a false one is shown red, and fails a `--strict` build. Claims of kind ``published`` are other people's
statements, and get a computed status instead: reproduced, not reproduced or undecided.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rnnsite.statistics import Estimate, in_words

Arrays = Mapping[str, np.ndarray]
Status = Literal["holds", "fails", "reproduced", "not reproduced", "undecided"]
POWER = "{10^measured}"


def power_of_ten(exponent: float) -> str:
    """Ten to that power as a reader reads it: `4×10⁻²⁰` for −19.4, `150` for 2.18."""
    if abs(exponent) < 300 or not math.isfinite(exponent):
        value = float(f"{np.power(10.0, exponent):.2g}")
        return in_words(value, ".6g" if 1e-3 <= value < 1e5 else ".2g")
    whole = math.floor(exponent)  # a float ends at 10³⁰⁸, a measured rate need not
    return f"{10 ** (exponent - whole):.2g}×10^{whole}"


def powers_of_ten(exponent: Estimate) -> str:
    """Ten to a measured power, with its interval: `4×10⁻²⁰ [2.5×10⁻²⁰, 5×10⁻²⁰]`."""
    value, low, high = (power_of_ten(number) for number in (exponent.value, exponent.low, exponent.high))
    return value if exponent.low == exponent.high else f"{value} [{low}, {high}]"


@dataclass(frozen=True)
class Claim:
    """One sentence and its test.

    name      short and unique within the experiment, kebab-case.
    says      the sentence, in Markdown; ``{measured}`` stands for the measured value with its interval, and
              ``{10^measured}`` for ten to that power, when the measure is a logarithm to base ten.
    measure   arrays → the quantity, with its interval.
    above, below   the open interval in which all of the measured interval must lie.
    swap      arrays → arrays with the compared arms exchanged or shuffled; a test sees the claim fail on them.
              None only where nothing was compared.
    identity  True for plain arithmetic, which is checked and shown but not counted among the findings.
    source    for a published statement, its key in docs/references.bib.
    """

    name: str
    says: str
    measure: Callable[[Arrays], Estimate]
    above: float = -math.inf
    below: float = math.inf
    swap: Callable[[Arrays], Arrays] | None = None
    identity: bool = False
    source: str | None = None

    def __post_init__(self) -> None:
        if self.above == -math.inf and self.below == math.inf:
            raise ValueError(f"claim {self.name!r} has no bound, so it cannot fail")
        if not self.above < self.below:
            raise ValueError(f"claim {self.name!r}: above={self.above} must be less than below={self.below}")

    @property
    def published(self) -> bool:
        return self.source is not None

    def check(self, arrays: Arrays) -> Verdict:
        """Measure and judge. A measurement that is not a number never holds."""
        measured = self.measure(arrays)
        inside = self.above < measured.low and measured.high < self.below
        # not (x >= bound) rather than x < bound: NaN must be neither inside nor outside
        outside = measured.high <= self.above or measured.low >= self.below
        if not self.published:
            return Verdict(self, measured, "holds" if inside else "fails")
        return Verdict(self, measured, "reproduced" if inside else "not reproduced" if outside else "undecided")

    @property
    def bound(self) -> str:
        """The inequality in words, as shown beside the measured value."""
        above, below = (self._bound_in_words(bound) for bound in (self.above, self.below))
        if self.below == math.inf:
            return f"above {above}"
        if self.above == -math.inf:
            return f"below {below}"
        return f"between {above} and {below}"

    def _bound_in_words(self, bound: float) -> str:
        if POWER in self.says:
            return power_of_ten(bound)
        nearly = float(f"{bound:.5g}") != bound and math.isclose(float(f"{bound:.5g}"), bound, rel_tol=1e-9)
        return in_words(bound, ".5g") + (", but for rounding" if nearly else "")


@dataclass(frozen=True)
class Verdict:
    """What a claim measured on one run, and whether it holds there."""

    claim: Claim
    measured: Estimate
    status: Status

    @property
    def sentence(self) -> str:
        return self.claim.says.replace("{measured}", str(self.measured)).replace(POWER, powers_of_ten(self.measured))


@dataclass(frozen=True)
class Published:
    """A row of a *published | ours | what differs* table. `ours` is measured by the run."""

    quantity: str
    published: str
    source: str
    ours: Callable[[Arrays], Estimate]
    differs: str


def swap_names(first: str, second: str) -> Callable[[Arrays], Arrays]:
    """Exchange two named arrays: the swap of a claim that compares them."""

    def swap(arrays: Arrays) -> Arrays:
        return {**arrays, first: arrays[second], second: arrays[first]}

    return swap


def reverse_axis(axis: int, *names: str) -> Callable[[Arrays], Arrays]:
    """Reverse an axis of the named arrays: the swap of a claim about a trend along it."""

    def swap(arrays: Arrays) -> Arrays:
        return {**arrays, **{name: np.flip(arrays[name], axis) for name in names}}

    return swap


def swap_entries(axis: int, i: int, j: int, *names: str) -> Callable[[Arrays], Arrays]:
    """Exchange entries `i` and `j` along an axis of the named arrays: the swap of two arms stored in one array."""

    def swap(arrays: Arrays) -> Arrays:
        changed = dict(arrays)
        for name in names:
            order = np.arange(arrays[name].shape[axis])
            order[[i, j]] = order[[j, i]]
            changed[name] = np.take(arrays[name], order, axis)
        return changed

    return swap
