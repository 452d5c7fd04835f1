"""What clipping does to the direction of a gradient and to the mean of many: clipping the norm beside clipping values.

Page: docs/remedies/gradient-clipping.md
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from rnnsite.claims import Arrays, Claim, swap_names
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.training.fleet import train_fleet
from rnnsite.training.irnn import adding_batches, irnn, squared_error
from rnnsite.training.rows import take
from rnnsite.training.stream import stack

TITLE = "What clipping does to a direction"
PAGE = "remedies/gradient-clipping"


@dataclass(frozen=True)
class Config:
    T: int = 20
    H: int = 20
    B: int = 20
    networks: int = 20
    updates: int = 200  # of training, clipped at 1, before anything is measured
    batches: int = 200  # whose gradients are compared, of each network
    kept: tuple[float, ...] = (0.1, 0.2, 0.4, 0.7, 1.0, 2.0, 4.0)  # thresholds, in medians of the gradient norm
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(T=100, H=100, batches=1000)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (network, threshold), angles in degrees.

    own_norm, own_value    mean angle between a gradient and what clipping its norm, or its values, makes of it
    mean_norm, mean_value  angle between the mean of the gradients and the mean of the clipped ones
    spread (network,)      log₁₀ of the largest gradient norm over the median one

    Values are clipped at that threshold which leaves the gradients as long on average as clipping norms does.
    """
    trained = train_fleet(
        [("clipping_bias", config.seed_set, n) for n in range(config.networks)],
        partial(irnn, config.H),
        partial(adding_batches, config.T, config.B),
        squared_error,
        updates=config.updates,
        rate=0.1,
        clip=1.0,
        device=context.device,
    )

    networks: Any = trained.module

    def measure(n: int) -> dict[str, np.ndarray]:
        copies = take(networks, torch.full((config.batches,), n, device=context.device))
        parameters = list(copies.parameters())
        g = generator("clipping_bias", config.seed_set, n, "measure")
        x, y = stack(adding_batches(config.T, config.B, g, range(config.batches)), parameters[0])
        gradients = torch.autograd.grad(squared_error(copies, x, y).sum(), parameters)
        return angles(torch.cat([part.flatten(1) for part in gradients], 1).double().cpu().numpy(), config.kept)

    return {**context.stack(measure, range(config.networks)), "kept": np.array(config.kept)}


def angles(gradients: np.ndarray, kept: tuple[float, ...]) -> dict[str, np.ndarray]:
    """The measures of `run` for the gradients (batches, parameters) of one network."""
    lengths = np.linalg.norm(gradients, axis=1)
    median = float(np.median(lengths))
    found: dict[str, list[float]] = {"own_norm": [], "own_value": [], "mean_norm": [], "mean_value": []}
    for share in kept:
        by_norm = gradients * np.minimum(1, share * median / lengths)[:, None]
        by_value = clip_to_length(gradients, float(np.linalg.norm(by_norm, axis=1).mean()))
        for name, clipped in (("norm", by_norm), ("value", by_value)):
            found[f"own_{name}"].append(float(angle(gradients, clipped).mean()))
            found[f"mean_{name}"].append(float(angle(gradients.mean(0), clipped.mean(0))))
    return {
        **{name: np.array(values) for name, values in found.items()},
        "spread": np.array(np.log10(lengths.max() / median)),
    }


def clip_to_length(gradients: np.ndarray, length: float) -> np.ndarray:
    """Every value clipped at the one threshold that makes the mean norm `length`, found by bisection."""
    low, high = 0.0, float(np.abs(gradients).max())
    for _ in range(60):
        middle = (low + high) / 2
        if np.linalg.norm(gradients.clip(-middle, middle), axis=1).mean() < length:
            low = middle
        else:
            high = middle
    return gradients.clip(-high, high)


def angle(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Degrees between vectors along the last axis."""
    product = (one * other).sum(-1) / (np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1))
    return np.degrees(np.arccos(np.clip(product, -1, 1)))


def _at(name: str, share: float) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(a[name][:, int(np.flatnonzero(a["kept"] == share)[0])])


exchange_own = swap_names("own_norm", "own_value")
exchange_mean = swap_names("mean_norm", "mean_value")

CLAIMS = [
    Claim(
        "values-bend",
        "Clipping values turns a gradient: at a fifth of its usual length by {measured} degrees.",
        _at("own_value", 0.2),
        above=15,
        swap=exchange_own,
    ),
    Claim(
        "norms-do-not",
        "Clipping its norm does not turn it: by {measured} degrees, which is rounding.",
        _at("own_norm", 0.2),
        below=0.01,
        swap=exchange_own,
    ),
    Claim(
        "but-the-mean-turns",
        "The *mean* turns all the same, since long gradients lose more than short ones: at a fifth by {measured} "
        "degrees.",
        _at("mean_norm", 0.2),
        above=3,
        swap=lambda a: {**a, "mean_norm": a["own_norm"]},
    ),
    Claim(
        "less-at-a-higher-threshold",
        "At twice the median norm the mean turns {measured} degrees less than at a fifth of it.",
        lambda a: bootstrap(a["mean_norm"][:, 1] - a["mean_norm"][:, 5]),
        above=0.5,
        swap=lambda a: {**a, "mean_norm": a["mean_norm"][:, ::-1]},
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "networks": lambda a: int(a["spread"].shape[0]),
    "value_angle": _at("own_value", 0.2),
    "mean_angle": _at("mean_norm", 0.2),
    "mean_angle_value": _at("mean_value", 0.2),
    "mean_angle_high": _at("mean_norm", 2.0),
    "spread": lambda a: float(10 ** np.median(a["spread"])),
}
