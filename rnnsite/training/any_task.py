"""A fleet with any cell on any of the eight tasks: its network, its size, its loss, and what a step costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, embedding

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM
from rnnsite.errors import RnnsiteError
from rnnsite.training.eight_tasks import Task
from rnnsite.training.recurrent import Recurrent

CELLS: dict[str, Callable[..., Cell]] = {"RNN": Elman, "GRU": GRU, "LSTM": LSTM}
SQUASHED = {"RNN": 1, "GRU": 3, "LSTM": 5}  # values of tanh and σ a unit needs in a step


class SymbolReader(Recurrent):
    """A Recurrent that reads symbols, through a table E (M, symbols, I) of its own with entries from N(0, 1)."""

    def __init__(self, cell: Cell, O: int, symbols: int, generators: list[torch.Generator]) -> None:
        super().__init__(cell, O, generator=generators)
        self.E = nn.Parameter(torch.stack([torch.randn(symbols, cell.I, generator=g) for g in generators]).to(self.V))

    def embed(self, x: Tensor) -> Tensor:
        """(M, T, B) → (M, T, B, I)."""
        M, symbols, _ = self.E.shape
        return embedding(x + symbols * torch.arange(M, device=x.device)[:, None, None], self.E.flatten(0, 1))

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(self.embed(x))

    def last(self, x: Tensor) -> Tensor:
        return super().last(self.embed(x))


def network(cell: str, task: Task, H: int, generators: list[torch.Generator]) -> Recurrent:
    """A fleet for the task. The LSTM's forget gates start at a bias of 1, everything else as in torch.nn."""
    options = {"forget_bias": 1.0} if cell == "LSTM" else {}
    made = CELLS[cell](task.I, H, len(generators), generator=generators, **options)
    if task.symbols:
        return SymbolReader(made, task.O, task.symbols, generators)
    return Recurrent(made, task.O, generator=generators)


def parameters(cell: str, task: Task, H: int) -> int:
    """Of one network, readout and table of symbols included."""
    return sum(p[0].numel() for p in network(cell, task, H, [torch.Generator()]).parameters())


def width(cell: str, task: Task, most: int) -> int:
    """The largest H with no more than so many parameters. Raises RnnsiteError if not even one unit fits.

    >>> from rnnsite.training.eight_tasks import task
    >>> [width(cell, task("adding", 20), 1250) for cell in CELLS]
    [33, 18, 16]
    """
    H = 0
    while parameters(cell, task, H + 1) <= most:
        H += 1
    if not H:
        raise RnnsiteError(f"Not even one {cell} unit fits into {most} parameters on this task.")
    return H


def operations(cell: str, task: Task, H: int, squash: float) -> float:
    """What a step costs in multiplications, the value of a tanh or σ counted as `squash` of them."""
    blocks = {"RNN": 1, "GRU": 3, "LSTM": 4}[cell]
    return blocks * H * (H + task.I) + squash * SQUASHED[cell] * H + task.every * H * task.O


def loss(model: Any, x: Tensor, y: Tensor) -> Tensor:
    """Mean squared error, or cross-entropy in nats, of each model: y (M, B), or (M, S, B) for the last S steps."""
    outputs = model(x)[:, -y.shape[1] :] if y.ndim == 3 else model.last(x)
    if y.is_floating_point():
        return (outputs[..., 0] - y).square().flatten(1).mean(1)
    each = cross_entropy(outputs.flatten(0, -2), y.flatten(), reduction="none")
    return each.view(len(y), -1).mean(1)
