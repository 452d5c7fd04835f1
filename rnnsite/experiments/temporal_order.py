"""Temporal order by SGD, SGD-C (clipped) and SGD-CR (clipped, with Pascanu's regulariser): success by length and start.

Page: docs/remedies/information-flow-regularizer.md
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnsite.claims import Arrays, Claim, Published, swap_entries
from rnnsite.context import Context
from rnnsite.rates import difference, paired, success
from rnnsite.statistics import Estimate, bootstrap, exact
from rnnsite.training.pascanu_starts import STARTS
from rnnsite.training.three_ways import ARMS, CR, SGD, C, Protocol, train_point

TITLE = "Temporal order, with and without the regulariser"
PAGE = "remedies/information-flow-regularizer"
SECONDS = 400  # about, in quick on one core: the longest are started first

SMART = (("smart tanh", 10), ("smart tanh", 20), ("smart tanh", 30))
OTHERS = (("basic tanh", 20), ("sigmoid", 10))
LONGER = SMART[1:]


@dataclass(frozen=True)
class Config(Protocol):
    points: tuple[tuple[str, int], ...] = SMART + OTHERS  # a start and a length each


LONG = tuple((start, T) for start in STARTS for T in (50, 100, 200))
CONFIGS = {
    "quick": Config(),
    "paper": Config(points=SMART + OTHERS + LONG, updates=100_000, check_every=1000, test=10_000),
}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (point, arm, seed): solved; updates needed, −1 for never; diverged_at; error on the last check.

    And error, right, omega, reach and radius, and those with first_ by (point, seed): see train_point.
    """
    items = [(start, T, arm) for start, T in config.points for arm in ARMS]
    steps = context.map(lambda item: train_point(*item, config, device=context.device, watch=context.within), items)
    shape = (len(config.points), len(ARMS), config.seeds)
    kept = [name for name in steps[0] if name not in ("scores", "early_losses")]
    stacked = {name: np.stack([step[name] for step in steps]) for name in kept}
    ended = {name: values.reshape(*shape, *values.shape[2:]) for name, values in stacked.items()}
    firsts = {name: ended.pop(name)[:, SGD] for name in list(ended) if name.startswith("first_")}
    return {
        **ended,
        **firsts,
        "start": np.array([list(STARTS).index(start) for start, _ in config.points]),
        "length": np.array([T for _, T in config.points]),
        "limit": np.array(config.updates),
        "test": np.array(config.test),
    }


def at(a: Arrays, start: str, T: int) -> int:
    """The index of this start and length."""
    return int(np.flatnonzero((a["start"] == list(STARTS).index(start)) & (a["length"] == T))[0])


def _rate(start: str, T: int, arm: int) -> Callable[[Arrays], Estimate]:
    return lambda a: success(a["solved"][at(a, start, T), arm])


def _gain(points: tuple[tuple[str, int], ...], one: int, other: int) -> Callable[[Arrays], Estimate]:
    """Success rate of `one` minus that of `other` over these points, run by run: they share weights and data."""

    def measure(a: Arrays) -> Estimate:
        rows = [at(a, *point) for point in points]
        return paired(a["solved"][rows, one], a["solved"][rows, other])

    return measure


def _median(name: str, start: str, T: int, arm: int) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(a[name][at(a, start, T), arm], np.median)


def _between(name: str, start: str, T: int) -> Callable[[Arrays], Estimate]:
    """SGD-CR minus SGD-C, network by network."""
    return lambda a: bootstrap(a[name][at(a, start, T), CR] - a[name][at(a, start, T), C], np.median)


def _lost(name: str, T: int | None = None, letter: int | None = None) -> Callable[[Arrays], Estimate]:
    """The median over the runs of SGD and SGD-C from the smart tanh start that failed, at T or at every length."""

    def measure(a: Arrays) -> Estimate:
        points = (a["start"] == list(STARTS).index("smart tanh")) & ((a["length"] == T) | (T is None))
        values = a[name] if letter is None else a[name][..., letter]
        return bootstrap(values[points][:, [SGD, C]][~a["solved"][points][:, [SGD, C]]], np.median)

    return measure


