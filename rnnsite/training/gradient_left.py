"""What is left of a gradient after its way back through the states of each model of a fleet."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from rnnsite.training.clipping import norms
from rnnsite.training.omega import InformationFlow
from rnnsite.training.over_time import states
from rnnsite.training.recurrent import Recurrent


def gradient_left(
    model: Recurrent, x: Tensor, y: Tensor, loss: Callable[[Tensor, Tensor], Tensor]
) -> dict[str, Tensor]:
    """Of each model, (M,), for inputs x (M, T, B, I) and a loss of the outputs after the last step.

    omega   Pascanu's Ω (see InformationFlow); the cell is an Elman or a Leaky
    reach   log₁₀ ‖∂L/∂h_0‖ / ‖∂L/∂h_T‖ over the whole batch; −∞ where nothing is left that the dtype can hold
    radius  spectral radius ρ(W)
    loss    (outputs (M, B, O), y) → (M,)
    """
    flow = InformationFlow(x.new_zeros(len(x)))
    h0 = x.new_zeros(len(x), x.shape[2], model.cell.H, requires_grad=True)
    _, last = states(model.cell, x, h0, flow=flow)
    at_end, at_start = torch.autograd.grad(loss(model.read(last), y).sum(), [last, h0])
    return {
        "omega": flow.value,
        "reach": norms([at_start]).log10() - norms([at_end]).log10(),
        "radius": torch.linalg.eigvals(model.cell.W.detach().cpu()).abs().amax(-1),
    }
