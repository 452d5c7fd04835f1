"""The network of Le, Jaitly & Hinton 2015: ReLU units whose recurrent matrix starts as the identity."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from rnnsite.cells.elman import Elman
from rnnsite.cells.initial import identity
from rnnsite.tasks.adding import adding
from rnnsite.training.recurrent import Recurrent


def irnn(H: int, generators: list[torch.Generator]) -> Recurrent:
    """A fleet for the adding problem: two inputs, H units, one output. Only W is the identity."""
    cell = Elman(2, H, len(generators), activation="relu", recurrent=identity, generator=generators)
    return Recurrent(cell, 1, generator=generators)


def adding_batches(T: int, B: int, generator: torch.Generator, updates: range) -> Sequence[tuple[Tensor, Tensor]]:
    """One batch of the adding problem for each update: x (T, B, 2), y (B,)."""
    x, y = adding(T, B * len(updates), generator)
    return list(zip(x.split(B, 1), y.split(B), strict=True))


def squared_error(model: Recurrent, x: Tensor, y: Tensor) -> Tensor:
    """Mean squared error after the last step, (M,)."""
    return (model.last(x)[..., 0] - y).square().mean(1)
