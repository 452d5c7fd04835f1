"""Claims: sentences a reader sees, each with the inequality on the run's arrays that makes it true.

A claim holds when the *whole interval* of what was measured lies on the claimed side. Claims about our own runs
must hold: a false one is shown red, and fails a `--strict` build. Claims of kind ``published`` are other people's
statements, and get a computed status instead: reproduced, not reproduced or undecided.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rnnsite.errors import RnnsiteError
from rnnsite.statistics import Estimate
from rnnsite.wording import POWER, refuse_unknown, say, say_bound

Arrays = Mapping[str, np.ndarray]
Status = Literal["holds", "fails", "reproduced", "not reproduced", "undecided"]
_MEASURED = re.compile(r"\{(10\^)?measured(?::([^{}]*))?\}")


@dataclass(frozen=True)
class Claim:
    """One sentence and its test.

    name      short and unique within the experiment, kebab-case.
    says      the sentence, in Markdown; ``{measured}`` stands for the measured value with its interval,
              ``{measured:.0%}`` for a share in percent, ``{measured:points}`` for a difference of two shares in
              percentage points, and ``{10^measured}`` for ten to that power, when the measure is a logarithm to base
              ten. The bound stands beside it in the same unit.
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
        for braces in re.findall(r"\{[^{}]*measured[^{}]*\}", self.says):
            if not _MEASURED.fullmatch(braces):
                raise RnnsiteError(f"claim {self.name!r}: {braces} is neither {{measured}} nor {{measured:.0%}}")
        for spec in filter(None, self.specs):
            refuse_unknown(spec)

    @property
    def specs(self) -> list[str | None]:
        """In which form the sentence prints what was measured, each time that it does; None: as the estimate does."""
        return [_spec(found) for found in _MEASURED.finditer(self.says)]

    @property
    def spec(self) -> str | None:
        """The form in which the bound, too, is printed."""
        return self.specs[0] if self.specs else None

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
        nearly = float(f"{bound:.5g}") != bound and math.isclose(float(f"{bound:.5g}"), bound, rel_tol=1e-9)
        return say_bound(bound, self.spec) + (", but for rounding" if nearly else "")


def _spec(found: re.Match[str]) -> str | None:
    return POWER if found[1] else found[2]


@dataclass(frozen=True)
class Verdict:
    """What a claim measured on one run, and whether it holds there."""

    claim: Claim
    measured: Estimate
    status: Status

    @property
    def sentence(self) -> str:
        return _MEASURED.sub(lambda found: say(self.measured, _spec(found)), self.claim.says)

    @property
    def said(self) -> str:
        """What was measured, in the unit of the sentence."""
        return say(self.measured, self.claim.spec)


@dataclass(frozen=True)
class Published:
    """A row of a *published | ours | what differs* table. `ours` is measured by the run, and printed as `spec` says."""

    quantity: str
    published: str
    source: str
    ours: Callable[[Arrays], Estimate]
    differs: str
    spec: str | None = None

    def __post_init__(self) -> None:
        if self.spec:
            refuse_unknown(self.spec)


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
