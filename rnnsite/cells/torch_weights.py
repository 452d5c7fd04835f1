"""Weights between a cell and torch.nn's single-layer module.

torch.nn has two biases where one does: b = b_ih + b_hh; going back, b_ih = b and b_hh = 0. Only a GRU's candidate
needs the second (inside the reset), which the GRU moves itself. torch stacks its blocks in its own order.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn

from rnnsite.cells.cell import Cell
from rnnsite.errors import RnnsiteError

Module = TypeVar("Module", bound=nn.RNNBase)


def arguments_of(module: nn.RNNBase, kind: type[nn.RNNBase]) -> dict[str, Any]:
    """What a cell takes over from a module besides its weights; RnnsiteError when a cell cannot hold it."""
    if not isinstance(module, kind):
        raise RnnsiteError(f"Got a {type(module).__name__}; expected a torch.nn.{kind.__name__}.")
    if module.num_layers != 1 or module.bidirectional or module.proj_size:
        raise RnnsiteError("Only a torch module with one layer, one direction and no projection becomes a cell.")
    weight = cast(Tensor, module.weight_ih_l0)
    return {
        "I": module.input_size,
        "H": module.hidden_size,
        "bias": module.bias,
        "batch_first": module.batch_first,
        "dtype": weight.dtype,
        "device": weight.device,
    }


def reorder(weight: Tensor, there: str, here: str) -> Tensor:
    """Blocks of rows from the order `there` to the order `here`."""
    blocks = dict(zip(there, weight.chunk(len(there)), strict=True))
    return torch.cat([blocks[letter] for letter in here])


@torch.no_grad()
def take(cell: Cell, module: nn.RNNBase, order: str) -> None:
    """Copies the module's weights, whose blocks stand in `order`, into the cell."""
    cell.U.copy_(reorder(cast(Tensor, module.weight_ih_l0), order, cell.blocks))
    cell.W.copy_(reorder(cast(Tensor, module.weight_hh_l0), order, cell.blocks))
    if module.bias:
        cell.b.copy_(reorder(cast(Tensor, module.bias_ih_l0) + cast(Tensor, module.bias_hh_l0), order, cell.blocks))


@torch.no_grad()
def put(cell: Cell, module: Module, order: str) -> Module:
    """Copies the cell's weights into the module, whose blocks stand in `order`, and returns it."""
    if cell.models is not None:
        raise RnnsiteError(f"torch.nn holds one model, this cell {cell.models}; expected `cell.select(m).to_torch()`.")
    module = module.to(dtype=cell.W.dtype, device=cell.W.device)
    cast(Tensor, module.weight_ih_l0).copy_(reorder(cell.U, cell.blocks, order))
    cast(Tensor, module.weight_hh_l0).copy_(reorder(cell.W, cell.blocks, order))
    if module.bias:
        cast(Tensor, module.bias_ih_l0).copy_(reorder(cell.b, cell.blocks, order))
        cast(Tensor, module.bias_hh_l0).zero_()
    return module
