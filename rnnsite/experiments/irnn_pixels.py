"""Digits read pixel by pixel: ReLU units that start at the identity against other starts and an LSTM.

Page: docs/remedies/initialization.md
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.claims import Arrays, Claim, Published, swap_entries, swap_names
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.tasks.digits import CLASSES, FINGERPRINT, Part, T, digits
from rnnsite.training.fleet import train_fleet
from rnnsite.training.gradient_left import gradient_left
from rnnsite.training.losses import cross_entropy
from rnnsite.training.optimisers import Adam
from rnnsite.training.over_time import states
from rnnsite.training.starts import started

TITLE = "Digits, pixel by pixel"
PAGE = "remedies/initialization"
SECONDS = 60  # about, in quick on one core: the longest are started first

ARMS = ("IRNN", "tanh RNN", "LSTM", "ReLU RNN", "tanh, orthogonal")
IRNN, TANH, LSTM, RELU, ORTHOGONAL = range(len(ARMS))


@dataclass(frozen=True)
class Config:
    units: tuple[int, ...] = (32, 32, 16, 32, 32)  # by arm: an LSTM of half the width has about as many weights
    # Adam's, by arm: the best of three or four on the images for development, with other seeds
    rates: tuple[float, ...] = (0.003, 0.003, 0.02, 0.003, 0.003)
    B: int = 32
    seeds: int = 8
    updates: int = 1000
    check_every: int = 100
    clip: float = 1.0
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(units=(100, 100, 50, 100, 100), updates=20_000, check_every=1000)}


def data_fingerprint() -> str:
    """sha256 of the images and labels; loading them asserts it."""
    return FINGERPRINT


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (arm, seed), on the test images at the end: accuracy; blanked, the same with the upper half of every image at
    0; reach, log₁₀ of the gradient left at h_0, NaN for the LSTM. first_reach: before training. first_dimension: of
    the states after the last pixel, before training. dev (arm, seed, check): accuracy on the images for development.
    """
    data = digits()

    def draw(g: torch.Generator, updates: range) -> Sequence[tuple[Tensor, Tensor]]:
        chosen = torch.randint(len(data.train.y), (len(updates), config.B), generator=g)
        return [(data.train.x[:, one], data.train.y[one]) for one in chosen]

    def train(arm: int) -> dict[str, np.ndarray]:
        seeds = [("irnn_pixels", config.seed_set, seed) for seed in range(config.seeds)]
        build = partial(started, ARMS[arm], 1, config.units[arm], CLASSES)
        trained = train_fleet(
            seeds,
            build,
            draw,
            lambda model, x, y: cross_entropy(model.last(x), y),
            updates=config.updates,
            rate=config.rates[arm],
            clip=config.clip,
            optimiser=Adam(),
            evaluate=lambda model, _: accuracy(model, data.dev),
            check_every=config.check_every,
            record_every=config.check_every,
            ahead=32,
            device=context.device,
            watch=context.within,
        )
        first = build([generator(*seed, "weights") for seed in seeds]).to(context.device)
        ended: Any = trained.module
        upper = data.test.x.clone()
        upper[: T // 2] = 0
        found = {
            "accuracy": accuracy(ended, data.test),
            "blanked": accuracy(ended, Part(upper, data.test.y)),
            "reach": reach(ended, data.test),
            "first_reach": reach(first, data.test),
            "first_dimension": dimension(first, data.test),
            "dev": trained.scores.mT,
            "diverged_at": trained.diverged_at,
            "weights": torch.tensor(sum(p[0].numel() for p in ended.parameters() if p.requires_grad)),
        }
        return {name: values.cpu().numpy() for name, values in found.items()}

    return {
        **context.stack(train, range(len(ARMS))),
        "rates": np.array(config.rates),
        "updates": np.array(config.updates),
        "check_every": np.array(config.check_every),
        "batch": np.array(config.B),
        "sizes": np.array([len(part.y) for part in data]),
    }


def inputs(model: Any, part: Part) -> Tensor:
    """The sequences of a part, the same for each model of the fleet, (M, 64, N, 1)."""
    x = part.x.to(model.V)
    return x.expand(len(model.V), *x.shape)


@torch.no_grad()
def accuracy(model: Any, part: Part) -> Tensor:
    """Share of the images that each model puts in the right class, (M,)."""
    answers = model.last(inputs(model, part)).argmax(-1)
    return (answers == part.y.to(answers.device)).double().mean(1)


def reach(model: Any, part: Part) -> Tensor:
    """log₁₀ ‖∂L/∂h_0‖ / ‖∂L/∂h_T‖ of each model, (M,), NaN for an LSTM."""
    if len(model.cell.state_names) > 1:
        return torch.full((len(model.V),), torch.nan)
    y = part.y.to(model.V.device).expand(len(model.V), -1)
    return gradient_left(model, inputs(model, part), y, cross_entropy)["reach"].detach()


@torch.no_grad()
def dimension(model: Any, part: Part) -> Tensor:
    """How many directions the states after the last pixel vary in, (Σλ)²/Σλ² for the eigenvalues λ of their covariance:
    1 when they lie on a line, H when they fill all directions alike; (M,).
    """
    hs, _ = states(model.cell, inputs(model, part))
    last = hs[:, -1].double()
    λ = torch.linalg.svdvals(last - last.mean(1, keepdim=True)).square()
    return λ.sum(1).square() / λ.square().sum(1)


def _mean(name: str, arm: int) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(a[name][arm])


def _ahead(one: int, other: int) -> Callable[[Arrays], Estimate]:
    """Accuracy of `one` minus that of `other`, seed by seed: they saw the same images in the same order."""
    return lambda a: bootstrap(a["accuracy"][one] - a["accuracy"][other])


def learning_rate(arm: int) -> Callable[[Arrays], str]:
    return lambda a: f"{a['rates'][arm]:g}"


EVERY = ("accuracy", "blanked", "reach", "first_reach", "first_dimension", "dev", "diverged_at")


def _exchange(one: int, other: int) -> Callable[[Arrays], Arrays]:
    return swap_entries(0, one, other, *EVERY)


CLAIMS = [
    Claim(
        "tanh-is-ahead",
        "After this short training the tanh RNN is right more often than the IRNN, by {measured:.1points}.",
        _ahead(TANH, IRNN),
        above=0,
        swap=_exchange(TANH, IRNN),
    ),
    Claim(
        "the-lstm-more-so",
        "The LSTM, with about as many weights, is ahead of the IRNN by {measured:.1points}.",
        _ahead(LSTM, IRNN),
        above=0.1,
        swap=_exchange(LSTM, IRNN),
    ),
    Claim(
        "orthogonal-tanh",
        "Same units, another matrix: starting the tanh RNN from an orthogonal W adds {measured:.1points} to its "
        "accuracy.",
        _ahead(ORTHOGONAL, TANH),
        above=0.02,
        swap=_exchange(ORTHOGONAL, TANH),
    ),
    Claim(
        "it-keeps-up-with-the-lstm",
        "With it a plain RNN keeps up with the LSTM: it is ahead by {measured:.1points}.",
        _ahead(ORTHOGONAL, LSTM),
        above=-0.1,
        swap=_exchange(ORTHOGONAL, IRNN),
    ),
    Claim(
        "one-number",
        "At its start the IRNN knows one number of an image: its states vary in {measured} directions, counted by "
        "the eigenvalues of their covariance.",
        _mean("first_dimension", IRNN),
        below=1.01,
        swap=_exchange(IRNN, TANH),
    ),
    Claim(
        "tanh-starts-blind",
        "The tanh RNN starts with no gradient to speak of: {10^measured} of it is left before the first pixel.",
        _mean("first_reach", TANH),
        below=-5,
        swap=_exchange(ORTHOGONAL, TANH),
    ),
    Claim(
        "and-opens-its-eyes",
        "Training opens the way: what is left of the gradient there grows {10^measured}-fold.",
        lambda a: bootstrap(a["reach"][TANH] - a["first_reach"][TANH]),
        above=3,
        swap=swap_names("reach", "first_reach"),
    ),
    Claim(
        "it-uses-the-upper-half",
        "It uses what it read long ago: without the upper half of the image its accuracy falls by {measured:.1points}.",
        lambda a: bootstrap(a["accuracy"][TANH] - a["blanked"][TANH]),
        above=0,
        swap=swap_names("accuracy", "blanked"),
    ),
    Claim(
        "irnn-beats-tanh",
        "Where a standard RNN fails the IRNN works: it is ahead of the tanh RNN by {measured:.1points}.",
        _ahead(IRNN, TANH),
        above=0,
        source="le2015",
    ),
    Claim(
        "irnn-beats-the-lstm",
        "The IRNN is ahead of the LSTM, by {measured:.1points}.",
        _ahead(IRNN, LSTM),
        above=0,
        source="le2015",
    ),
]

PUBLISHED = [
    Published(
        "accuracy of the IRNN, pixel by pixel",
        "97 %",
        "le2015",
        _mean("accuracy", IRNN),
        "theirs: MNIST, 28 × 28 pixels, 784 steps, 60,000 images, 100 units, SGD and far more updates; ours: 8 × 8, "
        "64 steps, 1,197 images, 32 units, Adam, 1,000 updates in the quick profile (100 units and 20,000 in `paper`)",
        ".1%",
    ),
    Published(
        "the same, of the tanh RNN",
        "35 %",
        "cooijmans2017",
        _mean("accuracy", TANH),
        "as above: a run of the IRNN's paper, in the number that the later one gives for it",
        ".1%",
    ),
    Published(
        "the same, of an LSTM",
        "98.9 %",
        "cooijmans2017",
        _mean("accuracy", LSTM),
        "MNIST as above, 100 units, recurrent matrices that start at the identity, RMSProp at 0.001; ours: torch's "
        "usual start with a forget bias of 1",
        ".1%",
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["accuracy"].shape[1]),
    "updates": lambda a: f"{int(a['updates']):,}",
    "updates_paper": lambda a: f"{CONFIGS['paper'].updates:,}",
    "train": lambda a: f"{int(a['sizes'][0]):,}",
    "test": lambda a: int(a["sizes"][2]),
    "passes": lambda a: float(a["updates"] * a["batch"] / a["sizes"][0]),
    "irnn": _mean("accuracy", IRNN),
    "tanh": _mean("accuracy", TANH),
    "lstm": _mean("accuracy", LSTM),
    "relu": _mean("accuracy", RELU),
    "orthogonal": _mean("accuracy", ORTHOGONAL),
    "tanh_blanked": _mean("blanked", TANH),
    "irnn_blanked": _mean("blanked", IRNN),
    "tanh_first_reach": lambda a: float(a["first_reach"][TANH].mean()),
    "tanh_reach": lambda a: float(a["reach"][TANH].mean()),
    "irnn_dimension": _mean("first_dimension", IRNN),
    "tanh_dimension": _mean("first_dimension", TANH),
    "orthogonal_dimension": _mean("first_dimension", ORTHOGONAL),
    "orthogonal_first_reach": lambda a: float(a["first_reach"][ORTHOGONAL].mean()),
    **{f"rate_{name}": learning_rate(arm) for arm, name in enumerate(("irnn", "tanh", "lstm", "relu", "orthogonal"))},
}
