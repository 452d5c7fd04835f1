"""Square matrices to start from."""

from __future__ import annotations

from random import Random

from .vectors import Matrix, dot, norm


def gaussian(H: int, random: Random) -> Matrix:
    """Entries from N(0, 1/H): the spectral radius of a large one is near 1."""
    return [[random.gauss(0, H**-0.5) for _ in range(H)] for _ in range(H)]


def identity(H: int) -> Matrix:
    """
    >>> identity(2)
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return [[float(row == column) for column in range(H)] for row in range(H)]


def orthogonal(H: int, random: Random) -> Matrix:
    """A random matrix that turns and never stretches: its rows have length 1 and stand at right angles (Gram–Schmidt).

    >>> a, b = orthogonal(2, Random(0))
    >>> round(norm(a), 9), round(norm(b), 9), round(abs(dot(a, b)), 9)
    (1.0, 1.0, 0.0)
    """
    Q: Matrix = []
    for row in gaussian(H, random):
        for _ in range(2):  # once more, for what rounding left
            for q in Q:
                along = dot(row, q)
                row = [r - along * q for r, q in zip(row, q)]
        length = norm(row)
        Q.append([r / length for r in row])
    return Q


def scaled(factor: float, W: Matrix) -> Matrix:
    """factor · W

    >>> scaled(2, [[1, 0], [0, 3]])
    [[2, 0], [0, 6]]
    """
    return [[factor * w for w in row] for row in W]
