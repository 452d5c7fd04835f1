"""What happens to a product of T *random* factors: scalars with unit variance, and square Gaussian matrices.

Page: docs/gradients/repeated-multiplication.md

The log of the product is a random walk. Its drift per step is E log|w| for scalars; for an n × n matrix with
independent N(0, g²/n) entries, acting on a vector, the norm is multiplied by g·√(χ²_n / n) in each step
(Newman 1986), so the drift is (ψ(n/2) + log 2 − log n)/2 + log g and the variance of a step is ψ′(n/2)/4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from rnnsite.claims import Arrays, Claim, swap_entries
from rnnsite.context import Context
from rnnsite.seeding import numpy_generator
from rnnsite.statistics import Estimate, bootstrap, exact

TITLE = "Products of random factors"
PAGE = "gradients/repeated-multiplication"


@dataclass(frozen=True)
class Config:
    runs: int = 400
    steps: int = 100
    sizes: tuple[int, ...] = (1, 4, 16, 64)
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(runs=4000, steps=400, sizes=(1, 4, 16, 64, 256))}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """log_norm (sizes, runs, steps + 1): log ‖W_t ⋯ W_1 v‖ for a unit vector v and fresh Gaussian W, g = 1."""

    def walk(size: int) -> dict[str, np.ndarray]:
        random = numpy_generator("random_products", config.seed_set, size)
        log_norm = np.zeros((config.runs, config.steps + 1))
        v = np.zeros((config.runs, size, 1))
        v[:, 0] = 1.0
        for t in range(config.steps):
            W = random.standard_normal((config.runs, size, size)) / np.sqrt(size)
            v = W @ v
            norm = np.linalg.norm(v, axis=1, keepdims=True)
            log_norm[:, t + 1] = log_norm[:, t] + np.log(norm[:, 0, 0])
            v /= norm
            context.within((t + 1) / config.steps)
        return {"log_norm": log_norm}

    arrays = context.stack(walk, config.sizes)
    half = torch.tensor(config.sizes, dtype=torch.float64) / 2
    n = 2 * half
    return {
        **arrays,
        "size": np.array(config.sizes),
        "drift": ((torch.digamma(half) + np.log(2) - torch.log(n)) / 2).numpy(),
        "spread": (torch.polygamma(1, half) / 4).numpy(),
    }


def _walk(arrays: Arrays, size: int) -> np.ndarray:
    """log-norms (runs, steps + 1) of one size."""
    return arrays["log_norm"][np.flatnonzero(arrays["size"] == size)[0]]


def _per_step(arrays: Arrays, size: int) -> Estimate:
    walk = _walk(arrays, size)
    return bootstrap(walk[:, -1] / (walk.shape[1] - 1))


def _excess(arrays: Arrays) -> Estimate:
    """Measured drift minus Newman's, in the size where the two are furthest apart, in units of its standard error."""
    walks = arrays["log_norm"][:, :, -1] / (arrays["log_norm"].shape[2] - 1)
    error = walks.std(1, ddof=1) / np.sqrt(walks.shape[1])
    return exact(float(np.abs((walks.mean(1) - arrays["drift"]) / error).max()))


def _growth_of_spread(arrays: Arrays) -> Estimate:
    """Variance of the log-norm at the end over that at half time: 2 for a random walk, 4 for a common growth rate."""
    walk = arrays["log_norm"]
    half = (walk.shape[2] - 1) // 2
    centred_end = walk[:, :, -1] - walk[:, :, -1].mean(1, keepdims=True)
    centred_half = walk[:, :, half] - walk[:, :, half].mean(1, keepdims=True)
    scale = centred_half.std(1, keepdims=True)
    ends, halves = ((centred_end / scale) ** 2).ravel(), ((centred_half / scale) ** 2).ravel()
    draws = np.random.default_rng(0).integers(ends.size, size=(1000, ends.size))
    ratios = ends[draws].mean(1) / halves[draws].mean(1)
    low, high = np.quantile(ratios, [0.025, 0.975])
    return Estimate(float(ends.mean() / halves.mean()), float(low), float(high), f"bootstrap 95 %, {ends.size} runs")


CLAIMS = [
    Claim(
        "unit-variance-still-vanishes",
        "Scalars drawn with mean 0 and variance 1 multiply to almost nothing: "
        "the log of the typical product changes by {measured} at each step.",
        lambda a: _per_step(a, 1),
        below=-0.5,
        swap=swap_entries(0, 0, -1, "log_norm"),
    ),
    Claim(
        "width-slows-the-decay",
        "At each step 64 × 64 random matrices lose {measured} less of the log-norm than scalars do.",
        lambda a: bootstrap((_walk(a, 64)[:, -1] - _walk(a, 1)[:, -1]) / (a["log_norm"].shape[2] - 1)),
        above=0.5,
        swap=swap_entries(0, 0, -1, "log_norm"),
    ),
    Claim(
        "drift-as-newman",
        "The measured drift is Newman's in every size; the worst deviation is {measured} standard errors.",
        _excess,
        below=4.0,
        swap=swap_entries(0, 0, -1, "log_norm"),
    ),
    Claim(
        "spread-is-a-random-walk",
        "From half time to the end the variance of the log-norm doubles: it grows {measured}-fold.",
        _growth_of_spread,
        above=1.7,
        below=2.35,
        swap=lambda a: {**a, "log_norm": np.linspace(0, 1, a["log_norm"].shape[2]) * a["log_norm"][:, :, -1:]},
    ),
    Claim(
        "mean-hides-the-typical",
        "The mean over all runs of the squared product is dominated by a few of them: of all scalar products "
        "the largest holds {measured:.0%} of the sum.",
        lambda a: exact(float(np.exp(2 * (_walk(a, 1)[:, -1].max() - _log_sum(2 * _walk(a, 1)[:, -1]) / 2)))),
        above=0.3,
        swap=swap_entries(0, 0, -1, "log_norm"),
    ),
]


def _log_sum(values: np.ndarray) -> float:
    return float(values.max() + np.log(np.exp(values - values.max()).sum()))


NUMBERS = {
    "scalar_drift": lambda a: _per_step(a, 1),
    "scalar_factor": lambda a: float(np.exp(a["drift"][0])),
    "scalar_median_end": lambda a: float(np.exp(np.median(_walk(a, 1)[:, -1]))),
    "wide_median_end": lambda a: float(np.exp(np.median(_walk(a, 64)[:, -1]))),
    "wide_drift": lambda a: _per_step(a, 64),
    "wide_low": lambda a: float(np.exp(np.quantile(_walk(a, 64)[:, -1], 0.05))),
    "wide_high": lambda a: float(np.exp(np.quantile(_walk(a, 64)[:, -1], 0.95))),
    "runs": lambda a: int(a["log_norm"].shape[1]),
    "steps": lambda a: int(a["log_norm"].shape[2] - 1),
    "critical_gain_1": lambda a: float(np.exp(-a["drift"][np.flatnonzero(a["size"] == 1)[0]])),
    "critical_gain_64": lambda a: float(np.exp(-a["drift"][np.flatnonzero(a["size"] == 64)[0]])),
}
