"""Which recurrent networks reach Inf and NaN, and where in the computation they first do: ReLU and tanh, over ρ.

Page: docs/gradients/cliffs.md
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from rnnsite.cells.elman import Elman
from rnnsite.cells.initial import orthogonal
from rnnsite.claims import Arrays, Claim, swap_entries
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, wilson

TITLE = "Where Inf and NaN come from"
PAGE = "gradients/cliffs"

FINE, STATE, LOSS, GRADIENT = range(4)  # what was first to be infinite or NaN


@dataclass(frozen=True)
class Arm:
    activation: str
    lr: float
    clip: float = math.inf

    def __str__(self) -> str:
        return f"{self.activation}, learning rate {self.lr:g}{', clipped' if math.isfinite(self.clip) else ''}"


ARMS = (Arm("relu", 0.01), Arm("relu", 0.01, clip=1.0), Arm("tanh", 0.01), Arm("tanh", 0.3))
RELU, CLIPPED, TANH, TANH_FAST = range(4)


@dataclass(frozen=True)
class Config:
    radii: tuple[float, ...] = (0.9, 1.2, 1.5, 1.8, 2.1)
    seeds: int = 30
    H: int = 16
    B: int = 8
    T: int = 50
    updates: int = 60
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(seeds=200, H=64, B=20, updates=2000)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """Arrays (arm, ρ, seed). first: what was first not finite (see FINE … GRADIENT); when: the update at which;
    inf_step, nan_step: the time step of the first Inf and first NaN in that forward pass (T if none); largest: the
    largest finite gradient norm; before: that of the update before; biggest_state: largest finite |h|."""
    return {
        "radii": np.array(config.radii),
        "T": np.array(config.T),
        "updates": np.array(config.updates),
        **context.stack(lambda arm: _train(arm, config, context.device), ARMS),
    }


def _train(arm: Arm, config: Config, device: torch.device) -> dict[str, np.ndarray]:
    """Every ρ × seed at once: recall the first of T inputs from the last state, by plain SGD on fresh batches."""
    M = len(config.radii) * config.seeds
    draws = [generator("blow_up", config.seed_set, seed) for _ in config.radii for seed in range(config.seeds)]
    cell = Elman(
        1,
        config.H,
        models=M,
        activation=arm.activation,
        recurrent=orthogonal,
        spectral_radius=[rho for rho in config.radii for _ in range(config.seeds)],
        generator=draws,
    ).to(device)
    v = torch.stack([torch.randn(config.H, 1, generator=g) / config.H**0.5 for g in draws]).to(device).requires_grad_()
    parameters = [cell.U, cell.W, cell.b, v]
    data = generator("blow_up", config.seed_set, "data")

    first = np.full(M, FINE)
    when = np.full(M, config.updates)
    inf_step, nan_step = np.full(M, config.T), np.full(M, config.T)
    largest, before, biggest_state = np.zeros(M), np.zeros(M), np.zeros(M)
    for update in range(config.updates):
        x = torch.randn(config.T, config.B, 1, generator=data).to(device)
        states, last = cell(x)
        loss = ((last @ v - x[0]) ** 2).mean((1, 2))
        gradients = torch.autograd.grad(loss.sum(), parameters)
        with torch.no_grad():
            norm = _norm(gradients)
            state_ok, loss_ok, norm_ok = (
                ok.cpu().numpy() for ok in (states.isfinite().all(3).all(2).all(1), loss.isfinite(), norm.isfinite())
            )
            alive = first == FINE
            for what, ok in ((STATE, state_ok), (LOSS, loss_ok), (GRADIENT, norm_ok)):
                broken = (first == FINE) & ~ok
                first[broken], when[broken] = what, update
            died = alive & (first != FINE)
            inf_step[died] = _first_step(states.isinf())[died]
            nan_step[died] = _first_step(states.isnan())[died]
            going = first == FINE
            before[going] = norm.cpu().numpy()[going]
            largest = np.maximum(largest, np.where(going, before, 0))
            biggest = states.abs().amax((1, 2, 3)).cpu().numpy()
            biggest_state = np.maximum(biggest_state, np.where(going, biggest, 0))
            scale = arm.lr * (arm.clip / norm.clamp_min(1e-300)).clamp_max(1).float()
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= scale.view(-1, *[1] * (parameter.ndim - 1)) * gradient
    shape = (len(config.radii), config.seeds)
    found = {
        "first": first,
        "when": when,
        "inf_step": inf_step,
        "nan_step": nan_step,
        "largest": largest,
        "before": before,
        "biggest_state": biggest_state,
    }
    return {name: values.reshape(shape) for name, values in found.items()}


def _norm(gradients: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """The norm over all parameters of each model; in float64, because the square of a large float32 overflows."""
    wide = torch.float64 if gradients[0].device.type != "mps" else torch.float32
    return torch.stack([torch.linalg.vector_norm(g.to(wide).flatten(1), dim=1) for g in gradients]).norm(dim=0)


def _first_step(flags: torch.Tensor) -> np.ndarray:
    """flags (M, T, B, H) → the first time step at which any is set, T where none is."""
    by_step = flags.flatten(2).any(2)
    return torch.where(by_step.any(1), by_step.int().argmax(1), by_step.shape[1]).cpu().numpy()


def broken(a: Arrays) -> np.ndarray:
    """(arm, ρ, seed): did the run end in Inf or NaN?"""
    return a["first"] != FINE


def share(hits: np.ndarray) -> Estimate:
    """Success rate over everything in `hits`; of nothing at all, it is unknown."""
    return wilson(int(hits.sum()), hits.size) if hits.size else Estimate(math.nan, math.nan, math.nan)


def _large(a: Arrays) -> np.ndarray:
    return a["radii"] >= 1.8


def _of_broken(a: Arrays, arm: int, hits: np.ndarray) -> Estimate:
    return share(hits[arm][broken(a)[arm]])


def _in_state(a: Arrays) -> np.ndarray:
    """ReLU runs whose state was the first to break: (NaN step − Inf step) of each."""
    return (a["nan_step"] - a["inf_step"])[RELU][a["first"][RELU] == STATE]


def _decades(a: Arrays, arm: int) -> Estimate:
    """log10 of the largest gradient at the largest ρ over that at the smallest, seed by seed."""
    low, high = np.log10(a["largest"][arm, [0, -1]])
    return bootstrap(high - low, np.median)


_RUNS = ("first", "when", "inf_step", "nan_step", "largest", "before", "biggest_state")


def _state_for_loss(a: Arrays) -> Arrays:
    swapped = np.select([a["first"] == STATE, a["first"] == LOSS], [LOSS, STATE], a["first"])
    return {**a, "first": swapped}


CLAIMS = [
    Claim(
        name="relu-overflows",
        says="Without clipping, {measured:.0%} of the ReLU runs that start from ρ ≥ 1.8 end in Inf or NaN.",
        measure=lambda a: share(broken(a)[RELU][_large(a)]),
        above=0.8,
        swap=swap_entries(0, RELU, TANH, *_RUNS),
    ),
    Claim(
        name="tanh-does-not",
        says="At the same learning rate none of the tanh runs does, at any ρ: {measured:.0%}.",
        measure=lambda a: share(broken(a)[TANH]),
        below=0.05,
        swap=swap_entries(0, RELU, TANH, *_RUNS),
    ),
    Claim(
        name="yet-tanh-explodes",
        says="Yet the tanh gradient explodes: at the largest ρ it is {10^measured} times what it is at the smallest.",
        measure=lambda a: _decades(a, TANH),
        above=2,
        swap=lambda a: {**a, "largest": np.flip(a["largest"], 1)},
    ),
    Claim(
        name="clipping-prevents-it",
        says="Clipping the gradient's norm at 1 removes the failures of ReLU: their share at ρ ≥ 1.8 falls by "
        "{measured:points}.",
        measure=lambda a: bootstrap((broken(a)[RELU] * 1.0 - broken(a)[CLIPPED])[_large(a)].mean(0)),
        above=0.8,
        swap=swap_entries(0, RELU, CLIPPED, *_RUNS),
    ),
    Claim(
        name="the-state-breaks-first",
        says="In {measured:.0%} of the broken ReLU runs the first thing to be infinite is the state of a forward pass, "
        "not a gradient.",
        measure=lambda a: _of_broken(a, RELU, a["first"] == STATE),
        above=0.8,
        swap=_state_for_loss,
    ),
    Claim(
        name="one-update-is-enough",
        says="One update with a finite gradient is enough: share of the broken ReLU runs that break in their second "
        "forward pass, {measured:.0%}.",
        measure=lambda a: _of_broken(a, RELU, a["when"] == 1),
        above=0.5,
        swap=lambda a: {**a, "when": a["updates"] - a["when"]},
    ),
    Claim(
        name="inf-before-nan",
        says="No NaN without an infinity before it: share of these forward passes in which the state is infinite at "
        "an earlier time step than it is NaN, {measured:.0%}.",
        measure=lambda a: share(_in_state(a) >= 1),
        above=0.9,
        swap=lambda a: {**a, "inf_step": a["nan_step"], "nan_step": a["inf_step"]},
    ),
    Claim(
        name="tanh-breaks-in-the-readout",
        says="At learning rate 0.3 tanh runs do break, but in the readout: the share of them whose loss is infinite "
        "while every state is still between −1 and 1 is {measured:.0%}.",
        measure=lambda a: _of_broken(a, TANH_FAST, a["first"] == LOSS),
        above=0.8,
        swap=_state_for_loss,
    ),
]

NUMBERS = {
    "updates": lambda a: str(int(a["updates"])),
    "seeds": lambda a: str(a["first"].shape[2]),
    "tanh_fast_broken": lambda a: share(broken(a)[TANH_FAST]),
    "tanh_fast_broken_at_small_rho": lambda a: share(broken(a)[TANH_FAST, 0]),
    "relu_broken_at_small_rho": lambda a: share(broken(a)[RELU, 0]),
    "gradient_before": lambda a: float(np.median(a["before"][RELU][broken(a)[RELU]])),
    "broken_state_first": lambda a: _of_broken(a, RELU, a["first"] == STATE),
    "nan_next_step": lambda a: share(_in_state(a) == 1),
    "inf_step": lambda a: str(int(np.median(a["inf_step"][RELU][a["first"][RELU] == STATE])) + 1),
    "tanh_calm": lambda a: float(np.median(a["largest"][TANH, 0])),
    "tanh_largest": lambda a: float(np.median(a["largest"][TANH, -1])),
    "growth_to_overflow": lambda a: float(np.finfo(np.float32).max) ** (1 / int(a["T"])),
    "growth_to_overflow_64": lambda a: float(np.finfo(np.float64).max) ** (1 / int(a["T"])),
}
