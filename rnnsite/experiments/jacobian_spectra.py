"""Singular values and eigenvalues of the Jacobians diag(φ′(a_t)) W along a run, and of their products.

Page: docs/gradients/jacobian-products.md

Two bounds on a step: its norm is at most γ‖W‖ with γ = max φ′ (1 for tanh and ReLU, 1/4 for the sigmoid), where ‖W‖
is the largest singular value. The spectral radius ρ(W) bounds nothing: `trap` is a network with ρ(W) < 1 whose
gradient explodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.elman import Elman
from rnnsite.cells.initial import Initial, gaussian, orthogonal
from rnnsite.claims import Arrays, Claim, reverse_axis, swap_entries, swap_names
from rnnsite.context import Context
from rnnsite.probes.by_distance import fitted_slope, gradient_by_distance
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, exact, worst

TITLE = "The spectra of real Jacobians"
PAGE = "gradients/jacobian-products"
ARMS = ("tanh", "sigmoid", "tanh, orthogonal W")
GAMMA = {"tanh": 1.0, "sigmoid": 0.25}  # the largest φ′
TRAP = ((1.5, 2.0), (-1.0, -1.2))  # eigenvalues of modulus √0.2 = 0.447


@dataclass(frozen=True)
class Config:
    rho: float = 1.5
    seeds: int = 10
    H: int = 48
    warm_up: int = 20
    longest: int = 32  # steps in the longest product
    spectra_of: int = 4  # eigenvalues of so many of a run's Jacobians
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(seeds=40, H=256, spectra_of=16)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """Arrays (arms, seeds, …): see `_measure`; and the gradients of the 2 × 2 trap, (ReLU and linear, distance)."""

    def measure(arm: str) -> dict[str, np.ndarray]:
        rows = [_measure(config, arm, seed, context.device) for seed in range(config.seeds)]
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    return {
        **context.stack(measure, ARMS),
        "arm": np.array(ARMS),
        "gamma": np.array([GAMMA[arm.split(",")[0]] for arm in ARMS]),
        "k": np.arange(1, config.longest + 1),
        "trap_log_gradient": np.stack([trap(activation) for activation in ("relu", "linear")]),
        "trap_radius": np.abs(np.linalg.eigvals(np.array(TRAP))).max(),
    }


def _measure(config: Config, arm: str, seed: int, device: torch.device) -> dict[str, np.ndarray]:
    """One network at ρ = config.rho, and once more scaled to γ‖W‖ = 0.95."""
    activation, draw = arm.split(",")[0], orthogonal if "orthogonal" in arm else gaussian
    cell = _cell(config, activation, draw, seed, device)
    slope, W = slopes(cell, config, seed), cell.W.detach()
    J = slope[:, :, None] * W  # ∂h_t/∂h_{t−1} = diag(φ′(a_t)) W
    some = J[:: max(1, config.longest // config.spectra_of)][: config.spectra_of]
    eigenvalues = torch.linalg.eigvals(torch.cat([W[None], some])).cpu().numpy()
    singular, log_norm = products(J)
    below = _cell(config, activation, draw, seed, device)
    with torch.no_grad():
        below.W.mul_(0.95 / (GAMMA[activation] * torch.linalg.matrix_norm(below.W, 2)))
    step_norms = torch.linalg.matrix_norm(J, 2)
    return {
        "eigenvalues": np.stack([eigenvalues.real, eigenvalues.imag]),  # (2, W and some J, H)
        "norm_W": torch.linalg.matrix_norm(W, 2).cpu().numpy(),
        "log_step_norm": step_norms.log().mean().cpu().numpy(),
        "largest_step_norm": step_norms.max().cpu().numpy(),
        "log_step_radius": np.log(np.abs(eigenvalues[1:]).max(-1)).mean(),
        "singular": singular,  # (k, H), each relative to the largest
        "log_norm": log_norm,  # (k,)
        "growth": fitted_slope(log_norm[None], config.longest // 4, config.longest - 1)[0],
        "growth_below": products(slopes(below, config, seed)[:, :, None] * below.W.detach())[1][-1] / config.longest,
        "factored_error": factored_error(slope, W),
    }


def _cell(config: Config, activation: str, draw: Initial, seed: int, device: torch.device) -> Elman:
    return Elman(
        4,
        config.H,
        activation=activation,
        generator=generator("jacobian_spectra", config.seed_set, seed),
        recurrent=draw,
        inputs=gaussian,
        spectral_radius=config.rho,
        dtype=torch.float64,
        device=device,
    )


def slopes(cell: Elman, config: Config, seed: int) -> Tensor:
    """φ′(a_t) at each step after the warm-up, inputs of variance 1: (T, H)."""
    random = generator("jacobian_spectra", config.seed_set, seed, "inputs")
    x = torch.randn(config.warm_up + config.longest, 1, cell.I, generator=random, dtype=torch.float64)
    h = cell(x.to(cell.W.device))[0].detach()[config.warm_up :, 0]
    return h * (1 - h) if cell.activation == "sigmoid" else 1 - h**2


def factored_error(slope: Tensor, W: Tensor, k: int = 8) -> np.ndarray:
    """‖W^k ∏ diag(φ′) − ∏ diag(φ′) W‖ / ‖∏ diag(φ′) W‖ over k steps: what pulling W out of the product costs."""
    product = torch.eye(len(W), dtype=W.dtype, device=W.device)
    for step in slope[:k].flip(0):
        product = product @ (step[:, None] * W)
    factored = torch.linalg.matrix_power(W, k) * slope[:k].prod(0)
    error: np.ndarray = ((factored - product).norm() / product.norm()).cpu().numpy()
    return error


def products(J: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """J_T ⋯ J_{T−k+1} for k = 1, 2, …: singular values relative to the largest (k, H), log of the largest (k,)."""
    product, scale = torch.eye(J.shape[-1], dtype=J.dtype, device=J.device), 0.0
    singular, log_norm = [], []
    for step in J.flip(0):
        product = product @ step
        values = torch.linalg.svdvals(product)
        singular.append((values / values[0]).cpu().numpy())
        scale += float(values[0].log())
        log_norm.append(scale)
        product = product / values[0]  # kept at norm 1, so that nothing underflows
    return np.array(singular), np.array(log_norm)


def trap(activation: str, steps: int = 40) -> np.ndarray:
    """log‖∂L/∂h_{T−k}‖ of two units without input that start at (1, 0), loss h₁ + h₂ at the end.

    W₂₁ < 0, so a positive first unit keeps a second ReLU unit at 0, and with it the feedback −2 that tames W₁₁ = 1.5.
    """
    cell = Elman(1, 2, activation=activation, recurrent=lambda *_: torch.tensor(TRAP), bias=False, dtype=torch.float64)
    start = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    trace = cell.trace(torch.zeros(steps, 1, 1, dtype=torch.float64), start)
    logs: np.ndarray = gradient_by_distance(trace, trace["h"][-1].sum())[:, 0].log().numpy()
    return logs


def _directions(arrays: Arrays, k: int) -> Estimate:
    """How many singular values of tanh's k-step product are within a tenth of the largest."""
    return bootstrap((arrays["singular"][0, :, k - 1] > 0.1).sum(-1))


