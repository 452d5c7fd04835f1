"""f(x) = r x (1 − x), composed: where orbits end, and what the derivative of n rounds becomes.

Page: docs/gradients/iterated-functions.md
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from rnnsite.claims import Arrays, Claim, Published, swap_names
from rnnsite.context import Context
from rnnsite.seeding import numpy_generator
from rnnsite.statistics import Estimate, bootstrap, exact, wilson

TITLE = "The logistic map, composed"
PAGE = "gradients/iterated-functions"


@dataclass(frozen=True)
class Config:
    """`starts` random starts, `walls` bisected ones; derivatives are kept up to `rounds`."""

    r: float = 3.5
    starts: int = 2000
    walls: int = 200
    rounds: int = 64
    settle: int = 2000
    grid: int = 1201
    drawn: tuple[int, ...] = (1, 32)
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(starts=20_000, walls=2000)}


def f(x: np.ndarray, r: float) -> np.ndarray:
    """f(x) = r x (1 − x)."""
    return r * x * (1 - x)


def slope(x: np.ndarray, r: float) -> np.ndarray:
    """f′(x) = r (1 − 2x)."""
    return r * (1 - 2 * x)


def compose(x: np.ndarray, r: float, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """fⁿ(x) and log₁₀ |dfⁿ/dx| = Σ log₁₀ |f′(x_k)| for n = 0 … rounds, each (rounds + 1, *x.shape)."""
    values, logs = [x], [np.zeros_like(x)]
    for _ in range(rounds):
        with np.errstate(divide="ignore"):
            logs.append(logs[-1] + np.log10(np.abs(slope(values[-1], r))))
        values.append(f(values[-1], r))
    return np.stack(values), np.stack(logs)


def cycle_at(r: float, period: int, guess: float) -> tuple[np.ndarray, float]:
    """The cycle of this period near `guess`, by Newton's method on f^p(x) = x, and its multiplier (f^p)′."""
    x = np.array(guess)
    for _ in range(60):
        points, product = [x], 1.0
        for _ in range(period):
            product *= float(slope(points[-1], r))
            points.append(f(points[-1], r))
        x = x - (points[-1] - x) / (product - 1)
    return np.array(points[:period]), product


def doubling_point(period: int, low: float, high: float, settle: int) -> float:
    """The r at which the cycle of this period stops attracting: its multiplier reaches −1. By bisection."""
    for _ in range(50):
        r = (low + high) / 2
        x = np.array(0.3)
        for _ in range(settle):
            x = f(x, r)
        low, high = (r, high) if cycle_at(r, period, float(x))[1] > -1 else (low, r)
    return (low + high) / 2


def wall_starts(draw: np.random.Generator, count: int, r: float, settle: int) -> np.ndarray:
    """Starts on a wall of f^4k: bisected between two starts that end on different points of the 4-cycle."""

    def end(x: np.ndarray) -> np.ndarray:
        for _ in range(settle):
            x = f(x, r)
        return x

    pairs = draw.random((2, 8 * count))
    left_end, right_end = end(pairs[0]), end(pairs[1])
    apart = np.flatnonzero(np.abs(left_end - right_end) > 1e-3)[:count]
    left, right, left_end, right_end = pairs[0, apart], pairs[1, apart], left_end[apart], right_end[apart]
    for _ in range(60):
        middle = (left + right) / 2
        ends = end(middle)
        is_left = np.abs(ends - left_end) < 1e-3
        left = np.where(is_left, middle, left)
        right = np.where(is_left, right, middle)
    return left


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    draw = numpy_generator("logistic_map", config.seed_set)
    r = config.r
    starts = draw.random(config.starts)
    settled = f(starts, r)
    for _ in range(config.settle):
        settled = f(settled, r)
    cycle, multiplier = cycle_at(r, 4, float(settled[0]))
    fixed = np.array([0.0, 1 - 1 / r])
    at_cycle = np.abs(settled[:, None] - cycle).min(axis=1) < 1e-9
    at_fixed = np.abs(settled[:, None] - fixed).min(axis=1) < 1e-3

    _, logs = compose(starts, r, config.rounds)
    _, wall_logs = compose(wall_starts(draw, config.walls, r, 400), r, config.rounds)
    grid = np.linspace(0, 1, config.grid)
    values, _ = compose(grid, r, max(config.drawn))
    _, chaotic_logs = compose(draw.random(config.starts), 4.0, 300)
    return {
        "rounds": np.arange(config.rounds + 1),
        "log_slope": logs,
        "wall_log_slope": wall_logs,
        "settled_on_cycle": at_cycle,
        "settled_on_fixed": at_fixed,
        "two_cycle": np.sort(cycle_at(r, 2, 0.43)[0]),
        "two_cycle_multiplier": np.array(cycle_at(r, 2, 0.43)[1]),
        "cycle": np.sort(cycle),
        "cycle_multiplier": np.array(multiplier),
        "fixed": fixed,
        "fixed_multiplier": slope(fixed, r),
        "drawn": np.array(config.drawn),
        "grid": grid,
        "grid_value": values[list(config.drawn)],
        "doublings": np.array(
            [doubling_point(1, 2.5, 3.2, 4000), doubling_point(2, 3.2, 3.5, 4000), doubling_point(4, 3.46, 3.55, 4000)]
        ),
        "exponent_r4": np.log(10) * (chaotic_logs[-1] - chaotic_logs[100]) / 200,
    }


