"""Losses of M models at once, one number a model."""

from __future__ import annotations

import torch
from torch import Tensor


def cross_entropy(logits: Tensor, classes: Tensor) -> Tensor:
    """Mean cross-entropy in nats of each model: logits (M, B, O), classes (M, B) → (M,)."""
    each = torch.nn.functional.cross_entropy(logits.flatten(0, 1), classes.flatten(), reduction="none")
    return each.view(classes.shape).mean(1)
