"""Any recurrent module, run step by step from its own weights, with every state and gate left in the graph.

torch.nn's modules are fused: their output is all one sees. The unrolled run gives the same output (tested to rounding)
and the tensors inside it, so that gradients and Jacobians at each step are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnnsite.cells.cell import Cell
from rnnsite.errors import RnnsiteError
from rnnsite.probes.strand import State, Strand, of_cell, of_torch

Recurrent: TypeAlias = nn.RNNBase | nn.RNNCellBase | Cell


@dataclass(frozen=True)
class Run:
    """What one strand computed in one call, in the order of the positions of the input.

    strand   the strand, and `x` (T, B, I) its input
    steps    name → T tensors (B, ·), with their graph; `steps["h"][t]` is the very tensor that step t + 1 used
    initial  the state before the first step
    alive    (T, B), False past a packed sequence's end, where the state stands still; None when nothing was packed
    """

    strand: Strand
    x: Tensor
    steps: dict[str, list[Tensor]]
    initial: State
    alive: Tensor | None = None

    def stacked(self, name: str) -> Tensor:
        """(T, B, ·) of one name, NaN past the end of a packed sequence."""
        whole = torch.stack(self.steps[name], -3)
        return whole if self.alive is None else whole.masked_fill(~self.alive[..., None], float("nan"))

    def before(self, name: str) -> list[Tensor]:
        """For each position the state that its step started from."""
        now, first = self.steps[name], self.initial[name]
        return [*now[1:], first] if self.strand.reverse else [first, *now[:-1]]

    @property
    def last(self) -> State:
        """The state the strand ended with."""
        return {name: self.steps[name][0 if self.strand.reverse else -1] for name in self.strand.sizes}


@dataclass(frozen=True)
class Unrolled:
    """`output` is what the module itself returns for the same call; `runs` holds one Run a strand, layer by layer.

    time  the dimension of the steps in output[0], where that is a tensor; None for a single step of a torch cell
    """

    output: Any
    runs: list[Run]
    time: int | None

    @property
    def top(self) -> list[Run]:
        """The runs of the last layer, one a direction."""
        return self.runs[-2:] if self.runs[-1].strand.reverse else self.runs[-1:]


def unroll(module: Recurrent, x: Any, state: Any = None) -> Unrolled:
    """Run a recurrent module step by step.

    module  torch.nn RNN, LSTM, GRU (any layers, directions, projection, batch_first), RNNCell, LSTMCell, GRUCell, or
            one of `rnnsite.cells`. Dropout between layers is left out.
    x, state  what the module takes: (T, B, I), (B, T, I) with batch_first, (T, I), or a PackedSequence
    """
    if isinstance(module, Cell):
        return _of_cell(module, x, state)
    if isinstance(module, nn.RNNCellBase):
        return _of_torch_cell(module, x, state)
    return _of_torch(module, x, state)


def scan(strand: Strand, x: Tensor, initial: State, alive: Tensor | None = None) -> Run:
    """Step along x (T, B, I); where `alive` is False the state is carried over unchanged."""
    inputs, weights = strand.prepare(x)
    found: list[State] = []
    state = initial
    order = range(len(inputs))
    for t in reversed(order) if strand.reverse else order:
        now = strand.step(inputs[t], state, **weights)
        if alive is not None:
            now.update({name: torch.where(alive[t, :, None], now[name], state[name]) for name in strand.sizes})
        state = now
        found.append(now)
    if strand.reverse:
        found.reverse()
    return Run(strand, x, {name: [now[name] for now in found] for name in found[0]}, initial, alive)


def _of_torch(module: nn.RNNBase, given: Tensor | PackedSequence, state: Any) -> Unrolled:
    packed = given if isinstance(given, PackedSequence) else None
    x, alive, unbatched = _time_first(module, given)
    directions = (False, True) if module.bidirectional else (False,)
    states = _states(module, state, x, len(directions), unbatched)
    runs: list[Run] = []
    for layer in range(module.num_layers):
        new: list[Run] = []
        for reverse in directions:
            strand = of_torch(module, layer, reverse)
            k = len(runs) + len(new)
            initial = {
                name: x.new_zeros(x.shape[1], size) if states is None else states[name][k]
                for name, size in strand.sizes.items()
            }
            new.append(scan(strand, x, initial, alive))
        runs += new
        x = torch.cat([torch.stack(run.steps["h"]) for run in new], -1)
    last = {name: torch.stack([run.last[name] for run in runs]) for name in runs[0].strand.sizes}
    time = int(module.batch_first and not unbatched)
    if unbatched:
        x, last = x[:, 0], {name: part[:, 0] for name, part in last.items()}
    elif packed is None and time == 1:
        x = x.transpose(0, 1)
    output = x if packed is None else _packed_like(packed, x)
    return Unrolled((output, last["h"] if len(last) == 1 else (last["h"], last["c"])), runs, time)


def _of_torch_cell(module: nn.RNNCellBase, x: Tensor, state: Any) -> Unrolled:
    unbatched = x.ndim == 1
    strand = of_torch(module)
    x = x[None, None] if unbatched else x[None]
    parts = (state,) if isinstance(state, Tensor) else state
    if parts is None:
        initial = {name: x.new_zeros(x.shape[1], size) for name, size in strand.sizes.items()}
    else:
        rows = [part[None] if unbatched else part for part in parts]
        initial = dict(zip(strand.sizes, rows, strict=True))
    run = scan(strand, x, initial)
    last = tuple(run.last[name][0] if unbatched else run.last[name] for name in strand.sizes)
    return Unrolled(last[0] if len(last) == 1 else last, [run], None)


def _of_cell(cell: Cell, x: Tensor, state: Any) -> Unrolled:
    trace = cell.trace(x, state)
    steps = trace.steps | {f"a_{name}": trace.pre.steps[name] for name in trace.pre}
    strand = of_cell(cell)
    run = Run(strand, x.transpose(-3, -2) if cell.batch_first else x, steps, trace.initial)
    last = tuple(run.last[name] for name in cell.state_names)
    return Unrolled((trace.states, last[0] if len(last) == 1 else last), [run], -2 if cell.batch_first else -3)


def _time_first(module: nn.RNNBase, given: Tensor | PackedSequence) -> tuple[Tensor, Tensor | None, bool]:
    """x (T, B, I) in the caller's order of sequences, which positions are alive, and whether there was no batch."""
    if isinstance(given, PackedSequence):
        x, lengths = pad_packed_sequence(given)
        alive = torch.arange(len(x), device=x.device)[:, None] < lengths.to(x.device)
        return x, None if bool(alive.all()) else alive, False
    if given.ndim == 2:
        return given[:, None], None, True
    return given.transpose(0, 1) if module.batch_first else given, None, False


