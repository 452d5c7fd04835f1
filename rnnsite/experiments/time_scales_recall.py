"""Recall of a number after a delay, by networks with one time scale and with several, of nearly one size.

Page: docs/remedies/multiple-time-scales.md
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
from rnnsite.cells.clockwork import Clockwork
from rnnsite.cells.elman import Elman
from rnnsite.cells.leaky import Leaky
from rnnsite.cells.skip import Skip
from rnnsite.claims import Arrays, Claim, reverse_axis, swap_entries
from rnnsite.context import Context
from rnnsite.rates import difference, success
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.tasks.delayed_recall import delayed_recall
from rnnsite.training.fleet import train_fleet
from rnnsite.training.optimisers import Adam
from rnnsite.training.over_time import states
from rnnsite.training.recurrent import Recurrent

TITLE = "Recall after a delay, with one time scale and with several"
PAGE = "remedies/multiple-time-scales"
SECONDS = 60  # about, in quick on one core: the longest are started first

ARMS = ("plain", "leaky", "skip", "removed", "clockwork", "clockwork, any tick")
PLAIN, LEAKY, SKIP, REMOVED, CLOCK, ANY_TICK = range(6)


@dataclass(frozen=True)
class Config:
    delays: tuple[int, ...] = (8, 16, 32, 64)  # steps from the number to the question
    any_tick: tuple[int, ...] = (8, 16)  # of the last arm, which fails sooner and takes longest
    seeds: int = 24
    units: tuple[int, ...] = (20, 20, 14, 20, 25, 25)  # H by arm: nearly as many weights each
    rates: tuple[float, ...] = (0.01, 0.003, 0.01, 0.01, 0.01, 0.01)  # of Adam, by arm
    alpha: float = 0.95  # of the leaky units
    d: int = 8  # of the skip beside a one-step connection
    alone: int = 4  # of the skip alone, small enough to see where it fails
    periods: tuple[int, ...] = (1, 2, 4, 8, 16)
    B: int = 20
    clip: float = 1.0
    updates: int = 800
    check_every: int = 50
    test: int = 200
    enough: float = 0.1  # solved: a mean squared error of this, where guessing has 1
    seed_set: int = 0


CONFIGS = {
    "quick": Config(),
    "paper": Config(delays=(8, 16, 32, 64, 128), any_tick=(8, 16, 32), updates=6000, seeds=50),
}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (arm but the last, delay, seed): solved; updates needed, −1 for never; error on the last check.

    The same for the last arm with any_ before the names, (delay of any_tick, seed). weights (arm,).
    """
    items = [(arm, delay) for arm in range(ANY_TICK) for delay in config.delays]
    steps = context.map(
        lambda item: _train(*item, config, context), [*items, *((ANY_TICK, delay) for delay in config.any_tick)]
    )
    shape = (ANY_TICK, len(config.delays), config.seeds)
    first, last = steps[: len(items)], steps[len(items) :]
    return {
        **{name: np.stack([step[name] for step in first]).reshape(shape) for name in first[0]},
        **{f"any_{name}": np.stack([step[name] for step in last]) for name in first[0]},
        "delays": np.array(config.delays),
        "any_delays": np.array(config.any_tick),
        "weights": np.array([weights(network(config, arm, [torch.Generator()])) for arm in range(len(ARMS))]),
        "units": np.array(config.units),
        "alpha": np.array(config.alpha),
        "d": np.array(config.d),
        "alone": np.array(config.alone),
        "updates": np.array(config.updates),
    }


def network(config: Config, arm: int, generators: list[torch.Generator]) -> Recurrent:
    kinds: dict[int, Callable[..., Cell]] = {
        PLAIN: Elman,
        LEAKY: partial(Leaky, leak=config.alpha),
        SKIP: partial(Skip, delay=config.d),
        REMOVED: partial(Skip, delay=config.alone, keep=False),
    }
    build = kinds.get(arm, partial(Clockwork, periods=config.periods))
    cell = build(2, config.units[arm], len(generators), generator=generators)
    return Recurrent(cell, 1, generator=generators)


def weights(model: Recurrent) -> int:
    """How many numbers one model trains; the entries of W that a clockwork never uses do not count."""
    unused = int((1 - model.cell.listens()).sum()) if isinstance(model.cell, Clockwork) else 0
    return sum(parameter[0].numel() for parameter in model.parameters() if parameter.requires_grad) - unused


def squared_error(model: Recurrent, x: Tensor, y: Tensor, tick: Tensor) -> Tensor:
    """Mean squared error after the last step, (M,). The clock of a clockwork starts at `tick` (M, B)."""
    state = None
    if isinstance(model.cell, Clockwork):
        clock = tick[..., None].expand(*tick.shape, model.cell.H)
        state = (torch.zeros_like(clock), clock)
    _, end = states(model.cell, x, state)
    output = model.read(end if isinstance(end, Tensor) else end[0])
    return (output[..., 0] - y).square().mean(1)


