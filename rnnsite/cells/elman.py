"""The simple recurrent network: the state is a squashed sum of the input and the last state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import torch
from torch import Tensor, nn

from rnnsite.cells.cell import Cell, plus_product
from rnnsite.cells.torch_weights import arguments_of, put, take
from rnnsite.errors import RnnsiteError, nearest


def linear(a: Tensor) -> Tensor:
    return a


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "linear": linear,
}


def activation_of(name: str) -> Callable[[Tensor], Tensor]:
    """The function of this name. Raises RnnsiteError, with the nearest name, for others."""
    if name not in ACTIVATIONS:
        raise RnnsiteError(
            f"Unknown activation {name!r}; expected one of {', '.join(ACTIVATIONS)}.{nearest(name, ACTIVATIONS)}"
        )
    return ACTIVATIONS[name]


def elman_step(Ux: Tensor, h: Tensor, W: Tensor, φ: Callable[[Tensor], Tensor]) -> dict[str, Tensor]:
    """h ← φ(U x + W h + b). `Ux` holds U x + b already."""
    a = plus_product(Ux, W, h)
    h = φ(a)
    return {"a_h": a, "h": h}


class Elman(Cell):
    """The simple recurrent network.

    h_t = φ(U x_t + W h_{t−1} + b)

    U (H, I), W (H, H), b (H); φ = activation: tanh, sigmoid, relu or linear. Every other argument is Cell's. The
    trace holds "h" and pre["h"]. Equal to torch.nn.RNN for tanh and relu. Source: Elman 1990, "Finding structure
    in time".

    >>> states, last = Elman(3, 5)(torch.zeros(7, 2, 3))
    >>> tuple(states.shape), tuple(last.shape)
    ((7, 2, 5), (2, 5))
    """

    blocks = "h"

    def __init__(self, I: int, H: int, models: int | None = None, *, activation: str = "tanh", **options: Any) -> None:
        activation_of(activation)
        super().__init__(I, H, models, **options)
        self.activation = activation

    def step(self, Ux: Tensor, state: dict[str, Tensor], **weights: Any) -> dict[str, Tensor]:
        return elman_step(Ux, state["h"], weights["W"], ACTIVATIONS[self.activation])

    @classmethod
    def from_torch(cls, module: nn.RNN) -> Self:
        """The cell with this module's weights. Raises RnnsiteError for more than one layer or direction."""
        cell = cls(activation=module.nonlinearity, **arguments_of(module, nn.RNN))
        take(cell, module, "h")
        return cell

    def to_torch(self) -> nn.RNN:
        """The torch.nn.RNN with these weights. Raises RnnsiteError for several models, sigmoid and linear."""
        if self.activation not in ("tanh", "relu"):
            raise RnnsiteError(f"torch.nn.RNN has no {self.activation}; expected a cell with tanh or relu.")
        module = nn.RNN(self.I, self.H, nonlinearity=self.activation, bias=self.bias, batch_first=self.batch_first)
        return put(self, module, "h")
