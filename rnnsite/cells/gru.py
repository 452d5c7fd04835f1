"""Gated recurrent unit: one gate decides how much of the state to keep, another how much of it to look at."""

from __future__ import annotations

from typing import Any, Self, cast

import torch
from torch import Tensor, nn, sigmoid, tanh

from rnnsite.cells.cell import Cell, plus_product
from rnnsite.cells.torch_weights import arguments_of, put, take
from rnnsite.errors import RnnsiteError


def gru_step(
    Ux_ru: Tensor, Ux_g: Tensor, h: Tensor, W_ru: Tensor, W_g: Tensor, b_h: Tensor | None
) -> dict[str, Tensor]:
    """r, u ← σ(U x + W h + b), g ← tanh(U x + r∘(W h + b_h)), h ← u∘h + (1−u)∘g; b_h None: tanh(U x + W (r∘h)).

    `Ux_ru` and `Ux_g` hold U x + b already.
    """
    a_r, a_u = plus_product(Ux_ru, W_ru, h).chunk(2, -1)
    r, u = sigmoid(a_r), sigmoid(a_u)
    a_g = plus_product(Ux_g, W_g, r * h) if b_h is None else Ux_g + r * plus_product(b_h, W_g, h)
    g = tanh(a_g)
    h = u * h + (1 - u) * g
    return {"a_r": a_r, "a_u": a_u, "a_g": a_g, "r": r, "u": u, "g": g, "h": h}


class GRU(Cell):
    """Gated recurrent unit.

    r_t = σ(U_r x_t + W_r h_{t−1} + b_r)                      reset gate
    u_t = σ(U_u x_t + W_u h_{t−1} + b_u)                      update gate: 1 keeps the state
    g_t = tanh(U_g x_t + r_t∘(W_g h_{t−1} + b_h) + b_g)       candidate, reset after the product (torch.nn.GRU)
    g_t = tanh(U_g x_t + W_g (r_t∘h_{t−1}) + b_g)             candidate, `reset_before=True` (Cho et al. 2014)
    h_t = u_t∘h_{t−1} + (1 − u_t)∘g_t

    U (3H, I), W (3H, H), b (3H): blocks r, u, g; b_h (H) only when the reset comes after. The two candidates are
    different functions of the same weights. Every other argument is Cell's. The trace holds r, u, g, h and pre of
    r, u, g. Sources: Cho et al. 2014; reset after, as in cuDNN and torch.nn.

    >>> states, last = GRU(3, 5)(torch.zeros(7, 2, 3))
    >>> tuple(states.shape), tuple(last.shape)
    ((7, 2, 5), (2, 5))
    """

    blocks = "rug"

    def __init__(
        self, I: int, H: int, models: int | None = None, *, reset_before: bool = False, **options: Any
    ) -> None:
        super().__init__(I, H, models, **options)
        self.reset_before = reset_before
        zeros = torch.zeros_like(self.b[..., :H])
        self.b_h = None if reset_before else nn.Parameter(zeros, requires_grad=self.bias)

    def prepare(self, x: Tensor) -> tuple[list[tuple[Tensor, Tensor]], dict[str, Any]]:
        H = self.H
        Ux_ru, Ux_g = self.project(x).split((2 * H, H), -1)
        W_ru, W_g = self.W.split((2 * H, H), -2)
        b_h = None if self.b_h is None else self.b_h[..., None, :]
        return list(zip(Ux_ru.unbind(-3), Ux_g.unbind(-3), strict=True)), {"W_ru": W_ru, "W_g": W_g, "b_h": b_h}

    def step(self, Ux: tuple[Tensor, Tensor], state: dict[str, Tensor], **weights: Any) -> dict[str, Tensor]:
        return gru_step(*Ux, state["h"], **weights)

    @classmethod
    def from_torch(cls, module: nn.GRU) -> Self:
        """The cell with this module's weights. Raises RnnsiteError for more than one layer or direction."""
        cell = cls(**arguments_of(module, nn.GRU))
        take(cell, module, "rug")
        if module.bias:
            _, _, b_h = cast(Tensor, module.bias_hh_l0).detach().chunk(3)
            with torch.no_grad():
                cast(Tensor, cell.b_h).copy_(b_h)
                cell.block("b", "g").copy_(cast(Tensor, module.bias_ih_l0)[2 * cell.H :])
        return cell

    def to_torch(self) -> nn.GRU:
        """The torch.nn.GRU with these weights. Raises RnnsiteError for several models and for reset_before."""
        if self.b_h is None:
            raise RnnsiteError("torch.nn.GRU resets after the product; expected a cell without reset_before.")
        module = put(self, nn.GRU(self.I, self.H, bias=self.bias, batch_first=self.batch_first), "rug")
        if self.bias:
            with torch.no_grad():
                cast(Tensor, module.bias_hh_l0)[2 * self.H :] = self.b_h
        return module
