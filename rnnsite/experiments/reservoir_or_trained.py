"""A reservoir beside a network that is trained through time: error and processor time on NARMA-10.

Page: docs/remedies/reservoirs.md
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.elman import Elman
from rnnsite.cells.leaky import Leaky
from rnnsite.claims import Arrays, Claim, reverse_axis, swap_entries
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, exact
from rnnsite.tasks.narma import narma
from rnnsite.training.delay_line import delay_line
from rnnsite.training.echo_state import scale_inputs
from rnnsite.training.fleet import train_fleet
from rnnsite.training.optimisers import Adam
from rnnsite.training.over_time import states
from rnnsite.training.recurrent import Recurrent
from rnnsite.training.reservoir_bias import draw_bias
from rnnsite.training.ridge import nrmse, ridge, with_bias

TITLE = "A reservoir or a trained network"
PAGE = "remedies/reservoirs"
SECONDS = 30  # about, in quick on one core: the longest are started first

RESERVOIR, TRAINED = range(2)  # trained: a tanh RNN


@dataclass(frozen=True)
class Config:
    networks: int = 6
    reservoir: int = 100  # units
    units: int = 50  # of the trained network
    rate: float = 0.003  # of Adam
    updates: int = 3000
    check_every: int = 100
    radius: float = 0.9
    scale: float = 0.3  # of the reservoir's input weights
    bias: float = 0.2  # of the reservoir, U(−bias, bias)
    penalty: float = 1e-8
    taps: int = 30  # past inputs that a linear regression reads, to compare with
    washout: int = 200  # steps that no method is asked about, then those it learns from, then unseen ones
    train: int = 1000
    test: int = 1000
    window: int = 100  # what a trained network sees at once, its first 20 steps not counted
    B: int = 10
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(networks=20, updates=20_000, check_every=1000, train=4000)}
SKIPPED = 20


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """error (method, check, network), NRMSE on steps that were not learned from; 1 is what the mean achieves.

    A reservoir is fitted once, so all its checks are alike. seconds (method,): processor time of one network's whole
    training, the tests left out. linear (network,): NRMSE of a ridge regression on past inputs.
    """

    def one(method: int) -> dict[str, np.ndarray]:
        error, seconds = (_reservoir if method == RESERVOIR else _trained)(config, context)
        return {"error": error.double().cpu().numpy(), "seconds": np.array(seconds / config.networks)}

    return {
        **context.stack(one, [RESERVOIR, TRAINED]),
        "updates": np.arange(1, config.updates // config.check_every + 1) * config.check_every,
        "linear": _linear(config, context.device).cpu().numpy(),
        "units": np.array([config.reservoir, config.units]),
    }


def _seed(config: Config, network: int) -> tuple[str | int, ...]:
    return ("reservoir_or_trained", config.seed_set, network)


def _series(config: Config, device: torch.device) -> tuple[Tensor, Tensor]:
    """NARMA-10, one sequence for each network: inputs and targets (M, T, 1, 1)."""
    steps = config.washout + config.train + config.test
    drawn = [narma(steps, generator(*_seed(config, n), "sequence")) for n in range(config.networks)]
    x, y = (torch.stack(parts)[:, :, None, None].float().to(device) for parts in zip(*drawn, strict=True))
    return x - 0.25, y


@torch.no_grad()
def _reservoir(config: Config, context: Context) -> tuple[Tensor, float]:
    generators = [generator(*_seed(config, n), "reservoir") for n in range(config.networks)]
    cell = Leaky(1, config.reservoir, config.networks, generator=generators, spectral_radius=config.radius)
    cell = draw_bias(scale_inputs(cell, config.scale), config.bias, generators).to(context.device)
    x, y = _series(config, context.device)
    started = time.process_time()
    seen = slice(config.washout, config.washout + config.train)
    hs, targets = states(cell, x[:, : seen.stop])[0][:, seen, 0], y[:, seen, 0]
    readout = ridge(hs, targets, config.penalty)
    seconds = time.process_time() - started
    error = _error(config, y, with_bias(states(cell, x)[0][:, :, 0]) @ readout)
    return error.expand(config.updates // config.check_every, -1), seconds


def _error(config: Config, y: Tensor, predicted: Tensor) -> Tensor:
    """NRMSE over the unseen steps, from targets (M, T, 1, 1) and answers (M, T, 1) → (M,)."""
    unseen = slice(config.washout + config.train, None)
    return nrmse(predicted[:, unseen], y[:, unseen, 0])[:, 0]


def _linear(config: Config, device: torch.device) -> Tensor:
    """What a linear reading of the last `taps` inputs achieves, fitted on the same steps, (M,)."""
    x, y = _series(config, device)
    lines = torch.stack([delay_line(one, config.taps) for one in x[:, :, 0, 0]])
    seen = slice(config.washout, config.washout + config.train)
    readout = ridge(lines[:, seen], y[:, seen, 0], config.penalty)
    return _error(config, y, with_bias(lines) @ readout)


def _trained(config: Config, context: Context) -> tuple[Tensor, float]:
    seeds = [_seed(config, n) for n in range(config.networks)]
    series, targets = _series(config, context.device)
    asked = 0.0

    def build(generators: list[torch.Generator]) -> Recurrent:
        cell = Elman(1, config.units, len(generators), generator=generators)
        return Recurrent(cell, 1, generator=generators)

    of = {generator(*seed, "data").initial_seed(): n for n, seed in enumerate(seeds)}

    def windows(g: torch.Generator, updates: range) -> Sequence[tuple[Tensor, Tensor]]:
        x, y = (part[of[g.initial_seed()], :, 0] for part in (series, targets))
        last = config.washout + config.train - config.window
        starts = torch.randint(config.washout - SKIPPED, last + 1, (len(updates), config.B), generator=g)
        places = starts[:, None] + torch.arange(config.window)[:, None]  # (updates, window, B)
        return list(zip(x[places], y[places], strict=True))

    def loss(model: Recurrent, x: Tensor, y: Tensor) -> Tensor:
        return (model(x) - y)[:, SKIPPED:].square().mean((1, 2, 3))

    @torch.no_grad()
    def ask(model: Recurrent, generators: object) -> Tensor:
        nonlocal asked
        started = time.process_time()
        error = _error(config, targets, model(series)[:, :, 0])
        asked += time.process_time() - started
        return error

    started = time.process_time()
    trained = train_fleet(
        seeds,
        build,
        windows,
        loss,
        updates=config.updates,
        rate=config.rate,
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


def final(method: int) -> Callable[[Arrays], Estimate]:
    """NRMSE after the last update."""
    return lambda a: bootstrap(a["error"][method, -1])


def _gap(a: Arrays) -> Estimate:
    """Final NRMSE of a reservoir minus that of the trained network, which learns from the same steps."""
    return bootstrap(a["error"][RESERVOIR, -1] - a["error"][TRAINED, -1])


def _beyond_linear(update: int | None = None) -> Callable[[Arrays], Estimate]:
    """NRMSE of a linear reading of past inputs minus that of the trained network, at an update or at the end."""

    def measure(a: Arrays) -> Estimate:
        check = -1 if update is None else int(np.flatnonzero(a["updates"] == update)[0])
        return bootstrap(a["linear"] - a["error"][TRAINED, check])

    return measure


def _times_longer(a: Arrays) -> Estimate:
    """log₁₀ of the processor time of a tanh RNN's training over that of a reservoir's."""
    return exact(float(np.log10(a["seconds"][TRAINED] / a["seconds"][RESERVOIR])))


def overtaken(a: Arrays) -> int | None:
    """The first check at which the tanh RNNs, in the mean, do better than the reservoirs."""
    behind = a["error"][TRAINED].mean(1) < a["error"][RESERVOIR].mean(1)
    return int(a["updates"][behind.argmax()]) if behind.any() else None


RESTING = 1000  # updates
NAMES = ("error", "seconds")
exchanged = swap_entries(0, RESERVOIR, TRAINED, *NAMES)

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
        _gap,
        above=0.03,
        swap=exchanged,
    ),
    Claim(
        "it-waits-at-the-linear-error",
        f"On the way it rests where linear regression on past inputs ends: the error of the regression minus its own "
        f"after {RESTING:,} updates is {{measured}}.",
        _beyond_linear(RESTING),
        above=-0.07,
        below=0.07,
        swap=reverse_axis(1, "error"),
    ),
    Claim(
        "then-it-leaves-it-behind",
        "In the end that difference is {measured}.",
        _beyond_linear(),
        above=0.1,
        swap=reverse_axis(1, "error"),
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "networks": lambda a: int(a["error"].shape[2]),
    "overtaken": lambda a: f"{overtaken(a):,}" if overtaken(a) else "never",
    "reservoir_units": lambda a: int(a["units"][0]),
    "rnn_units": lambda a: int(a["units"][1]),
    "times": lambda a: f"{round(10 ** _times_longer(a).value, -1):,.0f}",
    "reservoir_ms": lambda a: exact(float(1000 * a["seconds"][RESERVOIR])),
    "rnn_s": lambda a: exact(float(a["seconds"][TRAINED])),
    "reservoir": final(RESERVOIR),
    "linear": lambda a: bootstrap(a["linear"]),
    "resting": lambda a: f"{RESTING:,}",
    "rnn_resting": lambda a: bootstrap(a["error"][TRAINED, int(np.flatnonzero(a["updates"] == RESTING)[0])]),
    "rnn": final(TRAINED),
}
