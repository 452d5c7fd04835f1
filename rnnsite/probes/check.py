"""What a user can get wrong in a call, each told in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnsite.cells.cell import Cell
from rnnsite.errors import RnnsiteError


def check_inputs(model: nn.Module, recurrent: Mapping[str, nn.Module], inputs: Any) -> None:
    """Tensors that hold numbers, weights that hold numbers, and for a bare module the shapes that it takes."""
    for number, tensor in enumerate(tensors_in(inputs)):
        if tensor.numel() == 0:
            raise RnnsiteError(
                f"Input {number} has shape {tuple(tensor.shape)}; expected at least one step and example."
            )
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise RnnsiteError(f"Input {number} holds NaN or infinity; expected finite numbers.")
    if not any(True for _ in tensors_in(inputs)):
        raise RnnsiteError(
            f"The inputs are a {type(inputs).__name__} without a tensor; expected a tensor, a PackedSequence, a tuple "
            "of arguments or a dict of keyword arguments."
        )
    check_weights(model)
    if "" in recurrent and not isinstance(model, Cell):  # a Cell checks for itself
        first = inputs[0] if isinstance(inputs, (tuple, list)) and not isinstance(inputs, PackedSequence) else inputs
        if isinstance(first, (Tensor, PackedSequence)):
            _check_module(recurrent[""], first)


def check_weights(model: nn.Module) -> None:
    for name, parameter in model.named_parameters():
        if not bool(torch.isfinite(parameter).all()):
            raise RnnsiteError(
                f"The parameter {name} holds NaN or infinity; expected finite weights, such as a checkpoint from "
                "before the loss became NaN."
            )


def _check_module(module: nn.Module, x: Tensor | PackedSequence) -> None:
    single = isinstance(module, nn.RNNCellBase)
    layout = "(B, I)" if single else "(B, T, I)" if getattr(module, "batch_first", False) else "(T, B, I)"
    I, data = module.input_size, x.data if isinstance(x, PackedSequence) else x
    dims = (2,) if isinstance(x, PackedSequence) else (1, 2) if single else (2, 3)
    if data.ndim not in dims or data.shape[-1] != I:
        raise RnnsiteError(f"The input has shape {tuple(data.shape)}; expected {layout} with I = {I}.")
    dtype = next(module.parameters()).dtype
    if data.dtype != dtype:
        raise RnnsiteError(f"The input is {data.dtype}; expected {dtype}, the type of the weights.")


def check_loss(targets: Any, loss: Callable[..., Any] | None) -> None:
    if loss is not None and not callable(loss):
        raise RnnsiteError(f"The loss is a {type(loss).__name__}; expected a function, such as torch.nn.MSELoss().")
    if targets is not None and loss is None:
        raise RnnsiteError("Targets came without a loss; expected loss=, a function such as torch.nn.MSELoss().")
    for tensor in tensors_in(targets):
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise RnnsiteError("The targets hold NaN or infinity; expected finite numbers.")


def tensors_in(value: Any) -> list[Tensor]:
    """The tensors of a nest of tuples, lists and dicts; of a PackedSequence, its data."""
    if isinstance(value, PackedSequence):
        return [value.data]
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [tensor for item in value for tensor in tensors_in(item)] if isinstance(value, (tuple, list)) else []
