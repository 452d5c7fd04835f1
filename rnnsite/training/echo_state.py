"""What echo state networks share: inputs of a chosen strength, and listening to one sequence."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnsite.cells.leaky import Leaky


@torch.no_grad()
def scale_inputs(cell: Leaky, scale: float | Tensor) -> Leaky:
    """The same fleet with input weights from U(−scale, scale); one number, or one a model (M,).

    The cell's are fresh from torch's uniform start, U(−1/√H, 1/√H). Source: Jaeger 2001.
    """
    factor = torch.as_tensor(scale, dtype=cell.U.dtype) * cell.H**0.5
    cell.U.mul_(factor.expand(len(cell.U))[:, None, None].to(cell.U.device))
    return cell


@torch.no_grad()
def listen(cell: Leaky, x: Tensor, h: Tensor | None = None) -> Tensor:
    """The states (M, T, H) of every network over one input sequence (T,), from h (M, 1, H) or from zero."""
    states, _ = cell(x[:, None, None], h)
    return states[:, :, 0]
