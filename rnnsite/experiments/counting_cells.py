"""An LSTM, a GRU and a plain network learn aⁿbⁿ up to n = 10. How far do they count, and what does the counter do?

Page: docs/gates/watching-gates.md

The counter of an LSTM is the unit whose cell state goes most closely with the count, chosen by that alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, reverse_axis, swap_entries
from rnnsite.context import Context
from rnnsite.probes.counter import all_right, watch_counter
from rnnsite.probes.follows import correlations
from rnnsite.rates import difference, success
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, worst
from rnnsite.tasks.counting import balance, counting
from rnnsite.training.fleet import train_fleet
from rnnsite.training.optimisers import Adam
from rnnsite.training.recurrent import Recurrent

TITLE = "Counting to ten, and on"
PAGE = "gates/watching-gates"
SECONDS = 30  # about, in quick on one core

CELLS = ("LSTM", "GRU", "RNN")


@dataclass(frozen=True)
class Config:
    longest: int = 10  # n of the strings to learn from
    broken: float = 0.2  # share of them that a bar cuts off
    asked: int = 60  # n up to which the network is asked
    T: int = 40
    H: int = 8
    B: int = 10
    updates: int = 1000
    rate: float = 0.03
    clip: float = 1.0
    forget_bias: float = 1.0
    watched: int = 200  # steps of each of 20 sequences on which the units are watched
    seeds: int = 20
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(asked=200, T=80, H=16, updates=10_000, rate=0.01, seeds=40)}

SHOWN = "|aaaaaaaabbbbbbbb|aaaaab|aaabbb|"  # its second string is broken off


def cell(kind: str, config: Config, generators: list[torch.Generator]) -> Cell:
    if kind == "LSTM":
        return LSTM(3, config.H, len(generators), forget_bias=config.forget_bias, generator=generators)
    return {"GRU": GRU, "RNN": Elman}[kind](3, config.H, len(generators), generator=generators)


def network(kind: str, config: Config, generators: list[torch.Generator]) -> Recurrent:
    return Recurrent(cell(kind, config, generators), 3, generator=generators)


def batches(config: Config, g: torch.Generator, updates: range) -> list[tuple[Tensor, Tensor]]:
    x, legal = counting(config.T, config.B * len(updates), g, longest=config.longest, broken=config.broken)
    return list(zip(x.split(config.B, 1), legal.split(config.B, 1), strict=True))


def legality_loss(model: Recurrent, x: Tensor, legal: Tensor) -> Tensor:
    each = binary_cross_entropy_with_logits(model(x), legal, reduction="none")
    return each.mean((1, 2, 3))


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """right (cell, seed, n): whether every answer on |aⁿbⁿ was right, n from 1 to `asked`.

    r (trained or not, seed, unit) |r| of an LSTM's cell states with the count, the strongest first; other_r (GRU or
    RNN, trained or not, seed, unit) likewise of hidden states. Of the LSTM's counter, by seed: step (after an a, after
    a b) mean change of c, its sign such that an a adds; forget, write (at a bar, at a letter) mean f and i; wrong (as
    it is, kept) share of wrong answers in a whole string after a broken one, as it is and with the counter's forget
    gate held at 1 at every bar; shown (step) c on `SHOWN`, from where it is after the first bar, same sign.
    """

    def train(kind: str) -> dict[str, np.ndarray]:
        seeds = [("counting_cells", config.seed_set, kind, seed) for seed in range(config.seeds)]
        trained = train_fleet(
            seeds,
            partial(network, kind, config),
            partial(batches, config),
            legality_loss,
            updates=config.updates,
            rate=config.rate,
            clip=config.clip,
            optimiser=Adam(),
            device=context.device,
            watch=context.within,
        )
        model: Any = trained.module.cpu()
        fresh = network(kind, config, [generator(*seed, "weights") for seed in seeds])
        asked = torch.stack([all_right(model, n) for n in range(1, config.asked + 1)], 1)
        g = generator("counting_cells", config.seed_set, "watched")
        x, _ = counting(config.watched, 20, g, longest=config.longest, broken=config.broken)
        state = "c" if kind == "LSTM" else "h"
        found = torch.stack([_r(one, x, state) for one in (model, fresh)])
        ranked = found.abs().sort(2, descending=True).values
        if kind != "LSTM":
            return {"right": asked.numpy(), "other_r": ranked.numpy()}
        watched = watch_counter(model, x, found[0], SHOWN)
        return {"right": asked.numpy(), "r": ranked.numpy(), **{name: part.numpy() for name, part in watched.items()}}

    lstm, gru, rnn = context.map(train, CELLS)
    return {
        **lstm,
        "right": np.stack([lstm["right"], gru["right"], rnn["right"]]),
        "other_r": np.stack([gru["other_r"], rnn["other_r"]]),
        **{name: np.array(getattr(config, name)) for name in ("longest", "broken", "H", "updates")},
    }


@torch.no_grad()
def _r(model: Recurrent, x: Tensor, state: str) -> Tensor:
    return correlations(model.cell.trace(x)[state], balance(x).float())


def _right(cell: int, n: int) -> Callable[[Arrays], Estimate]:
    return lambda a: success(a["right"][cell, :, n - 1])


def learned(a: Arrays, cell: int) -> np.ndarray:
    """(seed,) whether every string it was trained on is answered rightly."""
    right: np.ndarray = a["right"][cell, :, : int(a["longest"])]
    return np.asarray(right.all(1))


def reach(a: Arrays, cell: int) -> np.ndarray:
    """(seed,) the n up to which every string is answered rightly."""
    n: np.ndarray = np.cumprod(a["right"][cell], 1).sum(1)
    return n


def _reach(cell: int) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(reach(a, cell))


def _mean(name: str, place: int) -> Callable[[Arrays], Estimate]:
    """Over seeds; `place` is what stands behind them."""
    return lambda a: bootstrap(a[name][:, place])


def _median(name: str, place: int) -> Callable[[Arrays], Estimate]:
    """Of the typical network: one in twenty finds another way to count."""
    return lambda a: bootstrap(a[name][:, place], np.median)


def ranked(when: int, place: int) -> Callable[[Arrays], Estimate]:
    """|r| with the count of the LSTM's cell at this place of the ranking, in the median network."""
    return lambda a: bootstrap(a["r"][when, :, place], np.median)


