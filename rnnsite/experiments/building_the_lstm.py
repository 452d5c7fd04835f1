"""Eight memories, from no gate to three, learn a language of opinions whose sentiment needs order and range.

Page: docs/gates/building-the-lstm.md
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnsite.claims import Arrays, Claim, swap_entries
from rnnsite.context import Context
from rnnsite.seeding import numpy_generator
from rnnsite.statistics import Estimate, bootstrap, exact, worst
from rnnsite.tasks.sentiment_grammar import JOINS, grammar, labelled, reviews
from rnnsite.training.gate_by_gate import ROWS, Protocol, train_row
from rnnsite.training.sentences import right

TITLE = "The gate table, on a generated language"
PAGE = "gates/building-the-lstm"
SECONDS = 100  # about, in quick on one core


@dataclass(frozen=True)
class Config(Protocol):
    sizes: tuple[int, int, int] = (1000, 400, 1000)  # reviews to learn from, to stop by, to test with
    flip: float = 0.05  # of the labels
    asked: int = 500  # reviews for each word that joins two clauses


CONFIGS = {"quick": Config(), "paper": Config(sizes=(6920, 872, 1821))}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (row, seed): see rnnsite.training.gate_by_gate.train_row.

    joined (row, seed, word): accuracy on reviews of two clauses joined by and, but, though, labels not flipped.
    """
    path = ("building_the_lstm", config.seed_set)
    corpora = [grammar(config.sizes, numpy_generator(*path, seed, "data"), config.flip) for seed in range(config.seeds)]
    questions = [
        labelled(reviews(config.asked, random, clauses=(0.0, 1.0), joins=(word,)), random)
        for word in JOINS
        for random in [numpy_generator(*path, word)]
    ]

    def train(gates: str) -> dict[str, np.ndarray]:
        learned, kept = train_row(gates, corpora, path, config, watch=context.within, device=context.device)
        joined = [right(learned.module, [asked] * config.seeds).double().mean(1) for asked in questions]
        return {**kept, "joined": np.stack([one.numpy() for one in joined], 1)}

    return {**context.stack(train, ROWS), "bayes": np.array(1 - config.flip), "sizes": np.array(config.sizes)}


NONE, O, I, IO, F, IF, FO, IFO = range(len(ROWS))
AND, BUT, THOUGH = range(len(JOINS))


def share(row: int) -> Callable[[Arrays], Estimate]:
    """Accuracy on the test reviews."""
    return lambda a: bootstrap(a["accuracy"][row])


def ahead(one: int, other: int) -> Callable[[Arrays], Estimate]:
    """By how much the first row is ahead, on the same reviews with the same seeds."""
    return lambda a: bootstrap(a["accuracy"][one] - a["accuracy"][other])


def joined(row: int, word: int) -> Callable[[Arrays], Estimate]:
    """Accuracy on reviews of two clauses with this word between them."""
    return lambda a: bootstrap(a["joined"][row, :, word])


def ahead_on(word: int, one: int, other: int) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(a["joined"][one, :, word] - a["joined"][other, :, word])


def _gap(a: Arrays, word: int) -> np.ndarray:
    """By how much the gate that the word asks for is ahead of the other, each alone, seed by seed."""
    difference = a["joined"][I, :, word] - a["joined"][F, :, word]
    return difference if word == THOUGH else -difference


def _least(*measures: Callable[[Arrays], Estimate]) -> Callable[[Arrays], Estimate]:
    return lambda a: worst(*(measure(a) for measure in measures), by=lambda e: e.low)


EVERY = ("accuracy", "joined")