def either_or(a: Arrays) -> Estimate:
    """Share of starts whose derivative after 64 rounds is outside [0.1, 10]."""
    return wilson(int((np.abs(a["log_slope"][-1]) > 1).sum()), a["log_slope"].shape[1])


def wall_growth(a: Arrays) -> Estimate:
    """Factor a round by which the derivative grows on a wall, over the second half of the rounds."""
    logs = a["wall_log_slope"]
    half = len(logs) // 2
    return replace(bootstrap(10 ** ((logs[-1] - logs[half]) / (len(logs) - 1 - half)), np.median), digits=4)


CLAIMS = [
    Claim(
        "settles-on-four-cycle",
        "At $r=3.5$, share of random starts that settle on the 4-cycle: {measured:.1%}.",
        lambda a: wilson(int(a["settled_on_cycle"].sum()), a["settled_on_cycle"].size),
        above=0.99,
        swap=swap_names("settled_on_cycle", "settled_on_fixed"),
    ),
    Claim(
        "gravitates-to-fixed-points",
        "“Function values gravitate towards fixed points.” Share of random starts that end at one: {measured:.1%}.",
        lambda a: wilson(int(a["settled_on_fixed"].sum()), a["settled_on_fixed"].size),
        above=0.5,
        source="csc3212020",
    ),
    Claim(
        "very-large-or-very-small",
        "“Derivatives become very large or very small.” Share of starts whose derivative after 64 rounds is above 10 "
        "or below 0.1: {measured:.1%}.",
        either_or,
        above=0.95,
        source="csc3212020",
    ),
    Claim(
        "typical-start-forgets",
        "After 64 rounds the median derivative over random starts is {10^measured}.",
        lambda a: bootstrap(a["log_slope"][-1], np.median),
        below=-15,
        swap=swap_names("log_slope", "wall_log_slope"),
    ),
    Claim(
        "walls-grow-at-the-rate-of-the-unstable-cycle",
        "On a wall between two levels, the derivative grows each round by a factor of {measured}. The orbit of a wall "
        "lands on the unstable 2-cycle, whose multiplier gives √1.25 = 1.118.",
        wall_growth,
        above=1.117,
        below=1.119,
        swap=swap_names("wall_log_slope", "log_slope"),
    ),
    Claim(
        "chaos-at-four",
        "At $r=4$ there is no cycle to settle on, and the derivative grows everywhere: its log by {measured} a round "
        "(theory: ln 2 = 0.6931).",
        lambda a: replace(bootstrap(a["exponent_r4"]), digits=4),
        above=math.log(2) - 0.005,
        below=math.log(2) + 0.005,
        swap=lambda a: {**a, "exponent_r4": np.log(10) * a["log_slope"][-1] / 64},
    ),
]

PUBLISHED = [
    Published(
        "r at which the fixed point loses stability",
        "3.0000",
        "may1976",
        lambda a: exact(a["doublings"][0], 5),
        "found by bisection, not by algebra",
    ),
    Published(
        "r at which the 2-cycle loses stability",
        "1 + √6 = 3.4495",
        "may1976",
        lambda a: exact(a["doublings"][1], 5),
        "found by bisection, not by algebra",
    ),
    *(
        Published(
            f"point {i + 1} of the 4-cycle at r = 3.5",
            value,
            "mathforum",
            lambda a, i=i: exact(a["cycle"][i], 5),  # type: ignore[misc]
            "nothing",
        )
        for i, value in enumerate(("0.38282", "0.50088", "0.82694", "0.87500"))
    ),
]


def _point(i: int) -> Callable[[Arrays], str]:
    return lambda a: f"{a['cycle'][i]:.5f}"


NUMBERS = {
    **{f"cycle_{i + 1}": _point(i) for i in range(4)},
    "cycle_multiplier": lambda a: float(a["cycle_multiplier"]),
    "cycle_factor_a_round": lambda a: float(np.abs(a["cycle_multiplier"]) ** 0.25),
    "fixed_point": lambda a: float(a["fixed"][1]),
    "multiplier_at_zero": lambda a: float(a["fixed_multiplier"][0]),
    "multiplier_at_fixed_point": lambda a: float(a["fixed_multiplier"][1]),
    "two_cycle_low": lambda a: float(a["two_cycle"][0]),
    "two_cycle_high": lambda a: float(a["two_cycle"][1]),
    "two_cycle_multiplier": lambda a: float(a["two_cycle_multiplier"]),
    "wall_growth": lambda a: wall_growth(a).value,
    "median_log_slope": lambda a: float(np.median(a["log_slope"][-1])),
    "in_between_after_8": lambda a: float((np.abs(a["log_slope"][8]) <= 1).mean()),
    "in_between_after_64": lambda a: float((np.abs(a["log_slope"][64]) <= 1).mean()),
    "large_after_64": lambda a: float((a["log_slope"][64] > 1).mean()),
    "large_after_8": lambda a: float((a["log_slope"][8] > 1).mean()),
    "second_doubling": lambda a: f"{a['doublings'][1]:.4f}",
}
