"""The networks of the latch problem, M at once: a single unit, or a cell with a readout. Both learn their first inputs.

Those are parameters, as if another network computed them; the noise after them comes from outside. Source: Bengio,
Simard & Frasconi 1994, "Learning long-term dependencies with gradient descent is difficult".
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnsite.cells.cell import Cell
from rnnsite.training.recurrent import Recurrent


class Latch(nn.Module):
    """M networks and the first inputs (M, 2, L) of each, trained together; `outputs` reads M × N sequences.

    generators  one a model
    L           steps that carry the bit
    """

    def __init__(self, generators: list[torch.Generator], L: int) -> None:
        super().__init__()
        self.first = nn.Parameter(0.1 * torch.stack([torch.randn(2, L, generator=g) for g in generators]))

    def outputs(self, x: Tensor) -> Tensor:
        """(M, T, N) → (M, N)"""
        raise NotImplementedError


class Unit(Latch):
    """The network of the paper: h_t = tanh(w h_{t−1} + x_t). It learns w, which starts at `w0`, and the first inputs.

    >>> unit = Unit([torch.Generator()], 3, 1.25)
    >>> round(unit.outputs(torch.tensor([[[1.0], [0.0]]])).item(), 3)  # tanh(1.25 tanh 1)
    0.741
    """

    def __init__(self, generators: list[torch.Generator], L: int, w0: float) -> None:
        super().__init__(generators, L)
        self.w = nn.Parameter(torch.full((len(generators), 1), w0))

    def outputs(self, x: Tensor) -> Tensor:
        h = torch.zeros_like(x[:, 0])
        for x_t in x.unbind(1):
            h = torch.tanh(self.w * h + x_t)
        return h


class Read(Latch):
    """H units of a cell read the input, and V reads them at the end."""

    def __init__(self, generators: list[torch.Generator], L: int, cell: Cell) -> None:
        super().__init__(generators, L)
        self.readout = Recurrent(cell, 1, generator=generators)
        self.readout.a.requires_grad_(False)  # no output bias: it stays 0

    def outputs(self, x: Tensor) -> Tensor:
        return self.readout.last(x[..., None])[..., 0]
