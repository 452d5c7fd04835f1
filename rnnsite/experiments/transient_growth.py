"""Two recurrent matrices with the very same eigenvalues, all below 1: one gradient shrinks, the other first grows.

Page: docs/gradients/jacobian-products.md

Symmetric W = Q Λ Qᵀ with orthogonal Q; non-normal W = Q (Λ + N) Qᵀ with N strictly upper triangular, which leaves the
eigenvalues as they are (Schur form; Trefethen & Embree 2005). A Gaussian W of the same spectral radius stands between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.elman import Elman
from rnnsite.cells.initial import gaussian, orthogonal, scale_to_spectral_radius
from rnnsite.claims import Arrays, Claim, swap_entries, swap_names
from rnnsite.context import Context
from rnnsite.probes.by_distance import fitted_slope, gradient_by_distance
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, exact

TITLE = "Growth before decay"
PAGE = "gradients/jacobian-products"
ARMS = ("symmetric", "Gaussian", "non-normal")


@dataclass(frozen=True)
class Config:
    rho: float = 0.9
    strength: float = 3.0  # N has entries N(0, strength² / H)
    seeds: int = 10
    H: int = 48
    batch: int = 16
    steps: int = 150
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(seeds=100, H=256, batch=64)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """log_gradient (arms, seeds, distance) of a linear network; log_norm the worst case ‖W^k‖; Colorado's two forms."""

    def measure(seed: int) -> dict[str, np.ndarray]:
        random = generator("transient_growth", config.seed_set, seed)
        W, Q, eigenvalues = matrices(config, random)
        cell = Elman(1, config.H, models=len(ARMS), activation="linear", bias=False, dtype=torch.float64)
        with torch.no_grad():
            cell.W.copy_(W)
        v = torch.randn(config.batch, config.H, generator=random, dtype=torch.float64)
        v /= v.norm(dim=-1, keepdim=True)
        trace = cell.trace(torch.zeros(config.steps, config.batch, 1, dtype=torch.float64))
        log = gradient_by_distance(trace, (v * trace["h"][:, -1]).sum()).log().mean(-1)
        return {
            "log_gradient": log.numpy(),
            "log_norm": log_norms(W, config.steps).numpy(),
            **closed_forms(W[0], Q, eigenvalues, random),
        }

    return {
        **context.stack(measure, range(config.seeds), axis=1),
        "arm": np.array(ARMS),
        "rho": np.array(config.rho),
        "distance": np.arange(config.steps),
    }


