"""Some of the models of a module: a view for a chunk of them, a copy for those that are left."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from rnnsite.errors import RnnsiteError

Module = TypeVar("Module", bound=nn.Module)


def models_of(module: nn.Module) -> int:
    """The number of models, which is the first dimension of every parameter and buffer."""
    counts = {len(tensor) if tensor.ndim else 0 for tensor in (*module.parameters(), *module.buffers())}
    if len(counts) != 1 or 0 in counts:
        raise RnnsiteError("Every parameter and buffer of a fleet must have the number of models as first dimension.")
    return counts.pop()


def take(module: Module, models: slice | Tensor) -> Module:
    """The module with these models only. A slice shares memory with the module; a tensor of indices copies."""
    part = copy.copy(module)
    part._parameters = {name: _rows(tensor, models) for name, tensor in module._parameters.items()}
    part._buffers = {name: _rows(tensor, models) for name, tensor in module._buffers.items()}
    part._modules = {name: child and take(child, models) for name, child in module._modules.items()}
    if getattr(module, "models", None) is not None:
        own = (*part.parameters(), *part.buffers())
        part.models = len(own[0])  # type: ignore[assignment]
    return part


def _rows(tensor: Tensor | None, models: slice | Tensor) -> Any:
    if tensor is None:
        return None
    rows = tensor.data[models]  # not detach: threads write to their own rows, each with a version counter of its own
    return nn.Parameter(rows, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else rows


@torch.no_grad()
def put(part: nn.Module, module: nn.Module, models: Tensor) -> None:
    """Copies the part's models back to their places in the module."""
    theirs = dict(module.state_dict(keep_vars=True))
    for name, tensor in part.state_dict(keep_vars=True).items():
        theirs[name][models] = tensor
