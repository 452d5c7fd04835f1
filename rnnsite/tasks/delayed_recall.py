"""Delayed recall: give back at the end what came first. The shortest task that needs a gradient from far back."""

from __future__ import annotations

import torch
from torch import Tensor


def delayed_recall(
    T: int, batch: int, generator: torch.Generator, *, sign: bool = False, noise: float = 0.3
) -> tuple[Tensor, Tensor]:
    """Inputs (T, B, 2) and targets (B,): the number s in the first input, to be given after the last.

    x[0, b] = (s, 1), s uniform with mean 0 and variance 1, or ±1 with `sign`; x[t, b] = (noise · N(0, 1), 0)
    afterwards. Channel 1 marks the first step. Always answering 0 has a mean squared error of 1.

    >>> x, y = delayed_recall(3, 4, torch.Generator().manual_seed(0), sign=True)
    >>> tuple(x.shape), tuple(y.shape), bool((x[0, :, 0] == y).all()), x[:, 0, 1].tolist()
    ((3, 4, 2), (4,), True, [1.0, 0.0, 0.0])
    """
    x = torch.zeros(T, batch, 2)
    x[..., 0] = noise * torch.randn(T, batch, generator=generator)
    s = 2 * torch.rand(batch, generator=generator) - 1  # a real s with variance 1/3
    x[0, :, 0] = s.sign() if sign else s * 3**0.5
    x[0, :, 1] = 1
    return x, x[0, :, 0].clone()