def _slack(arrays: Arrays) -> Estimate:
    """Powers of ten between the bound (γ‖W‖)^k and the norm of tanh's longest product."""
    k = arrays["k"][-1]
    return bootstrap((k * np.log(arrays["gamma"][0] * arrays["norm_W"][0]) - arrays["log_norm"][0, :, -1]) / np.log(10))


def _miss(arrays: Arrays, name: str) -> np.ndarray:
    """|prediction − measured growth per step| of the tanh network with Gaussian W: (seeds,)."""
    return np.abs(arrays[name][0] - arrays["growth"][0])


def _trap_growth(arrays: Arrays) -> Estimate:
    return exact(float(fitted_slope(arrays["trap_log_gradient"][:1], 10, 39)[0]))


def _ratio(arrays: Arrays) -> Estimate:
    """Largest singular value of a Gaussian W over its spectral radius."""
    return bootstrap(arrays["norm_W"][0] / np.hypot(*arrays["eigenvalues"][0][:, :, 0].transpose(1, 0, 2)).max(-1))


def _swap(i: int, j: int) -> Callable[[Arrays], Arrays]:
    names = ("norm_W", "log_norm", "singular", "growth", "growth_below", "eigenvalues", "log_step_norm")
    return swap_entries(0, i, j, *names, "log_step_radius", "largest_step_norm")


