"""The gated recurrent unit in plain Python, in the version of torch.nn: the reset comes after the product."""

from __future__ import annotations

from .cell import Cell, Parameters, State, Step
from .vectors import Vector, matvec, plus_product, sigmoid, tanh, times, zeros


class GRU(Cell):
    """Gated recurrent unit.

    r_t = σ(U_r x_t + W_r h_{t−1} + b_r)                    reset gate
    u_t = σ(U_u x_t + W_u h_{t−1} + b_u)                    update gate: 1 keeps the state
    g_t = tanh(U_g x_t + r_t∘(W_g h_{t−1} + b_h) + b_g)     candidate
    h_t = u_t∘h_{t−1} + (1 − u_t)∘g_t

    I, H           inputs and hidden units
    update_bias    where b_u starts
    seed           of the first weights

    U (3H, I), W (3H, H), b (3H): blocks r, u, g; b_h (H). Equal to `rnnsite.cells.gru.GRU` and torch.nn.GRU. Sources:
    Cho et al. 2014; the reset after the product, as in cuDNN and torch.nn.

    >>> gru = GRU(1, 1)
    >>> gru.U = [[0.0], [-9.0], [9.0]]  # a 1 shuts the update gate, and 1 is written
    >>> gru.W = [[0.0], [0.0], [0.0]]
    >>> gru.b = [0.0, 5.0, 0.0]  # without an input it keeps
    >>> [round(h, 2) for (h,) in gru.forward([[1.0], [0.0], [0.0]])]
    [0.98, 0.98, 0.97]
    """

    blocks = "rug"

    def __init__(self, I: int, H: int, update_bias: float = 0.0, seed: int = 0) -> None:
        super().__init__(I, H, seed)
        self.b[H : 2 * H] = [float(update_bias)] * H
        self.b_h = zeros(H)

    def parameters(self) -> Parameters:
        return {**super().parameters(), "b_h": self.b_h}

    def step(self, x: Vector, *state: Vector) -> Step:
        (h,) = state
        Ux_r, Ux_u, Ux_g = self.split(plus_product(self.b, self.U, x))
        Wh_r, Wh_u, Wh_g = self.split(matvec(self.W, h))
        r = sigmoid([Ux + Wh for Ux, Wh in zip(Ux_r, Wh_r)])
        u = sigmoid([Ux + Wh for Ux, Wh in zip(Ux_u, Wh_u)])
        seen = [Wh + b for Wh, b in zip(Wh_g, self.b_h)]
        g = tanh([Ux + r * seen for Ux, r, seen in zip(Ux_g, r, seen)])
        h = [u * h + (1 - u) * g for u, h, g in zip(u, h, g)]
        return {"r": r, "u": u, "seen": seen, "g": g, "h": h}

    def back(self, step: Step, last: State, *d: Vector) -> tuple[Vector, Vector, State]:
        (dh,) = d
        r, u, seen, g = (step[name] for name in ("r", "u", "seen", "g"))
        (h_last,) = last
        da_u = [dh * (h_last - g) * u * (1 - u) for dh, h_last, g, u in zip(dh, h_last, g, u)]
        da_g = [dh * (1 - u) * (1 - g * g) for dh, u, g in zip(dh, u, g)]
        da_r = [da_g * seen * r * (1 - r) for da_g, seen, r in zip(da_g, seen, r)]
        dseen = times(da_g, r)
        to_W = da_r + da_u + dseen
        kept = [dh * u for dh, u in zip(dh, u)]
        return da_r + da_u + da_g, to_W, (plus_product(kept, self.W_T, to_W),)

    def backward(self, dhs: list[Vector | None]) -> Parameters:
        gradients = super().backward(dhs)
        return {**gradients, "b_h": [sum(column) for column in zip(*self.das_W)][2 * self.H :]}
