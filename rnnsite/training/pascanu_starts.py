"""The three starts of Pascanu, Mikolov & Bengio 2013, as in the code released with the paper."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnsite.cells.initial import Initial, scale_to_spectral_radius


def normal(deviation: float) -> Initial:
    """N(0, deviation²) for every weight."""

    def draw(rows: int, columns: int, generator: torch.Generator | None = None) -> Tensor:
        return deviation * torch.randn(rows, columns, generator=generator, dtype=torch.float64)

    return draw


def sparse(rows: int, columns: int, generator: torch.Generator | None = None) -> Tensor:
    """Fifteen Gaussian weights in each row, the rest 0, scaled to a spectral radius of 0.95."""
    W = torch.randn(rows, columns, generator=generator, dtype=torch.float64)
    order = torch.rand(rows, columns, generator=generator, dtype=torch.float64).argsort(1)
    return scale_to_spectral_radius(W * (order < 15), 0.95)


@dataclass(frozen=True)
class Start:
    """An activation with the initialisers of its recurrent and of its input and output weights. Biases start at 0."""

    activation: str
    recurrent: Initial
    outer: Initial


STARTS = {
    "sigmoid": Start("sigmoid", normal(0.01), normal(0.01)),
    "basic tanh": Start("tanh", normal(0.1), normal(0.1)),
    "smart tanh": Start("tanh", sparse, normal(0.01)),
}
