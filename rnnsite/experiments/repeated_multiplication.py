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
FLOATS = (np.float16, np.float32)


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    weights = np.array(config.weights)
    steps = np.arange(config.longest + 1)
    return {
        "w": weights,
        "steps": steps,
        "gradient": weights[:, None] ** steps,
        # multiplied out in float16 and float32: rounding holds up a factor of 0.9 just above zero, but not one of 0.5
        "underflow": np.array([_steps_until(0.5, kind, 0) for kind in FLOATS]),
        "overflow": np.array([_steps_until(1.1, kind, np.inf) for kind in FLOATS]),
    }


def _steps_until(weight: float, kind: type[np.floating], end: float) -> int:
    """How many multiplications by `weight`, each rounded to a number of this kind, take 1 to `end`."""
    value, steps = kind(1), 0
    with np.errstate(over="ignore", under="ignore"):
        while value != end:
            value, steps = kind(value * kind(weight)), steps + 1
    return steps


def _steps_to(weight: float, size: float) -> float:
    """How many multiplications by `weight` take 1 to or past `size`."""
    return float(np.ceil(np.log(size) / np.log(weight)))


def _at(arrays: Arrays, weight: float, steps: int) -> float:
    return float(arrays["gradient"][np.flatnonzero(arrays["w"] == weight)[0], steps])


CLAIMS = [
    Claim(
        "lecture-exploding",
        "The lectures' $117.4$ is $1.1^{50}$, fifty multiplications: {measured}.",
        lambda a: exact(_at(a, 1.1, 50), digits=5),
        above=117.35,
        below=117.45,
        identity=True,
    ),
    Claim(
        "lecture-vanishing",
        "The lectures' $0.00515$ is $0.9^{50}$: {measured}.",
        lambda a: exact(_at(a, 0.9, 50), digits=4),
        above=0.005145,
        below=0.005155,
        identity=True,
    ),
    Claim(
        "formula-exploding",
        "For $w=1.1$ and $T=50$ the formula $w^{T-1}$ gives 117.4.",
        lambda a: exact(_at(a, 1.1, 49), digits=5),
        above=117.35,
        below=117.45,
        source="grosse2019",
        identity=True,
    ),
    Claim(
        "formula-vanishing",
        "For $w=0.9$ and $T=50$ the formula $w^{T-1}$ gives 0.00515.",
        lambda a: exact(_at(a, 0.9, 49), digits=4),
        above=0.005145,
        below=0.005155,
        source="grosse2019",
        identity=True,
    ),
]

PUBLISHED = [
    Published(
        "$\\partial h_{50}/\\partial h_1$, $w=1.1$",
        "117.4",
        "grosse2019",
        lambda a: exact(_at(a, 1.1, 49), digits=5),
        "$T=50$ states have 49 steps between them; the lectures took 50",
    ),
    Published(
        "$\\partial h_{50}/\\partial h_1$, $w=0.9$",
        "0.00515",
        "grosse2019",
        lambda a: exact(_at(a, 0.9, 49), digits=4),
        "as above",
    ),
]

NUMBERS = {
    "up_50": lambda a: _at(a, 1.1, 50),
    "up_49": lambda a: _at(a, 1.1, 49),
    "down_50": lambda a: _at(a, 0.9, 50),
    "down_49": lambda a: _at(a, 0.9, 49),
    "ratio": lambda a: round(_at(a, 1.1, 49) / _at(a, 0.9, 49)),
    "underflow_float32": lambda a: int(a["underflow"][1]),
    "overflow_float32": lambda a: int(a["overflow"][1]),
    "underflow_float16": lambda a: int(a["underflow"][0]),
    "overflow_float16": lambda a: int(a["overflow"][0]),
    "adam": lambda a: int(_steps_to(0.9, 1e-8)),  # Adam divides by √v + 10⁻⁸
    "half_life": lambda a: _steps_to(0.95, 0.5),
    "thousandth": lambda a: _steps_to(0.95, 1e-3),
}