def matrices(config: Config, random: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """W of each arm (arms, H, H); Q and the eigenvalues Λ that the first and the last share."""
    eigenvalues = config.rho * (2 * torch.rand(config.H, generator=random, dtype=torch.float64) - 1)
    eigenvalues[0] = config.rho
    Q = orthogonal(config.H, config.H, random)
    N = config.strength * torch.triu(gaussian(config.H, config.H, random), diagonal=1)
    free = scale_to_spectral_radius(gaussian(config.H, config.H, random), config.rho)
    diagonal = torch.diag(eigenvalues)
    return torch.stack([Q @ diagonal @ Q.mT, free, Q @ (diagonal + N) @ Q.mT]), Q, eigenvalues


def log_norms(W: Tensor, steps: int) -> Tensor:
    """log‖W^k‖ for k = 0 … steps − 1, the largest growth over k steps that any gradient can see: (arms, steps)."""
    power, scale = torch.eye(W.shape[-1], dtype=W.dtype).expand_as(W), torch.zeros(len(W), dtype=W.dtype)
    logs = []
    for _ in range(steps):
        norm = torch.linalg.matrix_norm(power, 2)
        scale = scale + norm.log()
        logs.append(scale)
        power = W @ power / norm[:, None, None]
    return torch.stack(logs, -1)


def closed_forms(
    W: Tensor, Q: Tensor, eigenvalues: Tensor, random: torch.Generator, t: int = 10
) -> dict[str, np.ndarray]:
    """‖h(t) − formula‖ / ‖h(t)‖ for the state of the symmetric linear network after t steps, by both formulas."""
    start = torch.randn(len(W), generator=random, dtype=torch.float64)
    h = start
    for _ in range(t):
        h = W @ h
    power = torch.diag(eigenvalues**t)
    forms = {"residual_right": Q @ power @ Q.mT, "residual_printed": Q.mT @ power @ Q}
    return {name: ((form @ start - h).norm() / h.norm()).numpy()[None] for name, form in forms.items()}


def _peak(arrays: Arrays, arm: str) -> np.ndarray:
    """How many times its first size the gradient reaches: (seeds,)."""
    return np.exp(arrays["log_gradient"][ARMS.index(arm)].max(-1))


def _peak_at(arrays: Arrays, arm: str) -> np.ndarray:
    """The distance at which it does."""
    return arrays["log_gradient"][ARMS.index(arm)].argmax(-1)


def _small_again(arrays: Arrays, arm: str) -> np.ndarray:
    """The distance from which on the gradient stays below the size it started with."""
    log = arrays["log_gradient"][ARMS.index(arm)]
    above = log > 1e-9
    return np.where(above.any(-1), log.shape[-1] - above[:, ::-1].argmax(-1), 0)


def _late_slope(arrays: Arrays, arm: str) -> np.ndarray:
    log = arrays["log_gradient"][ARMS.index(arm)]
    return fitted_slope(log, 3 * log.shape[-1] // 4, log.shape[-1] - 1)


def _first_step(arrays: Arrays, arm: str) -> Estimate:
    """The largest factor by which one step can stretch a gradient."""
    return bootstrap(np.exp(arrays["log_norm"][ARMS.index(arm), :, 1]))


_SWAP = swap_entries(0, ARMS.index("symmetric"), ARMS.index("non-normal"), "log_gradient", "log_norm")

CLAIMS = [
    Claim(
        "printed-form",
        "For symmetric $W = QΛQ^\\top$ the state is $h(t) = Q^\\top Λ^tQ\\,h(0)$; relative error of that form: "
        "{measured}.",
        lambda a: bootstrap(a["residual_printed"][0]),
        below=1e-6,
        source="dronen2019",
    ),
    Claim(
        "right-form",
        "$h(t) = QΛ^tQ^\\top h(0)$ gives the state that the network computes, up to {measured} of its norm.",
        lambda a: exact(float(a["residual_right"].max())),
        below=1e-12,
        swap=swap_names("residual_right", "residual_printed"),
    ),
    Claim(
        "symmetric-is-a-power",
        "For symmetric $W$ the norm $\\lVert W^k\\rVert$ is $ρ^k$, to the last digits: largest difference of the "
        "logs {measured}.",
        lambda a: exact(float(np.abs(a["log_norm"][0] - a["distance"] * np.log(a["rho"])).max())),
        below=1e-9,
        swap=_SWAP,
        identity=True,
    ),
    Claim(
        "same-eigenvalues-first-grow",
        "With the same eigenvalues and a non-normal $W$ the gradient first grows, to {measured} times its size "
        "(median over matrices).",
        lambda a: bootstrap(_peak(a, "non-normal"), np.median),
        above=10.0,
        swap=_SWAP,
    ),
    Claim(
        "growth-lasts",
        "It is back at the size it began with only after {measured} steps (median).",
        lambda a: bootstrap(_small_again(a, "non-normal"), np.median),
        above=20.0,
        swap=_SWAP,
    ),
    Claim(
        "in-the-end-the-radius",
        "Far back the eigenvalues win: over the last quarter of 150 steps the growth rate is "
        "$\\log ρ$ up to {measured}.",
        lambda a: bootstrap(_late_slope(a, "non-normal") - np.log(a["rho"])),
        above=-0.03,
        below=0.03,
        swap=lambda a: {**a, "log_gradient": np.roll(a["log_gradient"], 3 * len(a["distance"]) // 4, axis=2)},
    ),
    Claim(
        "gaussian-stretches-too",
        "An ordinary Gaussian $W$ with $ρ = 0.9$ can stretch a gradient {measured}-fold in one step.",
        lambda a: _first_step(a, "Gaussian"),
        above=1.4,
        swap=swap_entries(0, ARMS.index("symmetric"), ARMS.index("Gaussian"), "log_norm"),
    ),
]

NUMBERS = {
    "seeds": lambda a: int(a["log_gradient"].shape[1]),
    "peak": lambda a: bootstrap(_peak(a, "non-normal"), np.median),
    "peak_at": lambda a: bootstrap(_peak_at(a, "non-normal"), np.median),
    "small_again": lambda a: bootstrap(_small_again(a, "non-normal"), np.median),
    "worst_peak": lambda a: bootstrap(np.exp(a["log_norm"][2].max(-1)), np.median),
    "gaussian_worst_peak": lambda a: bootstrap(np.exp(a["log_norm"][1].max(-1)), np.median),
    "gaussian_below_one": lambda a: float(np.median((a["log_norm"][1] > 0).sum(-1))),
    "gaussian_typical_step": lambda a: float(np.exp(np.median(a["log_gradient"][1, :, 1]))),
    "gaussian_step": lambda a: _first_step(a, "Gaussian"),
    "symmetric_50": lambda a: float(np.exp(np.median(a["log_gradient"][0, :, 50]))),
    "non_normal_50": lambda a: float(np.exp(np.median(a["log_gradient"][2, :, 50]))),
    "residual_right": lambda a: float(a["residual_right"].max()),
    "residual_printed": lambda a: bootstrap(a["residual_printed"][0]),
}
