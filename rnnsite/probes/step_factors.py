"""What one step multiplies a gradient by besides the recurrent matrix."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.trace import Trace

SLOPES: dict[str, Callable[[Tensor], Tensor]] = {  # φ′(a), from h = φ(a)
    "linear": torch.ones_like,
    "relu": lambda h: (h > 0).to(h),
    "tanh": lambda h: 1 - h**2,
    "sigmoid": lambda h: h * (1 - h),
}


def step_factors(cell: Cell, trace: Trace) -> Tensor:
    """φ′(a) of a plain cell, or the gate by which a GRU or an LSTM keeps its state: in the shape of the trace's h.

    >>> cell = Elman(1, 1, activation="sigmoid")
    >>> trace = cell.trace(torch.zeros(2, 1, 1))
    >>> bool(torch.equal(step_factors(cell, trace), trace["h"] * (1 - trace["h"])))
    True
    """
    if isinstance(cell, Elman):
        return SLOPES[cell.activation](trace["h"])
    return trace["u" if isinstance(cell, GRU) else "f"]
