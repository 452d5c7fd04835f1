"""Biases of a chosen strength for a reservoir, whose units are otherwise odd functions of what they hear."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from rnnsite.cells.leaky import Leaky


@torch.no_grad()
def draw_bias(cell: Leaky, scale: float | Tensor, generators: Sequence[torch.Generator]) -> Leaky:
    """The same fleet with biases from U(−scale, scale); one number, or one a model (M,); one generator a model.

    Without a bias every state is an odd function of the inputs so far, and no linear readout of odd functions makes an
    even one, such as a product of two inputs. Source: Lukoševičius 2012.
    """
    drawn = torch.stack([2 * torch.rand(cell.H, generator=g) - 1 for g in generators])
    cell.b.copy_(drawn.to(cell.b) * torch.as_tensor(scale, dtype=cell.b.dtype).to(cell.b).expand(len(drawn))[:, None])
    return cell
