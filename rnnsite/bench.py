"""`rnnsite bench`: a fleet against a loop of torch.nn on the same work, in one run, with equal results.

The work is one forward and backward pass of M networks over their own B sequences of T steps, a gradient given for
every state, all in float32: cuDNN's habit of rounding products to TF32 is switched off for the loop, or the results
would differ. Ours and theirs take turns of equal length, so that what else the machine does slows both. Each round of
turns gives one ratio; the table has their median and range. The fleet uses every core that torch may; the loop runs on
all of them and on one (small products often gain nothing from a second, and lose when it is busy), and in each round
the faster way counts. A fleet that had to share its cores is told from one that is slow by the processor time it got.

The floor is what the same products and activation functions take with everything in the cache and nothing else done:
no elementwise arithmetic, no memory, no calls but these. On a GPU, where a call costs more than such a product, it is
given all steps in one call.

By processor time, on one core of an AMD EPYC with 16 networks, the floor is 68 % of an RNN fleet's pass. 19 % is
waiting for memory, as a pass shows whose steps all use the same rows; the rest is elementwise arithmetic and Python.
Two cores also wait for each other's Python, of which one interpreter runs one line at a time.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
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
ALL = slice(None)
ROUNDS = 5  # at least
BUSY = 0.8  # a fleet with less of its cores shared them; waiting for one another takes its threads about a tenth
SAME = 1e-4  # largest difference relative to the largest entry, in float32 over 100 steps


@dataclass(frozen=True)
class Measured:
    """One line of the table.

    loop, ours, floor  milliseconds per model: medians over the rounds
    ratios             loop / ours of each round
    share              of the cores it asked for, what the fleet got
    """

    kind: str
    M: int
    loop: float
    ours: float
    floor: float
    difference: float
    ratios: tuple[float, ...]
    share: float = 1.0

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)


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

    def loop(self, models: slice = ALL) -> None:
        self.loop_gradients = []
        for module, x, given in zip(self.modules[models], self.x[models], self.given[models], strict=True):
            hs, _ = module(x)
            self.loop_gradients.append(torch.autograd.grad(hs, list(module.parameters()), given))

    def loop_on_one(self, models: slice = ALL) -> None:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            self.loop(models)
        finally:
            torch.set_num_threads(threads)

    def difference(self) -> float:
        """The largest difference of any gradient of U and W, relative to its largest entry."""
        self.ours()
        self.loop_on_one()
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


def _turn(work: Callable[[], None], device: torch.device, least: float) -> tuple[float, float]:
    """Seconds of one pass, over as many as fill the turn, and the processor's seconds for each of these."""
    begin, cpu, passes = time.perf_counter(), time.process_time(), 0
    while not passes or time.perf_counter() - begin < least:
        work()
        passes += 1
        if device.type == "cuda":
            torch.cuda.synchronize(device)
    return (time.perf_counter() - begin) / passes, (time.process_time() - cpu) / passes


def measure(kind: str, M: int, device: str = "cpu", seconds: float = 5.0) -> Measured:
    """Rounds of turns for about so many seconds, at least ROUNDS. Raises RnnsiteError for unequal results."""
    where = torch.device(device)
    torch.backends.cudnn.allow_tf32 = False
    work = Work(kind, M, where)
    difference = work.difference()
    if not difference <= SAME:
        raise RnnsiteError(
            f"The fleet's gradients of {kind} differ from torch.nn's by {difference:.1e} of the largest."
        )
    arms = {"ours": work.ours, "loop": work.loop, "floor": work.floor}
    if work.cores > 1:
        arms["loop on one"] = work.loop_on_one
        one, every = (_turn(partial(loop, slice(1)), where, 0)[0] for loop in (work.loop_on_one, work.loop))
        if every > 2 * one:
            del arms["loop"]  # on a busy machine its threads wait for each other for minutes
    rounds: list[dict[str, float]] = []
    shares, begin, least = [], time.perf_counter(), seconds / (ROUNDS * len(arms))
    while len(rounds) < ROUNDS or time.perf_counter() - begin < seconds:
        turns = {name: _turn(arm, where, least) for name, arm in arms.items()}
        took = {name: 1e3 * wall / M for name, (wall, _) in turns.items()}
        took["loop"] = min(took.get("loop", torch.inf), took.get("loop on one", torch.inf))
        wall, cpu = turns["ours"]
        shares.append(cpu / wall / min(work.cores, len(work.parts)))
        rounds.append(took)
    loop, ours, floor = (statistics.median(took[name] for took in rounds) for name in ("loop", "ours", "floor"))
    ratios = tuple(took["loop"] / took["ours"] for took in rounds)
    return Measured(kind, M, loop, ours, floor, difference, ratios, statistics.median(shares))


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

    from rnnsite.bench_profile import sentence

    threads = torch.get_num_threads()
    models = models or ((1, 8, 32, 128) if device == "cpu" else (1, 8, 32, 128, GPU_AT))
    where = f"{threads} threads" if device == "cpu" else device
    table = Table(title=f"Forward + backward, ms per model: B={B}, H={H}, T={T}, I={I}, float32, {where}")
    columns = ("", "M", "torch.nn", "fleet", "ratio", "range", "bar", "floor", "floor / fleet", "largest difference")
    for column in columns:
        table.add_column(column, justify="left" if not column else "right")
    missed: list[Measured] = []
    busy: list[str] = []
    with Live(table, console=Console()):
        for line in bench(device, models):
            least = bar(line, device, threads)
            if least is not None and line.ratio < least:
                missed.append(line)
            mark = "" if least is None else f"≥{least:g} " + ("✗" if line in missed else "✓")
            table.add_row(
                line.kind, str(line.M), f"{line.loop:.2f}", f"{line.ours:.2f}", f"{line.ratio:.2f}×",
                f"{min(line.ratios):.2f}–{max(line.ratios):.2f}", mark, f"{line.floor:.2f}",
                f"{line.floor / line.ours:.0%}", f"{line.difference:.0e}",
            )  # fmt: skip
            if device == "cpu" and line.share < BUSY:
                busy.append(f"{line.share:.0%} for {line.M} {line.kind}s")
    if busy:
        print("The fleet did not get its cores to itself (" + ", ".join(busy) + "): measure again on a quiet machine.")
    if device == "cpu":
        for line in missed:
            print(sentence(line.kind, line.M))
    return not missed
