"""A recurrent network with a linear output, M of them at once: what a fleet most often trains."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rnnsite.cells.cell import Cell, Generators
from rnnsite.cells.initial import Initial, uniform
from rnnsite.errors import RnnsiteError
from rnnsite.training.omega import InformationFlow
from rnnsite.training.over_time import states


def uniform_columns(rows: int, columns: int, generator: torch.Generator | None = None) -> Tensor:
    """U(−1/√columns, 1/√columns), torch.nn.Linear's start."""
    return uniform(columns, rows, generator).mT.contiguous()


class Recurrent(nn.Module):
    """y_t = V h_t + a, with h_t from a cell of M models.

    cell       any cell made with `models=M`
    O          outputs
    generator  one, or one a model (the cell's own, after the cell has drawn from them, keep models independent)
    outputs    initialiser of V (M, O, H); a starts at 0
    flow       Pascanu's regulariser; a fleet sets it when a model has a weight for it
    """

    def __init__(self, cell: Cell, O: int, *, generator: Generators = None, outputs: Initial = uniform_columns) -> None:
        super().__init__()
        if cell.models is None:
            raise RnnsiteError("A fleet needs a cell made with `models=`; this one is a single model.")
        generators = list(generator) if isinstance(generator, Sequence) else [generator] * cell.models
        if len(generators) != cell.models:
            raise RnnsiteError(f"{len(generators)} generators were given; expected one, or {cell.models}: one a model.")
        self.cell = cell
        self.V = nn.Parameter(torch.stack([outputs(O, cell.H, g) for g in generators]).to(cell.W))
        self.a = nn.Parameter(self.V.new_zeros(cell.models, O))
        self.flow: InformationFlow | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Outputs after every step, (M, T, B, I) → (M, T, B, O)."""
        hs, _ = states(self.cell, x, flow=self.flow)
        return self.read(hs)

    def last(self, x: Tensor) -> Tensor:
        """Outputs after the last step only, (M, T, B, I) → (M, B, O)."""
        _, end = states(self.cell, x, flow=self.flow)
        return self.read(end if isinstance(end, Tensor) else end[0])

    def read(self, h: Tensor) -> Tensor:
        """V h + a, (M, ..., H) → (M, ..., O)."""
        flat = torch.baddbmm(self.a[:, None], h.flatten(1, -2), self.V.mT)
        return flat.unflatten(1, h.shape[1:-1])
