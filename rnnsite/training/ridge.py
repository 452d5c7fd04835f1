"""Ridge regression of a readout, for many models at once: all that an echo state network trains."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError


def ridge(states: Tensor, targets: Tensor, penalty: float = 1e-8) -> Tensor:
    """The readout (M, H + 1, O), its last row a bias, that minimises Σ_t ‖V h_t + a − y_t‖² + T · penalty · ‖V‖².

    states (M, T, H), targets (M, T, O), any real type; computed in float64 by the normal equations (Hoerl & Kennard
    1970). The bias is penalised with the rest. Raises RnnsiteError for shapes that don't belong together.

    >>> h = torch.randn(1, 50, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    >>> ridge(h, 2 * h[..., :1] + 1, 0.0)[0, :, 0].round(decimals=6).abs().tolist()
    [2.0, 0.0, 0.0, 1.0]
    """
    if states.ndim != 3 or targets.ndim != 3 or states.shape[:2] != targets.shape[:2]:
        raise RnnsiteError(
            f"A ridge regression needs states (M, T, H) and targets (M, T, O); got {tuple(states.shape)} and "
            f"{tuple(targets.shape)}."
        )
    h, y = with_bias(states), targets.double()
    size = h.shape[-1]
    square = h.mT @ h + h.shape[1] * penalty * torch.eye(size, dtype=h.dtype, device=h.device)
    return torch.linalg.solve(square, h.mT @ y)


def with_bias(states: Tensor) -> Tensor:
    """(M, T, H) → (M, T, H + 1) in float64, the last column 1."""
    return torch.nn.functional.pad(states.double(), (0, 1), value=1.0)


def nrmse(predicted: Tensor, targets: Tensor) -> Tensor:
    """Root mean squared error over the targets' standard deviation, (M, T, O) → (M, O): 1 is what the mean achieves."""
    error = (predicted - targets.double()).square().mean(1)
    return (error / targets.double().var(1, correction=0)).sqrt()