CLAIMS = [
    Claim(
        "one-gate-helps",
        "Any one gate helps: the one that helps least adds {measured:.1points} to the accuracy.",
        _least(*(ahead(row, NONE) for row in (O, I, F))),
        above=0.015,
        swap=swap_entries(0, NONE, I, *EVERY),
    ),
    Claim(
        "but-asks-to-forget",
        "After a *but* what was said before must go: there a forget gate beside the input gate adds "
        "{measured:.1points}.",
        ahead_on(BUT, IF, I),
        above=0.05,
        swap=swap_entries(0, I, IF, *EVERY),
    ),
    Claim(
        "though-asks-not-to-write",
        "After a *though* nothing must be written: there an input gate beside the forget gate adds "
        "{measured:.1points}.",
        ahead_on(THOUGH, IF, F),
        above=0.05,
        swap=swap_entries(0, F, IF, *EVERY),
    ),
    Claim(
        "each-has-its-word",
        "Input and forget gate have a word each: from *but* to *though* the input gate alone gains {measured:.1points} "
        "on the forget gate alone.",
        lambda a: bootstrap(_gap(a, THOUGH) + _gap(a, BUT)),
        above=0.0,
        swap=swap_entries(0, F, I, *EVERY),
    ),
    Claim(
        "two-are-better",
        "Input and forget gate together are ahead of the better of the two alone by {measured:.1points}.",
        _least(ahead(IF, I), ahead(IF, F)),
        above=0.03,
        swap=swap_entries(0, IF, F, *EVERY),
    ),
    Claim(
        "the-third-adds-little",
        "With these two in place the output gate adds little: {measured:.1points}.",
        ahead(IFO, IF),
        above=-0.02,
        below=0.04,
        swap=swap_entries(0, IF, NONE, *EVERY),
    ),
    Claim(
        "nearly-all-there-is",
        "All three are {measured:.1points} short of the Bayes rate.",
        lambda a: bootstrap(a["bayes"] - a["accuracy"][IFO]),
        above=0.0,
        below=0.06,
        swap=swap_entries(0, IFO, NONE, *EVERY),
    ),
    Claim(
        "the-forget-gate-most",
        "Of the three gates the forget gate is missed most: without it the accuracy is {measured:.1points} lower than "
        "without the input gate.",
        ahead(FO, IO),
        above=0.0,
        source="jozefowicz2015",
    ),
    Claim(
        "the-output-gate-least",
        "The output gate is missed least: without the input gate the accuracy is {measured:.1points} lower than "
        "without it.",
        ahead(IF, FO),
        above=0.0,
        source="jozefowicz2015",
    ),
]

NAMES = ("none", "o", "i", "io", "f", "if", "fo", "ifo")
NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["accuracy"].shape[1]),
    "train": lambda a: int(a["sizes"][0]),
    "bayes": lambda a: exact(float(a["bayes"])),
    **{name: share(row) for row, name in enumerate(NAMES)},
    **{f"{name}_gain": ahead(row, NONE) for row, name in enumerate(NAMES) if row},
    **{f"{name}_{word}": joined(row, k) for row, name in enumerate(NAMES) for k, word in enumerate(JOINS)},
    "parameters_none": lambda a: int(a["parameters"][NONE]),
    "parameters_ifo": lambda a: int(a["parameters"][IFO]),
    "third_gate": ahead(IFO, IF),
    "short": lambda a: bootstrap(a["bayes"] - a["accuracy"][IFO]),
    "one_gate_last": lambda a: float((a["best"][[O, I, F]] == a["dev"].shape[2]).mean()),
    "ifo_last": lambda a: float((a["best"][IFO] == a["dev"].shape[2]).mean()),
    "ifo_and_gain": ahead_on(AND, IFO, NONE),
    "without_f": ahead(IFO, IO),
    "without_i": ahead(IFO, FO),
    "if_over_io": ahead(IF, IO),
    "fo_over_io": ahead(FO, IO),
    "f_over_i_but": ahead_on(BUT, F, I),
    "i_over_f_though": ahead_on(THOUGH, I, F),
    "f_though_least": lambda a: float(a["joined"][F, :, THOUGH].min()),
    "f_though_most": lambda a: float(a["joined"][F, :, THOUGH].max()),
    "best_epoch_none": lambda a: bootstrap(a["best"][NONE]),
    "best_epoch_ifo": lambda a: bootstrap(a["best"][IFO]),
}
