"""Temporal order by SGD, SGD-C (clipped) and SGD-CR (clipped, with Pascanu's regulariser): success by length and start.

Page: docs/remedies/information-flow-regularizer.md
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.elman import Elman
from rnnsite.claims import Arrays, Claim, Published, swap_entries
from rnnsite.context import Context
from rnnsite.rates import difference, paired, success
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, exact
from rnnsite.tasks.temporal_order import SYMBOLS, temporal_order
from rnnsite.training.fleet import train_fleet
from rnnsite.training.gradient_left import gradient_left
from rnnsite.training.losses import cross_entropy
from rnnsite.training.pascanu_starts import STARTS
from rnnsite.training.recurrent import Recurrent

TITLE = "Temporal order, with and without the regulariser"
PAGE = "remedies/information-flow-regularizer"
SECONDS = 400  # about, in quick on one core: the longest are started first

ARMS = ("SGD", "SGD-C", "SGD-CR")
SGD, C, CR = range(3)
SMART = (("smart tanh", 10), ("smart tanh", 20), ("smart tanh", 30))
OTHERS = (("basic tanh", 20), ("sigmoid", 10))
LONGER = SMART[1:]


@dataclass(frozen=True)
class Config:
    points: tuple[tuple[str, int], ...] = SMART + OTHERS  # a start and a length each
    seeds: int = 20
    H: int = 50
    B: int = 20
    rate: float = 0.01
    clip: float = 1.0  # of SGD-C and SGD-CR
    alpha: float = 2.0  # weight of Ω in SGD-CR
    updates: int = 8000
    check_every: int = 250
    test: int = 1000  # fresh sequences in a check; solved: no error on them
    seed_set: int = 0


LONG = tuple((start, T) for start in STARTS for T in (50, 100, 150, 200, 250))
CONFIGS = {
    "quick": Config(),
    "paper": Config(points=SMART + OTHERS + LONG, updates=200_000, check_every=1000, test=10_000),
}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (point, arm, seed): solved; updates needed, −1 for never; diverged_at; error on the last check.

    right (point, arm, seed, 2): how often the first and the second letter were right at the end.
    For the networks as they ended, and (point, seed) with first_ for those as they started: omega, reach and radius
    (see rnnsite.training.gradient_left).
    """
    items = [(start, T, arm) for start, T in config.points for arm in ARMS]
    steps = context.map(lambda item: _train(*item, config, context), items)
    shape = (len(config.points), len(ARMS), config.seeds)
    stacked = {name: np.stack([step[name] for step in steps]) for name in steps[0]}
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


def _train(start: str, T: int, arm: str, config: Config, context: Context) -> dict[str, np.ndarray]:
    """The networks of one point and arm; the three arms start from the same weights and see the same data."""
    seeds = [("temporal_order", config.seed_set, start, T, seed) for seed in range(config.seeds)]

    def draw(g: torch.Generator, updates: range) -> Sequence[tuple[Tensor, Tensor]]:
        x, y = temporal_order(T, config.B * len(updates), g)
        return list(zip(x.split(config.B, 1), y.split(config.B), strict=True))

    def fresh(generators: list[torch.Generator]) -> tuple[Tensor, Tensor]:
        sets = [temporal_order(T, config.test, g) for g in generators]
        x, y = (torch.stack(parts).to(context.device) for parts in zip(*sets, strict=True))
        return x, y

    def error(model: Recurrent, generators: list[torch.Generator]) -> Tensor:
        x, y = fresh(generators)
        return (model.last(x).argmax(-1) != y).double().mean(1)

    trained = train_fleet(
        seeds,
        partial(_network, start, config.H),
        draw,
        lambda model, x, y: cross_entropy(model.last(x), y),
        updates=config.updates,
        rate=config.rate,
        clip=None if arm == "SGD" else config.clip,
        regulariser=config.alpha if arm == "SGD-CR" else None,
        evaluate=error,
        enough=0.0,
        check_every=config.check_every,
        record_every=config.check_every,
        ahead=32,
        device=context.device,
        watch=context.within,
    )
    test = [generator(*seed, "measure") for seed in seeds]
    x, y = fresh(test)
    first = _network(start, config.H, [generator(*seed, "weights") for seed in seeds]).to(context.device)
    ended: Any = trained.module
    scores = trained.scores.numpy()
    last = np.isfinite(scores).cumsum(0).argmax(0)  # the last check before a network's end
    return {
        "solved": (trained.solved_at > 0).numpy(),
        "needed": trained.solved_at.numpy(),
        "diverged_at": trained.diverged_at.numpy(),
        "error": scores[last, np.arange(config.seeds)],
        "right": letters_right(ended.last(x).argmax(-1), y).cpu().numpy(),
        **_measure(ended, x, y),
        **{f"first_{name}": values for name, values in _measure(first, x, y).items()},
    }


def _measure(model: Recurrent, x: Tensor, y: Tensor) -> dict[str, np.ndarray]:
    return {name: values.cpu().numpy() for name, values in gradient_left(model, x, y, cross_entropy).items()}


def _network(start: str, H: int, generators: list[torch.Generator]) -> Recurrent:
    s = STARTS[start]
    cell = Elman(
        len(SYMBOLS),
        H,
        len(generators),
        activation=s.activation,
        generator=generators,
        inputs=s.outer,
        recurrent=s.recurrent,
    )
    return Recurrent(cell, 4, generator=generators, outputs=s.outer)


