"""Run a user's model once, with every recurrent module inside it unrolled.

The run is of a private copy, in which dropout is off, since it is noise; everything else keeps its mode.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnsite.cells.cell import Cell
from rnnsite.errors import RnnsiteError
from rnnsite.probes.check import check_inputs, check_loss
from rnnsite.probes.private import detached, first_line, private_copy, quiet, uncompiled
from rnnsite.probes.unrolled import Recurrent, Run, Unrolled, unroll
from rnnsite.probes.verify import verify

Loss: TypeAlias = Callable[..., Tensor]

_KINDS: tuple[type[nn.Module], ...] = (
    nn.RNN,
    nn.LSTM,
    nn.GRU,
    nn.RNNCell,
    nn.LSTMCell,
    nn.GRUCell,
    Cell,
)


@dataclass(frozen=True)
class Recording:
    """One run of a model: its output, its loss (None when none was given) and the runs of its strands.

    model    the copy that ran
    calls    name of the recurrent module → one Unrolled for each time that the model called it
    """

    model: nn.Module
    output: Any
    loss: Tensor | None
    calls: dict[str, list[Unrolled]]

    @property
    def runs(self) -> dict[str, list[Run]]:
        """Name of the strand ("l0", "encoder.l1_reverse") → one Run for each call."""
        found: dict[str, list[Run]] = {}
        for name, calls in self.calls.items():
            for run in (run for call in calls for run in call.runs):
                found.setdefault(join(name, run.strand.name), []).append(run)
        return found

    def of_each(self, function: Callable[[Run], Mapping[str, Tensor]], *, dim: int) -> dict[str, Tensor]:
        """`function` of every run, under full names, calls one after the other along `dim`, the one of time."""
        found: dict[str, list[Tensor]] = {}
        for name, runs in self.runs.items():
            for run in runs:
                for part, value in function(run).items():
                    found.setdefault(join(name, part), []).append(value)
        return {name: joined(name, parts, dim) for name, parts in found.items()}


def join(*parts: str) -> str:
    return ".".join(part for part in parts if part)


def joined(name: str, parts: list[Tensor], dim: int) -> Tensor:
    shapes = {(*part.shape[:dim], *part.shape[part.ndim + dim + 1 :]) for part in parts}
    if len(shapes) > 1:
        raise RnnsiteError(
            f"{name} was called with batches of different sizes in one run of the model; expected the same size."
        )
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim)


def find_recurrent(model: nn.Module) -> dict[str, Recurrent]:
    """Every recurrent module in a model by its name; RnnsiteError when there is none that can be unrolled."""
    if not isinstance(model, nn.Module):
        raise RnnsiteError(f"The model is a {type(model).__name__}; expected a torch.nn.Module.")
    found: dict[str, Recurrent] = {}
    for name, module in model.named_modules():
        kind = next((kind for kind in _KINDS if isinstance(module, kind)), None)
        if kind is None:
            continue
        if not isinstance(module, Cell) and type(module).forward is not kind.forward:
            raise RnnsiteError(
                f"{name or 'The model'} is a {type(module).__name__} with a forward of its own; expected "
                f"torch.nn.{kind.__name__}'s, whose steps are known."
            )
        found[name] = module
    if not found:
        raise RnnsiteError(
            f"{type(model).__name__} contains no recurrent module; expected a torch.nn RNN, LSTM or GRU (or their "
            "cells), or one of rnnsite.cells, somewhere in it."
        )
    return found


def run_unrolled(model: nn.Module, verified: bool) -> dict[str, list[Unrolled]]:
    """Make every recurrent module of a model run unrolled from now on; returns where its calls will appear."""
    calls: dict[str, list[Unrolled]] = {}
    for name, module in find_recurrent(model).items():

        def forward(*args: Any, _name: str = name, _module: Recurrent = module, **options: Any) -> Any:
            given = inspect.signature(type(_module).forward).bind(_module, *args, **options)
            given.apply_defaults()
            _, x, hx = given.args
            done = unroll(_module, x, hx)
            if verified and not isinstance(_module, Cell):  # a Cell is unrolled as it is
                verify(_module, x, hx, done)
            calls.setdefault(_name, []).append(done)
            return done.output

        module.forward = forward  # type: ignore[method-assign]
    return calls


def call(model: nn.Module, inputs: Any) -> Any:
    """model(inputs); a tuple or list is its arguments, a dict its keyword arguments."""
    try:
        if isinstance(inputs, dict):
            return model(**inputs)
        if isinstance(inputs, (tuple, list)) and not isinstance(inputs, PackedSequence):
            return model(*inputs)
        return model(inputs)
    except RnnsiteError:
        raise
    except Exception as error:
        raise RnnsiteError(
            f"The model failed on these inputs ({first_line(error)}); expected inputs for which model(inputs) runs."
        ) from error


def record(
    model: nn.Module,
    inputs: Any,
    targets: Any = None,
    loss: Loss | None = None,
    *,
    verified: bool = False,
) -> Recording:
    """Run the model with its recurrent modules unrolled.

    inputs   what the model takes: one tensor or PackedSequence, a tuple of arguments, or a dict of keyword arguments
    loss     callable of the model's output, and of `targets` when they are given → one number
    verified  compare each unrolled module with its own output
    Raises RnnsiteError for a model without recurrent modules and for inputs or a loss that do not fit.
    """
    model = uncompiled(model)
    recurrent = find_recurrent(model)
    check_inputs(model, recurrent, inputs)
    check_loss(targets, loss)
    (model,) = private_copy(model)
    quiet(model)
    for parameter in model.parameters():  # a frozen model has gradients all the same
        parameter.requires_grad_(parameter.is_floating_point())
    calls = run_unrolled(model, verified)
    output = call(model, detached(inputs))
    if not calls:
        raise RnnsiteError("The model ran without calling its recurrent module; expected inputs that reach it.")
    value = None if loss is None else evaluate(loss, output, detached(targets), differentiable=True)
    return Recording(model, output, value, calls)


def evaluate(loss: Loss, output: Any, targets: Any, *, differentiable: bool = False) -> Tensor:
    """loss(output) or loss(output, targets), seen to be one number and, where asked for, to have a gradient."""
    try:
        value = loss(output) if targets is None else loss(output, targets)
    except Exception as error:
        raise RnnsiteError(
            f"The loss failed on the model's output ({first_line(error)}); expected loss(output, targets), or "
            "loss(output) when there are no targets."
        ) from error
    if not isinstance(value, Tensor) or value.numel() != 1:
        got = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"a {type(value).__name__}"
        raise RnnsiteError(f"The loss returned {got}; expected a tensor with one number.")
    if differentiable and not value.requires_grad:
        raise RnnsiteError("The loss has no gradient; expected one computed from the model's output with torch.")
    return value.reshape(())