IN_LSTM, IN_GRU, IN_RNN = range(3)
TRAINED, UNTRAINED = range(2)
AT_BAR, AT_LETTER = range(2)
lstm_and_gru = swap_entries(0, IN_LSTM, IN_GRU, "right")

CLAIMS = [
    Claim(
        "all-three-learn",
        "Up to n = 10 all three learn it: of the cell that does so least often, {measured:.0%} of the runs are right "
        "on every string.",
        lambda a: worst(*(success(learned(a, cell)) for cell in range(3)), by=lambda e: e.low),
        above=0.35,
        swap=reverse_axis(2, "right"),
    ),
    Claim(
        "the-lstm-counts-on",
        "Two beyond what it was shown, at n = 12, the share of LSTMs that are right is {measured:points} higher than "
        "that of GRUs.",
        lambda a: difference(a["right"][IN_LSTM, :, 11], a["right"][IN_GRU, :, 11]),
        above=0.25,
        swap=lstm_and_gru,
    ),
    Claim(
        "the-gru-does-not",
        "At n = 13, {measured:.0%} of the GRUs are.",
        _right(IN_GRU, 13),
        below=0.35,
        swap=lstm_and_gru,
    ),
    Claim(
        "nobody-counts-for-ever",
        "Trained LSTMs fail at lengths well beyond those they were shown: at n = 40, {measured:.0%} of them are right.",
        _right(IN_LSTM, 40),
        below=0.35,
        swap=swap_entries(2, 9, 39, "right"),
        source="elnaggar2022",
    ),
    Claim(
        "one-cell-is-a-counter",
        "In nearly every LSTM one cell state goes with the count: in {measured:.0%} of them with an |r| above 0.9.",
        lambda a: success(a["r"][TRAINED, :, 0] > 0.9),
        above=0.6,
        swap=swap_entries(0, TRAINED, UNTRAINED, "r"),
    ),
    Claim(
        "an-a-adds-one",
        "An a moves it by {measured} on average over all networks; more than 1 a step cannot add.",
        _mean("step", 0),
        above=0.55,
        below=1,
        swap=swap_entries(1, 0, 1, "step"),
    ),
    Claim(
        "a-b-takes-one-away",
        "A b takes back {measured}, likewise.",
        _mean("step", 1),
        below=-0.55,
        swap=swap_entries(1, 0, 1, "step"),
    ),
    Claim(
        "it-keeps-while-it-counts",
        "At a letter the counter's forget gate is {measured} on average.",
        _mean("forget", AT_LETTER),
        above=0.85,
        swap=swap_entries(1, AT_BAR, AT_LETTER, "forget"),
    ),
    Claim(
        "it-resets-at-the-bar",
        "At a bar it is below 0.1 in {measured:.0%} of the LSTMs: whatever was counted is gone.",
        lambda a: success(a["forget"][:, AT_BAR] < 0.1),
        above=0.5,
        swap=swap_entries(1, AT_BAR, AT_LETTER, "forget"),
    ),
    Claim(
        "without-the-reset-it-miscounts",
        "Hold this one gate at 1 at the bars, and in a string that follows a broken one the share of wrong answers "
        "rises by {measured:points}.",
        lambda a: bootstrap(a["wrong"][:, 1] - a["wrong"][:, 0]),
        above=0.05,
        swap=swap_entries(1, 0, 1, "wrong"),
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["right"].shape[1]),
    "updates": lambda a: int(a["updates"]),
    "H": lambda a: int(a["H"]),
    "broken": lambda a: float(a["broken"]),
    **{f"reach_{name.lower()}": _reach(k) for k, name in enumerate(CELLS)},
    **{f"{name.lower()}_{n}": _right(k, n) for k, name in enumerate(CELLS) for n in (10, 12, 13, 15, 20)},
    "counters": lambda a: success(a["r"][TRAINED, :, 0] > 0.9),
    "without_counter": lambda a: int((a["r"][TRAINED, :, 0] <= 0.9).sum()),
    "two_counters": lambda a: int((a["r"][TRAINED, :, 1] > 0.9).sum()),
    "r": ranked(TRAINED, 0),
    "r_second": ranked(TRAINED, 1),
    "r_untrained": ranked(UNTRAINED, 0),
    "r_gru": lambda a: bootstrap(a["other_r"][0, TRAINED, :, 0]),
    "r_rnn": lambda a: bootstrap(a["other_r"][1, TRAINED, :, 0]),
    "plus": _median("step", 0),
    "minus": _median("step", 1),
    "least_step": lambda a: float(a["step"][:, 0].min()),
    "forget_and_reach": lambda a: float(np.corrcoef(a["forget"][:, AT_LETTER], reach(a, IN_LSTM))[0, 1]),
    "forget_bar": _median("forget", AT_BAR),
    "forget_letter": _median("forget", AT_LETTER),
    "write_letter": _median("write", AT_LETTER),
    "wrong": _mean("wrong", 0),
    "wrong_kept": _mean("wrong", 1),
}
