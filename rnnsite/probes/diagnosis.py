"""Diagnose a recurrent model: what is wrong, in words, with the numbers behind it and what to try."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from rnnsite.cells.cell import Cell
from rnnsite.errors import RnnsiteError
from rnnsite.probes import verdicts
from rnnsite.probes.evidence import Evidence, gather
from rnnsite.probes.learning_rate import RateTrial, try_learning_rate
from rnnsite.probes.private import uncompiled, undisturbed
from rnnsite.probes.record import Loss, Recording, find_recurrent, record
from rnnsite.probes.report import Report, Verdict


def diagnose(
    model: nn.Module,
    inputs: Any,
    targets: Any = None,
    loss: Loss | None = None,
    *,
    optimizer: torch.optim.Optimizer | None = None,
    learning_rate: float | None = None,
    clip: float | None = None,
    span: int | None = None,
) -> Report:
    """Look for dead ReLU units, saturation, exploding and vanishing gradients and, with a loss, a too high rate.

    model    a torch.nn RNN, LSTM or GRU, one of `rnnsite.cells`, or any model that holds some; it comes back untouched
    inputs   one representative batch: a tensor or PackedSequence, a tuple of arguments, a dict of keyword arguments
    loss     callable of the output, and of `targets` when given → one number
    optimizer, learning_rate, clip  as in training; with either of the first two the rate is tried on a copy
    span     how many steps back the answer may lie. Without it: to the first step; 20 when the loss reads the output
             of many steps, since then something can be learned nearby
    Returns  a Report: print it, or read `report.names`, `report.healthy`, `report["vanishing"].numbers`
    Raises   RnnsiteError when the inputs, the loss or the rate do not fit

    The verdicts are about these weights and these inputs. A gradient that vanishes makes learning from afar unlikely,
    not impossible: gates can open on what is near. The reasons for each threshold stand in `rnnsite.probes.verdicts`.

    >>> _ = torch.manual_seed(0)
    >>> diagnose(nn.RNN(3, 32), torch.randn(100, 8, 3)).names
    {'vanishing'}
    >>> diagnose(nn.LSTM(3, 32), torch.randn(30, 8, 3)).healthy
    True
    """
    model = uncompiled(model)
    for name, module in find_recurrent(model).items():
        if isinstance(module, Cell) and module.models is not None:
            raise RnnsiteError(
                f"{name or 'The cell'} holds {module.models} models; expected one, such as cell.select(0)."
            )
    if span is not None and span < 1:
        raise RnnsiteError(f"span is {span}; expected at least 1 step.")
    trial = None
    if optimizer is not None or learning_rate is not None:
        trial = try_learning_rate(
            model, inputs, targets, loss, optimizer=optimizer, learning_rate=learning_rate, clip=clip
        )
    with undisturbed():
        recording = record(model, inputs, targets, loss)
        strands = gather(recording, span)
        gradient = _gradient_norm(recording)
    found = [
        verdicts.dead_relu(strands),
        verdicts.saturated(strands),
        verdicts.exploding(strands, gradient),
        verdicts.vanishing(strands),
        verdicts.too_high(trial),
    ]
    faults = tuple(verdict for verdict in found if verdict is not None)
    return Report(
        faults or (_healthy(strands, trial),),
        tuple(verdicts.notes(strands, gradient, None if recording.loss is None else float(recording.loss.detach()))),
        {e.name: _numbers(e) for e in strands},
    )


def _gradient_norm(recording: Recording) -> float | None:
    if recording.loss is None:
        return None
    grads = torch.autograd.grad(recording.loss, list(recording.model.parameters()), allow_unused=True)
    return float(torch.stack([grad.norm() for grad in grads if grad is not None]).norm())


def _healthy(strands: list[Evidence], trial: RateTrial | None) -> Verdict:
    least = min(strands, key=lambda e: e.reach / max(e.span, 1))
    if least.span < 1:
        words = "No unit is stuck; a single step says nothing of gradients through time."
    else:
        words = (
            "No unit is stuck and no gradient explodes. At least a thousandth of a gradient reaches back "
            f"{least.reach} of the {least.span} steps that count."
        )
    if trial is not None and math.isfinite(trial.losses[0]):
        words += f" Ten steps at {trial.rate:g} took the loss from {trial.losses[0]:.3g} to {trial.late:.3g}."
    return Verdict("healthy", "", words)


def _numbers(e: Evidence) -> dict[str, float]:
    left = {"left": float(e.left[e.span]), "span": e.span, "reach": e.reach, "rate": e.rate, "growth": e.growth}
    flat = {f"flat {part}": s.dead if e.strand.phi == "relu" else s.share for part, s in e.flat.items()}
    return left | flat
