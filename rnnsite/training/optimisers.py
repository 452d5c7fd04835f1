"""Optimisers for M models at once: every parameter has a leading M, and so has the learning rate.

Each is a frozen set of constants with `start`, what it remembers at first, and `step`, which changes the parameters
and what it remembers in place. Every tensor it remembers has a leading M, so a model can be taken out of a fleet.
`update` counts from 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

from rnnsite.training.clipping import along

Tensors: TypeAlias = Sequence[Tensor]


class Optimiser(Protocol):
    def start(self, parameters: Tensors) -> list[Tensor]: ...

    def step(self, parameters: Tensors, gradients: Tensors, memory: Tensors, rate: Tensor, update: int) -> None: ...


@dataclass(frozen=True)
class SGD:
    """θ ← θ − η g."""

    def start(self, parameters: Tensors) -> list[Tensor]:
        return []

    def step(self, parameters: Tensors, gradients: Tensors, memory: Tensors, rate: Tensor, update: int) -> None:
        for θ, g in zip(parameters, gradients, strict=True):
            θ.addcmul_(along(rate, g), g, value=-1)


@dataclass(frozen=True)
class Momentum:
    """v ← μ v + g, θ ← θ − η v (Polyak 1964, as torch writes it); `nesterov`: θ ← θ − η (g + μ v)."""

    momentum: float = 0.9
    nesterov: bool = False

    def start(self, parameters: Tensors) -> list[Tensor]:
        return [torch.zeros_like(θ) for θ in parameters]

    def step(self, parameters: Tensors, gradients: Tensors, memory: Tensors, rate: Tensor, update: int) -> None:
        for θ, g, v in zip(parameters, gradients, memory, strict=True):
            v.mul_(self.momentum).add_(g)
            θ.addcmul_(along(rate, g), g.add(v, alpha=self.momentum) if self.nesterov else v, value=-1)


@dataclass(frozen=True)
class Adam:
    """m ← β₁ m + (1 − β₁) g, s ← β₂ s + (1 − β₂) g², θ ← θ − η m̂ / (√ŝ + ε) (Kingma & Ba 2015)."""

    β1: float = 0.9
    β2: float = 0.999
    ε: float = 1e-8

    def start(self, parameters: Tensors) -> list[Tensor]:
        return [torch.zeros_like(θ) for θ in (*parameters, *parameters)]

    def step(self, parameters: Tensors, gradients: Tensors, memory: Tensors, rate: Tensor, update: int) -> None:
        count = len(parameters)
        unbiased_m, unbiased_s = 1 - self.β1**update, 1 - self.β2**update
        for θ, g, m, s in zip(parameters, gradients, memory[:count], memory[count:], strict=True):
            m.lerp_(g, 1 - self.β1)
            s.mul_(self.β2).addcmul_(g, g, value=1 - self.β2)
            θ.addcdiv_(along(rate / unbiased_m, g) * m, (s / unbiased_s).sqrt_().add_(self.ε), value=-1)


@dataclass(frozen=True)
class AdaGrad:
    """s ← s + g², θ ← θ − η g / (√s + ε) (Duchi, Hazan & Singer 2011)."""

    ε: float = 1e-10

    def start(self, parameters: Tensors) -> list[Tensor]:
        return [torch.zeros_like(θ) for θ in parameters]

    def step(self, parameters: Tensors, gradients: Tensors, memory: Tensors, rate: Tensor, update: int) -> None:
        for θ, g, s in zip(parameters, gradients, memory, strict=True):
            s.addcmul_(g, g)
            θ.addcdiv_(along(rate, g) * g, s.sqrt().add_(self.ε), value=-1)
