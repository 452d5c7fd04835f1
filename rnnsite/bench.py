"""`rnnsite bench`: a fleet against a loop of torch.nn on the same work, in one run, with equal results.

The work is one forward and backward pass of M networks over their own B sequences of T steps, a gradient given for
every state, all in float32: cuDNN's habit of rounding products to TF32 is switched off for the loop, or the results
would differ. Ours and theirs take turns, and the best time of each counts, so that a busy machine slows both. The
fleet uses every core that torch may; the loop runs on all of them and on one (small products often gain nothing from
a second, and lose when it is busy), and the faster way counts. The floor is what the same products and activation
functions take with everything in the cache and nothing else done: no elementwise arithmetic, no memory, no calls but
these. On a GPU, where a call costs more than such a product, it is given all steps in one call.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM
from rnnsite.errors import RnnsiteError
from rnnsite.seeding import generator
from rnnsite.training.chunks import models_at_once
from rnnsite.training.cores import cores, even, on_cores
from rnnsite.training.over_time import states
from rnnsite.training.rows import take

KINDS: dict[str, type[Cell]] = {"RNN": Elman, "GRU": GRU, "LSTM": LSTM}
BARS = {"RNN": 8.0, "GRU": 6.0, "LSTM": 1.2}
AT = 32  # models for which the bars on a CPU hold
GPU_AT, GPU_BAR = 512, 100.0
B, H, T, I = 20, 50, 100, 6
SAME = 1e-4  # largest difference relative to the largest entry, in float32 over 100 steps


@dataclass(frozen=True)
class Measured:
    """One line of the table: milliseconds per model of torch.nn's loop, of ours, and of the floor."""

    kind: str
    M: int
    loop: float
    ours: float
    floor: float
    difference: float

    @property
    def ratio(self) -> float:
        return self.loop / self.ours


class Work:
    """M networks of one kind, the same weights and data for the fleet and for the loop."""

    def __init__(self, kind: str, M: int, device: torch.device) -> None:
        g = generator("bench", kind, M)
        self.cell = KINDS[kind](I, H, M, generator=g).to(device)
        self.x = torch.randn(M, T, B, I, generator=g).to(device)
        self.given = torch.randn(M, T, B, H, generator=g).to(device)
        self.modules: list[Any] = [self.cell.select(m).to_torch() for m in range(M)]  # type: ignore[operator]
        self.modules = [module.to(device).requires_grad_() for module in self.modules]
        self.M, self.device, self.cores = M, device, cores(device)
        self.parts = even(M, models_at_once(self.cell, (self.x[0],), device), self.cores)
        self.gradients: dict[int, tuple[Tensor, ...]] = {}

    def ours(self) -> None:
        on_cores(self.parts, self._part, self.cores)

    def _part(self, models: slice) -> None:
        part = take(self.cell, models)
        hs, _ = states(part, self.x[models])
        parameters = [p for p in part.parameters() if p.requires_grad]
        self.gradients[models.start] = torch.autograd.grad(hs, parameters, self.given[models])

    def loop(self) -> None:
        self.loop_gradients = []
        for module, x, given in zip(self.modules, self.x, self.given, strict=True):
            hs, _ = module(x)
            self.loop_gradients.append(torch.autograd.grad(hs, list(module.parameters()), given))

    def loop_on_one(self) -> None:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            self.loop()
        finally:
            torch.set_num_threads(threads)

    def difference(self) -> float:
        """The largest difference of any gradient of U and W, relative to its largest entry."""
        self.ours()
        self.loop()
        worst = 0.0
        order = {"Elman": "h", "GRU": "rug", "LSTM": "ifgo"}[type(self.cell).__name__]
        for models in self.parts:
            for which, ours in enumerate(self.gradients[models.start][:2]):
                theirs = torch.stack([self.loop_gradients[m][which] for m in range(models.start, models.stop)])
                blocks = dict(zip(order, theirs.chunk(len(order), 1), strict=True))
                theirs = torch.cat([blocks[letter] for letter in self.cell.blocks], 1)
                worst = max(worst, float((ours - theirs).abs().max() / theirs.abs().max()))
        return worst

    def floor(self) -> None:
        """The products of both passes and the activations, over and over on the same small tensors."""
        on_cores(self.parts, self._floor, self.cores)

    @torch.no_grad()
    def _floor(self, models: slice) -> None:
        cell, x = take(self.cell, models), self.x[models]
        m, rows = len(x), len(cell.blocks) * H
        h, a, W = x.new_zeros(m, B, H + I), x.new_zeros(m, B, rows), torch.cat([cell.W, cell.U], 2).mT.contiguous()
        back, total, dh = cell.W.contiguous(), torch.zeros_like(W), x.new_zeros(m, B, H)
        tanh_c = x.new_zeros(m, B, H)
        steps = T
        if self.device.type != "cpu":
            h, a, dh, tanh_c = (every.repeat(1, T, 1) for every in (h, a, dh, tanh_c))
            steps = 1
        for _ in range(steps):
            torch.bmm(h, W, out=a)
            torch.sigmoid(a, out=a)  # tanh is one σ too
            if isinstance(cell, LSTM):
                torch.sigmoid(tanh_c, out=tanh_c)
            torch.bmm(a, back, out=dh)
            torch.bmm(h.mT, a, out=total)


