"""One sigmoid unit, no input, asked to be at 0.7 after 50 steps: the smallest recurrent model with a cliff.

Both parameters fit on a map, and the cliff has an equation, so everything about it can be checked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

START = 0.5  # a_0
TARGET = 0.7
STEPS = 50


def sigmoid(a: ArrayLike) -> np.ndarray:
    """σ(a) = 1 / (1 + e^−a), written with tanh because e^−a overflows. Real or complex."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(a)))


@dataclass(frozen=True)
class Error:
    """The loss and its exact gradient (∂/∂w, ∂/∂b) at every (w, b) asked for: shapes (...) and (2, ...)."""

    loss: np.ndarray
    gradient: np.ndarray

    @property
    def norm(self) -> np.ndarray:
        return np.hypot(*self.gradient)


def error(w: ArrayLike, b: ArrayLike, steps: int = STEPS) -> Error:
    """Loss and gradient of the single unit.

    a_t = w h_{t−1} + b,  h_t = σ(a_t),  h_0 = σ(0.5),  loss = (h_T − 0.7)²,  T = steps

    w, b (...) numbers or arrays that broadcast. The derivatives of h are carried forward beside it, in float64: at
    the cliff a change of b by 1e-5 matters. Source: Pascanu, Mikolov & Bengio 2013, eq. 8 and figure 6 (whose x is
    our a).

    >>> here, cliff = error(5.0, -2.5), error(5.0, -2.6123)
    >>> f"loss {here.loss:.3f}, gradient {here.norm:.2f}; at the cliff {cliff.loss:.3f}, {cliff.norm:.0f}"
    'loss 0.024, gradient 0.13; at the cliff 0.009, 1026'
    """
    w, b = np.broadcast_arrays(w, b)
    h = np.full(w.shape, sigmoid(START))
    h_w = h_b = np.zeros(w.shape)
    for _ in range(steps):
        a_w, a_b = h + w * h_w, 1 + w * h_b
        h = sigmoid(w * h + b)
        slope = h * (1 - h)  # σ'
        h_w, h_b = slope * a_w, slope * a_b
    miss = h - TARGET
    return Error(miss**2, 2 * miss * np.stack([h_w, h_b]))


def curvature(w: ArrayLike, b: ArrayLike, steps: int = STEPS) -> np.ndarray:
    """The second derivatives of the loss, exact: (2, 2, ...).

    A derivative is the imaginary part of f(x + iε) / ε, which subtracts nothing and so loses no digits.
    """
    w, b = np.broadcast_arrays(np.asarray(w, dtype=complex), np.asarray(b, dtype=complex))
    tiny = 1e-100
    along = (error(w + 1j * tiny, b, steps), error(w, b + 1j * tiny, steps))
    return np.stack([one.gradient.imag / tiny for one in along])


def wall(w: ArrayLike) -> np.ndarray:
    """The b at which the start is itself a fixed point, 0.5 = w σ(0.5) + b. Where `growth` > 1, the cliff."""
    return START - np.asarray(w, dtype=float) * sigmoid(START)


def growth(w: ArrayLike) -> np.ndarray:
    """w σ'(0.5): by what factor a step multiplies a small distance from that fixed point."""
    h = sigmoid(START)
    return np.asarray(w, dtype=float) * h * (1 - h)


def bifurcations(w: float) -> tuple[float, float]:
    """The two b at which an attractor of the unit appears or disappears (w σ'(a) = 1 at a fixed point a); w > 4."""
    h = 0.5 + np.array([1, -1]) * np.sqrt(0.25 - 1 / w)
    low, high = np.log(h / (1 - h)) - w * h
    return float(low), float(high)
