"""The latest marked number: what a later one replaces. A task that overwriting solves and averaging does not.

Our own, after one of the four things that an LSTM's gates can do at a step (i = 1, f = 0: overwrite). Its inputs are
those of the adding problem, with another rule.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError


def latest(T: int, batch: int, generator: torch.Generator, *, marked: float = 0.15) -> tuple[Tensor, Tensor]:
    """Inputs (T, B, 2), number and mark, and targets (B,): the number that carries the last mark.

    Numbers are from U(0, 1). The first step is marked, every other one with probability `marked`, so that the place of
    the answer differs from sequence to sequence. Always answering ½ has a mean squared error of 1/12. Raises
    RnnsiteError for T < 1, or for a probability outside 0 to 1.

    >>> x, y = latest(4, 1, torch.Generator().manual_seed(2))
    >>> [[round(v, 2) for v in step] for step in x[:, 0].tolist()], round(y.item(), 2)
    ([[0.61, 1.0], [0.38, 0.0], [0.64, 0.0], [0.47, 1.0]], 0.47)
    """
    if T < 1:
        raise RnnsiteError(f"A sequence needs at least 1 step, got {T}.")
    if not 0 <= marked <= 1:
        raise RnnsiteError(f"A share of marked steps lies between 0 and 1, got {marked}.")
    numbers = torch.rand(T, batch, generator=generator)
    marks = torch.rand(T, batch, generator=generator) < marked
    marks[0] = True
    last = (torch.arange(T)[:, None] * marks).argmax(0)
    return torch.stack([numbers, marks.float()], -1), numbers[last, torch.arange(batch)]
