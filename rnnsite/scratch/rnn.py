"""The simple recurrent network in plain Python.

h_t = φ(U x_t + W h_{t−1} + b)
"""

from __future__ import annotations

import math
from collections.abc import Callable

from .cell import Cell, State, Step
from .vectors import Vector, matvec

# φ, and its derivative computed from h = φ(a)
ACTIVATIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "tanh": (math.tanh, lambda h: 1 - h * h),
    "sigmoid": (lambda a: 0.5 + 0.5 * math.tanh(0.5 * a), lambda h: h * (1 - h)),
    "relu": (lambda a: max(a, 0.0), lambda h: 1.0 if h > 0 else 0.0),
    "linear": (lambda a: a, lambda h: 1.0),
}


class RNN(Cell):
    """The simple recurrent network, Elman's.

    a_t = U x_t + W h_{t−1} + b       pre-activation
    h_t = φ(a_t)                      hidden state
    ∂L/∂a_t = φ'(a_t) ∘ ∂L/∂h_t       the way back through φ
    ∂L/∂h_{t−1} = Wᵀ ∂L/∂a_t          and through W

    I, H          inputs and hidden units
    activation    tanh, sigmoid, relu or linear
    seed          of the first weights

    Equal to `rnnsite.cells.elman.Elman` and, for tanh and relu, to torch.nn.RNN. Source: Elman 1990.

    >>> rnn = RNN(1, 2)
    >>> rnn.U = [[1.0], [0.0]]
    >>> rnn.W = [[0.0, 0.0], [1.0, 0.0]]  # the second unit copies the first
    >>> for a, b in rnn.forward([[1.0], [0.0], [0.0]]):
    ...     print(round(a, 3), round(b, 3))
    0.762 0.0
    0.0 0.642
    0.0 0.0
    """

    blocks = "h"

    def __init__(self, I: int, H: int, activation: str = "tanh", seed: int = 0) -> None:
        if activation not in ACTIVATIONS:
            raise ValueError(f"Unknown activation {activation!r}; expected one of {', '.join(ACTIVATIONS)}.")
        super().__init__(I, H, seed)
        self.activation = activation

    def step(self, x: Vector, *state: Vector) -> Step:
        (h,) = state
        φ, _ = ACTIVATIONS[self.activation]
        a = self.affine(x, h)
        return {"a": a, "h": [φ(a) for a in a]}

    def back(self, step: Step, last: State, *d: Vector) -> tuple[Vector, Vector, State]:
        (dh,) = d
        _, slope = ACTIVATIONS[self.activation]
        da = [dh * slope(h) for dh, h in zip(dh, step["h"])]
        return da, da, (matvec(self.W_T, da),)
