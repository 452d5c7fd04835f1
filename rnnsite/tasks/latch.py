"""The latch problem: one bit arrives first, then only noise, and the bit is asked for at the end.

The minimal task of Bengio, Simard & Frasconi 1994 (section II of the journal paper): two classes, told apart by the
first L inputs alone. Those inputs are *trainable*, as if a network before this one computed them; every later input
is Gaussian noise. The target after T steps is +0.8 for one class and −0.8 for the other.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError

TARGET = 0.8  # within reach of tanh


def latch(first: Tensor, T: int, pairs: int, variance: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """`pairs` sequences of each class, for M models at once.

    first  (M, 2, L) the trainable inputs of class − and class +; gradients flow through them
    → inputs (M, T, 2·pairs), the first half of class −; targets (2·pairs,), −0.8 or +0.8

    >>> first = torch.tensor([[[-1.0, -1.0], [1.0, 1.0]]])
    >>> inputs, targets = latch(first, T=3, pairs=2, variance=0.0, generator=torch.Generator())
    >>> [[abs(value) if value == 0 else value for value in row] for row in inputs[0].T.tolist()]
    [[-1.0, -1.0, 0.0], [-1.0, -1.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 0.0]]
    >>> [round(target, 1) for target in targets.tolist()]
    [-0.8, -0.8, 0.8, 0.8]
    """
    M, _, L = first.shape
    if T <= L:
        raise RnnsiteError(f"A latch problem of {T} steps has no room for noise after {L} steps of information.")
    noise = variance**0.5 * torch.randn(M, T - L, 2 * pairs, generator=generator)
    told = first.transpose(1, 2).repeat_interleave(pairs, 2)
    targets = torch.tensor([-TARGET, TARGET]).repeat_interleave(pairs)
    return torch.cat([told, noise.to(first)], 1), targets.to(first)


def share_right(outputs: Tensor, targets: Tensor) -> Tensor:
    """Share of sequences on the right side of zero: (M, N), (N,) → (M,)."""
    return (outputs * targets > 0).float().mean(1)
