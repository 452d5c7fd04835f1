"""The loss of one sequence along a line in parameter space, and the average over up to a thousand: what gets smooth.

Page: docs/gradients/cliffs.md
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from rnnsite.cells.elman import Elman
from rnnsite.cells.initial import gaussian
from rnnsite.claims import Arrays, Claim, reverse_axis, swap_entries, swap_names
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap

TITLE = "One sequence and the average of a thousand"
PAGE = "gradients/cliffs"

CALM, CHAOTIC = 0, 1  # the entries of radii


@dataclass(frozen=True)
class Config:
    radii: tuple[float, float] = (0.9, 3.0)
    networks: int = 20
    at_once: int = 10  # networks a step
    H: int = 16
    I: int = 2
    horizons: tuple[int, ...] = (10, 20, 40)
    sequences: int = 1024
    places: tuple[float, ...] = (-0.375, -0.125, 0.125, 0.375)  # the biases at which slopes are measured
    chord: float = 0.02  # how far apart two biases are whose losses are compared by eye
    drawn_to: float = 0.5
    drawn: int = 301
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(networks=60, sequences=16384)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """Arrays (ρ, network, ...): slope and chord (..., horizon, log2 n) of the loss averaged over n sequences, typical
    over the line; reach (..., sequence) log10 of how far a nudge of the first state reaches the last one; noise and
    trend (..., horizon): mean square of one sequence's slope and of the average's over wide chords. Drawn: one
    network's loss (ρ, n, bias)."""
    firsts = range(0, config.networks, config.at_once)
    parts = context.map(
        lambda item: _measure(*item, config, context.device), [(rho, first) for rho in config.radii for first in firsts]
    )
    split = [parts[: len(firsts)], parts[len(firsts) :]]  # by ρ
    measured = {name: np.stack([np.concatenate([part[name] for part in one]) for one in split]) for name in parts[0]}
    drawn = context.stack(lambda rho: {"drawn": _draw(rho, config, context.device)}, config.radii)
    return {
        "radii": np.array(config.radii),
        "horizons": np.array(config.horizons),
        "n": _powers(config.sequences),
        "bias": np.linspace(-config.drawn_to, config.drawn_to, config.drawn),
        "chord_width": np.array(config.chord),
        **measured,
        **drawn,
    }


def _powers(sequences: int) -> np.ndarray:
    return 2 ** np.arange(0, sequences.bit_length(), 2)


def _networks(rho: float, which: range, config: Config, device: torch.device) -> tuple[Elman, torch.Tensor]:
    """Fixed random networks and their readouts v (M, H)."""
    draws = [generator("loss_averaging", config.seed_set, network) for network in which]
    cell = Elman(
        config.I, config.H, models=len(which), recurrent=gaussian, inputs=gaussian, spectral_radius=rho,
        generator=draws, dtype=_wide(device), device=device,
    )  # fmt: skip
    v = torch.stack([torch.randn(config.H, generator=g) for g in draws]) / config.H**0.5
    return cell.requires_grad_(False), v.to(device, _wide(device))


def _wide(device: torch.device) -> torch.dtype:
    return torch.float32 if device.type == "mps" else torch.float64


def _inputs(which: range, config: Config, device: torch.device) -> torch.Tensor:
    """x (M, T, N, I): every network reads sequences of its own, so that networks are independent samples."""
    shape = (max(config.horizons), config.sequences, config.I)
    draws = [generator("loss_averaging", config.seed_set, network, "inputs") for network in which]
    return torch.stack([torch.randn(shape, generator=draw) for draw in draws]).to(device, _wide(device))


