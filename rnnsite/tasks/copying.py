"""Copying with a delay: ten symbols come, then a long nothing, then a sign to say them all.

The version of Arjovsky, Shah & Bengio 2016 (section 4.1), after Hochreiter & Schmidhuber 1997: T + 20 steps. The
first ten symbols are drawn from eight, independently; T − 1 blanks follow, then a marker, then ten more blanks. The
output is a blank for T + 10 steps and then the ten symbols in the same order. A network without memory does no better
than to say blanks and then guess: 10 log 8 / (T + 20) nats a step.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.one_hot import one_hot

SYMBOLS = 8
BLANK, MARKER = SYMBOLS, SYMBOLS + 1
KEPT = 10


def baseline(T: int) -> float:
    """Cross-entropy in nats a step of a network without memory.

    >>> round(baseline(100), 4)
    0.1733
    """
    return KEPT * math.log(SYMBOLS) / (T + 2 * KEPT)


def copying(T: int, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Inputs (T + 20, B, 10), one-hot, and the classes (T + 20, B) to say at each step, 0 to 8.

    Classes 0 to 7 are the symbols, 8 the blank; the marker, 9, is only ever an input. Raises RnnsiteError for T < 1.

    >>> x, y = copying(3, 1, torch.Generator().manual_seed(0))
    >>> "".join("01234567_!"[s] for s in x[:, 0].argmax(-1)), "".join("01234567_"[s] for s in y[:, 0])
    ('4750333713__!__________', '_____________4750333713')
    """
    if T < 1:
        raise RnnsiteError(f"The copying problem needs a delay of at least 1 step, got {T}.")
    symbols = torch.full((T + 2 * KEPT, batch), BLANK)
    symbols[:KEPT] = torch.randint(SYMBOLS, (KEPT, batch), generator=generator)
    symbols[T + KEPT - 1] = MARKER
    classes = torch.full_like(symbols, BLANK)
    classes[-KEPT:] = symbols[:KEPT]
    return one_hot(symbols, SYMBOLS + 2), classes