def _seconds(work: Callable[[], None], device: torch.device) -> float:
    begin = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - begin


def measure(kind: str, M: int, device: str = "cpu", seconds: float = 5.0) -> Measured:
    """Take turns for about so many seconds, at least three times each. Raises RnnsiteError for unequal results."""
    where = torch.device(device)
    torch.backends.cudnn.allow_tf32 = False
    work = Work(kind, M, where)
    difference = work.difference()
    if not difference <= SAME:
        raise RnnsiteError(
            f"The fleet's gradients of {kind} differ from torch.nn's by {difference:.1e} of the largest."
        )
    arms = {"loop": work.loop, "ours": work.ours, "floor": work.floor}
    if work.cores > 1:
        arms["loop on one"] = work.loop_on_one
    best = dict.fromkeys(arms, torch.inf)
    begin, rounds = time.perf_counter(), 0
    while rounds < 3 or time.perf_counter() - begin < seconds:
        for name, arm in arms.items():
            best[name] = min(best[name], _seconds(arm, where))
        if best["loop"] > 2 * best.get("loop on one", torch.inf):
            arms.pop("loop", None)  # on a busy machine its threads wait for each other for minutes
        rounds += 1
    per_model = {name: 1e3 * value / M for name, value in best.items()}
    loop = min(per_model["loop"], per_model.get("loop on one", torch.inf))
    return Measured(kind, M, loop, per_model["ours"], per_model["floor"], difference)


def bench(
    device: str = "cpu", models: tuple[int, ...] = (1, 8, 32, 128), kinds: tuple[str, ...] = tuple(KINDS)
) -> Iterator[Measured]:
    """Every line of the table, as it is measured."""
    for kind in kinds:
        for M in models:
            yield measure(kind, M, device)


def bar(line: Measured, device: str, cores: int) -> float | None:
    """The least ratio promised for this line, if one is: on two CPU cores for 32 models, on a GPU for 512."""
    if device == "cpu":
        return BARS[line.kind] if line.M == AT and cores == 2 else None
    return GPU_BAR if line.M == GPU_AT else None


def report(device: str = "cpu", models: tuple[int, ...] = ()) -> bool:
    """Print the table; whether every bar is met."""
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

    threads = torch.get_num_threads()
    models = models or ((1, 8, 32, 128) if device == "cpu" else (1, 8, 32, 128, GPU_AT))
    where = f"{threads} threads" if device == "cpu" else device
    table = Table(title=f"Forward + backward, ms per model: B={B}, H={H}, T={T}, I={I}, float32, {where}")
    for column in ("", "M", "torch.nn", "fleet", "ratio", "bar", "floor", "floor / fleet", "largest difference"):
        table.add_column(column, justify="left" if not column else "right")
    met = True
    with Live(table, console=Console()):
        for line in bench(device, models):
            least = bar(line, device, threads)
            met &= least is None or line.ratio >= least
            mark = "" if least is None else f"≥{least:g} " + ("✓" if line.ratio >= least else "✗")
            table.add_row(
                line.kind, str(line.M), f"{line.loop:.2f}", f"{line.ours:.2f}", f"{line.ratio:.2f}×", mark,
                f"{line.floor:.2f}", f"{line.floor / line.ours:.0%}", f"{line.difference:.0e}",
            )  # fmt: skip
    return met
