"""A map of something that grows or vanishes: blue where it is below 1, red where above, by decades."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnsite.figures.palette import DIVERGING
from rnnsite.figures.template import COLORBAR

TENTHS = 20  # steps of a decade kept in the drawing: one byte a pixel


def decades(logs: np.ndarray, limit: int) -> dict[str, Any]:
    """What `add_heatmap` needs for the logarithms to base ten of a map, with colours that end at ±limit decades."""
    ends = [-limit, 0, limit]
    return {
        "z": np.clip(np.round(TENTHS * logs), -TENTHS * limit, TENTHS * limit).astype(np.int8),
        "zmin": -TENTHS * limit,
        "zmid": 0,
        "zmax": TENTHS * limit,
        "colorscale": DIVERGING,
        "zsmooth": "best",
        "hoverinfo": "skip",
        "colorbar": {
            **COLORBAR,
            "tickvals": [TENTHS * end for end in ends],
            "ticktext": [f"10<sup>−{limit}</sup>", "1", f"10<sup>{limit}</sup>"],
        },
    }
