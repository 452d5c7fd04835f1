"""Leaky integrate-and-fire units: they answer with spikes, all or nothing, and so cannot be trained by a gradient.

    v_t = λ v_{t−1} (1 − s_{t−1}) + U x_t + W s_{t−1}
    s_t = 1 where v_t ≥ 1, else 0
    r_t = β r_{t−1} + s_t

v is the membrane's potential, reset by a spike; s are the spikes; r is the trace of spikes that a readout sees.
Source: Maass, Natschläger & Markram 2002, "Real-time computing without stable states", in steps of equal length, with
synapses that do not change and without delays.
"""

from __future__ import annotations

import torch
from torch import Tensor


def spiking_step(
    Ux: Tensor, v: Tensor, s: Tensor, r: Tensor, W: Tensor, leak: float, trace: float
) -> tuple[Tensor, Tensor, Tensor]:
    """v, s and r after one step; all (M, B, H), W (M, H, H), λ = leak, β = trace.

    >>> one = lambda value: torch.full((1, 1, 1), value)
    >>> v, s, r = spiking_step(one(0.6), one(0.6), one(0.0), one(0.5), one(0.0), leak=0.9, trace=0.5)
    >>> round(v.item(), 2), s.item(), r.item()
    (1.14, 1.0, 1.25)
    """
    v = leak * v * (1 - s) + Ux + s @ W.mT
    s = (v >= 1).to(v)
    return v, s, trace * r + s


@torch.no_grad()
def spikes(x: Tensor, U: Tensor, W: Tensor, leak: float, trace: float) -> tuple[Tensor, Tensor]:
    """Spikes and traces (M, T, B, H) for inputs x (T, B, I), from silence; U (M, H, I), W (M, H, H)."""
    M, H, _ = U.shape
    v = s = r = x.new_zeros(M, x.shape[1], H)
    fired, traces = [], []
    for x_t in x:
        v, s, r = spiking_step(x_t @ U.mT, v, s, r, W, leak, trace)
        fired.append(s)
        traces.append(r)
    return torch.stack(fired, 1), torch.stack(traces, 1)
