"""Stochastic gradient descent, Adam, and clipping by the norm. All change lists in place.

`parameters` and `gradients` are dictionaries with the same keys; a matrix is seen as its rows, a vector as one row.
"""

from __future__ import annotations

import math
from typing import cast

from .cell import Parameters
from .vectors import Matrix, Vector, dot, zeros


def rows(value: Matrix | Vector) -> Matrix:
    """The rows of one parameter, themselves and not copies."""
    return cast(Matrix, value) if isinstance(value[0], list) else [cast(Vector, value)]


def length(gradients: Parameters) -> float:
    """‖g‖, of all gradients taken as one vector."""
    return math.sqrt(sum(dot(g, g) for value in gradients.values() for g in rows(value)))


def clip(gradients: Parameters, threshold: float) -> float:
    """g ← g · min(1, c/‖g‖). Returns the norm before.

    >>> g = {"W": [[3.0], [4.0]]}
    >>> clip(g, 1.0), g
    (5.0, {'W': [[0.6], [0.8]]})
    """
    norm = length(gradients)
    if norm > threshold:
        for value in gradients.values():
            for g in rows(value):
                g[:] = [g * threshold / norm for g in g]
    return norm


class SGD:
    """θ ← θ − η g

    >>> θ = {"b": [1.0]}
    >>> SGD(0.1).step(θ, {"b": [2.0]})
    >>> θ
    {'b': [0.8]}
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def step(self, parameters: Parameters, gradients: Parameters) -> None:
        η = self.rate
        for name in parameters:
            for θ, g in zip(rows(parameters[name]), rows(gradients[name])):
                θ[:] = [θ - η * g for θ, g in zip(θ, g)]


class Adam:
    """m ← β₁ m + (1 − β₁) g,  s ← β₂ s + (1 − β₂) g²,  θ ← θ − η m̂ / (√ŝ + ε)

    m̂ = m/(1 − β₁ᵗ) and ŝ = s/(1 − β₂ᵗ) make up for m and s having started at 0. Equal to torch.optim.Adam. Source:
    Kingma & Ba 2015.

    >>> θ = {"b": [1.0]}
    >>> Adam(0.1).step(θ, {"b": [2.0]})  # a first step is as long as the rate
    >>> θ
    {'b': [0.9000000005]}
    """

    def __init__(self, rate: float = 0.001, β1: float = 0.9, β2: float = 0.999, ε: float = 1e-8) -> None:
        self.rate, self.β1, self.β2, self.ε, self.t = rate, β1, β2, ε, 0
        self.m: dict[str, Matrix] = {}
        self.s: dict[str, Matrix] = {}

    def step(self, parameters: Parameters, gradients: Parameters) -> None:
        self.t += 1
        β1, β2 = self.β1, self.β2
        η = self.rate / (1 - β1**self.t)
        root = math.sqrt(1 - β2**self.t)
        for name in parameters:
            θs, gs = rows(parameters[name]), rows(gradients[name])
            ms = self.m.setdefault(name, [zeros(len(θ)) for θ in θs])
            ss = self.s.setdefault(name, [zeros(len(θ)) for θ in θs])
            for θ, g, m, s in zip(θs, gs, ms, ss):
                m[:] = [β1 * m + (1 - β1) * g for m, g in zip(m, g)]
                s[:] = [β2 * s + (1 - β2) * g * g for s, g in zip(s, g)]
                θ[:] = [θ - η * m / (s**0.5 / root + self.ε) for θ, m, s in zip(θ, m, s)]
