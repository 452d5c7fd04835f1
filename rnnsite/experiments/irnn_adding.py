"""Starts compared on the adding problem: identity and ReLU, tanh, an LSTM, ReLU without identity, tanh orthogonal.

Page: docs/remedies/initialization.md
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.claims import Arrays, Claim, Published, swap_entries
from rnnsite.context import Context
from rnnsite.rates import difference, success
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, exact
from rnnsite.tasks.adding import BASELINE, adding
from rnnsite.training.fleet import train_fleet
from rnnsite.training.irnn import adding_batches, squared_error
from rnnsite.training.over_time import states
from rnnsite.training.recurrent import Recurrent
from rnnsite.training.starts import started

TITLE = "Starts on the adding problem"
PAGE = "remedies/initialization"
SECONDS = 60  # about, in quick on one core: the longest are started first

ARMS = ("IRNN", "tanh RNN", "LSTM", "ReLU RNN", "tanh, orthogonal", "all identity")
IRNN, TANH, LSTM, RELU, ORTHOGONAL, ALL = range(len(ARMS))
LEARNED = BASELINE / 4  # half the error of a network that knows one of the two numbers and guesses the other


@dataclass(frozen=True)
class Config:
    lengths: tuple[int, ...] = (10, 20)
    units: tuple[int, ...] = (20, 20, 10, 20, 20, 20)  # by arm: an LSTM of half the width has about as many weights
    rates: tuple[float, ...] = (0.1, 0.1, 0.4, 0.1, 0.1, 0.1)  # by arm: best of three on other seeds, 20 steps
    B: int = 16
    seeds: int = 20
    updates: int = 2250
    check_every: int = 125
    test: int = 200  # fresh sequences in a check
    clip: float = 1.0
    seed_set: int = 0


CONFIGS = {
    "quick": Config(),
    "paper": Config(
        lengths=(10, 20, 50, 100, 150), units=(100, 100, 50, 100, 100, 100), updates=100_000, check_every=500
    ),
}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (length, arm, seed): needed, updates until the error was first below LEARNED, −1 for never, after which a
    network trains no further; error, on the last check; diverged_at; active, the share of units that are ever above
    0 at the end. weights (arm,).
    """

    def train(item: tuple[int, int]) -> dict[str, np.ndarray]:
        T, arm = item
        questions, _ = adding(T, 200, generator("irnn_adding", config.seed_set, T, "questions"))
        trained = train_fleet(
            [("irnn_adding", config.seed_set, T, seed) for seed in range(config.seeds)],
            partial(started, ARMS[arm], 2, config.units[arm], 1),
            partial(adding_batches, T, config.B),
            squared_error,
            updates=config.updates,
            rate=config.rates[arm],
            clip=config.clip,
            evaluate=partial(error, T, config.test),
            enough=LEARNED,
            check_every=config.check_every,
            record_every=config.check_every,
            ahead=32,
            device=context.device,
            watch=context.within,
        )
        scores = trained.scores.numpy()
        last = np.isfinite(scores).cumsum(0).argmax(0)  # the last check before a network's end
        return {
            "needed": trained.solved_at.numpy(),
            "error": scores[last, np.arange(config.seeds)],
            "diverged_at": trained.diverged_at.numpy(),
            "weights": np.array(sum(p[0].numel() for p in trained.module.parameters() if p.requires_grad)),
            "active": active(trained.module, questions).cpu().numpy(),
        }

    shape = (len(config.lengths), len(ARMS))
    found = context.stack(train, [(T, arm) for T in config.lengths for arm in range(len(ARMS))])
    arrays = {name: values.reshape(*shape, *values.shape[1:]) for name, values in found.items()}
    return {
        **arrays,
        "weights": arrays["weights"][0],
        "lengths": np.array(config.lengths),
        "rates": np.array(config.rates),
        "units": np.array(config.units),
        "updates": np.array(config.updates),
        "check_every": np.array(config.check_every),
    }


def fresh(T: int, test: int, generators: list[torch.Generator], like: Tensor) -> tuple[Tensor, Tensor]:
    """Sequences for each model: x (M, T, B, 2), y (M, B)."""
    x, y = zip(*(adding(T, test, g) for g in generators), strict=True)
    return torch.stack(x).to(like), torch.stack(y).to(like)


def error(T: int, test: int, model: Recurrent, generators: list[torch.Generator]) -> Tensor:
    """Mean squared error on fresh sequences, (M,)."""
    return squared_error(model, *fresh(T, test, generators, model.V))


@torch.no_grad()
def active(model: Any, x: Tensor) -> Tensor:
    """Share of each network's units that are above 0 at any step of any of the sequences x (T, B, I), (M,)."""
    hs, _ = states(model.cell, x.to(model.V))
    return (hs > 0).flatten(1, 2).any(1).double().mean(1)


def place(a: Arrays, T: int) -> int:
    """The place of a length in the arrays."""
    return int(np.flatnonzero(a["lengths"] == T)[0])


def learned(a: Arrays, T: int, arm: int) -> np.ndarray:
    return a["needed"][place(a, T), arm] > 0


def _rate(T: int, arm: int) -> Callable[[Arrays], Estimate]:
    return lambda a: success(learned(a, T, arm))


def _more(T: int, one: int, other: int) -> Callable[[Arrays], Estimate]:
    return lambda a: difference(learned(a, T, one), learned(a, T, other))


