"""What is measured as a logarithm and said as a multiple: geometric means and ratios, with their intervals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from rnnsite.statistics import Estimate, bootstrap


def power(base: float, logarithm: Estimate) -> Estimate:
    """`base` to the power of an estimate, value and interval alike.

    >>> str(power(10, Estimate(-2.0, -3.0, 0.0)))
    '0.01 [0.001, 1]'
    """
    value, low, high = (base**number for number in (logarithm.value, logarithm.low, logarithm.high))
    return replace(logarithm, value=value, low=low, high=high)


def geometric_mean(samples: ArrayLike) -> Estimate:
    """Of one entry a seed, with the bootstrap over them. A ratio of two arms, seed by seed, is compared by it.

    >>> round(geometric_mean([1.0, 4.0, 16.0]).value, 12)
    4.0
    """
    return power(math.e, bootstrap(np.log(samples)))
