"""A user's model stays as it was: probes work on a private copy, and put every random generator back."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.utils.rnn import PackedSequence

from rnnsite.errors import RnnsiteError


def uncompiled(model: nn.Module) -> nn.Module:
    """The plain module inside one that torch.compile wrapped, whose steps can be seen."""
    return getattr(model, "_orig_mod", model)


def private_copy(*things: Any) -> tuple[Any, ...]:
    """Deep copies that share what the things share, so that a copied optimizer drives the copied model.

    A tensor that a forward pass left on a module (a carried state, say) is copied without its graph, which torch
    cannot copy.
    """
    memo: dict[int, Any] = {}
    for thing in things:
        for module in thing.modules() if isinstance(thing, nn.Module) else ():
            for value in _tensors(module.__dict__):
                if value.grad_fn is not None:
                    memo[id(value)] = value.detach().clone()
    try:
        copies = tuple(copy.deepcopy(thing, memo) for thing in things)
        for thing, copied in zip(things, copies, strict=True):
            if isinstance(thing, torch.optim.Optimizer):
                # an optimizer's own copy leaves out what a subclass keeps; a callable may be a scheduler's `step`,
                # which steps the original
                for key in thing.__dict__.keys() - copied.__dict__.keys():
                    if not callable(value := thing.__dict__[key]):
                        copied.__dict__[key] = copy.deepcopy(value, memo)
        return copies
    except Exception as error:
        raise RnnsiteError(
            f"The model could not be copied ({first_line(error)}); expected one that copy.deepcopy can copy."
        ) from error


@contextmanager
def undisturbed() -> Iterator[None]:
    """Gradients on, whatever the caller's mode; every random generator is put back afterwards."""
    states = random.getstate(), np.random.get_state()
    mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    try:
        with torch.random.fork_rng(devices), torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        if mps is not None:
            torch.mps.set_rng_state(mps)


def same_noise() -> None:
    """Start torch's generators anew, so that a model which draws noise draws the same at every step."""
    # torch.manual_seed would do it too, but remembers every call for devices that are not in use
    torch.default_generator.manual_seed(0)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(0)
    if torch.backends.mps.is_available():
        torch.mps.manual_seed(0)


def detached(value: Any) -> Any:
    """A nest of tuples, lists and dicts with its tensors cut from their graphs, so that no gradient leaves the copy."""
    if isinstance(value, Tensor):
        return value.detach()
    if isinstance(value, PackedSequence):
        return value._replace(data=value.data.detach())
    if isinstance(value, dict):
        return {key: detached(item) for key, item in value.items()}
    return type(value)(map(detached, value)) if type(value) in (tuple, list) else value


class Carried:
    """What modules hold besides weights and buffers, such as a state carried from call to call."""

    def __init__(self, model: nn.Module) -> None:
        self._held = [(module, dict(module.__dict__)) for module in model.modules()]

    def restore(self) -> None:
        for module, held in self._held:
            module.__dict__.update(held)


def quiet(model: nn.Module) -> None:
    """Switch dropout off."""
    for module in model.modules():
        if isinstance(module, _DropoutNd):
            module.eval()
        elif isinstance(module, nn.RNNBase):
            module.dropout = 0.0


def _tensors(value: Any, depth: int = 3) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif depth and isinstance(value, dict):
        for item in value.values():
            yield from _tensors(item, depth - 1)
    elif depth and isinstance(value, (list, tuple)):
        for item in value:
            yield from _tensors(item, depth - 1)


def first_line(error: Exception) -> str:
    """An exception in a form that fits into a sentence."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0].rstrip('.')}"
