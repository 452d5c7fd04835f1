"""Any recurrent module, run step by step from its own weights, with every state and gate left in the graph.

torch.nn's modules are fused: their output is all one sees. The unrolled run gives the same output (tested to rounding)
and the tensors inside it, so that gradients and Jacobians at each step are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnsite.cells.cell import Cell
from rnnsite.errors import RnnsiteError
from rnnsite.probes.strand import State, Strand, of_cell, of_torch

Recurrent: TypeAlias = nn.RNNBase | nn.RNNCellBase | Cell
NAN = float("nan")


@dataclass(frozen=True)
class Packing:
    """Which sequences of a packed batch are still running: the first sizes[t], in order of length, at position t."""

    sizes: list[int]
    back: Tensor | None  # to the caller's order of sequences

    def lengths(self) -> Tensor:
        """Length of each sequence in the caller's order."""
        counts = torch.tensor([sum(size > b for size in self.sizes) for b in range(self.sizes[0])])
        return counts if self.back is None else counts[self.back.cpu()]


@dataclass(frozen=True)
class Run:
    """What one strand computed in one call, in the order of the positions of the input.

    strand   the strand
    x        its input, the rows of all steps one after the other (N, I), N = T·B when nothing was packed
    steps    name → T tensors (B, ·), with their graph; `steps["h"][t]` is the very tensor that the next step used.
             Of a packed batch, only the sequences that are still running have a row
    before   name → T tensors: the state from which each step started
    last     name → (B, ·): the state each sequence ended with
    packing  None when nothing was packed
    """

    strand: Strand
    x: Tensor
    steps: dict[str, list[Tensor]]
    before: dict[str, list[Tensor]]
    last: State
    packing: Packing | None = None

    def whole(self, rows: Sequence[Tensor], *, batch: int = -2, fill: float = NAN) -> Tensor:
        """T tensors as one, the time before `batch`; sequences in the caller's order, `fill` past their end."""
        if self.packing is None:
            return torch.stack(list(rows), batch - 1)
        B, back = self.packing.sizes[0], self.packing.back
        full = torch.stack([torch.cat([row, row.new_full((B - len(row), *row.shape[1:]), fill)]) for row in rows])
        return full if back is None else full.index_select(1, back)

    def stacked(self, name: str) -> Tensor:
        """(T, B, ·) of one name, NaN past the end of a packed sequence."""
        return self.whole(self.steps[name])


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
    Returns an Unrolled, with the module's output and a Run for each layer and direction.
    Raises RnnsiteError for an initial state of another shape.

    >>> lstm, x = nn.LSTM(3, 8), torch.randn(20, 4, 3)
    >>> run = unroll(lstm, x).runs[0]
    >>> torch.allclose(run.stacked("h"), lstm(x)[0], atol=1e-6), sorted(run.steps)[:5]
    (True, ['a_f', 'a_g', 'a_i', 'a_o', 'c'])
    """
    if isinstance(module, Cell):
        return _of_cell(module, x, state)
    if isinstance(module, nn.RNNCellBase):
        return _of_torch_cell(module, x, state)
    return _of_torch(module, x, state)


def scan(strand: Strand, x: Tensor, initial: State, packing: Packing | None = None) -> Run:
    """Step along x, (T, B, I) or the rows (N, I) of a packed batch, from the initial states (B, ·)."""
    if packing is None:
        inputs, weights = strand.prepare(x)
        sizes = [x.shape[-2]] * len(inputs)
    else:
        (rows,), weights = strand.prepare(x[None])
        sizes = packing.sizes
        inputs = [_rows(rows, start, size) for start, size in zip(_starts(sizes), sizes, strict=True)]
    T = len(sizes)
    befores: list[State] = []
    found: list[State] = []
    state = initial
    for t in reversed(range(T)) if strand.reverse else range(T):
        if packing is not None:  # forwards sequences leave, backwards they join
            state = {name: _fit(part, initial[name], sizes[t]) for name, part in state.items()}
        befores.append(state)
        now = strand.step(inputs[t], state, **weights)
        found.append(now)
        state = {name: now[name] for name in strand.sizes}
    if strand.reverse:
        befores.reverse()
        found.reverse()
    steps = {name: [now[name] for now in found] for name in found[0]}
    before = {name: [state[name] for state in befores] for name in strand.sizes}
    last = {name: _last(steps[name], sizes, strand.reverse) for name in strand.sizes}
    return Run(strand, x if packing is not None else x.flatten(-3, -2), steps, before, last, packing)


def _starts(sizes: list[int]) -> list[int]:
    return [sum(sizes[:t]) for t in range(len(sizes))]


def _rows(prepared: Any, start: int, size: int) -> Any:
    """Some rows of what `prepare` made for a step: a tensor, or a tuple of them."""
    if isinstance(prepared, tuple):
        return tuple(part.narrow(-2, start, size) for part in prepared)
    return prepared.narrow(-2, start, size)


def _fit(state: Tensor, initial: Tensor, size: int) -> Tensor:
    if size <= len(state):
        return state if size == len(state) else state[:size]
    return torch.cat([state, initial[len(state) : size]])


def _last(steps: list[Tensor], sizes: list[int], reverse: bool) -> Tensor:
    if reverse or sizes[-1] == sizes[0]:
        return steps[0 if reverse else -1]
    ends = [step[after:size] for step, size, after in zip(steps, sizes, [*sizes[1:], 0], strict=True)]
    return torch.cat(ends[::-1])  # the longest sequence is the first row and ends last


def _of_torch(module: nn.RNNBase, given: Tensor | PackedSequence, state: Any) -> Unrolled:
    x, packing, order = given, None, None
    unbatched = isinstance(given, Tensor) and given.ndim == 2
    time = int(module.batch_first and not unbatched)
    if isinstance(given, PackedSequence):
        x, order = given.data, given.sorted_indices
        packing = Packing(given.batch_sizes.tolist(), given.unsorted_indices)
        B = packing.sizes[0]
    else:
        x = given[:, None] if unbatched else given.movedim(time, 0)
        B = x.shape[1]
    directions = (False, True) if module.bidirectional else (False,)
    states = _initial(module, state, x, B, len(directions), unbatched)
    if order is not None:
        states = {name: part.index_select(1, order) for name, part in states.items()}
    runs: list[Run] = []
    for layer in range(module.num_layers):
        strands = [of_torch(module, layer, reverse) for reverse in directions]
        start = [{name: part[len(runs) + k] for name, part in states.items()} for k in range(len(strands))]
        new = [scan(strand, x, initial, packing) for strand, initial in zip(strands, start, strict=True)]
        runs += new
        join = torch.stack if packing is None else torch.cat
        x = torch.cat([join(run.steps["h"]) for run in new], -1)
    last = {name: torch.stack([run.last[name] for run in runs]) for name in states}
    output: Any = x
    if isinstance(given, PackedSequence):
        output = given._replace(data=x)
        if given.unsorted_indices is not None:
            last = {name: part.index_select(1, given.unsorted_indices) for name, part in last.items()}
    elif unbatched:
        output, last = x[:, 0], {name: part[:, 0] for name, part in last.items()}
    else:
        output = x.movedim(0, time)
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
    last = tuple(part[0] if unbatched else part for part in run.last.values())
    return Unrolled(last[0] if len(last) == 1 else last, [run], None)


def _of_cell(cell: Cell, x: Tensor, state: Any) -> Unrolled:
    trace = cell.trace(x, state)
    steps = trace.steps | {f"a_{name}": trace.pre.steps[name] for name in trace.pre}
    before = {name: [trace.initial[name], *steps[name][:-1]] for name in cell.state_names}
    last = {name: steps[name][-1] for name in cell.state_names}
    rows = (x.transpose(-3, -2) if cell.batch_first else x).flatten(-3, -2)
    ends = tuple(last.values())
    output = trace.states, ends[0] if len(ends) == 1 else ends
    return Unrolled(output, [Run(of_cell(cell), rows, steps, before, last)], -2 if cell.batch_first else -3)


def _initial(module: nn.RNNBase, state: Any, x: Tensor, B: int, directions: int, unbatched: bool) -> State:
    """The initial states (layers · directions, B, ·) by name, in the caller's order of sequences."""
    sizes = {"h": module.proj_size or module.hidden_size}
    if isinstance(module, nn.LSTM):
        sizes["c"] = module.hidden_size
    shapes = [(module.num_layers * directions, B, size) for size in sizes.values()]
    if state is None:
        return {name: x.new_zeros(shape) for name, shape in zip(sizes, shapes, strict=True)}
    parts = (state,) if isinstance(state, Tensor) else tuple(state)
    given = [part[:, None] if unbatched else part for part in parts]
    if [tuple(part.shape) for part in given] != shapes:
        got = ", ".join(str(tuple(part.shape)) for part in given)
        wanted = ", ".join(f"{shape} for {name}" for shape, name in zip(shapes, sizes, strict=True))
        raise RnnsiteError(f"The initial state has shape {got}; expected {wanted}.")
    return dict(zip(sizes, given, strict=True))
