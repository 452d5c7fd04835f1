"""What a leak can keep and what it cannot: adding two marked numbers, and saying the latest one.

Page: docs/remedies/reservoirs.md
"""

from __future__ import annotations

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
from rnnsite.claims import Arrays, Claim, swap_entries
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.tasks.adding import adding
from rnnsite.tasks.latest import latest
from rnnsite.training.echo_state import scale_inputs
from rnnsite.training.fleet import train_fleet
from rnnsite.training.irnn import squared_error
from rnnsite.training.optimisers import Adam
from rnnsite.training.over_time import states
from rnnsite.training.recurrent import Recurrent
from rnnsite.training.reservoir_bias import draw_bias
from rnnsite.training.ridge import nrmse, ridge, with_bias

TITLE = "What to keep: a leak and a gate"
PAGE = "remedies/reservoirs"
SECONDS = 40  # about, in quick on one core: the longest are started first

DRAW: tuple[Callable[..., tuple[Tensor, Tensor]], ...] = (adding, latest)
ADDING, LATEST = range(len(DRAW))
RESERVOIR, LEAKY = range(2)
CELLS: tuple[Callable[..., Cell], ...] = (Elman, partial(LSTM, forget_bias=1.0))
RNN, GATED = range(len(CELLS))


@dataclass(frozen=True)
class Config:
    """The leaks with their input weights, and the rates, are the best that other seed sets gave for a task."""

    networks: int = 6
    T: int = 20
    reservoir: int = 100  # units
    leaks: tuple[float, float] = (0.98, 0.9)  # of the leaky reservoir, by task
    scales: tuple[tuple[float, float], tuple[float, float]] = (
        (0.1, 3.0),
        (1.0, 1.0),
    )  # of input weights, by task, leak
    radius: float = 0.9
    bias: float = 0.2  # of the reservoirs, U(−bias, bias)
    penalty: float = 1e-8
    sequences: int = 1000  # that a reservoir learns from, and as many unseen ones
    units: int = 25  # of the trained networks
    rates: tuple[float, float] = (0.003, 0.01)  # of Adam, by cell
    updates: int = 3000
    check_every: int = 100
    B: int = 10
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(networks=20, T=100, updates=20_000, check_every=1000)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """fitted (task, leak, network) and trained (task, cell, check, network): NRMSE on unseen sequences.

    1 is what the mean achieves. All methods are asked about the same sequences.
    """

    def fit(item: tuple[int, int]) -> dict[str, np.ndarray]:
        return {"fitted": _reservoir(*item, config, context.device).double().cpu().numpy()}

    def train(item: tuple[str, int, int]) -> dict[str, np.ndarray]:
        return {"trained": _trained(*item[1:], config, context).double().cpu().numpy()}

    fitted = context.stack(fit, [(task, leak) for task in range(2) for leak in range(2)])["fitted"]
    trained = context.stack(train, [("trained", task, cell) for task in range(2) for cell in range(2)])["trained"]
    return {
        "fitted": fitted.reshape(2, 2, -1),
        "trained": trained.reshape(2, 2, -1, config.networks),
        "updates": np.arange(1, config.updates // config.check_every + 1) * config.check_every,
        "leaks": np.array(config.leaks),
        "units": np.array([config.reservoir, config.units]),
        "sequences": np.array([config.sequences, config.updates * config.B]),
        "T": np.array(config.T),
    }


def _seed(config: Config, network: int) -> tuple[str | int, ...]:
    return ("what_to_keep", config.seed_set, network)


def _sequences(task: int, config: Config, part: str, device: torch.device) -> tuple[Tensor, Tensor]:
    """For each network its own sequences: (M, T, sequences, 2) and (M, sequences, 1)."""
    drawn = [DRAW[task](config.T, config.sequences, generator(*_seed(config, n), part)) for n in range(config.networks)]
    x, y = (torch.stack(parts).to(device) for parts in zip(*drawn, strict=True))
    return x, y[..., None]


@torch.no_grad()
def _reservoir(task: int, leak: int, config: Config, device: torch.device) -> Tensor:
    """Error of a readout of the last state, without a leak or with one, (M,)."""
    generators = [generator(*_seed(config, n), "reservoir") for n in range(config.networks)]
    alpha = config.leaks[task] if leak else 0.0
    cell = Leaky(2, config.reservoir, config.networks, generator=generators, spectral_radius=config.radius, leak=alpha)
    cell = draw_bias(scale_inputs(cell, config.scales[task][leak]), config.bias, generators).to(device)
    x, y = _sequences(task, config, "learned", device)
    readout = ridge(states(cell, x)[0][:, -1], y, config.penalty)
    x, y = _sequences(task, config, "unseen", device)
    return nrmse(with_bias(states(cell, x)[0][:, -1]) @ readout, y)[:, 0]


def _trained(task: int, cell: int, config: Config, context: Context) -> Tensor:
    """Error at every check of networks trained through time, on fresh sequences in every update, (checks, M)."""

    def build(generators: list[torch.Generator]) -> Recurrent:
        fleet = CELLS[cell](2, config.units, len(generators), generator=generators)
        return Recurrent(fleet, 1, generator=generators)

    def batches(g: torch.Generator, updates: range) -> Sequence[tuple[Tensor, Tensor]]:
        x, y = DRAW[task](config.T, config.B * len(updates), g)
        return list(zip(x.split(config.B, 1), y.split(config.B), strict=True))

    @torch.no_grad()
    def ask(model: Recurrent, generators: object) -> Tensor:
        x, y = _sequences(task, config, "unseen", context.device)
        return nrmse(model.last(x), y)[:, 0]

    return train_fleet(
        [_seed(config, n) for n in range(config.networks)],
        build,
        batches,
        squared_error,
        updates=config.updates,
        rate=config.rates[cell],
        clip=1.0,
        optimiser=Adam(),
        evaluate=ask,
        check_every=config.check_every,
        record_every=config.check_every,
        ahead=32,
        device=context.device,
        watch=context.within,
    ).scores


def fitted(task: int, leak: int) -> Callable[[Arrays], Estimate]:
    """NRMSE of a reservoir, without a leak or with one."""
    return lambda a: bootstrap(a["fitted"][task, leak])


def trained(task: int, cell: int) -> Callable[[Arrays], Estimate]:
    """NRMSE of a trained network after the last update."""
    return lambda a: bootstrap(a["trained"][task, cell, -1])


def _behind(task: int) -> Callable[[Arrays], Estimate]:
    """NRMSE of the leaky reservoir minus the LSTM's; each pair was asked about the same unseen sequences."""
    return lambda a: bootstrap(a["fitted"][task, LEAKY] - a["trained"][task, GATED, -1])


def _ungated(a: Arrays) -> Estimate:
    """NRMSE of the trained tanh RNN minus the LSTM's, for the latest number."""
    return bootstrap(a["trained"][LATEST, RNN, -1] - a["trained"][LATEST, GATED, -1])


without_leak = swap_entries(1, RESERVOIR, LEAKY, "fitted")
other_task = swap_entries(0, ADDING, LATEST, "fitted")

CLAIMS = [
    Claim(
        "no-leak-no-sum",
        "Adding two marked numbers, a reservoir without a leak has an error of {measured}, hardly better than a "
        "constant answer.",
        fitted(ADDING, RESERVOIR),
        above=0.7,
        swap=without_leak,
    ),
    Claim(
        "a-leak-adds",
        "With a leak its error is {measured}.",
        fitted(ADDING, LEAKY),
        below=0.05,
        swap=without_leak,
    ),
    Claim(
        "sooner-and-better-than-training",
        "That is less than the trained LSTM's; the difference is {measured}.",
        _behind(ADDING),
        below=-0.01,
        swap=without_leak,
    ),
    Claim(
        "a-leak-does-not-overwrite",
        "Asked for the latest marked number, the reservoir with the best leak has an error of {measured}.",
        fitted(LATEST, LEAKY),
        above=0.4,
        swap=other_task,
    ),
    Claim(
        "a-gate-overwrites",
        "There the trained LSTM's is {measured} lower.",
        _behind(LATEST),
        above=0.3,
        swap=other_task,
    ),
    Claim(
        "it-is-the-gate",
        "Training alone is not enough: after as many updates a tanh RNN's error is {measured} higher than the LSTM's.",
        _ungated,
        above=0.2,
        swap=swap_entries(1, RNN, GATED, "trained"),
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "networks": lambda a: int(a["fitted"].shape[2]),
    "T": lambda a: int(a["T"]),
    "updates": lambda a: f"{int(a['updates'][-1]):,}",
    "sequences": lambda a: f"{int(a['sequences'][0]):,}",
    "sequences_trained": lambda a: f"{int(a['sequences'][1]):,}",
    "reservoir_units": lambda a: int(a["units"][0]),
    "units": lambda a: int(a["units"][1]),
    "leak_adding": lambda a: float(a["leaks"][ADDING]),
    "leak_latest": lambda a: float(a["leaks"][LATEST]),
    "adding_reservoir": fitted(ADDING, RESERVOIR),
    "adding_leaky": fitted(ADDING, LEAKY),
    "adding_lstm": trained(ADDING, GATED),
    "latest_leaky": fitted(LATEST, LEAKY),
    "latest_rnn": trained(LATEST, RNN),
    "latest_lstm": trained(LATEST, GATED),
}
