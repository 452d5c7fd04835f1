"""Eight tasks in one form, so that any cell can be trained on all of them by the same few lines.

Four are about keeping something for a while, four are of the everyday kind: a series, pictures, made-up sentences and
real text. Each is a module of rnnsite.tasks in the version described there; what differs is said below. All scores
are in one unit: the loss on sequences not trained on, as a share of the loss of the best constant answer.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError
from rnnsite.seeding import generator
from rnnsite.tasks import agreement_grammar, documentation
from rnnsite.tasks.adding import BASELINE, adding
from rnnsite.tasks.delayed_recall import delayed_recall
from rnnsite.tasks.digits import CLASSES, SIDE, Part, digits
from rnnsite.tasks.memorisation import memorisation
from rnnsite.tasks.narma import narma
from rnnsite.tasks.temporal_order import SYMBOLS, temporal_order

NAMES = (
    "adding",
    "delayed recall",
    "temporal order",
    "five bits",
    "NARMA-10",
    "digits by rows",
    "agreement",
    "characters",
)
PARTS = ("train", "dev", "test")
PHRASES = 3  # between the subject and its verb, three words each
SERIES, SKIPPED = 4000, 12  # NARMA-10: steps of each part, and of a window those that are not asked about


@dataclass(frozen=True)
class Task:
    """What a network reads and must say.

    I        inputs a step, or numbers that stand for a symbol
    O        outputs
    guess    loss of the best constant answer: a variance, or an entropy in nats
    draw     (count, generator, part) → x (T, B, I), or symbols (T, B), and y: real numbers or classes, (B,) for an
             answer after the last step, (S, B) for one after each of the last S steps. `part` is one of PARTS
    symbols  how many there are, where x is symbols
    every    whether it is asked at many steps, so that outputs are computed at every one
    """

    I: int
    O: int
    guess: float
    draw: Callable[[int, torch.Generator, str], tuple[Tensor, Tensor]]
    symbols: int = 0
    every: bool = False


def task(name: str, T: int, seed_set: int = 0) -> Task:
    """A task by its name, with sequences of T steps; those of the digits and the sentences have a length of their own.

    seed_set draws the series of NARMA-10; every other task is drawn sequence by sequence, or is fixed data.
    Raises RnnsiteError for another name, and where a task cannot be so short.

    >>> five = task("five bits", 20)
    >>> x, y = five.draw(100, torch.Generator(), "train")
    >>> tuple(x.shape), tuple(y.shape), round(five.guess, 3)
    ((20, 100, 4), (5, 100), 0.693)
    """
    match name:
        case "adding":
            return Task(2, 1, BASELINE, lambda n, g, _: adding(T, n, g))
        case "delayed recall":
            return Task(2, 1, 1.0, lambda n, g, _: delayed_recall(T, n, g))
        case "temporal order":
            return Task(len(SYMBOLS), 4, math.log(4), lambda n, g, _: temporal_order(T, n, g))
        case "five bits":
            return Task(4, 3, math.log(2), lambda n, g, _: five_bits(T, n, g), every=True)
        case "NARMA-10":
            series = {part: narma(SERIES, generator("eight tasks", seed_set, part)) for part in PARTS}
            variance = float(series["train"][1][200:].var())
            return Task(1, 1, variance, lambda n, g, part: windows(*series[part], T, n, g), every=True)
        case "digits by rows":
            images = digits()._asdict()
            return Task(
                SIDE,
                CLASSES,
                math.log(CLASSES),
                lambda n, g, part: rows_of_digits(images[part], part == "train" and n, g),
            )
        case "agreement":
            return Task(10, 2, math.log(2), lambda n, g, _: subjects(n, g), len(agreement_grammar.VOCABULARY))
        case "characters":
            text, letters = texts(), len(documentation.ALPHABET)
            draw = lambda n, g, part: documentation.windows(text[part], T, n, g)  # noqa: E731
            return Task(10, letters, _entropy(text["train"]), draw, letters, every=True)
    raise RnnsiteError(f"There is no task {name!r}; expected one of {', '.join(NAMES)}.")


def five_bits(T: int, count: int, g: torch.Generator) -> tuple[Tensor, Tensor]:
    """Noiseless memorisation over T steps in all, asked about the five bits only, not about "nothing yet" before."""
    x, y = memorisation(T - 10, count, g)
    return x, y[-5:]


def windows(x: Tensor, y: Tensor, T: int, count: int, g: torch.Generator) -> tuple[Tensor, Tensor]:
    """Stretches of T steps of a series after its first 200, to be followed from the twelfth step on."""
    starts = torch.randint(200, len(x) - T + 1, (count,), generator=g)
    places = starts + torch.arange(T)[:, None]
    return (x[places, None] - 0.25).float(), y[places[SKIPPED:]].float()


def rows_of_digits(images: Part, count: int, g: torch.Generator) -> tuple[Tensor, Tensor]:
    """Images read a row of 8 pixels at a step, so 8 steps; each image once where `count` is 0."""
    x, y = images
    chosen = torch.randint(len(y), (count,), generator=g) if count else torch.arange(len(y))
    return x[:, chosen, 0].T.reshape(-1, SIDE, SIDE).transpose(0, 1).contiguous(), y[chosen]


def subjects(count: int, g: torch.Generator) -> tuple[Tensor, Tensor]:
    """Sentences up to their verb, 11 words, and whether the verb is plural.

    Each of the three phrases agrees, is an attractor or is neutral, one as often as the other: the nearest noun is
    right in half of the sentences that have one on the way.
    """
    random = np.random.default_rng(int(torch.randint(2**62, (), generator=g)))
    kinds = random.integers(agreement_grammar.AGREEING, agreement_grammar.NEUTRAL + 1, size=(count, PHRASES))
    made = agreement_grammar.sentences(kinds, random.random(count) < 0.5, random)
    return torch.from_numpy(made.words[: 2 + 3 * PHRASES]), torch.from_numpy(made.plural).long()


@functools.cache
def texts() -> dict[str, Tensor]:
    """Python's documentation as positions in the alphabet: 90 % of it, and the rest in two halves."""
    text = documentation.documentation()
    rest = documentation.encode(text.validation)
    dev, test = rest[: len(rest) // 2], rest[len(rest) // 2 :]
    return {"train": documentation.encode(text.training), "dev": dev, "test": test}


def _entropy(codes: Tensor) -> float:
    shares = torch.bincount(codes).double() / len(codes)
    return float(torch.special.entr(shares).sum())
