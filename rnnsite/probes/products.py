"""Products of many Jacobians, which neither overflow nor underflow: only their logarithm is kept."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError
from rnnsite.probes.jacobian import for_lapack


def log_norms(jacobians: Tensor) -> Tensor:
    """The most that a gradient can grow on its way back from the last step.

    log ‖J_T J_{T−1} ⋯ J_t‖₂ for t = 1 … T, natural logarithm

    jacobians  (T, …, S, S) in the order of the steps; of a backward strand pass `jacobians.flip(0)`. Half precision is
               computed in float32
    Returns    (T, …); −inf where the product is 0. Divide entry t by T − t + 1 for the growth a step.

    >>> half = torch.eye(2).expand(1000, 2, 2) / 2
    >>> bool(torch.isclose(log_norms(half)[0], 1000 * torch.tensor(0.5).log()))
    True
    """
    jacobians = _checked(jacobians)
    product = torch.eye(jacobians.shape[-1], dtype=jacobians.dtype, device=jacobians.device)
    scale = jacobians.new_zeros(jacobians.shape[1:-2], dtype=torch.float64)  # thousands of terms add up
    found = []
    for J in jacobians.flip(0):
        product = product @ J
        size = torch.linalg.matrix_norm(product)
        product = product / torch.where(size > 0, size, 1)[..., None, None]
        scale = scale + size.double().log()
        found.append(scale + torch.linalg.matrix_norm(product, ord=2).log())
    return torch.stack(found).flip(0).to(jacobians.dtype)


def lyapunov_exponents(jacobians: Tensor) -> Tensor:
    """The growth rates of the S directions that a product of Jacobians stretches, largest first.

    λ_k = 1/T Σ_t log |R_t[k, k]|, with Q_t R_t = J_t Q_{t−1} a QR decomposition and Q_0 = I

    jacobians  (T, …, S, S) as in `log_norms`
    Returns    (…, S), natural logarithm a step; −inf for a direction that is lost
    Source     Benettin et al. 1980; for trained networks Engelken, Wolf & Abbott 2023
    """
    jacobians = _checked(jacobians)
    Q = torch.eye(jacobians.shape[-1], dtype=jacobians.dtype, device=jacobians.device)
    total = jacobians.new_zeros(jacobians.shape[1:-1], dtype=torch.float64)
    for J in jacobians:
        Q, R = torch.linalg.qr(J @ Q)
        total = total + R.diagonal(dim1=-2, dim2=-1).abs().double().log()
    return (total / len(jacobians)).to(jacobians.dtype).sort(dim=-1, descending=True).values


def _checked(jacobians: Tensor) -> Tensor:
    jacobians = for_lapack(jacobians)
    if jacobians.ndim < 3 or len(jacobians) == 0:
        raise RnnsiteError(f"The Jacobians have shape {tuple(jacobians.shape)}; expected (T, …, S, S).")
    if not bool(jacobians.isfinite().all()):
        raise RnnsiteError("The Jacobians hold NaN or infinity; expected finite numbers.")
    return jacobians
