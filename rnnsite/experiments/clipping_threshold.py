"""ReLU networks that start at the identity learn to add, by clipping threshold, kind of clipping and learning rate.

Page: docs/remedies/gradient-clipping.md
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.claims import Arrays, Claim, swap_entries
from rnnsite.context import Context
from rnnsite.rates import difference, success
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.tasks.adding import BASELINE, adding
from rnnsite.training.fleet import train_fleet
from rnnsite.training.irnn import adding_batches, irnn, squared_error

TITLE = "Where to clip"
PAGE = "remedies/gradient-clipping"
SECONDS = 90  # about, in quick on one core: the longest are started first


@dataclass(frozen=True)
class Config:
    T: int = 20
    H: int = 20
    B: int = 20
    rates: tuple[float, ...] = (0.01, 0.1)
    norms: tuple[float, ...] = (0.1, 0.3, 1.0, 3.0, 10.0, math.inf)  # thresholds of norm clipping, ∞ is none
    values: tuple[float, ...] = (0.01, 0.1, 1.0)  # thresholds of value clipping
    seeds: int = 40
    updates: int = 2000
    record_every: int = 20
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(T=100, H=100, updates=20_000, record_every=100)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (rate, threshold, seed), thresholds of norm clipping first and of value clipping after them.

    loss, the mean over the last twentieth of all updates, NaN for a network that diverged; diverged_at, the update
    whose loss or gradient was not finite, −1 for never; largest, the largest mean gradient norm of a record, before
    clipping; active, the share of units that are not always off, NaN where diverged. Traces (record, rate, threshold)
    of the first seed: trace_loss and trace_norm.
    """
    thresholds = [(c, math.inf) for c in config.norms] + [(math.inf, c) for c in config.values]

    def train(rate: float) -> dict[str, np.ndarray]:
        arms = [(norm, value, seed) for norm, value in thresholds for seed in range(config.seeds)]
        trained = train_fleet(
            [("clipping_threshold", config.seed_set, seed) for _, _, seed in arms],
            partial(irnn, config.H),
            partial(adding_batches, config.T, config.B),
            squared_error,
            updates=config.updates,
            rate=rate,
            clip=[norm for norm, _, _ in arms],
            clip_value=[value for _, value, _ in arms],
            record_every=config.record_every,
            ahead=32,
            device=context.device,
            watch=context.within,
        )
        shape = (len(thresholds), config.seeds)
        losses, norms = (records.numpy().reshape(-1, *shape) for records in (trained.losses, trained.norms))
        diverged = trained.diverged_at.numpy().reshape(shape)
        g = generator("clipping_threshold", config.seed_set, "questions")
        on = active_units(trained.module, adding(config.T, 200, g)[0].to(context.device))
        last = losses[-max(1, len(losses) // 20) :].mean(0)
        return {
            "loss": np.where(diverged < 0, last, np.nan),
            "diverged_at": diverged,
            "largest": np.nanmax(norms, 0),
            "active": np.where(diverged < 0, on.cpu().numpy().reshape(shape), np.nan),
            "trace_loss": losses[:, :, 0],
            "trace_norm": norms[:, :, 0],
        }

    arrays = context.stack(train, config.rates)
    return {
        **arrays,
        "rates": np.array(config.rates),
        "norms": np.array(config.norms),
        "values": np.array(config.values),
        "record_every": np.array(config.record_every),
        "T": np.array(config.T),
    }


@torch.no_grad()
def active_units(fleet: Any, x: Tensor) -> Tensor:
    """Share of each network's units that are above 0 at any step of any sequence x (T, B, I), (M,)."""
    states, _ = fleet.cell(x.expand(len(fleet.V), *x.shape))
    return (states > 0).flatten(1, 2).any(1).double().mean(1)


def lost(a: Arrays) -> np.ndarray:
    """(rate, threshold, seed): the network diverged, or is hardly better than always answering 1."""
    return ~(a["loss"] < 0.9 * BASELINE)


def arm(a: Arrays, rate: float, norm: float | None = None, value: float | None = None) -> tuple[int, int]:
    """The place of a rate and a threshold in the arrays."""
    k = int(np.flatnonzero(a["rates"] == rate)[0])
    if value is not None:
        return k, len(a["norms"]) + int(np.flatnonzero(a["values"] == value)[0])
    return k, int(np.flatnonzero(a["norms"] == norm)[0])


def _lost(rate: float, **threshold: float) -> Callable[[Arrays], Estimate]:
    return lambda a: success(lost(a)[arm(a, rate, **threshold)])


def _log_loss(a: Arrays, rate: float, **threshold: float) -> np.ndarray:
    """log₂ loss of each seed; a network that diverged counts as one that always answers 1."""
    loss = a["loss"][arm(a, rate, **threshold)]
    return np.log2(np.where(np.isnan(loss), BASELINE, loss))


def _doublings(one: dict[str, float], other: dict[str, float]) -> Callable[[Arrays], Estimate]:
    """How often the loss of `one` must be halved to be that of `other`, seed by seed."""
    return lambda a: bootstrap(_log_loss(a, **one) - _log_loss(a, **other))


def _typical(rate: float, **threshold: float) -> Callable[[Arrays], Estimate]:
    return lambda a: _power(bootstrap(_log_loss(a, rate, **threshold)))


def _power(e: Estimate) -> Estimate:
    return Estimate(2**e.value, 2**e.low, 2**e.high, e.how)


def _finite(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values)]


def _largest_rise(a: Arrays) -> Estimate:
    """log₁₀ of the largest gradient norm without clipping over that with clipping at 1, at a rate of 0.1."""
    without, clipped = (a["largest"][arm(a, 0.1, norm=c)] for c in (math.inf, 1.0))
    return bootstrap(np.log10(without / clipped), np.median)


def _exchanged(values: np.ndarray, one: tuple[int, int], other: tuple[int, int]) -> np.ndarray:
    changed = values.copy()
    changed[one], changed[other] = values[other], values[one]
    return changed


PER_ARM = ("loss", "diverged_at", "largest", "active")
FREE, ONE, TENTH, TEN = 5, 2, 0, 4  # places of norm thresholds ∞, 1, 0.1 and 10
free_and_one = swap_entries(1, FREE, ONE, *PER_ARM)

CLAIMS = [
    Claim(
        "a-high-rate-loses-the-run",
        "At a learning rate of 0.1 without clipping, {measured:.0%} of the runs diverge or end hardly "
        "better than a constant answer.",
        _lost(0.1, norm=math.inf),
        above=0.6,
        swap=free_and_one,
    ),
    Claim(
        "clipping-saves-it",
        "Clipping the norm at 1 saves them: {measured:.0%} are lost.",
        _lost(0.1, norm=1.0),
        below=0.3,
        swap=free_and_one,
    ),
    Claim(
        "clipping-buys-a-rate",
        "Clipping pays by the rate it allows: 0.1 with a threshold of 1 halves the loss {measured} times more than "
        "0.01 without clipping.",
        _doublings({"rate": 0.01, "norm": math.inf}, {"rate": 0.1, "norm": 1.0}),
        above=0.3,
        swap=lambda a: {**a, "loss": _exchanged(a["loss"], (0, FREE), (1, ONE))},
    ),
    Claim(
        "too-low-is-slow",
        "Too low a threshold is slow: clipped at 0.1 the loss stays {measured} halvings above that at 1.",
        _doublings({"rate": 0.1, "norm": 0.1}, {"rate": 0.1, "norm": 1.0}),
        above=0.2,
        swap=swap_entries(1, TENTH, ONE, *PER_ARM),
    ),
    Claim(
        "too-high-is-useless",
        "Too high a threshold protects nobody: at 10 the share of lost runs is {measured:points} higher than at 1.",
        lambda a: difference(lost(a)[arm(a, 0.1, norm=10.0)], lost(a)[arm(a, 0.1, norm=1.0)]),
        above=0.1,
        swap=swap_entries(1, TEN, ONE, *PER_ARM),
    ),
    Claim(
        "an-explosion-makes-the-next",
        "Where nothing is clipped, one long step leads to steeper places: the largest norm of a run is {10^measured} "
        "times that of the same run clipped at 1.",
        _largest_rise,
        above=1.5,
        swap=free_and_one,
    ),
    Claim(
        "a-clipped-run-meets-no-wall",
        "The largest norm that a run clipped at 1 meets, before it is clipped, is {10^measured}.",
        lambda a: bootstrap(np.log10(a["largest"][arm(a, 0.1, norm=1.0)])),
        below=2.0,
        swap=free_and_one,
    ),
    Claim(
        "thrown-to-where-all-is-off",
        "In the unclipped runs that did not overflow {measured:.1%} of the units are ever above 0.",
        lambda a: bootstrap(_finite(a["active"][arm(a, 0.1, norm=math.inf)])),
        below=0.2,
        swap=free_and_one,
    ),
    Claim(
        "values-too",
        "Clipping each value at 0.1 helps as well: the share of lost runs is {measured:points} lower than without "
        "clipping.",
        lambda a: difference(lost(a)[arm(a, 0.1, norm=math.inf)], lost(a)[arm(a, 0.1, value=0.1)]),
        above=0.3,
        swap=lambda a: {**a, **{n: a[n][:, ::-1] for n in PER_ARM}},
    ),
    Claim(
        "up-to-ten-times-the-average",
        "“Values from half to ten times this average can still yield convergence, though convergence speed can be "
        "affected”. We read it as: most runs converge. At a threshold of 10, less than ten times the average norm of a "
        "run clipped at 1, {measured:.0%} are lost at a rate of 0.1.",
        _lost(0.1, norm=10.0),
        below=0.5,
        source="pascanu2013",
    ),
    Claim(  # written after the run
        "at-a-low-rate-it-holds",
        "The same at a rate of 0.01, where 10 is less than ten times the average norm, too: {measured:.0%} are lost.",
        _lost(0.01, norm=10.0),
        below=0.5,
        source="pascanu2013",
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["loss"].shape[2]),
    "T": lambda a: int(a["T"]),
    "diverged": lambda a: success(a["diverged_at"][arm(a, 0.1, norm=math.inf)] >= 0),
    "free_lost_runs": lambda a: int(lost(a)[arm(a, 0.1, norm=math.inf)].sum()),
    "one_lost_runs": lambda a: int(lost(a)[arm(a, 0.1, norm=1.0)].sum()),
    "all_off": lambda a: int((a["active"][arm(a, 0.1, norm=math.inf)] == 0).sum()),
    "free_lost": _lost(0.1, norm=math.inf),
    "one_lost": _lost(0.1, norm=1.0),
    "ten_lost": _lost(0.1, norm=10.0),
    "ten_lost_slow": _lost(0.01, norm=10.0),
    # the average norm of the first run that is clipped at 1, before clipping, and 10 over it
    "usual": lambda a: float(a["trace_norm"][1, :, ONE].mean()),
    "ten_over_usual": lambda a: 10 / float(a["trace_norm"][1, :, ONE].mean()),
    "slow_lost": _lost(0.01, norm=math.inf),
    "one_loss": _typical(0.1, norm=1.0),
    "tenth_loss": _typical(0.1, norm=0.1),
    "slow_loss": _typical(0.01, norm=math.inf),
    "value_lost": _lost(0.1, value=0.1),
    "value_loss": _typical(0.1, value=0.1),
    "value_lost_slow": _lost(0.01, value=1.0),
    # with values clipped at 0.1, how many end above 1, and the worst; and the worst of all whose norm is clipped
    "value_blown": lambda a: int((a["loss"][arm(a, 0.1, value=0.1)] > 1).sum()),
    "value_worst": lambda a: float(np.nanmax(a["loss"][arm(a, 0.1, value=0.1)])),
    "norm_worst": lambda a: float(np.nanmax(a["loss"][:, : len(a["norms"])][:, np.isfinite(a["norms"])])),
    "baseline": lambda a: BASELINE,
    "criterion": lambda a: 0.9 * BASELINE,
    "tenth_lost_slow": _lost(0.01, norm=0.1),
    "three_lost_runs": lambda a: int(lost(a)[arm(a, 0.1, norm=3.0)].sum()),
    "three_loss": _typical(0.1, norm=3.0),
    # the median norm of the first run at each threshold
    **{
        f"norm_at_{name}": lambda a, c=c: float(  # type: ignore[misc]
            np.median(a["trace_norm"][arm(a, 0.1, norm=c)[0], :, arm(a, 0.1, norm=c)[1]])
        )
        for name, c in (("01", 0.1), ("03", 0.3), ("1", 1.0), ("3", 3.0))
    },
    "earliest": lambda a: _earliest(a),
    "record": lambda a: int(a["record_every"]),
    "first_norm": lambda a: float(a["trace_norm"][1, 0, FREE]),
    "first_norm_one": lambda a: float(a["trace_norm"][1, 0, ONE]),
    # of one run, which may overflow elsewhere: in words
    "late_norm": lambda a: f"{np.median(a['trace_norm'][1, -50:, FREE]):.2g}".replace("nan", "not a number"),
    "late_norm_one": lambda a: float(np.median(a["trace_norm"][1, -50:, ONE])),
}


def _earliest(a: Arrays) -> str:
    """When the runs without clipping diverged at a rate of 0.1, in words."""
    at = a["diverged_at"][arm(a, 0.1, norm=math.inf)]
    at = at[at >= 0]
    return "none diverged" if not at.size else f"between update {at.min() + 1} and update {at.max() + 1}"
