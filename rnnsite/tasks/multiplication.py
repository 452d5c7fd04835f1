"""The multiplication problem: the product of two marked numbers in a long sequence of numbers.

Hochreiter & Schmidhuber 1997, experiment 5: every step has a number from U(0, 1) and a mark. One of the first ten
steps is marked with 1, then one of the first T/2 − 1 that are still unmarked. The first and the last step have the
mark −1, all others 0; if the first step is one of the two, its number is set to 1 and it counts, and its mark stays
1. The target after the last step is the product. The paper draws the length of each sequence between T and T + T/10;
here all sequences of a batch have one length, drawn from that range. Always answering ¼ has a mean squared error of
7/144, except for the rare 1.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError

BASELINE = 7 / 144  # mean squared error of always answering ¼: E[x²]² − E[x]⁴ = 1/9 − 1/16


def multiplication(T: int, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Inputs (T to 1.1 T, B, 2), number and mark, and targets (B,). Raises RnnsiteError for T < 20.

    >>> x, y = multiplication(20, 1, torch.Generator().manual_seed(0))
    >>> marked = x[x[:, 0, 1] == 1, 0, 0]
    >>> len(x), [round(v, 2) for v in marked.tolist()], round(y.item(), 2)
    (22, [1.0, 0.63], 0.63)
    """
    if T < 20:
        raise RnnsiteError(f"The multiplication problem needs at least 20 steps, got {T}.")
    length = int(torch.randint(T, T + T // 10 + 1, (), generator=generator))
    x = torch.zeros(length, batch, 2)
    x[..., 0] = torch.rand(length, batch, generator=generator)
    x[0, :, 1] = x[-1, :, 1] = -1
    b = torch.arange(batch)
    first = torch.randint(10, (batch,), generator=generator)
    second = torch.randint(T // 2 - 2, (batch,), generator=generator)
    second += second >= first  # one of the others
    for marked in (first, second):
        x[marked, b, 1] = 1
    x[0, :, 0] = torch.where(x[0, :, 1] == 1, 1.0, x[0, :, 0])
    return x, x[first, b, 0] * x[second, b, 0]
