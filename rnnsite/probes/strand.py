"""A strand: one layer of a recurrent module in one direction, the thing that repeats at every step.

Every probe works on strands, so that torch.nn modules (layers × directions), torch.nn cells and this package's cells
are measured by the same code: their steps are the functions of `rnnsite.cells`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import ACTIVATIONS, elman_step
from rnnsite.cells.gru import gru_step
from rnnsite.cells.lstm import lstm_step
from rnnsite.cells.torch_weights import reorder

State: TypeAlias = dict[str, Tensor]


@dataclass(frozen=True)
class Strand:
    """One layer in one direction.

    name       "l0", "l1_reverse" as in torch's `weight_hh_l1_reverse`; "" for a cell
    kind       "rnn", "lstm" or "gru"
    sizes      width of each part of the state: {"h": H}, or {"h": P or H, "c": H}
    prepare    x (T, B, I) → one input for each step, and the weights that every step uses
    step       (input of the step, state, **weights) → everything computed, by name; pre-activations are "a_·"
    recurrent  block letter → the square matrix by which a step feeds the state back to itself
    phi        the nonlinearity of a "rnn" strand
    W, bias    where its module keeps W, and the bias of the gate that keeps the state, in words of Python:
               "weight_hh_l0", "bias_ih_l0.data[8:16]"; bias is None where there is no such gate or no bias
    """

    name: str
    kind: str
    sizes: Mapping[str, int]
    prepare: Callable[[Tensor], tuple[Sequence[Any], dict[str, Any]]]
    step: Callable[..., State]
    recurrent: Mapping[str, Tensor]
    phi: str = "tanh"
    W: str = "W"
    bias: str | None = None

    @property
    def reverse(self) -> bool:
        return self.name.endswith("_reverse")

    @property
    def carrier(self) -> str:
        """The part of the state that a gradient travels on: c where there is one."""
        return "c" if "c" in self.sizes else "h"


def of_torch(module: nn.RNNBase | nn.RNNCellBase, layer: int = 0, reverse: bool = False) -> Strand:
    """The strand of a torch.nn module whose steps are torch operations on the module's own weights."""
    name = "" if isinstance(module, nn.RNNCellBase) else f"l{layer}" + ("_reverse" if reverse else "")

    def weight(kind: str) -> Tensor:
        return getattr(module, f"{kind}_{name}" if name else kind)

    end = f"_{name}" if name else ""
    H = module.hidden_size
    gate = f"bias_ih{end}.data[{H}:{2 * H}]" if module.bias else None  # of an LSTM's f and of a GRU's u
    return replace(_of_weights(module, name, weight), W=f"weight_hh{end}", bias=gate)


def of_cell(cell: Cell) -> Strand:
    """The strand of one of this package's cells."""
    kind = {"h": "rnn", "rug": "gru"}.get(cell.blocks, "lstm")
    recurrent = {letter: cell.block("W", letter) for letter in cell.blocks}
    sizes = dict.fromkeys(cell.state_names, cell.H)
    k = max(cell.blocks.find("f"), cell.blocks.find("u"))
    bias = f"b.data[..., {k * cell.H}:{(k + 1) * cell.H}]" if k >= 0 and cell.bias else None
    phi = getattr(cell, "activation", "tanh")
    return Strand("", kind, sizes, cell.prepare, cell.step, recurrent, phi, bias=bias)


def _of_weights(module: nn.RNNBase | nn.RNNCellBase, name: str, weight: Callable[[str], Tensor]) -> Strand:
    U, W = weight("weight_ih"), weight("weight_hh")
    zero = U.new_zeros(len(U))
    b_U, b_W = (weight("bias_ih"), weight("bias_hh")) if module.bias else (zero, zero)
    sizes = {"h": W.shape[1]}
    if isinstance(module, (nn.LSTM, nn.LSTMCell)):
        W_hr = weight("weight_hr") if getattr(module, "proj_size", 0) else None
        return _lstm(name, {**sizes, "c": module.hidden_size}, U, W, b_U + b_W, W_hr)
    if isinstance(module, (nn.GRU, nn.GRUCell)):
        return _gru(name, sizes, U, W, b_U, b_W)
    return _rnn(name, sizes, U, W, b_U + b_W, str(module.nonlinearity))


def _rnn(name: str, sizes: dict[str, int], U: Tensor, W: Tensor, b: Tensor, phi: str) -> Strand:
    def prepare(x: Tensor) -> tuple[Sequence[Tensor], dict[str, Any]]:
        return (x @ U.mT + b).unbind(-3), {"W": W, "φ": ACTIVATIONS[phi]}

    def step(Ux: Tensor, state: State, **weights: Any) -> State:
        return elman_step(Ux, state["h"], **weights)

    return Strand(name, "rnn", sizes, prepare, step, {"h": W}, phi)


def _lstm(name: str, sizes: dict[str, int], U: Tensor, W: Tensor, b: Tensor, W_hr: Tensor | None) -> Strand:
    U, W, b = (reorder(part, "ifgo", "ifog") for part in (U, W, b))

    def prepare(x: Tensor) -> tuple[Sequence[Tensor], dict[str, Any]]:
        return (x @ U.mT + b).unbind(-3), {"W": W}

    def step(Ux: Tensor, state: State, **weights: Any) -> State:
        now = lstm_step(Ux, state["h"], state["c"], **weights)
        return now if W_hr is None else {**now, "h": now["h"] @ W_hr.mT}

    # with a projection h = W_hr m, the matrix from m to the next step's gate is W_gate W_hr
    square = W if W_hr is None else W @ W_hr
    return Strand(name, "lstm", sizes, prepare, step, dict(zip("ifog", square.chunk(4), strict=True)))


def _gru(name: str, sizes: dict[str, int], U: Tensor, W: Tensor, b_U: Tensor, b_W: Tensor) -> Strand:
    H = sizes["h"]
    W_ru, W_g = W.split((2 * H, H))
    b_h = b_W[None, 2 * H :]
    b = b_U + torch.cat([b_W[: 2 * H], torch.zeros_like(b_W[2 * H :])])

    def prepare(x: Tensor) -> tuple[Sequence[tuple[Tensor, Tensor]], dict[str, Any]]:
        Ux_ru, Ux_g = (x @ U.mT + b).split((2 * H, H), -1)
        pairs = list(zip(Ux_ru.unbind(-3), Ux_g.unbind(-3), strict=True))
        return pairs, {"W_ru": W_ru, "W_g": W_g, "b_h": b_h}

    def step(Ux: tuple[Tensor, Tensor], state: State, **weights: Any) -> State:
        return gru_step(*Ux, state["h"], **weights)

    return Strand(name, "gru", sizes, prepare, step, dict(zip("rug", W.chunk(3), strict=True)))