def letters_right(answers: Tensor, classes: Tensor) -> Tensor:
    """How often the first and the second letter are right: classes 2·first + second, (M, B) each → (M, 2).

    >>> letters_right(torch.tensor([[0, 1, 2, 3]]), torch.tensor([[0, 0, 0, 3]])).tolist()
    [[0.75, 0.75]]
    """
    first, second = answers // 2 == classes // 2, answers % 2 == classes % 2
    return torch.stack([first, second], -1).double().mean(1)


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
    """log₂ of the updates that SGD needs over those of SGD-CR, T = 20; a run that never ends counts as the limit."""
    needed = np.where(a["needed"] < 0, a["limit"], a["needed"])[at(a, "smart tanh", 20)]
    return bootstrap(np.log2(needed[SGD] / needed[CR]), np.mean)


EVERY = ("solved", "needed", "omega", "reach", "radius", "error", "right")
ours_and_sgd = swap_entries(1, SGD, CR, *EVERY)
ours_and_clipped = swap_entries(1, C, CR, *EVERY)
exchange_letters = swap_entries(3, 0, 1, "right")

CLAIMS = [
    Claim(
        "regulariser-beats-clipping",
        "At 20 and 30 steps, from the smart tanh start, the regulariser adds {measured} to the success rate of clipped "
        "SGD.",
        _gain(LONGER, CR, C),
        above=0,
        swap=ours_and_clipped,
    ),
    Claim(
        "and-plain-descent",
        "It adds {measured} to that of plain SGD.",
        _gain(LONGER, CR, SGD),
        above=0,
        swap=ours_and_sgd,
    ),
    Claim(
        "sigmoids-need-it",
        "Sigmoid units start with next to no gradient. At 10 steps the regulariser adds {measured} to their success.",
        _gain((("sigmoid", 10),), CR, C),
        above=0,
        swap=ours_and_clipped,
    ),
    Claim(
        "sigmoids-alone",
        "Without it they learn nothing: {measured} of clipped runs succeed.",
        _rate("sigmoid", 10, C),
        below=0.3,
        swap=ours_and_clipped,
    ),
    Claim(
        "sooner",
        "It is also faster: at 20 steps plain SGD doubles the number of updates {measured} times over, counting a run "
        "that never learned as one that did so with its last update.",
        _speed,
        above=0.3,
        swap=ours_and_sgd,
    ),
    Claim(
        "lost-runs-know-the-first",
        "The runs of 20 steps that fail without it have learned the first letter, the far one: {measured} of their "
        "answers have it right.",
        _lost("right", 20, 0),
        above=0.9,
        swap=exchange_letters,
    ),
    Claim(
        "but-not-the-second",
        "What they miss is the second: {measured} have it right, and a guess has half.",
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
        "At 30 steps {measured} more of the unclipped runs than of the clipped ones end with an error above 0.7: they "
        "guess.",
        lambda a: paired(a["error"][at(a, "smart tanh", 30), SGD] > 0.7, a["error"][at(a, "smart tanh", 30), C] > 0.7),
        above=0,
        swap=swap_entries(1, SGD, C, *EVERY),
    ),
    Claim(
        "clipping-helps",
        "“SGD-C” succeeds more often than “SGD”: over all our lengths and starts by {measured}.",
        lambda a: difference(a["solved"][:, C], a["solved"][:, SGD]),
        above=0,
        swap=swap_entries(1, SGD, C, *EVERY),
        source="pascanu2013",
    ),
    Claim(
        "always-to-200",
        "With clipping and the regulariser every run succeeds, at any length and from any start: here {measured} do.",
        lambda a: success(a["solved"][:, CR]),
        above=0.95,
        source="pascanu2013",
    ),
]

PUBLISHED = [
    Published(
        f"success of {arm}, {start}, {T} steps",
        published,
        "pascanu2013",
        _rate(start, T, ARMS.index(arm)),
        differs,
    )
    for start, T, arm, published, differs in (
        (
            "smart tanh",
            20,
            "SGD-CR",
            "100 % up to 200 steps",
            "ours: at most 8,000 updates in the quick profile (200,000 in `paper`), theirs 5,000,000; solved means no "
            "error on 1,000 fresh sequences (10,000 in `paper`), theirs 10,000",
        ),
        ("smart tanh", 30, "SGD-CR", "100 % up to 200 steps", "the same"),
        ("sigmoid", 10, "SGD-CR", "100 % up to 200 steps", "the same"),
    )
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["solved"].shape[2]),
    "limit": lambda a: f"{int(a['limit']):,}",
    "test": lambda a: f"{int(a['test']):,}",
    "diverged": lambda a: int((a["diverged_at"] >= 0).sum()),
    "runs": lambda a: int(a["solved"].size),
    "clip_gain": lambda a: difference(a["solved"][:, C], a["solved"][:, SGD]),
    "speed": lambda a: exact(2 ** _speed(a).value),
    "sigmoid_reach_first": lambda a: exact(float(np.median(a["first_reach"][at(a, "sigmoid", 10)]))),
    "smart_reach_first": lambda a: exact(float(np.median(a["first_reach"][at(a, "smart tanh", 20)]))),
    "sgd_guessing_30": lambda a: int((a["error"][at(a, "smart tanh", 30), SGD] > 0.7).sum()),
    "c_guessing_30": lambda a: int((a["error"][at(a, "smart tanh", 30), C] > 0.7).sum()),
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
