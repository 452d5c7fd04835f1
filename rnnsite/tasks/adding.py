"""The adding problem: the sum of two marked numbers in a long sequence of numbers.

The version of Le, Jaitly & Hinton 2015 (section 4.1): every step has a number from U(0, 1) and a mark, 0 or 1. Two
steps are marked, and the target after the last step is the sum of their numbers. Always answering 1 has a mean squared
error of 1/6. As is usual, one mark stands in each half of the sequence, each place equally likely. The first version
(Hochreiter & Schmidhuber 1997, experiment 4) draws numbers from [−1, 1], marks −1, 0 or 1, and scales the sum to
0.5 + (a + b)/4.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError

BASELINE = 1 / 6  # mean squared error of always answering 1


def adding(T: int, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Inputs (T, B, 2), number and mark, and targets (B,). Raises RnnsiteError for T < 2.

    >>> x, y = adding(4, 1, torch.Generator().manual_seed(0))
    >>> [[round(v, 2) for v in step] for step in x[:, 0].tolist()], round(y.item(), 2)
    ([[0.5, 0.0], [0.77, 1.0], [0.09, 0.0], [0.13, 1.0]], 0.9)
    """
    if T < 2:
        raise RnnsiteError(f"The adding problem needs at least 2 steps, got {T}.")
    x = torch.zeros(T, batch, 2)
    x[..., 0] = torch.rand(T, batch, generator=generator)
    b = torch.arange(batch)
    for low, high in ((0, T // 2), (T // 2, T)):
        x[torch.randint(low, high, (batch,), generator=generator), b, 1] = 1
    return x, (x[..., 0] * x[..., 1]).sum(0)
