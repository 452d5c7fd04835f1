"""`rnnsite.train_fleet`: the fleet trainer for your own code, which tells every mistake in one sentence.

The experiments call `rnnsite.training.fleet` itself; their results are stored under its source, and need none of this.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import torch
from torch import Tensor, nn

from rnnsite.errors import RnnsiteError
from rnnsite.training import fleet
from rnnsite.training.fleet import Generators, Trained
from rnnsite.training.stream import Draw

COUNTS = ("check_every", "record_every", "ahead", "chunk")
EACH = ("rate", "clip", "clip_value", "regulariser")


@functools.wraps(fleet.train_fleet)
def train_fleet(
    seeds: Sequence[tuple[str | int | float, ...]],
    build: Callable[[Generators], nn.Module],
    draw: Draw,
    loss: Callable[..., Tensor],
    **settings: Any,
) -> Trained:
    for place, seed in enumerate(seeds):
        if not isinstance(seed, tuple | list):
            raise RnnsiteError(
                f'Seed {place} is {seed!r}; expected a tuple of names and numbers: ("my sweep", {place}).'
            )
    _check_settings(settings)
    if hasattr(settings["updates"], "tolist"):
        settings["updates"] = settings["updates"].tolist()
    if settings.get("evaluate") is not None:
        settings["evaluate"] = _scores(settings["evaluate"])
    try:
        return fleet.train_fleet(seeds, _module(build), _batches(draw), _losses(loss), **settings)
    except RuntimeError as error:
        if "appears to not have been used in the graph" not in str(error):
            raise
        raise RnnsiteError(
            "`loss` does not use every parameter of the module that `build` made; expected one that does, or "
            "requires_grad=False for the others."
        ) from error


def _check_settings(settings: dict[str, Any]) -> None:
    updates = settings.get("updates")
    ends = _numbers(updates)
    if not ends or not all(_whole(end) for end in ends):
        raise RnnsiteError(f"`updates` is {updates!r}; expected a whole number of at least 1, or one a model.")
    for name in COUNTS:
        value = settings.get(name, 1)
        if not _whole(value) and not (name == "chunk" and value is None):
            raise RnnsiteError(f"`{name}` is {value!r}; expected a whole number of at least 1.")
    if settings.get("rate") is None:
        raise RnnsiteError("`rate` is missing; expected a learning rate, or one a model.")
    for name in EACH:
        value = settings.get(name)
        if value is not None and not all(_amount(number) for number in _numbers(value)):
            raise RnnsiteError(f"`{name}` is {value!r}; expected a number of at least 0, or one a model.")
    optimiser = settings.get("optimiser")
    if optimiser is not None and (isinstance(optimiser, type) or not hasattr(optimiser, "start")):
        raise RnnsiteError(
            f"`optimiser` is {_named(optimiser)}; expected one of rnnsite.training.optimisers: SGD(), Momentum(), "
            "Adam() or AdaGrad()."
        )
    if settings.get("evaluate") is None:
        if settings.get("enough") is not None:
            raise RnnsiteError(
                "`enough` came without `evaluate`; expected a function whose scores it is compared with."
            )
    elif (every := settings.get("check_every", 100)) > max(ends):
        raise RnnsiteError(
            f"`evaluate` is asked every {every} updates, but no model trains so long; expected a `check_every` of at "
            f"most {max(ends)}."
        )
    _check_device(settings.get("device", "cpu"))


def _check_device(device: torch.device | str) -> None:
    try:
        there = torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise RnnsiteError(f"torch has no device {str(device)!r} here; expected such as 'cpu' or 'cuda'.") from error
    del there


def _module(build: Callable[[Generators], nn.Module]) -> Callable[[Generators], nn.Module]:
    def checked(generators: Generators) -> nn.Module:
        module = build(generators)
        if not isinstance(module, nn.Module):
            raise RnnsiteError(f"`build` returned {_named(module)}; expected a torch.nn.Module of all models.")
        return module

    return checked


def _batches(draw: Draw) -> Draw:
    def checked(generator: torch.Generator, updates: range) -> Sequence[tuple[Tensor, ...]]:
        batches = draw(generator, updates)
        if not isinstance(batches, Iterable):
            raise RnnsiteError(f"`draw` returned {_named(batches)}; expected a list of batches, one an update.")
        batches = list(batches)
        for batch in batches:
            if not isinstance(batch, tuple | list) or not all(isinstance(part, Tensor) for part in batch):
                parts = ", ".join(map(_named, batch)) if isinstance(batch, tuple | list) else ""
                got = f"({parts})" if parts else _named(batch)
                raise RnnsiteError(f"A batch of `draw` is {got}; expected a tuple of tensors, such as (x, y).")
        return batches

    return checked


def _losses(loss: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def checked(module: nn.Module, *batch: Tensor) -> Tensor:
        losses = loss(module, *batch)
        if not isinstance(losses, Tensor):
            raise RnnsiteError(f"`loss` returned {_named(losses)}; expected a tensor (m,): one loss a model.")
        if not losses.requires_grad:
            raise RnnsiteError(
                "What `loss` returned has no gradient; expected losses computed from the module's output."
            )
        return losses

    return checked


def _scores(evaluate: Callable[[Any, Generators], Tensor]) -> Callable[[Any, Generators], Tensor]:
    def checked(module: nn.Module, generators: Generators) -> Tensor:
        scores = evaluate(module, generators)
        if not isinstance(scores, Tensor) or tuple(scores.shape) != (len(generators),):
            got = f"the shape {tuple(scores.shape)}" if isinstance(scores, Tensor) else _named(scores)
            raise RnnsiteError(f"`evaluate` returned {got}; expected ({len(generators)},): one score a model.")
        return scores

    return checked


def _whole(value: Any) -> bool:
    return isinstance(value, Integral) and int(value) >= 1


def _numbers(value: Any) -> list[Any]:
    """One number or one a model, in a list, a tuple, an array or a tensor."""
    value = value.tolist() if hasattr(value, "tolist") else value
    return list(value) if isinstance(value, list | tuple | range) else [value]


def _amount(number: Any) -> bool:
    """Infinity is an amount (no limit), NaN is none."""
    return isinstance(number, Real) and float(number) >= 0


def _named(value: Any) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else f"a {type(value).__name__}"
