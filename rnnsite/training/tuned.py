"""One cell on one task: its learning rate chosen on some seeds, its score on others, and the processor time of both."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.training.any_task import loss, network, operations, parameters, width
from rnnsite.training.eight_tasks import Task
from rnnsite.training.fleet import Trained, train_fleet
from rnnsite.training.optimisers import Adam

UPDATES, COST = range(2)  # moments: after as many updates, and when a cell has cost what the LSTM's updates cost


@dataclass(frozen=True)
class Budget:
    """What each cell may spend on each task."""

    rates: tuple[float, ...] = (0.003, 0.01, 0.03, 0.1)
    tuned_on: int = 5  # seeds at each rate
    seeds: int = 8  # reported
    B: int = 16
    updates: int = 500  # of the LSTM; the others get as many, and go on until they have cost as much
    check_every: int = 100
    questions: int = 300
    squash: float = 20.0  # multiplications that a value of tanh or σ is worth
    clip: float = 1.0


def tuned(
    task: Task,
    cell: str,
    most: int,
    path: tuple[str | int, ...],
    budget: Budget,
    device: torch.device | str = "cpu",
    watch: Callable[[float], None] | None = None,
) -> dict[str, np.ndarray]:
    """A cell with at most so many parameters, trained at every rate, and at the best of them again with other seeds.

    dev (rate, moment, seed), test (moment, seed): log₁₀ of the loss on sequences not trained on, as a share of the
    loss of the best constant answer; a run that diverged counts as a guess, 0. chosen: the place of the rate with the
    lowest mean of dev at the last moment. updates (moment); units, parameters and milliseconds of processor time for
    an update of one network. `path` names the seeds.
    """
    H = width(cell, task, most)
    ends = [budget.updates, affordable(task, cell, most, budget)]
    checks = [end // budget.check_every - 1 for end in ends]

    def train(part: str, rates: list[float], seeds: int) -> tuple[np.ndarray, np.ndarray]:
        """Scores (rate, moment, seed), and the milliseconds and the updates they took."""
        paths = [(*path, part, seed) for _ in rates for seed in range(seeds)]
        each = [rate for rate in rates for _ in range(seeds)]
        trained, seconds = _fleet(task, cell, H, part, paths, each, ends[COST], budget, device, watch)
        scores = np.nan_to_num(trained.scores[checks].log10().numpy(), nan=0.0)
        took = np.array([1000 * seconds, float(trained.updates.sum())])
        return scores.reshape(len(checks), len(rates), seeds).swapaxes(0, 1), took

    dev, tuning = train("dev", list(budget.rates), budget.tuned_on)
    chosen = dev[:, COST].mean(1).argmin()
    test, reporting = train("test", [budget.rates[chosen]], budget.seeds)
    milliseconds, updates = tuning + reporting
    return {
        "dev": dev,
        "test": test[0],
        "chosen": np.array(chosen),
        "updates": np.array(ends),
        "units": np.array(H),
        "parameters": np.array(parameters(cell, task, H)),
        "milliseconds": np.array(milliseconds / updates),
    }


def affordable(task: Task, cell: str, most: int, budget: Budget) -> int:
    """Updates that cost what the LSTM's do, by counted operations, rounded to whole checks; never fewer than those."""
    dearest, ours = (operations(name, task, width(name, task, most), budget.squash) for name in ("LSTM", cell))
    return max(budget.updates, round(budget.updates / budget.check_every * dearest / ours) * budget.check_every)


def _fleet(
    task: Task,
    cell: str,
    H: int,
    part: str,
    seeds: Sequence[tuple[str | int, ...]],
    rates: Sequence[float],
    updates: int,
    budget: Budget,
    device: torch.device | str,
    watch: Callable[[float], None] | None,
) -> tuple[Trained, float]:
    """A network for each pair of seed and rate, and the seconds of processor time it all took but for the tests."""
    asked = 0.0

    def batches(g: torch.Generator, updates: range) -> Sequence[tuple[Tensor, Tensor]]:
        x, y = task.draw(budget.B * len(updates), g, "train")
        return list(zip(x.split(budget.B, 1), y.split(budget.B, -1), strict=True))

    def ask(model: Any, generators: list[torch.Generator]) -> Tensor:
        nonlocal asked
        started = time.thread_time()
        drawn = [task.draw(budget.questions, g, part) for g in generators]
        x, y = (torch.stack(parts).to(model.V.device) for parts in zip(*drawn, strict=True))
        score = loss(model, x, y) / task.guess
        asked += time.thread_time() - started
        return score

    started = time.process_time()
    trained = train_fleet(
        seeds,
        partial(network, cell, task, H),
        batches,
        loss,
        updates=updates,
        rate=rates,
        clip=budget.clip,
        optimiser=Adam(),
        evaluate=ask,
        check_every=budget.check_every,
        record_every=budget.check_every,
        ahead=32,
        device=device,
        watch=watch,
    )
    return trained, time.process_time() - started - asked
