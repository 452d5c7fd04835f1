"""Long short-term memory in plain Python: forwards as the six equations, backwards as the same six in reverse."""

from __future__ import annotations

from .cell import Cell, State, Step
from .vectors import Vector, matvec, sigmoid, tanh


class LSTM(Cell):
    """Long short-term memory.

    i_t = σ(U_i x_t + W_i h_{t−1} + b_i)        input gate
    f_t = σ(U_f x_t + W_f h_{t−1} + b_f)        forget gate: 1 keeps
    o_t = σ(U_o x_t + W_o h_{t−1} + b_o)        output gate
    g_t = tanh(U_g x_t + W_g h_{t−1} + b_g)     candidate
    c_t = f_t∘c_{t−1} + i_t∘g_t                 cell state
    h_t = o_t∘tanh(c_t)                         hidden state

    I, H           inputs and hidden units
    forget_bias    where b_f starts
    seed           of the first weights

    U (4H, I), W (4H, H), b (4H): blocks i, f, o, g. Equal to `rnnsite.cells.lstm.LSTM` and torch.nn.LSTM. Sources:
    Hochreiter & Schmidhuber 1997; forget gate, Gers et al. 2000.

    >>> lstm = LSTM(1, 1)
    >>> lstm.U = [[9.0], [0.0], [0.0], [9.0]]  # at a 1 it writes 1
    >>> lstm.W = [[0.0], [0.0], [0.0], [0.0]]
    >>> lstm.b = [-5.0, 9.0, 9.0, 0.0]  # forget and output gate stand open
    >>> states = lstm.forward([[1.0], [0.0], [1.0], [1.0]])
    >>> [round(step["c"][0], 1) for step in lstm.steps]
    [1.0, 1.0, 2.0, 2.9]
    """

    blocks = "ifog"
    state_names = ("h", "c")

    def __init__(self, I: int, H: int, forget_bias: float = 0.0, seed: int = 0) -> None:
        super().__init__(I, H, seed)
        self.b[H : 2 * H] = [float(forget_bias)] * H

    def step(self, x: Vector, *state: Vector) -> Step:
        h, c = state
        a_i, a_f, a_o, a_g = self.split(self.affine(x, h))
        i, f, o, g = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), tanh(a_g)
        c = [f * c + i * g for f, c, i, g in zip(f, c, i, g)]
        tanh_c = tanh(c)
        h = [o * tanh_c for o, tanh_c in zip(o, tanh_c)]
        return {"i": i, "f": f, "o": o, "g": g, "c": c, "tanh_c": tanh_c, "h": h}

    def back(self, step: Step, last: State, *d: Vector) -> tuple[Vector, Vector, State]:
        dh, dc = d
        i, f, o, g, tanh_c = (step[name] for name in ("i", "f", "o", "g", "tanh_c"))
        _, c_last = last
        # h = o∘tanh(c): the road from h into c joins the one that came back along c
        dc = [dc + dh * o * (1 - tanh_c * tanh_c) for dc, dh, o, tanh_c in zip(dc, dh, o, tanh_c)]
        # each gate's share, times the slope of its σ; σ' = σ(1 − σ), tanh' = 1 − tanh²
        da_i = [dc * g * i * (1 - i) for dc, g, i in zip(dc, g, i)]
        da_f = [dc * c_last * f * (1 - f) for dc, c_last, f in zip(dc, c_last, f)]
        da_o = [dh * tanh_c * o * (1 - o) for dh, tanh_c, o in zip(dh, tanh_c, o)]
        da_g = [dc * i * (1 - g * g) for dc, i, g in zip(dc, i, g)]
        da = da_i + da_f + da_o + da_g
        return da, da, (matvec(self.W_T, da), [dc * f for dc, f in zip(dc, f)])
