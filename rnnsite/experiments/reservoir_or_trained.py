"""A reservoir beside networks that are trained through time: error and processor time on NARMA-10 and on adding.

Page: docs/remedies/reservoirs.md
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.leaky import Leaky
from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, reverse_axis, swap_entries
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, exact
from rnnsite.tasks.adding import adding
from rnnsite.tasks.narma import narma
from rnnsite.training.delay_line import delay_line
from rnnsite.training.echo_state import scale_inputs
from rnnsite.training.fleet import train_fleet
from rnnsite.training.irnn import adding_batches, squared_error
from rnnsite.training.optimisers import Adam
from rnnsite.training.over_time import states
from rnnsite.training.recurrent import Recurrent
from rnnsite.training.reservoir_bias import draw_bias
from rnnsite.training.ridge import nrmse, ridge, with_bias

TITLE = "A reservoir or a trained network"
PAGE = "remedies/reservoirs"
SECONDS = 45  # about, in quick on one core: the longest are started first

TASKS = ("NARMA-10", "adding")
NARMA, ADDING = range(2)
RESERVOIR, TRAINED = range(2)  # trained: a tanh RNN on NARMA-10, an LSTM on adding


@dataclass(frozen=True)
class Config:
    networks: int = 6
    reservoir: int = 100  # units
    units: tuple[int, int] = (50, 25)  # of the trained networks, by task
    rates: tuple[float, float] = (0.003, 0.01)  # of Adam, by task
    updates: int = 3000
    check_every: int = 100
    radius: float = 0.9
    scales: tuple[float, float] = (0.3, 1.0)  # of the reservoir's input weights, by task
    bias: float = 0.2  # of the reservoir, U(−bias, bias)
    penalty: float = 1e-8
    taps: int = 30  # past inputs that a linear regression reads, to compare with
    washout: int = 200  # NARMA-10: steps that no method is asked about, then those it learns from, then unseen ones
    train: int = 1000
    test: int = 1000
    window: int = 100  # what a trained network sees at once, its first 20 steps not counted
    B: int = 10
    T: int = 20  # of the adding problem
    sequences: int = 1000  # that the reservoir learns adding from
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(networks=20, updates=20_000, check_every=1000, train=4000, T=100)}
SKIPPED = 20


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """error (task, method, check, network), NRMSE on what was not learned from; 1 is what the mean achieves.

    A reservoir is fitted once, so all its checks are alike. seconds (task, method): processor time of one network's
    whole training, the tests left out. linear (network,): NRMSE on NARMA-10 of a ridge regression on past inputs.
    """

    def one(item: tuple[int, int]) -> dict[str, np.ndarray]:
        task, method = item
        error, seconds = (_reservoir if method == RESERVOIR else _trained)(task, config, context)
        return {"error": error.double().cpu().numpy(), "seconds": np.array(seconds / config.networks)}

    arrays = context.stack(one, [(task, method) for task in range(2) for method in range(2)])
    return {
        **{name: values.reshape(2, 2, *values.shape[1:]) for name, values in arrays.items()},
        "updates": np.arange(1, config.updates // config.check_every + 1) * config.check_every,
        "linear": _linear(config, context.device).cpu().numpy(),
        "units": np.array([config.reservoir, *config.units]),
        "T": np.array(config.T),
    }


def _seed(config: Config, network: int) -> tuple[str | int, ...]:
    return ("reservoir_or_trained", config.seed_set, network)


def _series(config: Config, device: torch.device) -> tuple[Tensor, Tensor]:
    """NARMA-10, one sequence for each network: inputs and targets (M, T, 1, 1)."""
    steps = config.washout + config.train + config.test
    drawn = [narma(steps, generator(*_seed(config, n), "sequence")) for n in range(config.networks)]
    x, y = (torch.stack(parts)[:, :, None, None].float().to(device) for parts in zip(*drawn, strict=True))
    return x - 0.25, y


def _sums(config: Config, count: int, part: str, device: torch.device) -> tuple[Tensor, Tensor]:
    """The adding problem, for each network `count` sequences: (M, T, count, 2) and (M, count)."""
    drawn = [adding(config.T, count, generator(*_seed(config, n), part)) for n in range(config.networks)]
    x, y = (torch.stack(parts).to(device) for parts in zip(*drawn, strict=True))
    return x, y


@torch.no_grad()
def _reservoir(task: int, config: Config, context: Context) -> tuple[Tensor, float]:
    H = config.reservoir
    generators = [generator(*_seed(config, n), "reservoir") for n in range(config.networks)]
    cell = Leaky(1 + task, H, config.networks, generator=generators, spectral_radius=config.radius)
    cell = draw_bias(scale_inputs(cell, config.scales[task]), config.bias, generators).to(context.device)
    if task == NARMA:
        x, y = _series(config, context.device)
        started = time.process_time()
        seen = slice(config.washout, config.washout + config.train)
        hs, targets = states(cell, x[:, : seen.stop])[0][:, seen, 0], y[:, seen, 0]
        readout = ridge(hs, targets, config.penalty)
        seconds = time.process_time() - started
        error = _narma_error(config, y, with_bias(states(cell, x)[0][:, :, 0]) @ readout)
    else:
        x, y = _sums(config, config.sequences, "learned", context.device)
        started = time.process_time()
        readout = ridge(states(cell, x)[0][:, -1], y[..., None], config.penalty)
        seconds = time.process_time() - started
        x, y = _sums(config, config.sequences, "unseen", context.device)
        error = nrmse(with_bias(states(cell, x)[0][:, -1]) @ readout, y[..., None])[:, 0]
    return error.expand(config.updates // config.check_every, -1), seconds


def _narma_error(config: Config, y: Tensor, predicted: Tensor) -> Tensor:
    """NRMSE over the unseen steps, from targets (M, T, 1, 1) and answers (M, T, 1) → (M,)."""
    unseen = slice(config.washout + config.train, None)
    return nrmse(predicted[:, unseen], y[:, unseen, 0])[:, 0]


def _linear(config: Config, device: torch.device) -> Tensor:
    """What a linear reading of the last `taps` inputs achieves on NARMA-10, fitted on the same steps, (M,)."""
    x, y = _series(config, device)
    lines = torch.stack([delay_line(one, config.taps) for one in x[:, :, 0, 0]])
    seen = slice(config.washout, config.washout + config.train)
    readout = ridge(lines[:, seen], y[:, seen, 0], config.penalty)
    return _narma_error(config, y, with_bias(lines) @ readout)


def _trained(task: int, config: Config, context: Context) -> tuple[Tensor, float]:
    cells: tuple[Callable[..., Cell], ...] = (Elman, partial(LSTM, forget_bias=1.0))
    seeds = [_seed(config, n) for n in range(config.networks)]
    series, targets = _series(config, context.device)
    asked = 0.0

    def build(generators: list[torch.Generator]) -> Recurrent:
        cell = cells[task](1 + task, config.units[task], len(generators), generator=generators)
        return Recurrent(cell, 1, generator=generators)

    of = {generator(*seed, "data").initial_seed(): n for n, seed in enumerate(seeds)}

    def windows(g: torch.Generator, updates: range) -> Sequence[tuple[Tensor, Tensor]]:
        x, y = (part[of[g.initial_seed()], :, 0] for part in (series, targets))
        last = config.washout + config.train - config.window
        starts = torch.randint(config.washout - SKIPPED, last + 1, (len(updates), config.B), generator=g)
        places = starts[:, None] + torch.arange(config.window)[:, None]  # (updates, window, B)
        return list(zip(x[places], y[places], strict=True))

    def on_windows(model: Recurrent, x: Tensor, y: Tensor) -> Tensor:
        return (model(x) - y)[:, SKIPPED:].square().mean((1, 2, 3))

    @torch.no_grad()
    def ask(model: Recurrent, generators: object) -> Tensor:
        nonlocal asked
        started = time.process_time()
        if task == NARMA:
            error = _narma_error(config, targets, model(series)[:, :, 0])
        else:
            x, y = _sums(config, config.sequences, "unseen", context.device)
            error = nrmse(model.last(x), y[..., None])[:, 0]
        asked += time.process_time() - started
        return error

    started = time.process_time()
    trained = train_fleet(
        seeds,
        build,
        windows if task == NARMA else partial(adding_batches, config.T, config.B),
        on_windows if task == NARMA else squared_error,
        updates=config.updates,
        rate=config.rates[task],
        clip=1.0,
        optimiser=Adam(),
        evaluate=ask,
        check_every=config.check_every,
        record_every=config.check_every,
        ahead=32,
        device=context.device,
        watch=context.within,
    )
    return trained.scores, time.process_time() - started - asked


def final(task: int, method: int) -> Callable[[Arrays], Estimate]:
    """NRMSE after the last update."""
    return lambda a: bootstrap(a["error"][task, method, -1])


def _gap(task: int) -> Callable[[Arrays], Estimate]:
    """Final NRMSE of a reservoir minus that of the trained network, which learns from the same data."""
    return lambda a: bootstrap(a["error"][task, RESERVOIR, -1] - a["error"][task, TRAINED, -1])


def _beyond_linear(method: int, update: int | None = None) -> Callable[[Arrays], Estimate]:
    """NRMSE on NARMA-10 of a linear reading of past inputs minus that of a method, at an update or at the end."""

    def measure(a: Arrays) -> Estimate:
        check = -1 if update is None else int(np.flatnonzero(a["updates"] == update)[0])
        return bootstrap(a["linear"] - a["error"][NARMA, method, check])

    return measure


def _times_longer(a: Arrays) -> Estimate:
    """log₁₀ of the processor time of a tanh RNN's training on NARMA-10 over that of a reservoir's."""
    return exact(float(np.log10(a["seconds"][NARMA, TRAINED] / a["seconds"][NARMA, RESERVOIR])))


def overtaken(a: Arrays) -> int | None:
    """The first check at which the tanh RNNs, in the mean, do better on NARMA-10 than the reservoirs."""
    behind = a["error"][NARMA, TRAINED].mean(1) < a["error"][NARMA, RESERVOIR].mean(1)
    return int(a["updates"][behind.argmax()]) if behind.any() else None


RESTING = 1000  # updates
NAMES = ("error", "seconds")
exchanged = swap_entries(1, RESERVOIR, TRAINED, *NAMES)

CLAIMS = [
    Claim(
        "hundreds-of-times-sooner",
        "Training a tanh RNN on NARMA-10 took {10^measured} times the processor time of fitting a reservoir.",
        _times_longer,
        above=1.3,
        swap=exchanged,
    ),
    Claim(
        "better-in-the-end",
        "In the end the trained RNN is better: its error is {measured} lower.",
        _gap(NARMA),
        above=0.03,
        swap=exchanged,
    ),
    Claim(
        "it-waits-at-the-linear-error",
        f"On the way it rests where linear regression on past inputs ends: the error of the regression minus its own "
        f"after {RESTING:,} updates is {{measured}}.",
        _beyond_linear(TRAINED, RESTING),
        above=-0.07,
        below=0.07,
        swap=reverse_axis(2, "error"),
    ),
    Claim(
        "then-it-leaves-it-behind",
        "In the end that difference is {measured}.",
        _beyond_linear(TRAINED),
        above=0.1,
        swap=reverse_axis(2, "error"),
    ),
    Claim(
        "no-idea-what-to-keep",
        "On the adding problem a reservoir's error is {measured}, hardly better than a constant answer.",
        final(ADDING, RESERVOIR),
        above=0.7,
        swap=exchanged,
    ),
    Claim(
        "training-finds-out",
        "There a trained LSTM's error is {measured} lower.",
        _gap(ADDING),
        above=0.4,
        swap=exchanged,
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "networks": lambda a: int(a["error"].shape[3]),
    "T": lambda a: int(a["T"]),
    "updates": lambda a: f"{int(a['updates'][-1]):,}",
    "overtaken": lambda a: f"{overtaken(a):,}" if overtaken(a) else "never",
    "reservoir_units": lambda a: int(a["units"][0]),
    "rnn_units": lambda a: int(a["units"][1]),
    "lstm_units": lambda a: int(a["units"][2]),
    "times": lambda a: exact(10 ** _times_longer(a).value),
    "reservoir_ms": lambda a: exact(float(1000 * a["seconds"][NARMA, RESERVOIR])),
    "rnn_s": lambda a: exact(float(a["seconds"][NARMA, TRAINED])),
    "narma_reservoir": final(NARMA, RESERVOIR),
    "linear": lambda a: bootstrap(a["linear"]),
    "resting": lambda a: f"{RESTING:,}",
    "narma_resting": lambda a: bootstrap(a["error"][NARMA, TRAINED, int(np.flatnonzero(a["updates"] == RESTING)[0])]),
    "narma_rnn": final(NARMA, TRAINED),
    "adding_reservoir": final(ADDING, RESERVOIR),
    "adding_lstm": final(ADDING, TRAINED),
}