def _reach_of_deaf(a: Arrays) -> Estimate:
    """log₁₀ of the gradient left at h_0 over the lost runs of 20 steps that guess the second letter."""
    point = at(a, "smart tanh", 20)
    deaf = ~a["solved"][point] & (a["right"][point, ..., 1] < 0.6)
    return bootstrap(a["reach"][point, [SGD, C]][deaf[[SGD, C]]], np.median)


def _reach_of_solved(a: Arrays) -> Estimate:
    """log₁₀ of the gradient left at h_0 over the runs of 20 steps that learned, with any of the three."""
    point = at(a, "smart tanh", 20)
    return bootstrap(a["reach"][point][a["solved"][point]], np.median)


def _speed(a: Arrays) -> Estimate:
    """log₁₀ of the updates that SGD needs over those of SGD-CR, T = 20; a run that never ends counts as the limit."""
    needed = np.where(a["needed"] < 0, a["limit"], a["needed"])[at(a, "smart tanh", 20)]
    return bootstrap(np.log10(needed[SGD] / needed[CR]), np.mean)


EVERY = ("solved", "needed", "omega", "reach", "radius", "error", "right")
ours_and_sgd = swap_entries(1, SGD, CR, *EVERY)
ours_and_clipped = swap_entries(1, C, CR, *EVERY)
exchange_letters = swap_entries(3, 0, 1, "right")

CLAIMS = [
    Claim(
        "regulariser-beats-clipping",
        "At 20 and 30 steps, from the smart tanh start, the regulariser adds {measured:points} to the success rate of "
        "clipped SGD.",
        _gain(LONGER, CR, C),
        above=0,
        swap=ours_and_clipped,
    ),
    Claim(
        "and-plain-descent",
        "It adds {measured:points} to that of plain SGD.",
        _gain(LONGER, CR, SGD),
        above=0,
        swap=ours_and_sgd,
    ),
    Claim(
        "sigmoids-need-it",
        "Sigmoid units start with next to no gradient. At 10 steps the regulariser adds {measured:points} to their "
        "success.",
        _gain((("sigmoid", 10),), CR, C),
        above=0,
        swap=ours_and_clipped,
    ),
    Claim(
        "sigmoids-alone",
        "Without it they learn nothing: {measured:.0%} of clipped runs succeed.",
        _rate("sigmoid", 10, C),
        below=0.3,
        swap=ours_and_clipped,
    ),
    Claim(
        "sooner",
        "It is also faster: at 20 steps plain SGD needs {10^measured} times the updates, counting a run that never "
        "learned as one that did so with its last update.",
        _speed,
        above=0.3 * float(np.log10(2)),  # 0.3 doublings
        swap=ours_and_sgd,
    ),
    Claim(
        "lost-runs-know-the-first",
        "The runs of 20 steps that fail without it have learned the first letter, the far one: {measured:.0%} of their "
        "answers have it right.",
        _lost("right", 20, 0),
        above=0.9,
        swap=exchange_letters,
    ),
    Claim(
        "but-not-the-second",
        "What they miss is the second: {measured:.0%} have it right, and a guess has half.",
        _lost("right", 20, 1),
        below=0.7,
        swap=exchange_letters,
    ),
    Claim(
        "a-latch-feels-nothing",
        "The state of those that guess the second letter no longer feels a push: of the gradient at the last step "
        "{10^measured} is left at the first.",
        _reach_of_deaf,
        below=-0.5,
        swap=lambda a: {**a, "reach": a["reach"][:, [CR, CR, CR]]},
    ),
    Claim(
        "a-smaller-matrix",
        "The regulariser changes the spectral radius of W by {measured} (20 steps, against clipping alone): it stays "
        "nearer to 1.",
        _between("radius", "smart tanh", 20),
        below=0,
        swap=ours_and_clipped,
    ),
    Claim(
        "omega-is-lower",
        "The regulariser does what it is there for: Ω of the trained networks changes by {measured} (30 steps, "
        "against clipping alone).",
        _between("omega", "smart tanh", 30),
        below=0,
        swap=ours_and_clipped,
    ),
    Claim(
        "unclipped-runs-end-at-chance",
        "At 30 steps the share of runs that end at a guess, with an error above 70 %, is {measured:points} higher "
        "without clipping than with it.",
        lambda a: paired(a["error"][at(a, "smart tanh", 30), SGD] > 0.7, a["error"][at(a, "smart tanh", 30), C] > 0.7),
        above=0,
        swap=swap_entries(1, SGD, C, *EVERY),
    ),
    Claim(
        "clipping-helps",
        "“SGD-C” succeeds more often than “SGD”: over all our lengths and starts by {measured:points}, with the runs "
        "of both taken as independent.",
        lambda a: difference(a["solved"][:, C], a["solved"][:, SGD]),
        above=0,
        swap=swap_entries(1, SGD, C, *EVERY),
        source="pascanu2013",
    ),
    Claim(
        "every-run-succeeds",
        "From the basic tanh start, with clipping and the regulariser, every run succeeds: here {measured:.0%} do.",
        _rate("basic tanh", 20, CR),
        above=0.95,
        source="pascanu2013",
    ),
]

