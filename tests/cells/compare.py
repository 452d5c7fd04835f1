"""The one yardstick: the largest difference, relative to the largest entry."""

from __future__ import annotations

import torch
from torch import Tensor

BOUND = {torch.float32: 1e-5, torch.float64: 1e-12}


def assert_equal(ours: Tensor, theirs: Tensor, what: str, bound: float | None = None) -> None:
    assert ours.shape == theirs.shape, f"{what}: {tuple(ours.shape)} and {tuple(theirs.shape)}"
    difference = (ours - theirs).abs().max().item() / max(theirs.abs().max().item(), 1e-30)
    assert difference <= (bound or BOUND[ours.dtype]), f"{what} differs by {difference:.1e} of the largest entry"
