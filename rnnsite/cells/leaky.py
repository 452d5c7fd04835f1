"""Leaky units: a share of the last state stays, whatever the network computes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from rnnsite.cells.cell import PerModel
from rnnsite.cells.elman import ACTIVATIONS, Elman, elman_step


class Leaky(Elman):
    """The simple recurrent network with leaky units.

    h_t = α h_{t−1} + (1 − α) φ(U x_t + W h_{t−1} + b)

    leak  α in [0, 1], the share of the state that stays; a sequence gives each model its own. 0 is Elman's network
    Every other argument is Elman's. Source: Jaeger et al. 2007, "Optimization and applications of echo state networks
    with leaky-integrator neurons"; Mozer 1992 for the same idea in a trained network.

    >>> cell = Leaky(3, 5, leak=1.0)
    >>> bool((cell(torch.randn(7, 2, 3))[0] == 0).all())
    True
    """

    leak: Tensor

    def __init__(self, I: int, H: int, models: int | None = None, *, leak: PerModel = 0.0, **options: Any) -> None:
        super().__init__(I, H, models, **options)
        self.register_buffer("leak", self.per_model(leak).to(self.W).clone())

    def step(self, Ux: Tensor, state: dict[str, Tensor], **weights: Any) -> dict[str, Tensor]:
        φ = elman_step(Ux, state["h"], weights["W"], ACTIVATIONS[self.activation])
        leak = self.leak if self.models is None else self.leak[:, None, None]
        return {**φ, "h": torch.lerp(φ["h"], state["h"], leak)}
