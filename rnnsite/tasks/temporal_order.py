"""The temporal order problem: in which order did two (or three) marked symbols come?

Long stretches of distractors c, d, e, f hold a few symbols that are A or B. The class is their order: AA, AB, BA or BB
for two of them, eight classes for three. Hochreiter & Schmidhuber 1997, experiments 6a and 6b, in the version of the
code released with Pascanu, Mikolov & Bengio 2013: the first symbol stands in [T/10, 2T/10), the second in
[5T/10, 6T/10), and nothing but distractors follows; input and output are one-hot. The 1997 paper draws the length from
100–110, puts the two symbols at 10–20 and 50–60, and marks start and end of the sequence with symbols of their own.
For three symbols its positions 10–20, 33–43 and 66–76 are scaled to [.1T, .2T), [.33T, .43T) and [.66T, .76T); the
released code has [.1T, .2T), [.3T, .4T) and [.6T, .7T).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.one_hot import one_hot

SYMBOLS = "ABcdef"
WINDOWS = {2: ((0.1, 0.2), (0.5, 0.6)), 3: ((0.1, 0.2), (0.33, 0.43), (0.66, 0.76))}


def windows(T: int, bits: int = 2) -> list[range]:
    """The positions at which each marked symbol may stand, never empty and never overlapping.

    >>> windows(100), windows(10, bits=3)
    ([range(10, 20), range(50, 60)], [range(1, 2), range(3, 4), range(6, 7)])
    """
    if bits not in WINDOWS:
        raise RnnsiteError(f"The temporal order problem has 2 or 3 marked symbols, not {bits}.")
    if T < 10:
        raise RnnsiteError(f"The temporal order problem needs at least 10 steps, got {T}.")
    edges = [(math.floor(low * T + 1e-9), math.floor(high * T + 1e-9)) for low, high in WINDOWS[bits]]
    return [range(low, max(low + 1, high)) for low, high in edges]


def temporal_order(T: int, batch: int, generator: torch.Generator, *, bits: int = 2) -> tuple[Tensor, Tensor]:
    """Inputs (T, B, 6), one-hot over `SYMBOLS`, and classes (B,), the marked symbols read as binary with A = 0.

    Raises RnnsiteError for T < 10 and for other bits than 2 and 3.

    >>> x, y = temporal_order(20, 1, torch.Generator().manual_seed(7))
    >>> "".join(SYMBOLS[s] for s in x[:, 0].argmax(-1)), y.tolist()
    ('fcAeffffcdeBcdeeecfe', [1])
    """
    symbols = torch.randint(2, 6, (T, batch), generator=generator)
    classes = torch.zeros(batch, dtype=torch.long)
    for window in windows(T, bits):
        marked = torch.randint(2, (batch,), generator=generator)
        at = torch.randint(window.start, window.stop, (batch,), generator=generator)
        symbols[at, torch.arange(batch)] = marked
        classes = 2 * classes + marked
    return one_hot(symbols, len(SYMBOLS)), classes
