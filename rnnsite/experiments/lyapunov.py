"""Largest Lyapunov exponent of random tanh networks, beside the rate at which their backward gradients grow.

Page: docs/gradients/iterated-functions.md
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnsite.claims import Arrays, Claim, Published, swap_entries, swap_names
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, wilson, worst

TITLE = "Lyapunov exponents and gradient growth"
PAGE = "gradients/iterated-functions"


@dataclass(frozen=True)
class Config:
    """`networks` random J ~ N(0, 1/H) for each size; W = g J for each gain g; input N(0, s²) to each unit and step."""

    sizes: tuple[int, ...] = (50, 100, 200)
    gains: tuple[float, ...] = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2.0)
    inputs: tuple[float, ...] = (0.0, 0.5)
    networks: int = 20
    settle: int = 150
    steps: int = 300
    horizons: tuple[int, ...] = (10, 30, 100, 300)
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(sizes=(50, 100, 200, 500, 1000), networks=50, settle=500, steps=1000)}


def forward_rate(J: Tensor, g: Tensor, s: float, settle: int, steps: int, draw: torch.Generator) -> Tensor:
    """Largest Lyapunov exponent λ = lim 1/T log ‖∂h_T/∂h_0 v‖, by carrying v along and rescaling it at every step.

    h_t = tanh(g J h_{t−1} + s x_t), x ~ N(0, 1). J (M, H, H), g (G,) → (M, G), in natural logs a step.
    """
    M, H, G = J.shape[0], J.shape[-1], len(g)
    h, v = (torch.randn(M, H, G, generator=draw, dtype=J.dtype).to(J.device) for _ in range(2))
    total = torch.zeros(M, G, dtype=J.dtype, device=J.device)
    for t in range(settle + steps):
        both = J @ torch.cat([h, v], 2)
        h = torch.tanh(g * both[..., :G] + s * torch.randn(M, H, 1, generator=draw, dtype=J.dtype).to(J.device))
        v = (1 - h * h) * g * both[..., G:]
        size = v.norm(dim=1, keepdim=True)
        v = v / size
        if t >= settle:
            total += size[:, 0].log()
    return total / steps


def backward_rate(
    J: Tensor, g: Tensor, s: float, settle: int, horizons: tuple[int, ...], draw: torch.Generator
) -> Tensor:
    """1/T log of ‖∂L/∂h_{n−T}‖ / ‖∂L/∂h_n‖ for each horizon T: what backpropagation through time meets.

    A random gradient enters at the last step n of a run of its own, and goes back by δ ← gJᵀ((1 − h²) ⊙ δ). → (M, G, T)
    """
    M, H, G = J.shape[0], J.shape[-1], len(g)
    h = torch.randn(M, H, G, generator=draw, dtype=J.dtype).to(J.device)
    slopes = []
    for t in range(settle + max(horizons)):
        h = torch.tanh(g * (J @ h) + s * torch.randn(M, H, 1, generator=draw, dtype=J.dtype).to(J.device))
        if t >= settle:
            slopes.append(g * (1 - h * h))
    delta = torch.randn(M, H, G, generator=draw, dtype=J.dtype).to(J.device)
    delta = delta / delta.norm(dim=1, keepdim=True)
    total, rates = torch.zeros(M, G, dtype=J.dtype, device=J.device), []
    for back, slope in enumerate(reversed(slopes), 1):
        delta = J.mT @ (slope * delta)
        size = delta.norm(dim=1, keepdim=True)
        delta = delta / size
        total += size[:, 0].log()
        if back in horizons:
            rates.append(total / back)
    return torch.stack(rates, -1)


def mean_field(g: float, s: float) -> float:
    """λ of an infinite network: ½ log(g² E[φ′(√q z)²]), where q = g² E[φ(√q z)²] + s² and z ~ N(0, 1).

    The average size of a unit's pre-activation, q, settles to its fixed point; each step then multiplies a small
    difference by g² E[φ′²] in the mean square. Source: Molgedey, Schuchhardt & Schuster 1992.
    """
    z, weight = np.polynomial.hermite_e.hermegauss(101)
    weight = weight / weight.sum()
    low, high = 0.0, g * g + s * s  # q = g² E[φ²] + s² is above the diagonal below its largest fixed point
    for _ in range(60):
        q = (low + high) / 2
        low, high = (q, high) if g * g * (weight * np.tanh(np.sqrt(q) * z) ** 2).sum() + s * s > q else (low, q)
    return float(0.5 * np.log(g * g * (weight / np.cosh(np.sqrt(low) * z) ** 4).sum()))


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    g = torch.tensor(config.gains, dtype=torch.float64, device=context.device)

    def case(item: tuple[int, float]) -> dict[str, np.ndarray]:
        H, s = item
        draw = generator("lyapunov", config.seed_set, H)  # the same networks with and without input
        J = (torch.randn(config.networks, H, H, generator=draw, dtype=torch.float64) / H**0.5).to(context.device)
        ahead = forward_rate(J, g, s, config.settle, config.steps, generator("lyapunov", "ahead", config.seed_set, H))
        back = backward_rate(J, g, s, config.settle, config.horizons, generator("lyapunov", "back", config.seed_set, H))
        radius = torch.linalg.eigvals(J).abs().amax(-1)
        return {"exponent": ahead.cpu().numpy(), "backward": back.cpu().numpy(), "radius": radius.cpu().numpy()}

    found = context.stack(case, [(H, s) for H in config.sizes for s in config.inputs])
    grid = (len(config.sizes), len(config.inputs))  # then networks, gains, (horizons)
    shaped = {name: values.reshape(*grid, *values.shape[1:]) for name, values in found.items()}
    return {
        **shaped,
        "log_radius": np.log(shaped["radius"][..., None] * np.array(config.gains)),
        "sizes": np.array(config.sizes),
        "gains": np.array(config.gains),
        "inputs": np.array(config.inputs),
        "horizons": np.array(config.horizons),
        "mean_field": np.array([[mean_field(g, s) for g in config.gains] for s in config.inputs]),
    }


ALONE, DRIVEN = 0, 1  # inputs
CHAOTIC = 0.005  # an exponent above this counts as chaos: three times the scatter of a zero one over 300 steps


def at(a: Arrays, gain: float) -> int:
    return int(np.argmin(np.abs(a["gains"] - gain)))


def chaotic_share(a: Arrays, gain: float) -> Estimate:
    """Share of the largest undriven networks that are chaotic at this gain."""
    exponents = a["exponent"][-1, ALONE, :, at(a, gain)]
    return wilson(int((exponents > CHAOTIC).sum()), len(exponents))


def critical_gain(a: Arrays, size: int = -1, drive: int = ALONE) -> np.ndarray:
    """The gain above which a network is chaotic, one a network: where its exponent last rises through the threshold,
    interpolated; the largest gain where it never does."""
    found = []
    for exponent in a["exponent"][size, drive]:
        calm = np.flatnonzero(exponent <= CHAOTIC)
        i = int(calm[-1]) if len(calm) else 0
        j = min(i + 1, len(exponent) - 1)
        rise = exponent[j] - exponent[i]
        part = (CHAOTIC - exponent[i]) / rise if rise > 0 else 0.0
        found.append(a["gains"][i] + part * (a["gains"][j] - a["gains"][i]))
    return np.array(found)


def infinite_gain(a: Arrays) -> Estimate:
    """Critical gain of an infinitely large network: the straight line in 1/√H through our sizes, at 0."""
    x = a["sizes"] ** -0.5
    gains = np.stack([critical_gain(a, i) for i in range(len(x))])
    slopes = (x - x.mean()) @ gains / ((x - x.mean()) ** 2).sum()
    return bootstrap(gains.mean(axis=0) - slopes * x.mean())


def disagreement(a: Arrays, horizon: int) -> np.ndarray:
    """|backward rate − exponent|, averaged over gains and inputs: one a network of the largest size."""
    return np.abs(a["backward"][-1, ..., horizon] - a["exponent"][-1]).mean(axis=(0, 2))


def worst_gain(a: Arrays) -> Estimate:
    """Backward rate − exponent over the longest horizon, at the gain and input where their mean differs most."""
    difference = a["backward"][-1, ..., -1] - a["exponent"][-1]
    cases = [bootstrap(difference[s, :, g]) for s in range(difference.shape[0]) for g in range(difference.shape[2])]
    return worst(*cases, by=lambda one: -abs(one.value))


def off_mean_field(a: Arrays, size: int, drive: int) -> np.ndarray:
    """Mean |λ − mean field| over gains above 1, one a network."""
    above = a["gains"] > 1.05
    return np.abs(a["exponent"][size, drive][:, above] - a["mean_field"][drive, above]).mean(axis=1)


CLAIMS = [
    Claim(
        "backward-gradients-follow-the-exponent",
        "Over 300 steps the backward gradient grows by the Lyapunov exponent a step: where the two differ most, over "
        "all gains, with and without input, they differ by {measured}.",
        worst_gain,
        above=-0.02,
        below=0.02,
        swap=lambda a: {**a, "backward": np.flip(a["backward"], 3)},
    ),
    Claim(
        "only-asymptotically",
        "Over 10 steps the two differ by {measured} more than over 300.",
        lambda a: bootstrap(disagreement(a, 0) - disagreement(a, -1)),
        above=0.01,
        swap=lambda a: {**a, "backward": np.flip(a["backward"], 4)},
    ),
    Claim(
        "below-one-the-spectral-radius-decides",
        "Without input and below $g=0.9$ the exponent is log ρ(W): the mean absolute difference, network by network, "
        "is {measured}.",
        lambda a: bootstrap(np.abs((a["exponent"] - a["log_radius"])[-1, ALONE, :, : at(a, 0.9)]).mean(axis=1)),
        below=0.005,
        swap=lambda a: {**a, "log_radius": np.roll(a["log_radius"], 1, axis=2)},
    ),
    Claim(
        "above-one-it-does-not",
        "At $g=1.5$ the exponent falls short of log ρ(W) by {measured}: saturated units hold the gradient back.",
        lambda a: bootstrap((a["log_radius"] - a["exponent"])[-1, ALONE, :, at(a, 1.5)]),
        above=0.3,
        swap=swap_names("exponent", "log_radius"),
    ),
    Claim(
        "no-chaos-below-one",
        "Share of the largest networks that are chaotic at $g=0.9$, without input: {measured:.0%}.",
        lambda a: chaotic_share(a, 0.9),
        below=0.3,
        swap=lambda a: {**a, "exponent": np.flip(a["exponent"], 3)},
    ),
    Claim(
        "chaos-at-two",
        "Share of the largest networks that are chaotic at $g=2$, without input: {measured:.0%}.",
        lambda a: chaotic_share(a, 2.0),
        above=0.6,
        swap=lambda a: {**a, "exponent": np.flip(a["exponent"], 3)},
    ),
    Claim(
        "transition-at-one",
        "An infinitely large network turns chaotic at $g=1$. Ours, extrapolated in size: at $g=$ {measured}.",
        infinite_gain,
        above=0.9,
        below=1.1,
        source="sompolinsky1988",
    ),
    Claim(
        "finite-networks-turn-later",
        "Networks of 200 units turn chaotic at $g=$ {measured}, not at 1.",
        lambda a: bootstrap(critical_gain(a, int(np.flatnonzero(a["sizes"] == 200)[0]))),
        above=1.1,
        below=1.45,
        swap=swap_entries(1, ALONE, DRIVEN, "exponent"),
    ),
    Claim(
        "small-networks-are-calmer",
        "Above $g=1$ the smallest networks lie further from the theory of infinitely large ones than the largest do, "
        "by {measured}.",
        lambda a: bootstrap(off_mean_field(a, 0, ALONE) - off_mean_field(a, -1, ALONE)),
        above=0,
        swap=swap_entries(0, 0, -1, "exponent"),
    ),
    Claim(
        "input-suppresses-chaos",
        "At $g=1.4$ input of standard deviation 0.5 lowers the exponent by {measured}, network by network.",
        lambda a: bootstrap((a["exponent"][-1, ALONE] - a["exponent"][-1, DRIVEN])[:, at(a, 1.4)]),
        above=0.05,
        swap=swap_entries(1, ALONE, DRIVEN, "exponent"),
    ),
    Claim(
        "mean-field",
        "Mean-field theory gives the exponent of a driven random network. Ours differ from it by {measured} on average "
        "over gains above 1.",
        lambda a: bootstrap(off_mean_field(a, -1, DRIVEN)),
        below=0.02,
        source="molgedey1992",
    ),
]

PUBLISHED = [
    Published(
        "gain at which chaos sets in, without input",
        "1",
        "sompolinsky1988",
        infinite_gain,
        "extrapolated from finite sizes, in 1/√H; discrete time (theirs runs in continuous time)",
    )
]


def _mean(i: int, drive: int, gain: float, a: Arrays) -> Estimate:
    return bootstrap(a["exponent"][i, drive, :, at(a, gain)])


NUMBERS = {
    "largest": lambda a: float(a["sizes"][-1]),
    "smallest": lambda a: float(a["sizes"][0]),
    "factor_100_steps_15": lambda a: float(np.exp(100 * a["exponent"][-1, ALONE, :, at(a, 1.5)].mean())),
    "rule_100_steps_15": lambda a: float(np.exp(100 * a["log_radius"][-1, ALONE, :, at(a, 1.5)].mean())),
    "exponent_11": lambda a: _mean(-1, ALONE, 1.1, a),
    "exponent_14": lambda a: _mean(-1, ALONE, 1.4, a),
    "driven_14": lambda a: _mean(-1, DRIVEN, 1.4, a),
    "critical_smallest": lambda a: bootstrap(critical_gain(a, 0)),
    "critical_largest": lambda a: bootstrap(critical_gain(a)),
    "critical_infinite": infinite_gain,
    "critical_infinite_in_1_over_h": lambda a: float(
        np.polyfit(1 / a["sizes"], [critical_gain(a, i).mean() for i in range(len(a["sizes"]))], 1)[1]
    ),
    "threshold": lambda a: CHAOTIC,
    "smallest_lowest": lambda a: float(a["exponent"][0, ALONE, :, at(a, 1.0) : at(a, 1.5) + 1].min()),
    "disagreement_10": lambda a: float(disagreement(a, 0).mean()),
    "disagreement_300": lambda a: float(disagreement(a, -1).mean()),
}
