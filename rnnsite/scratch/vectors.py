"""The few operations on vectors and matrices that a recurrent network needs, on plain lists.

A vector is a list of numbers, a matrix a list of its rows. `sum(map(mul, a, b))` is the fastest dot product that plain
Python has before 3.12, which brings `math.sumprod`.
"""

from __future__ import annotations

import math
import sys
from operator import mul

Vector = list[float]
Matrix = list[Vector]

if sys.version_info >= (3, 12):
    from math import sumprod as dot
else:

    def dot(a: Vector, b: Vector) -> float:
        """Σ a_k b_k"""
        return sum(map(mul, a, b))


def zeros(n: int) -> Vector:
    return [0.0] * n


def plus(a: Vector, b: Vector) -> Vector:
    """a + b"""
    return [a + b for a, b in zip(a, b)]


def times(a: Vector, b: Vector) -> Vector:
    """a ∘ b, entry by entry"""
    return [a * b for a, b in zip(a, b)]


def norm(a: Vector) -> float:
    """‖a‖, the Euclidean length"""
    return math.sqrt(dot(a, a))


def matvec(W: Matrix, h: Vector) -> Vector:
    """W h

    >>> matvec([[1, 2], [0, 3]], [10, 1])
    [12, 3]
    """
    return [dot(row, h) for row in W]


def plus_product(a: Vector, W: Matrix, h: Vector) -> Vector:
    """a + W h"""
    return [a + dot(row, h) for a, row in zip(a, W)]


def transpose(W: Matrix) -> Matrix:
    """Wᵀ

    >>> transpose([[1, 2], [0, 3]])
    [[1, 0], [2, 3]]
    """
    return [list(column) for column in zip(*W)]


def product(A: Matrix, B: Matrix) -> Matrix:
    """A B"""
    columns = transpose(B)
    return [matvec(columns, row) for row in A]


def sum_of_outer(das: list[Vector], hs: list[Vector]) -> Matrix:
    """Σ_t da_t h_tᵀ: the gradient of a matrix that was used at every step. Rows as in da, columns as in h.

    >>> sum_of_outer([[1, 2], [0, 1]], [[3, 4, 5], [1, 1, 1]])
    [[3, 4, 5], [7, 9, 11]]
    """
    over_time = transpose(hs)
    return [matvec(over_time, da) for da in transpose(das)]


def sigmoid(a: Vector) -> Vector:
    """σ(a) = 1/(1 + e^−a), written with tanh because that cannot overflow"""
    return [0.5 + 0.5 * math.tanh(0.5 * a) for a in a]


def tanh(a: Vector) -> Vector:
    return [math.tanh(a) for a in a]
