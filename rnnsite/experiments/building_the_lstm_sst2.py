"""The gate table on film critics' sentences: eight memories from no gate to three, as in the lecture.

Page: docs/gates/building-the-lstm.md
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from rnnsite import data
from rnnsite.claims import Arrays, Claim, Published, swap_entries
from rnnsite.context import Context
from rnnsite.orderings import Pair, orderings, over_seeds_and_items
from rnnsite.statistics import Estimate, bootstrap, worst
from rnnsite.tasks.sst2 import glove, sst2
from rnnsite.training.gate_by_gate import ROWS, Protocol, train_row

TITLE = "The gate table, on SST-2"
PAGE = "gates/building-the-lstm"
SECONDS = 1200  # about, on one core
RECORDED = True  # its data must be fetched, so a build shows the result that lies in rnnsite/recorded


@dataclass(frozen=True)
class Config(Protocol):
    at_least: int = 2  # times a word must be seen in training to have a vector of its own
    seeds: int = 20
    at_once: int = 10  # seeds of a row trained together: a step that survives a killed run
    vectors_from: str = ""  # a GloVe text file of vectors of this size; "" learns all vectors from a random start


CONFIGS = {"quick": Config(), "paper": Config()}


def data_fingerprint() -> str:
    """The checksums of the three files."""
    return data.fingerprint("sst2")


def run(config: Config, context: Context, updates: int | None = None) -> dict[str, np.ndarray]:
    """By (row, seed): see rnnsite.training.gate_by_gate.train_row. `updates` ends each training early, for a replay.

    Raises RnnsiteError where SST-2 is not there.
    """
    corpus = sst2(config.at_least)
    given = None
    if config.vectors_from:
        given = glove(Path(os.path.expanduser(config.vectors_from)), corpus.vocabulary, config.vectors)

    def train(step: tuple[str, int]) -> dict[str, np.ndarray]:
        gates, first = step
        seeds = range(first, min(first + config.at_once, config.seeds))
        _, kept = train_row(
            gates,
            [corpus] * len(seeds),
            ("building_the_lstm_sst2", config.seed_set),
            config,
            seeds=seeds,
            given=given,
            updates=updates,
            watch=context.within,
            device=context.device,
        )
        return kept

    firsts = range(0, config.seeds, config.at_once)
    steps = context.map(train, [(gates, first) for first in firsts for gates in ROWS])
    by_row = [steps[row :: len(ROWS)] for row in range(len(ROWS))]
    rows = {
        name: np.stack([np.concatenate([np.atleast_1d(part[name]) for part in parts]) for parts in by_row])
        for name in steps[0]
    }
    return {
        **rows,
        "parameters": rows["parameters"][:, 0],
        "sizes": np.array([len(one.y) for one in corpus[1:]]),
        "words": np.array(len(corpus.vocabulary)),
    }


NONE, O, I, IO, F, IF, FO, IFO = range(len(ROWS))
NAMES = ("none", "o", "i", "io", "f", "if", "fo", "ifo")
SPELLED = ("no gates", "o", "i", "i + o", "f", "i + f", "f + o", "i + f + o")
STEPS = ((NONE, O), (O, I), (I, IO), (IO, IFO))  # of the lecture's story
LECTURE = (80.6, 81.9, 84.4, 84.6, 82.1, 84.1, 82.6, 85.3)  # per cent


def share(row: int) -> Callable[[Arrays], Estimate]:
    """Accuracy on the test sentences; the interval is for other seeds."""
    return lambda a: bootstrap(a["accuracy"][row])


def answers(a: Arrays, row: int) -> np.ndarray:
    """Which test sentences each seed got right, (seeds, sentences), 0 or 1."""
    return np.unpackbits(a["right"][row], axis=1)[:, : int(a["sizes"][2])].astype(float)


def ahead(one: int, other: int) -> Callable[[Arrays], Estimate]:
    """By how much the first row is ahead; the interval is for other seeds and for other test sentences."""
    return lambda a: over_seeds_and_items(answers(a, one) - answers(a, other))


def _least(one: int, *others: int) -> Callable[[Arrays], Estimate]:
    """The first row against each of the others, where it is least ahead."""
    return lambda a: worst(*(ahead(one, other)(a) for other in others), by=lambda e: e.low)


def _least_ahead(other: int) -> Callable[[Arrays], Estimate]:
    """The row that is least ahead of this one."""
    rows = [row for row in range(len(ROWS)) if row != other]
    return lambda a: worst(*(ahead(row, other)(a) for row in rows), by=lambda e: e.low)


def _pairs(a: Arrays) -> list[Pair]:
    return list(_tested(a["accuracy"].tobytes(), a["accuracy"].shape))


@lru_cache(maxsize=8)
def _tested(accuracy: bytes, shape: tuple[int, int]) -> tuple[Pair, ...]:
    return tuple(orderings(np.frombuffer(accuracy).reshape(shape), LECTURE))


def counted(verdict: str) -> Callable[[Arrays], int]:
    """How many of the lecture's 28 orderings have this verdict."""
    return lambda a: sum(pair.verdict == verdict for pair in _pairs(a))


