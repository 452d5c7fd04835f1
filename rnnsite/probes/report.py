"""The report of `diagnose`: verdicts in words, the numbers behind them, and what to try."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from rnnsite.errors import RnnsiteError

WIDTH = 100


@dataclass(frozen=True)
class Verdict:
    """One finding.

    name     "dead ReLU", "saturated", "exploding", "vanishing", "too-high learning rate" or "healthy"
    where    the strands it is about, "l0" or "encoder.l1_reverse"; empty when it is about the whole model
    words    what was found, in a sentence or two
    numbers  the numbers in it, by name
    advice   what to try, most promising first
    """

    name: str
    where: str
    words: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    advice: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What `diagnose` found; print it.

    verdicts  causes before effects; a single "healthy" one when nothing is wrong. `report["vanishing"]` is the one of
              that name, and `"vanishing" in report` says whether there is one
    notes     what is worth knowing but is no fault
    numbers   strand → {quantity: value}, measured on every strand whatever the verdicts
    """

    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...]
    numbers: Mapping[str, Mapping[str, float]]

    @property
    def names(self) -> set[str]:
        return {verdict.name for verdict in self.verdicts}

    @property
    def healthy(self) -> bool:
        return self.names == {"healthy"}

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> Verdict:
        for verdict in self.verdicts:
            if verdict.name == name:
                return verdict
        raise RnnsiteError(f"The report has no verdict {name!r}; it has {', '.join(map(repr, sorted(self.names)))}.")

    def __str__(self) -> str:
        lines = []
        for verdict in self.verdicts:
            lines.append(verdict.name.upper() + (f" ({verdict.where})" if verdict.where else ""))
            lines += _wrapped(verdict.words, "  ", "  ")
            for advice in verdict.advice:
                lines += _wrapped(advice, "  → ", "    ")
        for note in self.notes:
            lines += _wrapped(note, "note: ", "      ")
        width = max(map(len, self.numbers), default=0)
        for name, values in self.numbers.items():
            # what is not saturated at all need not be listed
            shown = [f"{key} {_short(x)}" for key, x in values.items() if x or not key.startswith("flat")]
            lines += _wrapped(", ".join(shown), f"{name:<{width}}  ", " " * (width + 2))
        return "\n".join(lines)


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) < 1e4 and value == int(value) else f"{value:.2g}"
