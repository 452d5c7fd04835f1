"""A network without units: the last inputs, side by side, for a linear readout to choose from."""

from __future__ import annotations

import torch
from torch import Tensor


def delay_line(x: Tensor, taps: int) -> Tensor:
    """The last `taps` inputs at each step, the newest first, 0 before the first: (T,) → (T, taps).

    What a reservoir must beat: a linear reading of them is a network whose units only pass on what they got.

    >>> delay_line(torch.tensor([1.0, 2.0, 3.0]), 2).tolist()
    [[1.0, 0.0], [2.0, 1.0], [3.0, 2.0]]
    """
    return torch.nn.functional.pad(x, (taps - 1, 0)).unfold(0, taps, 1).flip(1)