def _train(arm: int, delay: int, config: Config, context: Context) -> dict[str, np.ndarray]:
    """The networks of one arm and delay; a seed's data are the same in every arm."""

    def sequences(count: int, g: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        x, y = delayed_recall(delay + 1, count, g)
        tick = torch.randint(config.periods[-1], (count,), generator=g).float()
        return x, y, tick if arm == ANY_TICK else torch.zeros_like(tick)

    def draw(g: torch.Generator, updates: range) -> Sequence[tuple[Tensor, ...]]:
        x, y, tick = sequences(config.B * len(updates), g)
        return list(zip(x.split(config.B, 1), y.split(config.B), tick.split(config.B), strict=True))

    def error(model: Any, generators: list[torch.Generator]) -> Tensor:
        tests = [sequences(config.test, g) for g in generators]
        return squared_error(model, *(torch.stack(parts).to(context.device) for parts in zip(*tests, strict=True)))

    trained = train_fleet(
        [("time_scales_recall", config.seed_set, delay, seed) for seed in range(config.seeds)],
        partial(network, config, arm),
        draw,
        squared_error,
        updates=config.updates,
        rate=config.rates[arm],
        clip=config.clip,
        optimiser=Adam(),
        evaluate=error,
        enough=config.enough,
        check_every=config.check_every,
        record_every=config.check_every,
        device=context.device,
        watch=context.within,
    )
    scores = trained.scores.numpy()
    last = np.isfinite(scores).cumsum(0).argmax(0)  # the last check before a network's end
    return {
        "solved": (trained.solved_at > 0).numpy(),
        "needed": trained.solved_at.numpy(),
        "error": scores[last, np.arange(config.seeds)],
    }


def place(a: Arrays, delay: int) -> int:
    return int(np.flatnonzero(a["delays"] == delay)[0])


def rate(arm: int, delay: int) -> Callable[[Arrays], Estimate]:
    return lambda a: success(a["solved"][arm, place(a, delay)])


def _more_than_plain(arm: int) -> Callable[[Arrays], Estimate]:
    """Success rate of an arm minus that of the plain network, at 64 steps."""
    return lambda a: difference(*(a["solved"][one, place(a, 64)] for one in (arm, PLAIN)))


def needed(arm: int, delay: int) -> Callable[[Arrays], Estimate]:
    """Median updates of the runs that succeed."""

    def measure(a: Arrays) -> Estimate:
        updates = a["needed"][arm, place(a, delay)]
        return bootstrap(updates[updates > 0], np.median)

    return measure


def _as_a_shorter_delay(a: Arrays) -> Estimate:
    """Success of the network without one-step connections, minus that of the plain one at a d-th of the delay."""
    d = int(a["alone"])
    longer = [delay for delay in a["delays"] if delay % d == 0 and delay // d in a["delays"]]
    removed = [a["solved"][REMOVED, place(a, delay)] for delay in longer]
    return difference(removed, [a["solved"][PLAIN, place(a, delay // d)] for delay in longer])


def _tick(a: Arrays) -> Estimate:
    delay = int(a["any_delays"][-1])
    return difference(a["solved"][CLOCK, place(a, delay)], a["any_solved"][-1])


def _tick_exchanged(a: Arrays) -> Arrays:
    solved, k = a["solved"].copy(), place(a, int(a["any_delays"][-1]))
    solved[CLOCK, k] = a["any_solved"][-1]
    return {**a, "solved": solved, "any_solved": np.stack([*a["any_solved"][:-1], a["solved"][CLOCK, k]])}


CLAIMS = [
    Claim(
        "plain-forgets",
        "The plain network learns 8 steps and often fails at 64: its success rate falls by {measured:points}.",
        lambda a: difference(a["solved"][PLAIN, place(a, 8)], a["solved"][PLAIN, place(a, 64)]),
        above=0.2,
        swap=reverse_axis(1, "solved"),
    ),
    Claim(
        "a-leak-helps",
        "At 64 steps leaky units succeed more often than the plain network: by {measured:points}.",
        _more_than_plain(LEAKY),
        above=0.1,
        swap=swap_entries(0, LEAKY, PLAIN, "solved"),
    ),
    Claim(
        "a-skip-helps",
        "So does a network with fewer units and a skip of 8: by {measured:points}.",
        _more_than_plain(SKIP),
        above=0.1,
        swap=swap_entries(0, SKIP, PLAIN, "solved"),
    ),
    Claim(
        "removed-is-a-shorter-delay",
        "With a skip of 4 alone a delay is as hard as a quarter of it for the plain network: the success rates differ "
        "by {measured:points}.",
        _as_a_shorter_delay,
        above=-0.3,
        below=0.3,
        swap=swap_entries(0, REMOVED, PLAIN, "solved"),
    ),
    Claim(
        "a-clockwork-keeps-what-comes-on-the-tick",
        "A clockwork recalls what came when its clock showed 0: after 64 steps in {measured:.0%} of the runs.",
        rate(CLOCK, 64),
        above=0.7,
        swap=swap_entries(0, CLOCK, PLAIN, "solved"),
    ),
    Claim(
        "and-only-that",
        "When the number may come at any tick, it succeeds less often after 16 steps: by {measured:points}.",
        _tick,
        above=0.5,
        swap=_tick_exchanged,
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["solved"].shape[2]),
    "updates": lambda a: int(a["updates"]),
    "alpha": lambda a: float(a["alpha"]),
    "d": lambda a: int(a["d"]),
    "alone": lambda a: int(a["alone"]),
    "periods": lambda a: "{}, {}, {}, {} and {}".format(*CONFIGS["quick"].periods),
    "rate_leaky": lambda a: f"{CONFIGS['quick'].rates[LEAKY]:g}",
    "rate_others": lambda a: f"{CONFIGS['quick'].rates[PLAIN]:g}",
    "fewest_weights": lambda a: int(a["weights"].min()),
    "most_weights": lambda a: int(a["weights"].max()),
    "skip_units": lambda a: int(a["units"][SKIP]),
    "plain_units": lambda a: int(a["units"][PLAIN]),
    "clock_units": lambda a: int(a["units"][CLOCK]),
    "leaky_needed": needed(LEAKY, 64),
    "skip_needed": needed(SKIP, 64),
    "any_16": lambda a: success(a["any_solved"][-1]),
    "any_error": lambda a: bootstrap(a["any_error"][-1]),
    **{f"{name}_{delay}": rate(arm, delay) for arm, name in enumerate(ARMS[:ANY_TICK]) for delay in (8, 16, 32, 64)},
}
