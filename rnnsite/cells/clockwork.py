"""A clockwork of groups: each takes a step only when its period has passed, and holds its state in between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from rnnsite.cells.cell import Cell, Generators, plus_product
from rnnsite.cells.initial import Initial
from rnnsite.errors import RnnsiteError


def clockwork_step(Ux: Tensor, h: Tensor, clock: Tensor, W: Tensor, period: Tensor) -> dict[str, Tensor]:
    """h ← tanh(U x + W h + b) where the clock is a multiple of a unit's period, elsewhere h stays.

    `Ux` holds U x + b already; the clock shows the number of the step, from 0.
    """
    a = plus_product(Ux, W, h)
    due = clock.round() % period == 0
    return {"a_h": a, "h": torch.where(due, torch.tanh(a), h), "clock": clock + 1}


class Clockwork(Cell):
    """The clockwork network.

    h_t = tanh(U x_t + W h_{t−1} + b)  for the units whose period divides t;   h_t = h_{t−1}  for all others

    U (H, I), W (H, H), b (H). The units fall into groups of one size, the fastest first. A group listens to itself and
    to slower groups only: W is block upper-triangular, its other entries are and stay 0.
    periods  of the groups, in steps and ascending; H is a multiple of their number
    The state is (h, clock): the number of the next step, which starts at 0, for every sequence and unit (B, H), so that
    sequences may start at different ticks. At step 0 every group takes a step. Every other argument is Cell's. The
    trace holds h, pre["h"] and the clock. Raises RnnsiteError for other periods or sizes. Source: Koutník, Greff, Gomez
    & Schmidhuber 2014, "A clockwork RNN"; its biases and activation, with periods 1, 2, 4, 8 as the default.

    >>> cell = Clockwork(1, 4, periods=(1, 3), bias=False)
    >>> states, (h, clock) = cell(torch.ones(5, 1, 1))
    >>> (states.diff(dim=0)[:, 0] != 0).int().tolist()  # which units changed at steps 1 to 4
    [[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 0, 0]]
    >>> clock[0].tolist(), bool((cell.W[2:, :2] == 0).all())
    ([5.0, 5.0, 5.0, 5.0], True)
    """

    blocks = "h"
    state_names = ("h", "clock")

    def __init__(
        self, I: int, H: int, models: int | None = None, *, periods: Sequence[int] = (1, 2, 4, 8), **options: Any
    ) -> None:
        self.periods = tuple(periods)
        if not self.periods or self.periods[0] < 1 or list(self.periods) != sorted(set(self.periods)):
            raise RnnsiteError(f"The periods are {self.periods}; expected whole numbers from 1 up, each larger.")
        if H % len(self.periods):
            raise RnnsiteError(f"H is {H}; expected a multiple of {len(self.periods)}, the number of periods.")
        super().__init__(I, H, models, **options)

    def unit_periods(self) -> Tensor:
        """The period of every unit, (H,)."""
        return torch.tensor(self.periods).repeat_interleave(self.H // len(self.periods))

    def listens(self) -> Tensor:
        """(H, H): 1 where unit i has a connection from unit j, whose period is then at least as long, 0 elsewhere."""
        period = self.unit_periods()
        return (period[:, None] <= period).double()

    def _draw(self, generator: Generators, recurrent: Initial, inputs: Initial) -> tuple[Tensor, Tensor]:
        U, W = super()._draw(generator, recurrent, inputs)
        return U, W * self.listens()

    def prepare(self, x: Tensor) -> tuple[tuple[Tensor, ...], dict[str, Any]]:
        weights = {"W": self.W * self.listens().to(self.W), "period": self.unit_periods().to(x)}
        return self.project(x).unbind(-3), weights

    def step(self, Ux: Tensor, state: dict[str, Tensor], **weights: Any) -> dict[str, Tensor]:
        return clockwork_step(Ux, state["h"], state["clock"], **weights)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, periods={self.periods}"
