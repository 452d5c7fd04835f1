"""What the three cells share: where weights start, and the loop over time, forwards and backwards.

One sequence at a time: `xs` is a list of T vectors. U (kH, I), W (kH, H) and b (kH) stack k blocks of H rows, one for
each letter of `blocks`, as in `rnnsite.cells`.
"""

from __future__ import annotations

from random import Random

from .vectors import Matrix, Vector, matvec, plus, sum_of_outer, transpose, zeros

State = tuple[Vector, ...]
Step = dict[str, Vector]
Parameters = dict[str, "Matrix | Vector"]


class Cell:
    """One recurrent layer. A cell gives `blocks`, `step` and, walking the same equations backwards, `back`.

    I, H        inputs and hidden units
    seed        of the first weights, which are uniform between −1/√H and 1/√H, as in torch.nn; b starts at 0

    After `forward`, `steps[t - 1]` holds everything that step t computed, by name. After `backward`, `flow["h"][t]`
    is ∂L/∂h_t, for t from 0, the start, to T.
    """

    blocks: str
    state_names: tuple[str, ...] = ("h",)
    UWb: Matrix | None = None  # U, W and b side by side, while `forward` runs

    def __init__(self, I: int, H: int, seed: int = 0) -> None:
        if I < 1 or H < 1:
            raise ValueError(f"Expected at least one input and one hidden unit; got I = {I} and H = {H}.")
        self.I, self.H = I, H
        random, k = Random(seed), H**-0.5
        rows = len(self.blocks) * H
        self.U: Matrix = [[random.uniform(-k, k) for _ in range(I)] for _ in range(rows)]
        self.W: Matrix = [[random.uniform(-k, k) for _ in range(H)] for _ in range(rows)]
        self.b: Vector = zeros(rows)

    def parameters(self) -> Parameters:
        return {"U": self.U, "W": self.W, "b": self.b}

    def split(self, a: Vector) -> list[Vector]:
        """A vector of kH numbers as k vectors of H, one a block."""
        return [a[start : start + self.H] for start in range(0, len(a), self.H)]

    def side_by_side(self) -> Matrix:
        """[U W b]: a row of U, the row of W and the number of b that belong to it."""
        return [[*u, *w, b] for u, w, b in zip(self.U, self.W, self.b)]

    def affine(self, x: Vector, h: Vector) -> Vector:
        """U x + W h + b, as the one product [U W b] [x h 1], which saves half of the dot products."""
        return matvec(self.UWb or self.side_by_side(), [*x, *h, 1.0])

    def step(self, x: Vector, *state: Vector) -> Step:
        """One step from the last state: the new state and all that led to it, by name."""
        raise NotImplementedError

    def back(self, step: Step, last: State, *d: Vector) -> tuple[Vector, Vector, State]:
        """From the gradient at this step's state to those at U x + b, at W h, and at the last state."""
        raise NotImplementedError

    def forward(self, xs: list[Vector], *start: Vector) -> list[Vector]:
        """The states h_1 … h_T. `start` is the state before, zero if not given."""
        if not xs or not all(isinstance(x, list) and len(x) == self.I for x in xs):
            raise ValueError(f"Expected a list of inputs, each a list of {self.I} numbers; got {str(xs)[:60]}.")
        state: State = start or tuple(zeros(self.H) for _ in self.state_names)
        self.xs, self.steps, self.states = xs, [], [state]
        self.UWb = self.side_by_side()
        for x in xs:
            step = self.step(x, *state)
            state = tuple(step[name] for name in self.state_names)
            self.steps.append(step)
            self.states.append(state)
        self.UWb = None  # weights may change from here on
        return [step["h"] for step in self.steps]

    def backward(self, dhs: list[Vector | None]) -> Parameters:
        """Backpropagation through time: gradients of U, W and b.

        `dhs[t - 1]` is what the loss alone says about h_t, None if it does not look at it. What comes back from later
        steps is added here.
        """
        self.W_T = transpose(self.W)
        das, das_W = [], []
        d: State = tuple(zeros(self.H) for _ in self.state_names)
        flow: list[State] = []
        for step, last, dh in zip(reversed(self.steps), reversed(self.states[:-1]), reversed(dhs)):
            if dh is not None:
                d = (plus(d[0], dh), *d[1:])
            da, da_W, d_last = self.back(step, last, *d)
            das.append(da)
            das_W.append(da_W)
            flow.append(d)
            d = d_last
        flow.append(d)
        self.flow = {name: [d[k] for d in reversed(flow)] for k, name in enumerate(self.state_names)}
        self.das_W = das_W
        hs = [state[0] for state in reversed(self.states[:-1])]
        return {
            "U": sum_of_outer(das, self.xs[::-1]),
            "W": sum_of_outer(das_W, hs),
            "b": [sum(column) for column in zip(*das)],
        }