CLAIMS = [
    Claim(
        "eigenvalue-condition",
        "As the preprint says: a largest eigenvalue below $1/γ$ suffices for the gradient to vanish. A ReLU network "
        "with $γ = 1$ and $ρ = 0.447$; its growth rate (log per step): {measured}.",
        _trap_growth,
        below=0.0,
        source="pascanu2012",
    ),
    Claim(
        "singular-value-condition",
        "As the proceedings say: a largest singular value below $1/γ$ suffices. At $γ\\lVert W\\rVert = 0.95$ the "
        "growth rate nearest to 0 is {measured}.",
        lambda a: worst(*(bootstrap(growth) for growth in a["growth_below"]), by=lambda e: -e.high),
        below=0.0,
        source="pascanu2013",
    ),
    Claim(
        "w-pulled-out",
        "The lecture pulls $W$ out of the product, as $W^k\\prod\\operatorname{diag}(φ')$. In a tanh network, "
        "$k = 8$, relative error: {measured}.",
        lambda a: bootstrap(a["factored_error"][0]),
        below=0.1,
        source="nevado2020",
    ),
    Claim(
        "step-within-bound",
        "No Jacobian's norm exceeds $γ\\lVert W\\rVert$; the largest ratio of the two is {measured}.",
        lambda a: exact(float((a["largest_step_norm"] / (a["gamma"][:, None] * a["norm_W"])).max()), digits=6),
        below=1.0 + 1e-12,
        identity=True,
    ),
    Claim(
        "small-radius-explodes",
        "Two ReLU units with $ρ(W) = 0.447$: their gradient grows, at a rate of {measured}.",
        _trap_growth,
        above=0.4,
        swap=swap_entries(0, 0, 1, "trap_log_gradient"),
    ),
    Claim(
        "gaussian-norm-is-twice-the-radius",
        "The largest singular value of a Gaussian $W$ is {measured} times its spectral radius.",
        _ratio,
        above=1.6,
        below=2.2,
        swap=_swap(0, 2),
    ),
    Claim(
        "bound-is-loose",
        "After 32 steps of a tanh network the bound $(γ\\lVert W\\rVert)^{32}$ is {10^measured} times the norm of the "
        "product.",
        _slack,
        above=8.0,
        swap=lambda a: {**a, "log_norm": a["k"] * np.log(a["norm_W"])[:, :, None]},
    ),
    Claim(
        "radius-of-the-jacobian-predicts",
        "The spectral radius of the Jacobians misses the growth per step by less than their norm does: by {measured} "
        "less, as a log per step.",
        lambda a: bootstrap(_miss(a, "log_step_norm") - _miss(a, "log_step_radius")),
        above=0.3,
        swap=swap_names("log_step_norm", "log_step_radius"),
    ),
    Claim(
        "few-directions-survive",
        "A product of 32 Jacobians passes {measured} of its directions at more than a tenth of the strongest.",
        lambda a: _directions(a, int(a["k"][-1])),
        below=6.0,
        swap=reverse_axis(2, "singular"),
    ),
]

NUMBERS = {
    "seeds": lambda a: int(a["growth"].shape[1]),
    "width": lambda a: int(a["singular"].shape[3]),
    "trap_radius": lambda a: float(a["trap_radius"]),
    "trap_norm": lambda a: float(np.linalg.norm(np.array(TRAP), 2)),
    "trap_factor": lambda a: float(np.exp(_trap_growth(a).value)),
    "factored_error": lambda a: bootstrap(a["factored_error"][0]),
    "ratio": _ratio,
    "covered_tanh": lambda a: 1 / _ratio(a).value,
    "covered_sigmoid": lambda a: 4 / _ratio(a).value,
    "directions_1": lambda a: _directions(a, 1),
    "directions_4": lambda a: _directions(a, 4),
    "directions_16": lambda a: _directions(a, 16),
    "directions_32": lambda a: _directions(a, 32),
    "bound": lambda a: float((a["gamma"][0] * a["norm_W"][0]).mean()),
    "step_norm": lambda a: float(np.exp(a["log_step_norm"][0].mean())),
    "step_radius": lambda a: float(np.exp(a["log_step_radius"][0].mean())),
    "growth": lambda a: float(np.exp(a["growth"][0].mean())),
    "sigmoid_bound": lambda a: float((a["gamma"][1] * a["norm_W"][1]).mean()),
    "sigmoid_step_norm": lambda a: float(np.exp(a["log_step_norm"][1].mean())),
    "sigmoid_step_radius": lambda a: float(np.exp(a["log_step_radius"][1].mean())),
    "sigmoid_growth": lambda a: float(np.exp(a["growth"][1].mean())),
}
