"""A GRU that resets before the product, one that resets after it, and an LSTM with as many weights learn two tasks.

Page: docs/gates/gru.md
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.cell import Cell
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, swap_entries
from rnnsite.context import Context
from rnnsite.rates import success
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, worst
from rnnsite.tasks.adding import adding
from rnnsite.tasks.delayed_recall import delayed_recall
from rnnsite.training.fleet import train_fleet
from rnnsite.training.irnn import squared_error
from rnnsite.training.optimisers import Adam
from rnnsite.training.recurrent import Recurrent

TITLE = "Reset before or after, and an LSTM"
PAGE = "gates/gru"
SECONDS = 30  # about, in quick on one core

ARMS = ("GRU, reset after", "GRU, reset before", "LSTM")
AFTER, BEFORE, FOUR = range(3)
TASKS = ("adding", "delayed recall")
DRAW = {"adding": adding, "delayed recall": delayed_recall}
VARIANCE = {"adding": 1 / 6, "delayed recall": 1.0}  # of the targets: the loss of the best constant


@dataclass(frozen=True)
class Config:
    T: int = 12
    H: int = 15
    H_lstm: int = 13  # as many weights
    B: int = 20
    rates: tuple[float, ...] = (0.01, 0.03)
    enough: float = 0.05  # of the variance of the targets
    updates: int = 1000
    check_every: int = 10
    seeds: int = 32
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(T=50, H=45, H_lstm=39, updates=10_000, check_every=50, seeds=40)}


def cell(arm: int, config: Config, generators: list[torch.Generator]) -> Cell:
    if arm == FOUR:
        return LSTM(2, config.H_lstm, len(generators), generator=generators)
    return GRU(2, config.H, len(generators), generator=generators, reset_before=arm == BEFORE)


def network(arm: int, config: Config, generators: list[torch.Generator]) -> Recurrent:
    """Both GRUs draw the same first weights from the same generators."""
    return Recurrent(cell(arm, config, generators), 1, generator=generators)


def batches(task: str, config: Config, g: torch.Generator, updates: range) -> Sequence[tuple[Tensor, Tensor]]:
    x, y = DRAW[task](config.T, config.B * len(updates), g)
    return list(zip(x.split(config.B, 1), y.split(config.B), strict=True))


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (task, rate, seed), with the same first weights and data at every rate and in both GRUs.

    solved_at (arm first): updates until the error on 200 fresh sequences is at most `enough`, −1 for never.
    own, exchanged (moment first): the error of the GRU with its reset before, and of the one with its reset after that
    is given the same weights, at the start and when training ends; relative to the variance of the targets.
    parameters (arm): of each network, readout included.
    """
    runs = [(rate, seed) for rate in config.rates for seed in range(config.seeds)]

    def by_rate(values: np.ndarray) -> np.ndarray:
        return values.reshape(len(config.rates), config.seeds)

    def train(task: str) -> dict[str, np.ndarray]:
        seeds = [("gru_before_after", config.seed_set, task, seed) for _, seed in runs]
        test = DRAW[task](config.T, 1000, generator("gru_before_after", config.seed_set, task, "questions"))

        def score(model: Recurrent, generators: list[torch.Generator]) -> Tensor:
            x, y = zip(*(DRAW[task](config.T, 200, g) for g in generators), strict=True)
            return squared_error(model, torch.stack(x).to(model.V), torch.stack(y).to(model.V)) / VARIANCE[task]

        solved, modules = [], []
        for arm in range(len(ARMS)):
            trained = train_fleet(
                seeds,
                partial(network, arm, config),
                partial(batches, task, config),
                squared_error,
                updates=config.updates,
                rate=[rate for rate, _ in runs],
                clip=1.0,
                optimiser=Adam(),
                evaluate=score,
                enough=config.enough,
                check_every=config.check_every,
                record_every=config.check_every,
                device=context.device,
            )
            solved.append(by_rate(trained.solved_at.numpy()))
            modules.append(trained.module)
            context.within((arm + 1) / len(ARMS))
        trained_before = cast(Recurrent, modules[BEFORE])
        fresh = network(BEFORE, config, [generator(*seed, "weights") for seed in seeds]).to(context.device)
        errors = [both_orders(model, config, test, VARIANCE[task]) for model in (fresh, trained_before)]
        return {
            "solved_at": np.stack(solved),
            "own": np.stack([by_rate(own) for own, _ in errors]),
            "exchanged": np.stack([by_rate(other) for _, other in errors]),
            "parameters": np.array([sum(p[0].numel() for p in module.parameters()) for module in modules]),
        }

    arrays = context.stack(train, TASKS)
    return {
        **arrays,
        "parameters": arrays["parameters"][0],
        "rates": np.array(config.rates),
        **{name: np.array(getattr(config, name)) for name in ("T", "updates", "enough")},
    }


