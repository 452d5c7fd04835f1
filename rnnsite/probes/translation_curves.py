"""What is read off the learning curves of translators: how soon they learn, which words first, and where they end.

`a` are the arrays that a rnnsite.training.translation_record.Record has kept, with the arms before all other axes:
loss (arm, check, seed), places (arm, check, place, seed), words and sentences (arm, check, length, seed); and
`updates` (check,), how many there were until each check; gradient (arm, place, seed) is gradient_at_counterpart.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from rnnsite.claims import Arrays
from rnnsite.multiples import power
from rnnsite.statistics import Estimate, bootstrap

LEVEL = 0.7  # nats a word: far from guessing, far from done
END = 5  # checks, the last ones: a single one comes and goes with a few updates


def nearer(far: int, near: int, places: slice) -> Callable[[Arrays], Estimate]:
    """log₁₀ of how many times as large the gradient of these words is in one arm as in another, before training."""
    return lambda a: bootstrap((a["gradient"][near, places] - a["gradient"][far, places]).mean(0))


def updates_to(a: Arrays, arm: int) -> np.ndarray:
    """log₂ of the updates until the loss first falls to LEVEL, (seed,); where it never does, of all updates.

    Between two checks the log of the loss is taken to be a straight line.
    """
    above = np.minimum.accumulate(np.log(a["loss"][arm]) - math.log(LEVEL))
    return np.log2([np.interp(0, -curve, a["updates"]) for curve in above.T])


def times_the_updates(slow: int, fast: int) -> Callable[[Arrays], Estimate]:
    """How many times as many updates one arm needs as another, seed by seed."""
    return lambda a: power(2, bootstrap(updates_to(a, slow) - updates_to(a, fast)))


def word_loss(a: Arrays, arm: int, places: slice, update: int | None = None) -> np.ndarray:
    """Mean loss of these words in the longest sentences, (seed,), at a check or at the end."""
    if update is None:
        return end(a, "places", arm)[places].mean(0)
    return a["places"][arm, int(np.flatnonzero(a["updates"] == update)[0]), places].mean(0)


def gain(dear: int, cheap: int, places: slice, update: int | None = None) -> Callable[[Arrays], Estimate]:
    """By how many nats a word one arm's loss of these words lies above another's, at a check or at the end."""
    return lambda a: bootstrap(word_loss(a, dear, places, update) - word_loss(a, cheap, places, update))


def last_over_first(arm: int, update: int) -> Callable[[Arrays], Estimate]:
    """By how many nats the last word's loss lies above the first one's."""
    first, last = slice(0, 1), slice(-1, None)
    return lambda a: bootstrap(word_loss(a, arm, last, update) - word_loss(a, arm, first, update))


def end(a: Arrays, name: str, arm: int) -> np.ndarray:
    """What an arm has come to: (..., seed), mean over the last checks."""
    return a[name][arm, -END:].mean(0)


def right_at_the_end(name: str, arm: int) -> Callable[[Arrays], Estimate]:
    """Share of "words" or of "sentences" right at the end, among the longest sentences."""
    return lambda a: bootstrap(end(a, name, arm)[-1])
