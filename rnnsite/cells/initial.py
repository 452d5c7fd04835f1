"""Where weights start. An initialiser is `f(rows, columns, generator) -> (rows, columns)` in float64.

Drawing in float64 gives a float32 and a float64 model of one seed the same weights up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError

Initial: TypeAlias = Callable[[int, int, torch.Generator | None], Tensor]


def uniform(rows: int, columns: int, generator: torch.Generator | None = None) -> Tensor:
    """U(−1/√rows, 1/√rows): what torch.nn uses, where rows is H for input and recurrent weights alike."""
    return (2 * torch.rand(rows, columns, generator=generator, dtype=torch.float64) - 1) / rows**0.5


def gaussian(rows: int, columns: int, generator: torch.Generator | None = None) -> Tensor:
    """N(0, 1/columns): the spectral radius of a large square one is near 1 (circular law)."""
    return torch.randn(rows, columns, generator=generator, dtype=torch.float64) / columns**0.5


def orthogonal(rows: int, columns: int, generator: torch.Generator | None = None) -> Tensor:
    """A random matrix with every singular value 1 (uniform over rotations and reflections; Saxe et al. 2014)."""
    tall = torch.randn(max(rows, columns), min(rows, columns), generator=generator, dtype=torch.float64)
    Q, R = torch.linalg.qr(tall)
    Q = Q * R.diagonal().sign()  # without these signs Q is not uniformly distributed
    return Q if rows >= columns else Q.mT.contiguous()


def identity(rows: int, columns: int, generator: torch.Generator | None = None) -> Tensor:
    """The identity, by which a linear or ReLU unit keeps its value (Le et al. 2015). Draws nothing."""
    return torch.eye(rows, columns, dtype=torch.float64)


def scale_to_spectral_radius(W: Tensor, rho: float | Tensor) -> Tensor:
    """W · ρ / ρ(W), whose largest eigenvalue has modulus ρ.

    W (..., H, H); rho a number or (...), one for each matrix. Raises RnnsiteError when every eigenvalue of W is 0.
    """
    radius = torch.linalg.eigvals(W.detach()).abs().amax(-1)
    if not bool((radius > 0).all()):
        raise RnnsiteError("A matrix whose eigenvalues are all 0 has no scale that gives it a spectral radius.")
    factor = torch.as_tensor(rho, dtype=W.dtype, device=W.device) / radius
    return W * factor[..., None, None]