def losses(
    cell: Elman, v: torch.Tensor, x: torch.Tensor, bias: torch.Tensor, horizons: tuple[int, ...]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Loss of every sequence at every bias shared by all hidden units, and its exact slope.

    loss = (v·h_T − x_1)²: recall the first input.   ∂h_t/∂s is carried forward beside h_t, s the bias.

    x (M, T, N, I), bias (K) → loss, slope (M, K, horizons, N), and reach (M, K, N): how much a random unit nudge of h_0
    is at the last step.
    """
    W = cell.W.mT
    drive = cell.project(x)  # (M, T, N, H)
    M, T, N, H = drive.shape
    K = len(bias)
    h = ds = torch.zeros(M, K * N, H, dtype=drive.dtype, device=drive.device)
    nudge = (v / v.norm(dim=1, keepdim=True))[:, None].expand(M, K * N, H)
    loss, slope = [], []
    for t in range(T):
        a = (drive[:, t, None] + bias[:, None, None]).reshape(M, K * N, H)
        h = torch.tanh(torch.baddbmm(a, h, W))
        gain = 1 - h * h
        ds = gain * (ds @ W + 1)
        nudge = gain * (nudge @ W)
        if t + 1 in horizons:
            miss = (torch.einsum("mbh,mh->mb", h, v)).view(M, K, N) - x[:, 0, None, :, 0]
            loss.append(miss**2)
            slope.append(2 * miss * torch.einsum("mbh,mh->mb", ds, v).view(M, K, N))
    return torch.stack(loss, 2), torch.stack(slope, 2), nudge.norm(dim=2).view(M, K, N)


def _measure(rho: float, first: int, config: Config, device: torch.device) -> dict[str, np.ndarray]:
    which = range(first, min(first + config.at_once, config.networks))
    cell, v = _networks(rho, which, config, device)
    places = torch.tensor(config.places, dtype=v.dtype, device=device)
    both = torch.cat([places, places + config.chord])
    loss, slope, reach = losses(cell, v, _inputs(which, config, device), both, config.horizons)
    K = len(places)
    chord = (loss[:, K:] - loss[:, :K]) / config.chord
    slope = slope[:, :K]
    average = loss[:, :K].mean(3)
    wide = average.diff(dim=1) / places.diff()[:, None]
    found = {
        "slope": _typical(slope, config.sequences),
        "chord": _typical(chord, config.sequences),
        "reach": reach[:, 0].clamp_min(1e-300).log10(),
        "noise": (slope**2).mean((1, 3)),
        "trend": (wide**2).mean(1),
        "top_share": _top_share(slope),
    }
    return {name: value.cpu().numpy() for name, value in found.items()}


def _typical(values: torch.Tensor, sequences: int) -> torch.Tensor:
    """(M, K, horizons, N) → (M, horizons, log n): median |average over n sequences|, over places and groups."""
    M, K, horizons, N = values.shape
    sizes = []
    for n in _powers(sequences):
        groups = values.view(M, K, horizons, N // int(n), int(n)).mean(4).abs()
        sizes.append(groups.permute(0, 2, 1, 3).reshape(M, horizons, -1).median(2).values)
    return torch.stack(sizes, 2)


def _top_share(slope: torch.Tensor) -> torch.Tensor:
    """(M, horizons): which share of the summed |slope| the steepest 1 % of sequences make up."""
    ordered = slope.abs().sort(dim=3, descending=True).values
    top = max(1, ordered.shape[3] // 100)
    return (ordered[..., :top].sum(3) / ordered.sum(3)).mean(1)


def _draw(rho: float, config: Config, device: torch.device) -> np.ndarray:
    """The first network's loss along the line at the longest horizon, averaged over 1, 32 and all sequences."""
    cell, v = _networks(rho, range(1), config, device)
    x, line = (
        _inputs(range(1), config, device),
        torch.linspace(-config.drawn_to, config.drawn_to, config.drawn, dtype=v.dtype),
    )
    pieces = [losses(cell, v, x, piece.to(device), config.horizons)[0][0, :, -1] for piece in line.split(50)]
    loss = torch.cat(pieces)  # (drawn, N)
    return torch.stack([loss[:, :n].mean(1) for n in (1, 32, config.sequences)]).cpu().numpy()


def _change(a: Arrays, name: str, radius: int, horizon: int = -1) -> Estimate:
    """log10 of a roughness at the largest n over that at n = 1, network by network."""
    one = np.log10(a[name][radius, :, horizon])
    return bootstrap(one[:, -1] - one[:, 0])


def _powers_of_n(a: Arrays, name: str, radius: int) -> np.ndarray:
    """The p of roughness ∝ n^p at the longest horizon, fitted from n = 16 on, for each network."""
    late = a["n"] >= 16
    fits: np.ndarray = np.polyfit(np.log(a["n"][late]), np.log(a[name][radius, :, -1][:, late]).T, 1)[0]
    return fits


def exponent(a: Arrays, name: str, radius: int) -> Estimate:
    return bootstrap(_powers_of_n(a, name, radius))


def _needed(a: Arrays, radius: int, horizon: int = -1) -> Estimate:
    """log10 of the number of sequences at which the noise of the average slope is as large as the slope itself."""
    return bootstrap(np.log10(a["noise"] / a["trend"])[radius, :, horizon], np.median)


def _minority(a: Arrays) -> Estimate:
    """Share of sequences over which a nudge of the first state grows, or shrinks: the smaller of the two."""
    grows = (a["reach"][CHAOTIC] > 0).mean(1)
    return bootstrap(np.minimum(grows, 1 - grows))


_BY_RHO = ("slope", "chord", "reach", "noise", "trend", "top_share")

CLAIMS = [
    Claim(
        name="calm-averages-out",
        says="In the calm networks (ρ = 0.9) averaging 1024 sequences flattens the loss: its typical slope is "
        "{10^measured} times that of a single sequence.",
        measure=lambda a: _change(a, "slope", CALM),
        below=-0.5,
        swap=swap_entries(0, CALM, CHAOTIC, *_BY_RHO),
    ),
    Claim(
        name="seen-is-not-felt",
        says="In the chaotic ones (ρ = 3, 40 steps) the average of 1024 is {10^measured} times as steep as it looks "
        "at a spacing of 0.02.",
        measure=lambda a: bootstrap(np.log10(a["slope"] / a["chord"])[CHAOTIC, :, -1, -1]),
        above=1,
        swap=swap_names("chord", "slope"),
    ),
    Claim(
        name="its-slope-does-not-fall",
        says="Its gradient does not average out: the typical slope of the average of 1024 is {10^measured} times that "
        "of a single sequence.",
        measure=lambda a: _change(a, "slope", CHAOTIC),
        above=0,
        swap=reverse_axis(3, "slope"),
    ),
    Claim(
        name="short-sequences-average-out",
        says="The same networks read for 10 steps instead of 40 do average out: {10^measured} times.",
        measure=lambda a: _change(a, "slope", CHAOTIC, 0),
        below=-0.5,
        swap=reverse_axis(2, "slope"),
    ),
    Claim(
        name="few-sequences-make-the-gradient",
        says="The steepest 1 % of sequences make up {measured:.0%} of the summed slope after 40 steps.",
        measure=lambda a: bootstrap(a["top_share"][CHAOTIC, :, -1]),
        above=0.4,
        swap=swap_entries(0, CALM, CHAOTIC, *_BY_RHO),
    ),
    Claim(
        name="sequences-needed",
        says="For the true slope to stand out of the noise at 40 steps takes at least about {10^measured} sequences in "
        "the median network.",
        measure=lambda a: _needed(a, CHAOTIC),
        above=6,
        swap=reverse_axis(2, "noise", "trend"),
    ),
    Claim(
        name="explodes-on-some-vanishes-on-others",
        says="Gradients explode on some inputs and vanish on others: of one network's sequences the rarer of the two "
        "fates takes a share of {measured:.0%}.",
        measure=_minority,
        above=0.05,
        swap=swap_entries(0, CALM, CHAOTIC, *_BY_RHO),
        source="grosse2019",
    ),
    Claim(
        name="expected-cost-is-smooth",
        says="Averaged over 1024 sequences the cost looks fairly smooth: its visible roughness is {10^measured} times "
        "that of a single sequence.",
        measure=lambda a: _change(a, "chord", CHAOTIC),
        below=-0.5,
        swap=swap_names("chord", "slope"),
        source="grosse2019",
    ),
]

NUMBERS = {
    "networks": lambda a: str(a["slope"].shape[1]),
    "sequences": lambda a: str(int(a["n"][-1])),
    "chord_width": lambda a: float(a["chord_width"]),
    "one_slope": lambda a: float(np.median(a["slope"][CHAOTIC, :, -1, 0])),
    "averaged": lambda a: str(int(a["n"][-2])),
    "average_slope": lambda a: float(np.median(a["slope"][CHAOTIC, :, -1, -2])),
    # Without the largest n: there _typical has one group, so one value at each of four places, and of these torch's
    # median is the lower middle one, which is too low.
    "chord_power": lambda a: exponent({**a, "n": a["n"][:-1], "chord": a["chord"][..., :-1]}, "chord", CHAOTIC),
    "slope_power": lambda a: exponent({**a, "n": a["n"][:-1], "slope": a["slope"][..., :-1]}, "slope", CHAOTIC),
    "needed": lambda a: _needed(a, CHAOTIC),
    "needed_short": lambda a: _needed(a, CHAOTIC, 0),
    "top_share": lambda a: bootstrap(a["top_share"][CHAOTIC, :, -1]),
    "top_share_calm": lambda a: bootstrap(a["top_share"][CALM, :, -1]),
}
