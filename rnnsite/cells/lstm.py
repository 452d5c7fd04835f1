"""Long short-term memory: a cell state that gates write, keep and read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import torch
from torch import Tensor, nn, sigmoid, tanh

from rnnsite.cells.cell import Cell, PerModel, plus_product
from rnnsite.cells.torch_weights import arguments_of, put, take
from rnnsite.errors import RnnsiteError


def lstm_step(
    Ux: Tensor, h: Tensor, c: Tensor, W: Tensor, gates: str = "ifo", p: Mapping[str, Tensor] | None = None
) -> dict[str, Tensor]:
    """i, f, o ← σ(U x + W h + p∘c + b), g ← tanh(U x + W h + b), c ← f∘c + i∘g, h ← o∘tanh(c).

    `Ux` holds U x + b already. A gate that is not in `gates` is 1; `p` holds the peepholes by gate, if any.
    """
    a = dict(zip(gates + "g", plus_product(Ux, W, h).chunk(len(gates) + 1, -1), strict=True))

    def gate(name: str, c: Tensor) -> Tensor:
        if name not in gates:
            return torch.ones_like(c)
        if p:
            a[name] = a[name] + p[name] * c
        return sigmoid(a[name])

    i = gate("i", c)
    f = gate("f", c)
    g = tanh(a["g"])
    c = f * c + i * g
    o = gate("o", c)
    h = o * tanh(c)
    return {**{f"a_{name}": a[name] for name in a}, "i": i, "f": f, "o": o, "g": g, "c": c, "h": h}


class LSTM(Cell):
    """Long short-term memory.

    i_t = σ(U_i x_t + W_i h_{t−1} + p_i∘c_{t−1} + b_i)        input gate
    f_t = σ(U_f x_t + W_f h_{t−1} + p_f∘c_{t−1} + b_f)        forget gate
    g_t = tanh(U_g x_t + W_g h_{t−1} + b_g)                   candidate
    c_t = f_t∘c_{t−1} + i_t∘g_t                               cell state
    o_t = σ(U_o x_t + W_o h_{t−1} + p_o∘c_t + b_o)            output gate
    h_t = o_t∘tanh(c_t)                                       hidden state

    U (4H, I), W (4H, H), b (4H): blocks i, f, o, g. The state is the pair (h, c).
    gates        which of i, f, o exist; a missing one is 1, and has no weights: `gates=""` adds every candidate to c
    peepholes    True adds the terms p (one row of H for each gate in `gates`), which start at 0
    forget_bias  where b_f starts, if there is one; a sequence gives each model its own
    Every other argument is Cell's. The trace holds i, f, o, g, c, h, and pre of every gate in use and of g. Equal to
    torch.nn.LSTM with all gates and no peepholes. Sources: Hochreiter & Schmidhuber 1997, without f, with logistic
    functions stretched to (−2, 2) and (−1, 1) for the two tanh, and with a gradient that was cut at every gate; forget
    gate, Gers et al. 2000; peepholes, Gers & Schmidhuber 2000.

    >>> states, (h, c) = LSTM(3, 5, models=4)(torch.zeros(7, 2, 3))
    >>> tuple(states.shape), tuple(c.shape)
    ((4, 7, 2, 5), (4, 2, 5))
    """

    state_names = ("h", "c")

    def __init__(
        self,
        I: int,
        H: int,
        models: int | None = None,
        *,
        gates: str = "ifo",
        peepholes: bool = False,
        forget_bias: PerModel = 0.0,
        **options: Any,
    ) -> None:
        if set(gates) - set("ifo") or len(set(gates)) != len(gates):
            raise RnnsiteError(f"Unknown gates {gates!r}; expected letters of 'ifo', each at most once.")
        self.gates = "".join(letter for letter in "ifo" if letter in gates)
        self.blocks = self.gates + "g"
        super().__init__(I, H, models, **options)
        if peepholes and not self.gates:
            raise RnnsiteError("A peephole needs a gate to look through; expected `gates` with at least one letter.")
        if not self.bias and forget_bias != 0.0:
            raise RnnsiteError("A forget_bias needs a bias; expected `bias=True` or no forget_bias.")
        if "f" in self.gates and self.bias:
            with torch.no_grad():
                self.block("b", "f").copy_(self.per_model(forget_bias)[..., None])
        self.p = nn.Parameter(torch.zeros_like(self.b[..., : len(self.gates) * H])) if peepholes else None

    def prepare(self, x: Tensor) -> tuple[tuple[Tensor, ...], dict[str, Any]]:
        rows = () if self.p is None else self.p[..., None, :].chunk(len(self.gates), -1)
        return self.project(x).unbind(-3), {"W": self.W, "p": dict(zip(self.gates, rows, strict=False))}

    def step(self, Ux: Tensor, state: dict[str, Tensor], **weights: Any) -> dict[str, Tensor]:
        return lstm_step(Ux, state["h"], state["c"], weights["W"], self.gates, weights["p"])

    @classmethod
    def from_torch(cls, module: nn.LSTM) -> Self:
        """The cell with this module's weights. Raises RnnsiteError for several layers, directions or a projection."""
        cell = cls(**arguments_of(module, nn.LSTM))
        take(cell, module, "ifgo")
        return cell

    def to_torch(self) -> nn.LSTM:
        """The torch.nn.LSTM with these weights. Raises RnnsiteError for several models, missing gates, peepholes."""
        if self.gates != "ifo" or self.p is not None:
            raise RnnsiteError("torch.nn.LSTM has all three gates and no peepholes; expected a cell like that.")
        return put(self, nn.LSTM(self.I, self.H, bias=self.bias, batch_first=self.batch_first), "ifgo")