def listed(verdict: str) -> Callable[[Arrays], str]:
    """They, as text: the row that the lecture has ahead comes second."""

    def text(a: Arrays) -> str:
        found = [f"{SPELLED[p.low]} < {SPELLED[p.high]}" for p in _pairs(a) if p.verdict == verdict]
        return "; ".join(found) or "none"

    return text


def spread(row: int) -> Callable[[Arrays], float]:
    """Points between the best and the worst seed."""
    return lambda a: float(100 * np.ptp(a["accuracy"][row]))


def widest(a: Arrays) -> int:
    """The row whose seeds lie farthest apart."""
    return int(np.argmax(np.ptp(a["accuracy"], 1)))


def beside_none(survives: bool) -> Callable[[Arrays], str]:
    """The rows that the test shows ahead of no gates at all, or the others, as text."""

    def text(a: Arrays) -> str:
        found = [SPELLED[p.high] for p in _pairs(a) if p.low == NONE and (p.verdict == "survives") == survives]
        return ", ".join(found) or "none"

    return text


EVERY = ("accuracy", "right")

CLAIMS = [
    Claim(
        "three-gates-beat-none",
        "All three gates are ahead of none by {measured:.1points} of accuracy.",
        ahead(IFO, NONE),
        above=0,
        swap=swap_entries(0, NONE, IFO, *EVERY),
    ),
    Claim(
        "forgetting-needs-company",
        "A forget gate alone is behind every memory with two gates; of the nearest by {measured:.1points}.",
        lambda a: worst(*(ahead(row, F)(a) for row in (IO, IF, FO)), by=lambda e: e.low),
        above=0,
        swap=swap_entries(0, F, IF, *EVERY),
    ),
    Claim(
        "every-gate-helps",
        "Whatever the gates, they are ahead of none; where they are least, by {measured:.1points}.",
        _least_ahead(NONE),
        above=0,
        source="unist2023",
    ),
    Claim(
        "input-before-output",
        "An input gate is worth more than an output gate, by {measured:.1points}.",
        ahead(I, O),
        above=0,
        source="unist2023",
    ),
    Claim(
        "input-before-forget",
        "An input gate is worth more than a forget gate, by {measured:.1points}.",
        ahead(I, F),
        above=0,
        source="unist2023",
    ),
    Claim(
        "all-three-are-best",
        "All three are ahead of every other row; of the nearest by {measured:.1points}.",
        _least(IFO, *range(IFO)),
        above=0,
        source="unist2023",
    ),
]

_DIFFERS = (
    "not said in the lecture: which sentences train, how many words have a vector and where it comes from, learning "
    "rate, starts, forget bias, whether a peephole is a matrix. Ours: whole sentences only, vectors learned from a "
    "random start, words seen once share one, rate 0.05, forget bias 1, peepholes of one weight a unit, batches of "
    "like length"
)

PUBLISHED = [
    Published(
        f"accuracy, {SPELLED[row]}",
        f"{LECTURE[row]} %",
        "unist2023",
        share(row),
        "as above" if row else _DIFFERS,
        ".1%",
    )
    for row in range(len(ROWS))
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["accuracy"].shape[1]),
    "train": lambda a: f"{int(a['sizes'][0]):,}",
    "test": lambda a: f"{int(a['sizes'][2]):,}",
    "words": lambda a: f"{int(a['words']):,}",
    **{name: share(row) for row, name in enumerate(NAMES)},
    **{f"{name}_gain": ahead(row, NONE) for row, name in enumerate(NAMES) if row},
    **{f"{verdict}": counted(verdict) for verdict in ("survives", "reversed", "undecided")},
    **{f"{verdict}_list": listed(verdict) for verdict in ("survives", "reversed", "undecided")},
    "steps_undecided": lambda a: sum(
        pair.verdict == "undecided" for pair in _pairs(a) if (pair.low, pair.high) in STEPS
    ),
    "pairs": lambda a: len(_pairs(a)),
    "spread_most": lambda a: spread(widest(a))(a),
    "spread_row": lambda a: SPELLED[widest(a)],
    "spread_worst": lambda a: float(a["accuracy"][widest(a)].min()),
    "shown_above_none": beside_none(True),
    "not_shown_above_none": beside_none(False),
    "below": lambda a: float(np.mean(LECTURE) - 100 * a["accuracy"].mean()),
    "spread_other_least": lambda a: min(spread(row)(a) for row in range(len(ROWS)) if row != widest(a)),
    "spread_other_most": lambda a: max(spread(row)(a) for row in range(len(ROWS)) if row != widest(a)),
    "f_gain_others": lambda a: over_seeds_and_items(
        np.delete(answers(a, F) - answers(a, NONE), a["accuracy"][F].argmin(), 0)
    ),
    "lecture_span": lambda a: max(LECTURE) - min(LECTURE),
    "lecture_close": lambda a: sum(pair.published < 2.05 for pair in _pairs(a)),  # 2.0, as the lecture rounds
    "deviation": lambda a: float(100 * np.median(a["accuracy"].std(1, ddof=1))),
    "i_over_f": ahead(I, F),
    "i_over_o": ahead(I, O),
    "ifo_over_io": ahead(IFO, IO),
}
