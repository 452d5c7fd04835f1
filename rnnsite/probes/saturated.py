"""Saturation: how often a unit sits on the flat part of its nonlinearity, where no gradient passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rnnsite.probes.private import undisturbed
from rnnsite.probes.record import Recording, record
from rnnsite.probes.strand import Strand

EDGE = 0.05  # a sigmoid within 0.05 of 0 or 1 passes less than a fifth of its largest slope, |tanh| > 0.95 a tenth


@dataclass(frozen=True)
class Saturation:
    """Shares of one gate's or state's unit-steps, over all steps, examples and units.

    low, high  sigmoid: below 0.05, above 0.95; tanh: below −0.95, above 0.95; 0 for relu
    dead       share of relu units that no step of no example made positive; 0 for others
    """

    low: float
    high: float
    dead: float = 0.0

    @property
    def share(self) -> float:
        return self.low + self.high


def saturation(model: nn.Module, inputs: Any) -> dict[str, Saturation]:
    """How much of each gate and state is saturated on these inputs.

    model, inputs  as in `gradient_flow`
    Returns  {"l0.h": …} of an RNN; {"l0.i", "l0.f", "l0.o", "l0.g", "l0.c"} of an LSTM, where c is judged by tanh(c),
             which the output gate reads; {"l0.r", "l0.u", "l0.g"} of a GRU. Nothing of a linear cell.
    Raises   RnnsiteError when the inputs do not fit.

    >>> saturation(nn.LSTM(3, 8), torch.zeros(20, 4, 3))["l0.f"]
    Saturation(low=0.0, high=0.0, dead=0.0)
    """
    with undisturbed():
        return measure(record(model, inputs))


def measure(recording: Recording) -> dict[str, Saturation]:
    """`saturation` of a run that was recorded already."""
    judges: dict[str, Callable[[Tensor], Saturation]] = {}
    for name, runs in recording.runs.items():
        for part in runs[0].steps:
            judge = _judge(runs[0].strand, part, runs[0].steps)
            if judge is not None:
                judges[f"{name}.{part}" if name else part] = judge
    values = recording.of_each(lambda run: {part: run.stacked(part) for part in run.steps}, dim=-3)
    return {name: judge(values[name].detach()) for name, judge in judges.items()}


def _judge(strand: Strand, part: str, computed: dict[str, list[Tensor]]) -> Callable[[Tensor], Saturation] | None:
    if strand.kind == "rnn":
        return {"tanh": _tanh, "sigmoid": _sigmoid, "relu": _relu}.get(strand.phi) if part == "h" else None
    if part == "g":
        return _tanh
    if part == "c":
        return lambda c: _tanh(torch.tanh(c))
    # a gate that is switched off is the constant 1 and has no pre-activation
    return _sigmoid if part in "ifour" and f"a_{part}" in computed else None


def _tanh(y: Tensor) -> Saturation:
    count = _count(y)
    return Saturation(float((y < EDGE - 1).sum()) / count, float((y > 1 - EDGE).sum()) / count)


def _sigmoid(y: Tensor) -> Saturation:
    count = _count(y)
    return Saturation(float((y < EDGE).sum()) / count, float((y > 1 - EDGE).sum()) / count)


def _relu(y: Tensor) -> Saturation:
    active = (y > 0).flatten(-3, -2).any(-2)  # NaN, past the end of a packed sequence, is not > 0
    return Saturation(0.0, 0.0, 1 - float(active.double().mean()))


def _count(y: Tensor) -> int:
    return int((~y.isnan()).sum())
