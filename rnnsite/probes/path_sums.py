"""How long a gradient is, in an endlessly wide linear network, after all the paths that lead back to it.

Random rotations drawn apart are free, so paths of different make do not interfere on average: their squares add. With
n_τ the mean square of ∂h_T/∂h_{T−τ} along a unit vector, and λ the gain of a rotation:

    one matrix            n_τ = λ^{2τ}
    skip, one step kept   n_τ = w² n_{τ−1} + s² n_{τ−d}
    one step removed      n_τ = λ^{2τ/d} where d divides τ, else 0
    leaky                 n_τ = Σ_k C(τ, k)² α^{2(τ−k)} ((1−α)λ)^{2k}
"""

from __future__ import annotations

from math import comb


def paths(w: float, s: float, d: int, T: int) -> list[float]:
    """n_τ = w² n_{τ−1} + s² n_{τ−d} for τ = 0 … T.

    >>> paths(0.0, 0.5, 2, 4), paths(0.5, 0.5, 2, 2)
    ([1.0, 0.0, 0.25, 0.0, 0.0625], [1.0, 0.25, 0.3125])
    """
    n = [1.0]
    for τ in range(1, T + 1):
        n.append(w**2 * n[τ - 1] + (s**2 * n[τ - d] if τ >= d else 0.0))
    return n


def leaks(α: float, λ: float, T: int) -> list[float]:
    """n_τ of leaky units: the leak and the matrix share τ steps in every order, which for one count k interfere.

    >>> leaks(0.5, 1.0, 2)
    [1.0, 0.5, 0.375]
    """
    return [
        sum(comb(τ, k) ** 2 * α ** (2 * (τ - k)) * ((1 - α) * λ) ** (2 * k) for k in range(τ + 1)) for τ in range(T + 1)
    ]