@torch.no_grad()
def both_orders(
    model: Recurrent, config: Config, test: tuple[Tensor, Tensor], variance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Errors (M,) of a fleet that resets before, and of one with the same weights that resets after."""
    M = len(model.V)
    x, y = (part.to(model.V) for part in test)
    other = network(AFTER, config, [torch.Generator() for _ in range(M)]).to(model.V.device)
    other.load_state_dict(model.state_dict(), strict=False)  # a b_h of its own stays 0
    x = x.expand(M, *x.shape)
    own, exchanged = (squared_error(one, x, y) / variance for one in (model, other))
    return own.cpu().numpy(), exchanged.cpu().numpy()


def updates_needed(a: Arrays, task: int, arm: int, rate: int) -> np.ndarray:
    """Updates until solved, of each seed; one that never was counts with all its updates."""
    at = a["solved_at"][task, arm, rate]
    return np.where(at < 0, a["updates"], at).astype(float)


def solved(task: int, arm: int, rate: int) -> Callable[[Arrays], Estimate]:
    return lambda a: success(a["solved_at"][task, arm, rate] >= 0)


def typical(task: int, arm: int, rate: int) -> Callable[[Arrays], Estimate]:
    """log₁₀ of the updates needed."""
    return lambda a: bootstrap(np.log10(updates_needed(a, task, arm, rate)))


def ratio(task: int, one: int, other: int, rate: int) -> Callable[[Arrays], Estimate]:
    """log₁₀ of the updates that arm `one` needs over those that `other` needs, seed by seed."""
    return lambda a: bootstrap(np.log10(updates_needed(a, task, one, rate) / updates_needed(a, task, other, rate)))


def price(task: int, moment: int, rate: int) -> Callable[[Arrays], Estimate]:
    """log₁₀ of the error with the order exchanged over the network's own, at the start (0) or at the end (1)."""
    return lambda a: bootstrap(np.log10(a["exchanged"][task, moment, rate] / a["own"][task, moment, rate]))


def _widest(measure: Callable[..., Callable[[Arrays], Estimate]], *arms: int) -> Callable[[Arrays], Estimate]:
    """Of both tasks and both rates, the one where the interval reaches furthest from 0."""

    def measured(a: Arrays) -> Estimate:
        every = [measure(task, *arms, rate)(a) for task in range(len(TASKS)) for rate in range(len(a["rates"]))]
        return worst(*every, by=lambda e: -max(abs(e.low), abs(e.high)))

    return measured


def _least(task: int, measure: Callable[..., Callable[[Arrays], Estimate]], *arms: int) -> Callable[[Arrays], Estimate]:
    """Of both rates, the one with the lower interval."""
    return lambda a: worst(*(measure(task, *arms, rate)(a) for rate in range(len(a["rates"]))), by=lambda e: e.low)


def _plain(measure: Callable[[Arrays], Estimate]) -> Callable[[Arrays], Estimate]:
    """A measured power of ten as the number it is a power of."""

    def number(a: Arrays) -> Estimate:
        e = measure(a)
        return Estimate(10**e.value, 10**e.low, 10**e.high, e.how)

    return number


ADDING, RECALL = range(2)
SLOW, FAST = range(2)  # places of the rates 0.01 and 0.03
START, END = range(2)
before_and_lstm = swap_entries(1, BEFORE, FOUR, "solved_at")
after_and_lstm = swap_entries(1, AFTER, FOUR, "solved_at")
start_and_end = swap_entries(1, START, END, "own", "exchanged")

CLAIMS = [
    Claim(
        "either-order-learns",
        "Reset before and reset after need about as many updates: where they are furthest apart, over both tasks and "
        "both rates, {10^measured} times.",
        _widest(ratio, BEFORE, AFTER),
        above=-0.18,
        below=0.18,
        swap=before_and_lstm,
    ),
    Claim(
        "the-lstm-takes-longer-to-add",
        "With as many weights, and all gates started at a bias of 0, the LSTM needs {10^measured} times the updates of "
        "the GRU for adding, at the rate where it is closer.",
        _least(ADDING, ratio, FOUR, AFTER),
        above=0.1,
        swap=after_and_lstm,
    ),
    Claim(
        "the-lstm-stands-less-of-a-rate",
        "At a rate of 0.03 it needs at least {10^measured} times as many for delayed recall.",
        ratio(RECALL, FOUR, AFTER, FAST),
        above=0.1,
        swap=after_and_lstm,
    ),
    Claim(
        "at-the-start-the-order-may-be-exchanged",
        "Before training the order can be exchanged with the same weights: the error is at most {10^measured} times "
        "the network's own.",
        _widest(price, START),
        above=-0.05,
        below=0.05,
        swap=start_and_end,
    ),
    Claim(
        "trained-to-add-it-may-not",
        "Exchange it in networks trained to add at a rate of 0.01, and the error is {10^measured} times their own.",
        price(ADDING, END, SLOW),
        above=0.5,
        swap=start_and_end,
    ),
    Claim(
        "trained-to-recall-it-may-not",
        "In those trained on delayed recall at a rate of 0.03 it is {10^measured} times their own.",
        price(RECALL, END, FAST),
        above=0.1,
        swap=start_and_end,
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["solved_at"].shape[-1]),
    "T": lambda a: int(a["T"]),
    "updates": lambda a: int(a["updates"]),
    "enough": lambda a: float(a["enough"]),
    "parameters_after": lambda a: int(a["parameters"][AFTER]),
    "parameters_before": lambda a: int(a["parameters"][BEFORE]),
    "parameters_lstm": lambda a: int(a["parameters"][FOUR]),
    "furthest_apart": _plain(_widest(ratio, BEFORE, AFTER)),
    **{
        f"{what}_{task}_{rate}": number
        for k, task in enumerate(("adding", "recall"))
        for r, rate in enumerate(("slow", "fast"))
        for what, number in (
            ("solved_after", solved(k, AFTER, r)),
            ("solved_before", solved(k, BEFORE, r)),
            ("solved_lstm", solved(k, FOUR, r)),
            ("after", _plain(typical(k, AFTER, r))),
            ("before", _plain(typical(k, BEFORE, r))),
            ("lstm", _plain(typical(k, FOUR, r))),
            ("before_over_after", _plain(ratio(k, BEFORE, AFTER, r))),
            ("lstm_over_after", _plain(ratio(k, FOUR, AFTER, r))),
            ("price_start", _plain(price(k, START, r))),
            ("price_end", _plain(price(k, END, r))),
        )
    },
}
