"""Two losses, each with its gradient: a number to be met, and a class to be named."""

from __future__ import annotations

import math

from .vectors import Vector, dot


def squared(y_hat: Vector, y: Vector) -> tuple[float, Vector]:
    """‖ŷ − y‖² and its gradient 2(ŷ − y).

    >>> squared([1.0, 2.0], [0.0, 2.0])
    (1.0, [2.0, 0.0])
    """
    d = [y_hat - y for y_hat, y in zip(y_hat, y)]
    return dot(d, d), [2 * d for d in d]


def softmax(a: Vector) -> Vector:
    """exp(a) scaled to a sum of 1. The largest entry is taken off first, so that nothing overflows."""
    top = max(a)
    e = [math.exp(a - top) for a in a]
    total = sum(e)
    return [e / total for e in e]


def cross_entropy(y_hat: Vector, k: int) -> tuple[float, Vector]:
    """−log softmax(ŷ)_k, in nats, and its gradient softmax(ŷ) − 1_k.

    >>> cross_entropy([0.0, 0.0], 1)
    (0.6931471805599453, [0.5, -0.5])
    """
    p = softmax(y_hat)
    d = p[:]
    d[k] -= 1
    return -math.log(max(p[k], 1e-300)), d
