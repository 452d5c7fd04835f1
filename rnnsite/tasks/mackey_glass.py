"""The Mackey–Glass series: smooth, chaotic, and the usual test of a network that is to continue what it has heard.

    dx/dt = 0.2 x(t − τ) / (1 + x(t − τ)¹⁰) − 0.1 x(t),   τ = 17

Source: Mackey & Glass 1977, "Oscillation and chaos in physiological control systems"; constants, Euler steps of 0.1
with every tenth kept, and the squashing tanh(x − 1) as in section 6.1 of Jaeger 2001, "The echo state approach", which
takes the squashing back before it measures an error; so Jaeger & Haas 2004, "Harnessing nonlinearity".
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError

PER_UNIT = 10  # Euler steps in a unit of time


def mackey_glass(T: int, generator: torch.Generator, *, delay: float = 17.0, washout: int = 1000) -> Tensor:
    """tanh(x − 1) at T successive units of time, (T,), float64, after `washout` units that are dropped.

    Random is only the start: x(t) = 1.2 + U(−0.1, 0.1) at every Euler step up to 0. Raises RnnsiteError for a delay
    that is not a positive multiple of 0.1.

    >>> x = mackey_glass(500, torch.Generator().manual_seed(0))
    >>> x.shape, bool(x.min() > -0.6), bool(x.max() < 0.4)
    (torch.Size([500]), True, True)
    """
    lag = round(delay * PER_UNIT)
    if lag < 1 or abs(lag - delay * PER_UNIT) > 1e-9:
        raise RnnsiteError(f"The delay of the Mackey–Glass series must be a positive multiple of 0.1, got {delay}.")
    x = (1.2 + 0.2 * (torch.rand(lag + 1, generator=generator, dtype=torch.float64) - 0.5)).tolist()
    for _ in range((washout + T) * PER_UNIT):
        x.append(x[-1] + slope(x[-1], x[-1 - lag]) / PER_UNIT)
    return torch.tanh(torch.tensor(x[lag + 1 :][PER_UNIT - 1 :: PER_UNIT][washout:], dtype=torch.float64) - 1)


def slope(now: float, delayed: float) -> float:
    """dx/dt from x(t) and x(t − τ).

    >>> slope(1.0, 1.0)
    0.0
    """
    return 0.2 * delayed / (1 + delayed**10) - 0.1 * now
