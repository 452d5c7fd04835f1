"""Gradients kept in bounds, each model by its own threshold.

One gradient is a list of tensors with a leading M; all of its parameters count as one vector for each model.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def along(values: Tensor, like: Tensor) -> Tensor:
    """(M,) made to multiply (M, ...)."""
    return values.view(-1, *[1] * (like.ndim - 1))


def norms(gradients: Sequence[Tensor]) -> Tensor:
    """‖g‖ of each model, (M,): squares of large numbers do not overflow, infinity and NaN stay what they are."""
    largest = torch.stack([g.flatten(1).abs().amax(1) for g in gradients]).amax(0)
    unit = torch.where((largest > 0) & largest.isfinite(), largest, 1)
    squares = torch.stack([(g.flatten(1) / unit[:, None]).square().sum(1) for g in gradients]).sum(0)
    return unit * squares.sqrt()


def norm_factor(norm: Tensor, threshold: Tensor) -> Tensor:
    """min(1, threshold / ‖g‖), (M,): the same direction, a smaller step (Pascanu, Mikolov & Bengio 2013)."""
    return (threshold / norm).clamp(max=1)


def clip_values(gradients: Sequence[Tensor], threshold: Tensor) -> None:
    """Each entry to [−threshold, threshold], in place: a threshold a model, and a new direction (Mikolov 2012)."""
    for g in gradients:
        bound = along(threshold, g)
        torch.clamp(g, -bound, bound, out=g)