def _sooner(T: int, one: int, other: int) -> Callable[[Arrays], Estimate]:
    """log₂ of the updates that `other` needs over those of `one`; a run that never learned counts as the limit."""

    def measure(a: Arrays) -> Estimate:
        needed = np.where(a["needed"] < 0, a["updates"], a["needed"])[place(a, T)]
        return bootstrap(np.log2(needed[other] / needed[one]))

    return measure


def learning_rate(arm: int) -> Callable[[Arrays], str]:
    return lambda a: f"{a['rates'][arm]:g}"


EVERY = ("needed", "error", "active", "diverged_at")


def _exchange(one: int, other: int) -> Callable[[Arrays], Arrays]:
    return swap_entries(1, one, other, *EVERY)


CLAIMS = [
    Claim(
        "identity-and-relu-learn",
        "At 20 steps {measured:.0%} of the networks that start at the identity learn to add.",
        _rate(20, IRNN),
        above=0.5,
        swap=_exchange(IRNN, TANH),
    ),
    Claim(
        "tanh-does-not",
        "With tanh units and torch's usual start {measured:.0%} do.",
        _rate(20, TANH),
        below=0.3,
        swap=_exchange(IRNN, TANH),
    ),
    Claim(
        "relu-alone-is-slower",
        "It is not the ReLU alone: from torch's usual start ReLU units need at least {measured} times as many updates "
        "as from the identity, where a run that never learned counts as one that did so with its last update.",
        lambda a: Estimate(2 ** (log := _sooner(20, IRNN, RELU)(a)).value, 2**log.low, 2**log.high, log.how),
        above=1,
        swap=_exchange(IRNN, RELU),
    ),
    Claim(
        "orthogonal-helps-tanh",
        "Nor must it be the identity: an orthogonal matrix adds {measured:points} to the success of tanh units, over "
        "both lengths.",
        lambda a: difference(a["needed"][:, ORTHOGONAL] > 0, a["needed"][:, TANH] > 0),
        above=0.1,
        swap=_exchange(ORTHOGONAL, TANH),
    ),
    Claim(
        "an-lstm-learns-too",
        "An LSTM with about as many weights learns 20 steps in {measured:.0%} of runs.",
        _rate(20, LSTM),
        above=0.5,
        swap=_exchange(LSTM, TANH),
    ),
    Claim(
        "sooner-at-ten-steps",
        "Even at 10 steps the tanh RNN needs at least {measured} times as many updates as the IRNN, counted alike.",
        lambda a: Estimate(2 ** (log := _sooner(10, IRNN, TANH)(a)).value, 2**log.low, 2**log.high, log.how),
        above=2**0.5,
        swap=_exchange(IRNN, TANH),
    ),
    Claim(
        "all-identity-is-two-units",
        "With the input weights at the identity as well, {measured:.0%} of the units are ever on after training.",
        lambda a: bootstrap(a["active"][place(a, 20), ALL]),
        below=0.2,
        swap=_exchange(IRNN, ALL),
    ),
    Claim(
        "and-does-not-learn",
        "These networks learn 20 steps less often than those in which only W is the identity, by {measured:points}.",
        _more(20, IRNN, ALL),
        above=0.4,
        swap=_exchange(IRNN, ALL),
    ),
    Claim(
        "comparable-to-an-lstm",
        "“Comparable to LSTMs”: at 20 steps the IRNN's success rate less the LSTM's is {measured:points}.",
        _more(20, IRNN, LSTM),
        above=-0.3,
        below=0.3,
        source="le2015",
    ),
]
PUBLISHED = [
    Published(
        "adding problem: the IRNN's success less the LSTM's",
        "“comparable”",
        "le2015",
        _more(20, IRNN, LSTM),
        "20 steps instead of 150 and more, 20 units instead of 100, an LSTM with as many weights and not with as many "
        "units; U and V from a wider distribution",
        "points",
    )
]

SHORT = {"irnn": IRNN, "tanh": TANH, "lstm": LSTM, "relu": RELU, "orthogonal": ORTHOGONAL, "all": ALL}

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["needed"].shape[2]),
    "updates": lambda a: f"{int(a['updates']):,}",
    "H": lambda a: int(a["units"][IRNN]),
    "H_lstm": lambda a: int(a["units"][LSTM]),
    "weights": lambda a: int(a["weights"][IRNN]),
    "weights_lstm": lambda a: int(a["weights"][LSTM]),
    "baseline": lambda a: BASELINE,
    "one_known": lambda a: BASELINE / 2,
    "learned_below": lambda a: LEARNED,
    "relu_slower": lambda a: exact(2 ** _sooner(20, IRNN, RELU)(a).value),
    "tanh_slower_10": lambda a: exact(2 ** _sooner(10, IRNN, TANH)(a).value),
    "all_error": lambda a: float(np.median(a["error"][place(a, 20), ALL])),
    "all_units": lambda a: round(float(a["active"][place(a, 20), ALL].mean() * a["units"][ALL])),
    "diverged": lambda a: int((a["diverged_at"] >= 0).sum()),
    **{f"{name}_{T}": _rate(T, arm) for name, arm in SHORT.items() for T in (10, 20)},
    **{f"rate_{name}": learning_rate(arm) for name, arm in SHORT.items()},
}
