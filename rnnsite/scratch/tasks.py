"""Three small tasks.

Each returns the inputs of one sequence, and a target for each step, None where nothing is asked.
"""

from __future__ import annotations

from random import Random
from typing import Any

Sequence = tuple[list[list[float]], list[Any]]


def delayed_recall(T: int, random: Random, noise: float = 0.3) -> Sequence:
    """A number s comes first, then noise, and after T steps s is asked for. Answering 0 costs 1 on average.

    x_1 = (s, 1) with s uniform, mean 0 and variance 1; then x_t = (noise · N(0, 1), 0).

    >>> xs, ys = delayed_recall(3, Random(0))
    >>> [[round(x, 2) for x in step] for step in xs], [y and round(y[0], 2) for y in ys]
    ([[1.19, 1.0], [0.02, 0.0], [-0.31, 0.0]], [None, None, 1.19])
    """
    s = random.uniform(-1, 1) * 3**0.5
    return [[s, 1.0]] + [[noise * random.gauss(0, 1), 0.0] for _ in range(T - 1)], [None] * (T - 1) + [[s]]


def adding(T: int, random: Random) -> Sequence:
    """T numbers from U(0, 1), two of them marked, one in each half: their sum is asked for. Answering 1 costs 1/6.

    The version of Le, Jaitly & Hinton 2015.

    >>> xs, ys = adding(4, Random(1))
    >>> [[round(x, 2) for x in step] for step in xs], round(ys[-1][0], 2)
    ([[0.13, 0.0], [0.85, 1.0], [0.76, 0.0], [0.26, 1.0]], 1.1)
    """
    if T < 2:
        raise ValueError(f"The adding problem needs at least 2 steps, got {T}.")
    xs = [[random.random(), 0.0] for _ in range(T)]
    marked = [random.randrange(T // 2), random.randrange(T // 2, T)]
    for t in marked:
        xs[t][1] = 1.0
    return xs, [None] * (T - 1) + [[sum(xs[t][0] for t in marked)]]


def alphabet(text: str) -> str:
    """The characters of a text, each once, in order.

    >>> alphabet("banana")
    'abn'
    """
    return "".join(sorted(set(text)))


def one_hot(k: int, n: int) -> list[float]:
    """n numbers, all 0 but the k-th, which is 1."""
    return [float(j == k) for j in range(n)]


def next_character(text: str, T: int, random: Random) -> Sequence:
    """T characters from a random place in the text, one-hot over its alphabet; each target is the next one's number.

    >>> xs, ys = next_character("abab", 3, Random(0))  # a is 0, b is 1
    >>> xs, ys
    ([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [1, 0, 1])
    """
    if len(text) <= T:
        raise ValueError(f"A text of {len(text)} characters has no {T} with one to follow; expected more than {T}.")
    number = {character: k for k, character in enumerate(alphabet(text))}
    start = random.randrange(len(text) - T)
    ks = [number[character] for character in text[start : start + T + 1]]
    return [one_hot(k, len(number)) for k in ks[:-1]], list(ks[1:])
