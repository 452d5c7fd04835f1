"""Numbers with their uncertainty: the interval that every trained number on the site is shown with.

All intervals are 95 % unless `how` says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """A measured value, the interval around it, and how that interval was made."""

    value: float
    low: float
    high: float
    how: str = "exact"
    digits: int = 3

    def __str__(self) -> str:
        value, low, high = (in_words(number, f".{self.digits}g") for number in (self.value, self.low, self.high))
        return value if self.low == self.high else f"{value} [{low}, {high}]"


def exact(value: float, digits: int = 3) -> Estimate:
    """A number without sampling error (a computation, not a training), shown with so many digits."""
    value = float(value)
    return Estimate(value, value, value, digits=digits)


def wilson(successes: float, trials: int) -> Estimate:
    """Success rate with the Wilson score interval (Wilson 1927), which is sane at 0 and at 1."""
    if trials < 1:
        raise ValueError(f"a success rate needs at least one trial, got {trials}")
    rate = successes / trials
    spread = _Z95**2 / trials
    centre = (rate + spread / 2) / (1 + spread)
    half = _Z95 / (1 + spread) * math.sqrt(rate * (1 - rate) / trials + spread / (4 * trials))
    # the closed form misses 0 and 1 by rounding alone
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == trials else centre + half
    return Estimate(rate, low, high, f"Wilson 95 %, {trials} runs")


def bootstrap(samples: ArrayLike, statistic: Callable[..., np.ndarray] = np.mean, *, resamples: int = 2000) -> Estimate:
    """Percentile bootstrap of `statistic` over the first axis of `samples` (one entry a seed).

    For a paired comparison pass the differences (or log-ratios) seed by seed. `statistic` takes `axis`, as
    `np.mean` and `np.median` do. The resampling has a fixed seed, so the same samples give the same interval.
    """
    values = np.asarray(samples, dtype=float)
    if values.ndim != 1 or values.size < 2:
        raise ValueError(f"bootstrap needs a vector of at least two samples, got shape {values.shape}")
    draws = np.random.default_rng(0).integers(values.size, size=(resamples, values.size))
    low, high = np.quantile(statistic(values[draws], axis=1), [0.025, 0.975])
    return Estimate(float(statistic(values, axis=0)), float(low), float(high), f"bootstrap 95 %, {values.size} runs")


def worst(*estimates: Estimate, by: Callable[[Estimate], float]) -> Estimate:
    """The estimate that is hardest on a claim about all of them: the one with the smallest `by`."""
    return min(estimates, key=by)


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def in_words(value: float, spec: str = ".3g") -> str:
    """A number as the site prints it: `1.2×10⁻⁵` for 1.2e-05, a true minus sign."""
    mantissa, e, exponent = f"{value:{spec}}".replace("-", "−").partition("e")
    if not e:
        return mantissa
    power = str(int(exponent.replace("−", "-"))).translate(_SUPERSCRIPTS)
    return f"10{power}" if mantissa == "1" else f"{mantissa}×10{power}"
