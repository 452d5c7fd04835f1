"""Skip connections through time: the state also sees itself as it was d steps ago, or only that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from rnnsite.cells.cell import Cell, Generators, plus_product
from rnnsite.cells.elman import activation_of, elman_step
from rnnsite.cells.initial import Initial, scale_to_spectral_radius
from rnnsite.errors import RnnsiteError


def skip_step(
    Ux: Tensor, h: Tensor, h_d: Tensor, W: Tensor, S: Tensor, φ: Callable[[Tensor], Tensor]
) -> dict[str, Tensor]:
    """h ← φ(U x + W h + S h_d + b). `Ux` holds U x + b already, `h_d` the state d steps before the new one."""
    return elman_step(plus_product(Ux, S, h_d), h, W, φ)


class Skip(Cell):
    """The simple recurrent network with a connection that jumps d steps.

    h_t = φ(U x_t + W h_{t−1} + S h_{t−d} + b)
    h_t = φ(U x_t + W h_{t−d} + b)                 with `keep=False`: the one-step connection is removed

    U (H, I), W (H, H), S (H, H), b (H); φ = activation: tanh, sigmoid, relu or linear.
    delay  d in steps, at least 1
    keep   False removes the one-step connection. What is left is d networks that take turns: each sees every d-th input
    `recurrent` draws W and then S, and `spectral_radius` scales each. The state is the last d states
    (h_t, h_{t−1}, …, h_{t−d+1}), a single tensor for d = 1. Every other argument is Cell's. The trace holds h, pre["h"]
    and the older states h_1 … h_{d−1}. Raises RnnsiteError for d below 1. Sources: Lin et al. 1996, "Learning long-term
    dependencies in NARX recurrent neural networks", with one delay instead of all up to d; Goodfellow et al. 2016,
    sections 10.9.1 and 10.9.3.

    >>> cell = Skip(1, 1, delay=3, keep=False, activation="linear")
    >>> with torch.no_grad():
    ...     _ = cell.U.fill_(1), cell.W.fill_(0.5)
    >>> cell(torch.tensor([1.0, 0, 0, 0, 0, 0, 0]).view(7, 1, 1))[0].flatten().tolist()
    [1.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.25]
    """

    blocks = "h"

    def __init__(
        self,
        I: int,
        H: int,
        models: int | None = None,
        *,
        delay: int,
        keep: bool = True,
        activation: str = "tanh",
        **options: Any,
    ) -> None:
        if delay < 1:
            raise RnnsiteError(f"delay is {delay}; expected at least 1 step.")
        activation_of(activation)
        self.delay, self.keep, self.activation = delay, keep, activation
        self.state_names = ("h", *(f"h_{k}" for k in range(1, delay)))
        super().__init__(I, H, models, **options)
        S = self._drawn_S
        del self._drawn_S
        if keep and options.get("spectral_radius") is not None:
            S = scale_to_spectral_radius(S, self.per_model(options["spectral_radius"]))
        self.S = nn.Parameter(S.to(self.W)) if keep else None

    def _draw(self, generator: Generators, recurrent: Initial, inputs: Initial) -> tuple[Tensor, Tensor]:
        """U and W; S is drawn between them and the next model's, and put aside."""

        def side_by_side(rows: int, columns: int, g: torch.Generator | None) -> Tensor:
            return torch.cat([recurrent(rows, columns, g), recurrent(rows, columns, g)], 1)

        U, W = super()._draw(generator, side_by_side if self.keep else recurrent, inputs)
        self._drawn_S = W[..., self.H :]
        return U, W[..., : self.H].contiguous()

    def prepare(self, x: Tensor) -> tuple[tuple[Tensor, ...], dict[str, Any]]:
        return self.project(x).unbind(-3), {"W": self.W, "S": self.S}

    def step(self, Ux: Tensor, state: dict[str, Tensor], **weights: Any) -> dict[str, Tensor]:
        W, S, φ = weights["W"], weights["S"], activation_of(self.activation)
        last = [state[name] for name in self.state_names]  # h_{t−1} … h_{t−d}
        now = elman_step(Ux, last[-1], W, φ) if S is None else skip_step(Ux, last[0], last[-1], W, S, φ)
        return {**now, **dict(zip(self.state_names[1:], last, strict=False))}

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, delay={self.delay}" + ("" if self.keep else ", keep=False")
