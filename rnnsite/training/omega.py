"""Pascanu's regulariser: a gradient should keep its length on its way back through time."""

from __future__ import annotations

import torch
from torch import Tensor


class InformationFlow:
    """Ω = Σ (‖∂L/∂h_t · ∂h_t/∂h_{t−1}‖² / ‖∂L/∂h_t‖² − 1)² / N, and its weight for each model.

    The sum runs over the steps and sequences with ‖∂L/∂h_t‖² ≥ 1e-20, and N counts them. As in the released code: a
    ratio of *squared* norms; and the only derivative taken is the immediate one, in which W stands in
    ∂h_t/∂h_{t−1} = diag(φ') W, while the states and the incoming gradients ∂L/∂h_t are held constant. So nothing is
    differentiated twice, and both norms are at hand in the backward pass. With v_t = φ' ∘ ∂L/∂h_t, z_t = v_tᵀ W and
    r_t the ratio,

        ∂Ω/∂W = Σ 4 (r_t − 1) / (‖∂L/∂h_t‖² N) · v_t z_tᵀ

    weight  (M,) factor of each model; 0 is none
    value   (M,) Ω of the last backward pass

    Source: Pascanu, Mikolov & Bengio 2013, eq. 10, the derivative that they use; in eq. 9 the norms are not squared.
    """

    BOUND = 1e-20

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight
        self.value = torch.zeros_like(weight)

    def begin(self, W: Tensor) -> InformationFlow:
        """Forgets the last pass; W (M, H, H) gives the shapes."""
        self._sum, self._count = W.new_zeros(len(W)), W.new_zeros(len(W))
        self._gradient = torch.zeros_like(W)
        return self

    def add(self, norm: Tensor, v: Tensor, z: Tensor) -> None:
        """One step: ‖∂L/∂h_t‖² (M, B), v_t and z_t (M, B, H)."""
        counts = norm >= self.BOUND
        excess = torch.where(counts, z.square().sum(-1) / norm - 1, 0)
        self._sum += excess.square().sum(-1)
        self._count += counts.sum(-1)
        factor = torch.where(counts, 4 * excess / norm, 0)
        self._gradient.baddbmm_((v * factor[..., None]).mT, z)

    def gradient(self) -> Tensor:
        """weight · ∂Ω/∂W, (M, H, H)."""
        count = self._count.clamp(min=1)
        self.value = self._sum / count
        return self._gradient * (self.weight / count)[:, None, None]
