"""A gradient by its distance from the loss, in one of this package's cells, for all of its models at once."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.trace import Trace


def gradient_by_distance(trace: Trace, loss: Tensor) -> Tensor:
    """‖∂L/∂h_{T−k}‖ for k = 0, 1, … T−1; where there is a cell state, ‖∂L/∂c_{T−k}‖, since gradients travel on it.

    trace  of a run from which `loss`, one number, was computed → (T, B), with models (M, T, B)

    >>> from rnnsite.cells.elman import Elman
    >>> trace = Elman(1, 1, activation="linear", recurrent=lambda *_: torch.tensor([[0.5]])).trace(torch.ones(3, 1, 1))
    >>> gradient_by_distance(trace, trace["h"][-1].sum()).squeeze().tolist()
    [1.0, 0.5, 0.25]
    """
    states = trace.steps["c" if "c" in trace else "h"]
    gradients = torch.autograd.grad(loss, states, retain_graph=True)
    return torch.stack(gradients[::-1], -3).norm(dim=-1)


def fitted_slope(log: np.ndarray, near: int, far: int) -> np.ndarray:
    """Least-squares slope of log norms (M, distance) between two distances, both included: (M,)."""
    k = np.arange(near, far + 1)
    centred = k - k.mean()
    slope: np.ndarray = log[:, near : far + 1] @ centred / (centred**2).sum()
    return slope
