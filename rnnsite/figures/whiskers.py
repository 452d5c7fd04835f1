"""The whiskers on a dot or a bar: its interval, as plotly's `error_x` or `error_y`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rnnsite.figures.palette import colour
from rnnsite.statistics import Estimate


def from_to(value: ArrayLike, low: ArrayLike, high: ArrayLike, color: str, thickness: float = 1.5) -> dict[str, Any]:
    """From `low` to `high`, around what is drawn at `value`, in a named colour."""
    middle = np.asarray(value, dtype=float)
    return {
        "type": "data",
        "symmetric": False,
        "array": np.asarray(high, dtype=float) - middle,
        "arrayminus": middle - np.asarray(low, dtype=float),
        "color": colour(color),
        "thickness": thickness,
        "width": 4,
    }


def whiskers(estimates: Sequence[Estimate], color: str, thickness: float = 1.5) -> dict[str, Any]:
    """The intervals of estimates, one a dot."""
    value, low, high = zip(*((e.value, e.low, e.high) for e in estimates), strict=True)
    return from_to(value, low, high, color, thickness)