PUBLISHED = [
    Published(
        "success of SGD-CR, basic tanh start",
        "5 of 5",
        "pascanu2013",
        _rate("basic tanh", 20, CR),
        "theirs: one network for all lengths from 50 to 200, drawn anew for each update, at most 5,000,000 updates, "
        "α = 4, tested on 10,000 sequences of drawn lengths; ours: 20 steps, at most 8,000 updates in quick (100,000 "
        "in paper, and lengths up to 200), α = 2 as in the released code, tested on 1,000 (10,000)",
        ".0%",
    )
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["solved"].shape[2]),
    "limit": lambda a: f"{int(a['limit']):,}",
    "test": lambda a: f"{int(a['test']):,}",
    "diverged": lambda a: int((a["diverged_at"] >= 0).sum()),
    "runs": lambda a: int(a["solved"].size),
    "clip_gain": lambda a: paired(a["solved"][:, C], a["solved"][:, SGD]),
    "speed": lambda a: exact(10 ** _speed(a).value),
    "sigmoid_reach_first": lambda a: exact(float(np.median(a["first_reach"][at(a, "sigmoid", 10)]))),
    "smart_reach_first": lambda a: exact(float(np.median(a["first_reach"][at(a, "smart tanh", 20)]))),
    "sgd_guessing_30": lambda a: int((a["error"][at(a, "smart tanh", 30), SGD] > 0.7).sum()),
    "c_guessing_30": lambda a: int((a["error"][at(a, "smart tanh", 30), C] > 0.7).sum()),
    # runs of 20 steps that fail without the regulariser, and those of them that end near one half
    "failed_20": lambda a: int((~a["solved"][at(a, "smart tanh", 20), [SGD, C]]).sum()),
    "stalled_20": lambda a: int((abs(a["error"][at(a, "smart tanh", 20), [SGD, C]] - 0.5) < 0.1).sum()),
    # of the runs of 30 steps that guess at the end with SGD, those that do not with SGD-C, by their error with it
    **{
        name: lambda a, low=low, high=high: sum(
            sgd > 0.7 and low <= c < high for sgd, c in a["error"][at(a, "smart tanh", 30), [SGD, C]].T.tolist()
        )  # type: ignore[misc]
        for name, low, high in (
            ("saved", 0, 0.7),
            ("saved_learned", 0, 1e-9),
            ("saved_nearly", 1e-9, 0.2),
            ("saved_stuck", 0.2, 0.7),
        )
    },
    "omega_first_smart_20": lambda a: float(np.median(a["first_omega"][at(a, "smart tanh", 20)])),
    "deaf_reach": _reach_of_deaf,
    "lost_first": _lost("right", 20, 0),
    "lost_second": _lost("right", 20, 1),
    "lost_radius": _lost("radius", 20),
    "solved_reach": _reach_of_solved,
    "lost_error": _lost("error", 20),
    **{
        f"{name}_{start.split()[0]}_{T}": _rate(start, T, arm)
        for start, T in SMART + OTHERS
        for arm, name in enumerate(("sgd", "c", "cr"))
    },
    **{
        f"{quantity}_{name}_{T}": _median(quantity, "smart tanh", T, arm)
        for quantity in ("omega", "reach", "radius")
        for T in (20, 30)
        for arm, name in enumerate(("sgd", "c", "cr"))
    },
}