def _states(module: nn.RNNBase, state: Any, x: Tensor, directions: int, unbatched: bool) -> State | None:
    """The initial states (layers · directions, B, ·) by name, or None for zeros."""
    if state is None:
        return None
    parts = (state,) if isinstance(state, Tensor) else tuple(state)
    sizes = {"h": module.proj_size or module.hidden_size}
    if isinstance(module, nn.LSTM):
        sizes["c"] = module.hidden_size
    given = [part[:, None] if unbatched else part for part in parts]
    expected = [(module.num_layers * directions, x.shape[1], size) for size in sizes.values()]
    if [tuple(part.shape) for part in given] != expected:
        got = ", ".join(str(tuple(part.shape)) for part in given)
        wanted = ", ".join(f"{shape} for {name}" for shape, name in zip(expected, sizes, strict=True))
        raise RnnsiteError(f"The initial state has shape {got}; expected {wanted}.")
    return dict(zip(sizes, given, strict=True))


def _packed_like(packed: PackedSequence, x: Tensor) -> PackedSequence:
    """x (T, B, ·), packed in the order of an existing PackedSequence."""
    if packed.sorted_indices is not None:
        x = x.index_select(1, packed.sorted_indices)
    data = torch.cat([x[t, :count] for t, count in enumerate(packed.batch_sizes.tolist())])
    return PackedSequence(data, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
