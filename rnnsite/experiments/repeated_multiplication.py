"""What multiplying by the same weight T times does to a gradient: w × T, exactly.

Page: docs/gradients/repeated-multiplication.md
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnsite.claims import Arrays, Claim, Published
from rnnsite.context import Context
from rnnsite.statistics import exact

TITLE = "One weight, multiplied T times"
PAGE = "gradients/repeated-multiplication"


@dataclass(frozen=True)
class Config:
    weights: tuple[float, ...] = (0.5, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2)
    longest: int = 100
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config()}
