"""NARMA-10: a system with a memory of ten steps and a product of two inputs nine steps apart, to be imitated.

    y_{t+1} = 0.3 y_t + 0.05 y_t Σ_{i=0}^{9} y_{t−i} + 1.5 x_{t−9} x_t + 0.1,   x_t ~ U(0, 0.5)

Source: Atiya & Parlos 2000, "New results on recurrent network training", as used for echo state networks by Jaeger
2003. The system is not bounded: a rare input makes y grow without end. Such a sequence is drawn again.
"""

from __future__ import annotations

import torch
from torch import Tensor

ORDER = 10
LARGEST = 2.0  # y stays below 1 unless it runs away


def narma(T: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Inputs x (T,) and targets (T,), float64: the target at step t is y_{t+1}, which x_t is the last to enter.

    >>> x, y = narma(200, torch.Generator().manual_seed(0))
    >>> t = 150
    >>> expected = 0.3 * y[t - 1] + 0.05 * y[t - 1] * y[t - 10 : t].sum() + 1.5 * x[t - 9] * x[t] + 0.1
    >>> bool((y[t] - expected).abs() < 1e-12), bool(y.max() < 1)
    (True, True)
    """
    while True:
        x = 0.5 * torch.rand(T, generator=generator, dtype=torch.float64)
        y = respond(x)
        if bool((y < LARGEST).all()):
            return x, y


def respond(x: Tensor) -> Tensor:
    """y_1 … y_T for inputs x_0 … x_{T−1}, with everything before them 0."""
    inputs, y = x.tolist(), [0.0] * ORDER
    for t, now in enumerate(inputs):
        before = inputs[t - 9] if t >= 9 else 0.0
        following = 0.3 * y[-1] + 0.05 * y[-1] * sum(y[-ORDER:]) + 1.5 * before * now + 0.1
        y.append(min(following, 1e6))
    return torch.tensor(y[ORDER:], dtype=torch.float64)
