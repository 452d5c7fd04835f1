"""Everything a cell computed in one run, by name and by step."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError, nearest


class Trace:
    """Every state, gate and pre-activation of one run; the graph is kept.

    trace["h"]           (T, B, H), with models (M, T, B, H): the state h_1 … h_T; likewise "c", "i", "f", "o", "g", …
    trace.pre["i"]       the same shape: what the gate's nonlinearity was applied to
    trace.steps["h"][t]  (B, H): the very tensor step t + 1 used, so `torch.autograd.grad(loss, trace.steps["h"])`
                         gives dL/dh_t, when the loss was computed from this trace's `trace["h"]`
    trace.initial["h"]   (B, H): h_0, and "c" for an LSTM
    trace.states         trace["h"] in the cell's own layout: what forward returns (batch first when the cell is)

    Time comes first whatever the cell's `batch_first`. Raises RnnsiteError for a name the cell does not have.

    >>> from rnnsite.cells.lstm import LSTM
    >>> trace = LSTM(3, 5).trace(torch.zeros(7, 2, 3))
    >>> trace.names, tuple(trace["f"].shape), len(trace.steps["c"])
    (('i', 'f', 'o', 'g', 'c', 'h'), (7, 2, 5), 7)
    """

    def __init__(self, steps: list[dict[str, Tensor]], initial: dict[str, Tensor], batch_first: bool) -> None:
        self.steps = {name: [step[name] for step in steps] for name in steps[0] if not name.startswith("a_")}
        self.initial = initial
        self.pre = Stacked({name[2:]: [step[name] for step in steps] for name in steps[0] if name.startswith("a_")})
        self._values = Stacked(self.steps)
        self._batch_first = batch_first

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.steps)

    @property
    def states(self) -> Tensor:
        return self["h"].transpose(-3, -2) if self._batch_first else self["h"]

    def __getitem__(self, name: str) -> Tensor:
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        return name in self.steps


class Stacked:
    """Tensors by name, each stacked over time when first asked for. `steps[name]` keeps the pieces."""

    def __init__(self, steps: dict[str, list[Tensor]]) -> None:
        self.steps = steps
        self._stacked: dict[str, Tensor] = {}

    def __getitem__(self, name: str) -> Tensor:
        if name not in self.steps:
            raise RnnsiteError(
                f"This trace has no {name!r}; expected one of {', '.join(self.steps)}.{nearest(name, self.steps)}"
            )
        if name not in self._stacked:
            self._stacked[name] = torch.stack(self.steps[name], -3)
        return self._stacked[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.steps)

    def __contains__(self, name: str) -> bool:
        return name in self.steps
