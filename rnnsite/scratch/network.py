"""A cell and a linear readout: the smallest thing that can be trained."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from .cell import Cell, Parameters
from .losses import squared
from .vectors import Matrix, Vector, matvec, plus_product, sum_of_outer, transpose, zeros

Loss = Callable[[Vector, Any], tuple[float, Vector]]


class Network:
    """ŷ_t = V h_t + a.

    cell    RNN, LSTM or GRU
    O       outputs
    loss    `squared` (a target is a list of O numbers) or `cross_entropy` (a target is a class, 0 … O − 1)
    seed    of V; a starts at 0

    >>> from rnnsite.scratch import RNN
    >>> network = Network(RNN(2, 3))
    >>> xs, ys = [[1.0, 0.0], [0.0, 1.0]], [None, [1.0]]  # asked at the end only
    >>> loss, gradients = network.gradients(xs, ys)
    >>> sorted(gradients)
    ['U', 'V', 'W', 'a', 'b']
    """

    def __init__(self, cell: Cell, O: int = 1, loss: Loss = squared, seed: int = 0) -> None:
        random, k = Random(f"readout {seed}"), cell.H**-0.5
        self.cell, self.loss = cell, loss
        self.V: Matrix = [[random.uniform(-k, k) for _ in range(cell.H)] for _ in range(O)]
        self.a: Vector = zeros(O)

    def parameters(self) -> Parameters:
        return {**self.cell.parameters(), "V": self.V, "a": self.a}

    def outputs(self, xs: list[Vector]) -> list[Vector]:
        """ŷ_1 … ŷ_T"""
        return [plus_product(self.a, self.V, h) for h in self.cell.forward(xs)]

    def error(self, xs: list[Vector], ys: list[Any]) -> float:
        """The mean loss over the steps that are asked for. `ys` has a target for each step, or None."""
        losses = [self.loss(y_hat, y)[0] for y_hat, y in zip(self.outputs(xs), ys) if y is not None]
        return sum(losses) / len(losses)

    def gradients(self, xs: list[Vector], ys: list[Any]) -> tuple[float, Parameters]:
        """The mean loss over the steps that are asked for, and the gradient of every parameter."""
        hs = self.cell.forward(xs)
        asked = [t for t, y in enumerate(ys) if y is not None]
        if len(ys) != len(xs) or not asked:
            raise ValueError(f"Expected {len(xs)} targets, None where nothing is asked but not all None; got {ys!r}.")
        total, V_T = 0.0, transpose(self.V)
        dys: list[Vector] = []
        dhs: list[Vector | None] = [None] * len(xs)
        for t in asked:
            loss, dy = self.loss(plus_product(self.a, self.V, hs[t]), ys[t])
            total += loss
            dys.append([d / len(asked) for d in dy])
            dhs[t] = matvec(V_T, dys[-1])
        gradients = self.cell.backward(dhs)
        gradients["V"] = sum_of_outer(dys, [hs[t] for t in asked])
        gradients["a"] = [sum(column) for column in zip(*dys)]
        return total / len(asked), gradients
