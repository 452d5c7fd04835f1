"""How often an LSTM learns to recall a number, by where its forget bias starts and how long it must wait.

Page: docs/gates/lstm.md
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, Published, swap_entries
from rnnsite.context import Context
from rnnsite.rates import difference, success
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.tasks.delayed_recall import delayed_recall
from rnnsite.training.fleet import train_fleet
from rnnsite.training.optimisers import Adam
from rnnsite.training.recurrent import Recurrent

TITLE = "Where the forget bias starts"
PAGE = "gates/lstm"
SECONDS = 50  # about, in quick on one core: the longest are started first


@dataclass(frozen=True)
class Config:
    lags: tuple[int, ...] = (10, 30, 60)  # steps of the sequence: the number comes first, the answer last
    biases: tuple[float, ...] = (0.0, 1.0, 2.0, 4.0)
    H: int = 12
    B: int = 16
    seeds: int = 24
    updates: int = 400
    patience: int = 4  # times as many updates, for the longest wait at which a forget bias of 1 is asked to bridge it
    patient: tuple[int, float] = (60, 1.0)  # that wait, and that bias
    rate: float = 0.01
    clip: float = 1.0
    enough: float = 0.1  # mean squared error of a network that has learned it; always answering 0 has 1
    check_every: int = 50
    seed_set: int = 0


CONFIGS = {
    "quick": Config(),
    "paper": Config(
        lags=(10, 30, 60, 120, 240), biases=(0.0, 1.0, 2.0, 4.0, 6.0), H=32, seeds=40, updates=5000, patience=2
    ),
}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """Arrays (lag, bias, seed): solved_at, updates done when the test error was first low enough, −1 for never; error,
    the last test error; opened, how far training has moved the mean of b_f. patient_solved_at, patient_error,
    patient_opened (seed): the runs of one lag and bias, trained on."""

    def train(T: int, biases: Sequence[float] = config.biases, updates: int = config.updates) -> dict[str, np.ndarray]:
        arms = [(bias, seed) for bias in biases for seed in range(config.seeds)]
        trained = train_fleet(
            [("forget_bias", config.seed_set, T, seed) for _, seed in arms],
            partial(recaller, config.H, [bias for bias, _ in arms]),
            partial(batches, T, config.B),
            squared_error,
            updates=updates,
            rate=config.rate,
            clip=config.clip,
            optimiser=Adam(),
            evaluate=partial(fresh_error, T),
            enough=config.enough,
            check_every=config.check_every,
            device=context.device,
            watch=context.within,
        )
        shape = (len(biases), config.seeds)
        last = np.array([score[np.isfinite(score)][-1] for score in trained.scores.numpy().T])
        end: Any = trained.module
        start = np.array([bias for bias, _ in arms])
        opened = end.cell.block("b", "f").detach().mean(-1).cpu().numpy() - start
        return {
            "solved_at": trained.solved_at.cpu().numpy().reshape(shape),
            "error": last.reshape(shape),
            "opened": opened.reshape(shape),
        }

    def train_on(item: tuple[int, float]) -> dict[str, np.ndarray]:
        lag, bias = item
        return {
            f"patient_{name}": runs[0] for name, runs in train(lag, [bias], config.patience * config.updates).items()
        }

    (patient,) = context.map(train_on, [config.patient])
    return {
        **context.stack(train, config.lags),
        **patient,
        "lags": np.array(config.lags),
        "biases": np.array(config.biases),
        "updates": np.array(config.updates),
        "patience": np.array(config.patience),
    }


def recaller(H: int, biases: Sequence[float], generators: list[torch.Generator]) -> Recurrent:
    """A fleet of LSTMs with H units, each with a forget bias of its own, and a linear output."""
    cell = LSTM(2, H, len(generators), forget_bias=biases, generator=generators)
    return Recurrent(cell, 1, generator=generators)


def batches(T: int, B: int, g: torch.Generator, updates: range) -> list[tuple[Tensor, Tensor]]:
    """One batch for each update: x (T, B, 2), y (B,)."""
    return [delayed_recall(T, B, g) for _ in updates]


def squared_error(model: Recurrent, x: Tensor, y: Tensor) -> Tensor:
    """Mean squared error after the last step, (M,)."""
    return (model.last(x)[..., 0] - y).square().mean(1)


def fresh_error(T: int, model: Recurrent, generators: list[torch.Generator]) -> Tensor:
    """The same on 100 fresh sequences for each model, (M,)."""
    drawn = [delayed_recall(T, 100, g) for g in generators]
    x, y = (torch.stack(parts).to(model.V) for parts in zip(*drawn, strict=True))
    return squared_error(model, x, y)


def learned(a: Arrays, lag: int, bias: float) -> np.ndarray:
    """Which seeds learned to recall: (seeds,)."""
    solved: np.ndarray = a["solved_at"][_lag(a, lag), int(np.flatnonzero(a["biases"] == bias)[0])] >= 0
    return solved


def _lag(a: Arrays, lag: int) -> int:
    return int(np.flatnonzero(a["lags"] == lag)[0])


def _learned(lag: int, bias: float) -> Callable[[Arrays], Estimate]:
    return lambda a: success(learned(a, lag, bias))


def _more(lag: int, one: float, other: float) -> Callable[[Arrays], Estimate]:
    return lambda a: difference(learned(a, lag, one), learned(a, lag, other))


def _moved(lag: int, bias: float) -> Callable[[Arrays], Estimate]:
    """How far training moved the mean forget bias of these runs."""

    def measure(a: Arrays) -> Estimate:
        return bootstrap(a["opened"][_lag(a, lag), int(np.flatnonzero(a["biases"] == bias)[0])])

    return measure


def _with_patience(a: Arrays) -> Arrays:
    """The runs that were trained on exchanged with those of the same lag that start at a bias of 4."""
    return {
        **a,
        **{f"patient_{name}": a[name][LONG, FOUR] for name in ("solved_at", "error")},
        "patient_opened": a["opened"][LONG, ONE],
    }


PER_RUN = ("solved_at", "error", "opened")
ZERO, ONE, TWO, FOUR = range(4)  # places of the biases
SHORT, MIDDLE, LONG = range(3)  # and of the lags

CLAIMS = [
    Claim(
        "ten-steps-need-no-bias",
        "Over 10 steps an LSTM needs no help: with a forget bias of 0, {measured:.0%} of the runs learn to recall.",
        _learned(10, 0.0),
        above=0.6,
        swap=swap_entries(0, SHORT, MIDDLE, *PER_RUN),
    ),
    Claim(
        "thirty-steps-are-too-far-for-0",
        "Over 30 steps {measured:.0%} of them do.",
        _learned(30, 0.0),
        below=0.3,
        swap=swap_entries(1, ZERO, FOUR, *PER_RUN),
    ),
    Claim(
        "two-bridges-thirty",
        "With a bias of 2 the share is {measured:points} higher.",
        _more(30, 2.0, 0.0),
        above=0.4,
        swap=swap_entries(1, ZERO, TWO, *PER_RUN),
    ),
    Claim(
        "one-is-not-enough-for-sixty",
        "A bias of 1 is no cure for all lags: over 60 steps {measured:.0%} of the runs learn with it.",
        _learned(60, 1.0),
        below=0.3,
        swap=swap_entries(1, ONE, FOUR, *PER_RUN),
    ),
    Claim(
        "the-lag-sets-the-bias",
        "Over 60 steps a bias of 4 makes the share {measured:points} higher than a bias of 1.",
        _more(60, 4.0, 1.0),
        above=0.2,
        swap=swap_entries(1, ONE, FOUR, *PER_RUN),
    ),
    Claim(
        "failing-shuts-the-gate",
        "A network that cannot see the far number learns to forget faster: over 60 steps training moves a forget bias "
        "of 1 by {measured}.",
        _moved(60, 1.0),
        below=-0.1,
        swap=swap_entries(1, ONE, FOUR, *PER_RUN),
    ),
    Claim(
        "patience-is-no-cure",
        "Nor is patience: trained on for longer, {measured:.0%} of the runs with a bias of 1 learn over 60 steps.",
        lambda a: success(a["patient_solved_at"] >= 0),
        below=0.3,
        swap=_with_patience,
    ),
    Claim(
        "and-goes-on-shutting-it",
        "In that time the bias moves on by {measured}, and the gate shuts further.",
        lambda a: bootstrap(a["patient_opened"] - a["opened"][LONG, ONE]),
        below=-0.05,
        swap=_with_patience,
    ),
]

PUBLISHED = [
    Published(
        f"runs that recall over {lag} steps with a forget bias of 1",
        "advised for every LSTM",
        "jozefowicz2015",
        _learned(lag, 1.0),
        differs,
        ".0%",
    )
    for lag, differs in (
        (10, "delayed recall; theirs are arithmetic, XML, text and music, compared by score and not by lag"),
        (30, "as above"),
        (60, "as above"),
    )
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["solved_at"].shape[2]),
    "updates": lambda a: int(a["updates"]),
    "moved_60_1": _moved(60, 1.0),
    "patient_updates": lambda a: int(a["updates"] * a["patience"]),
    "patient_learned": lambda a: success(a["patient_solved_at"] >= 0),
    "patient_moved": lambda a: bootstrap(a["patient_opened"]),
    **{f"learned_{lag}_{bias}": _learned(lag, float(bias)) for lag in (10, 30, 60) for bias in (0, 1, 2, 4)},
}
