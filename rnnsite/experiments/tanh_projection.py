"""A tanh network as a function of its start: one unit, and 100 units seen along a line, after k compositions.

Page: docs/gradients/iterated-functions.md
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnsite.claims import Arrays, Claim, swap_entries
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import bootstrap

TITLE = "A tanh network, composed with itself"
PAGE = "gradients/iterated-functions"


@dataclass(frozen=True)
class Config:
    """`networks` of `units` with W ~ N(0, g²/H) for each gain g, seen along two lines of `points` starts.

    A line is (offset, reach): h_0 = offset · a + s v with s in ±reach, a a random state, uniform in the cube
    [−1, 1]^H where tanh keeps its states, and v a unit vector. The first line runs through the origin and, at both
    ends, far outside the cube, as far as the figure of Goodfellow et al. does; the second among states a network
    can have.
    """

    gains: tuple[float, ...] = (0.9, 3.0)
    networks: int = 20
    units: int = 100
    compositions: int = 6
    points: int = 3001
    lines: tuple[tuple[float, float], ...] = ((0.0, 60.0), (1.0, 20.0))
    drawn: tuple[int, ...] = (1, 3, 5)
    unit_weight: float = 2.5
    unit_rounds: int = 16
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(networks=100, points=20_001)}
SMALL = 0.1  # a slope is called small below this share of the root mean square slope


def compose(W: Tensor, h: Tensor, tangent: Tensor, rounds: int) -> tuple[Tensor, Tensor]:
    """h ← tanh(W h) and its derivative along the line, d ← (1 − h²) ⊙ (W d), for rounds 0 … `rounds`.

    W (H, H), h and tangent (P, H) → states and tangents (rounds + 1, P, H).
    """
    states, tangents = [h], [tangent]
    for _ in range(rounds):
        h = torch.tanh(h @ W.mT)
        tangent = (1 - h * h) * (tangent @ W.mT)
        states.append(h)
        tangents.append(tangent)
    return torch.stack(states), torch.stack(tangents)


def unit_vector(draw: torch.Generator, size: int) -> Tensor:
    vector = torch.randn(size, generator=draw, dtype=torch.float64)
    return vector / vector.norm()


def network_on_a_line(
    config: Config, line: tuple[float, float], gain: float, number: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """y = u·h_k and dy/ds at every start of the line, u a unit vector: two (compositions + 1, points) arrays."""
    offset, reach = line
    draw = generator("tanh_projection", config.seed_set, number)
    W = torch.randn(config.units, config.units, generator=draw, dtype=torch.float64) * gain / config.units**0.5
    v, u = unit_vector(draw, config.units).to(device), unit_vector(draw, config.units).to(device)
    a = 2 * torch.rand(config.units, generator=draw, dtype=torch.float64).to(device) - 1
    s = torch.linspace(-reach, reach, config.points, dtype=torch.float64, device=device)
    start = offset * a + s[:, None] * v
    states, tangents = compose(W.to(device), start, v.expand(config.points, -1), config.compositions)
    return states @ u, tangents @ u


def measure(slopes: Tensor) -> dict[str, np.ndarray]:
    """Of dy/ds on the line: sign changes, median, root mean square and largest size, share that is small, and the
    smallest share of the line that makes half of all movement."""
    size = slopes.abs()
    rms = size.square().mean(-1, keepdim=True).sqrt()
    steepest_first = size.sort(-1, descending=True).values
    moved = steepest_first.cumsum(-1) / steepest_first.sum(-1, keepdim=True)
    found = {
        "turns": ((slopes[:, 1:] * slopes[:, :-1]) < 0).sum(-1),
        "median_slope": size.median(-1).values,
        "rms_slope": rms[:, 0],
        "largest_slope": size.amax(-1),
        "small_share": (size < SMALL * rms).double().mean(-1),
        "half_movement_share": (moved < 0.5).double().mean(-1),
    }
    return {name: value.cpu().numpy().astype(float) for name, value in found.items()}


def one_unit(config: Config) -> dict[str, np.ndarray]:
    """A single unit h ← tanh(w h): the drawn one on a grid, and random ones (w in 1.5 … 4) at random starts."""
    start = torch.linspace(-2, 2, 401, dtype=torch.float64)[:, None]
    w = torch.full((1, 1), config.unit_weight, dtype=torch.float64)
    states, _ = compose(w, start, torch.ones_like(start), config.unit_rounds)
    draw = generator("tanh_projection", "one unit", config.seed_set)
    flat, turns = [], []
    for _ in range(config.networks):
        w = 1.5 + 2.5 * torch.rand(1, 1, generator=draw, dtype=torch.float64)
        random = (4 * torch.rand(1000, 1, generator=draw, dtype=torch.float64) - 2).sort(0).values
        _, tangents = compose(w, random, torch.ones_like(random), config.unit_rounds)
        slopes = tangents[[1, -1], :, 0]
        flat.append((slopes.abs() < 1e-3).double().mean(-1).tolist())
        turns.append(float((slopes < 0).any()))
    return {
        "unit_start": start[:, 0].numpy(),
        "unit_state": states[..., 0].numpy(),
        "unit_flat_share": np.array(flat),  # after 1 round and after the last
        "unit_turns": np.array(turns),
    }


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    def case(item: tuple[tuple[float, float], float]) -> dict[str, np.ndarray]:
        line, gain = item
        runs = [network_on_a_line(config, line, gain, i, context.device) for i in range(config.networks)]
        rows = [measure(slopes) for _, slopes in runs]
        found = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
        return {**found, "curve": runs[0][0][list(config.drawn)].cpu().numpy().astype(np.float32)}

    cases = [(line, gain) for line in config.lines for gain in config.gains]
    found = context.stack(case, cases)
    grid = (len(config.lines), len(config.gains))  # then networks, compositions + 1
    return {
        **{name: values.reshape(*grid, *values.shape[1:]) for name, values in found.items()},
        "gains": np.array(config.gains),
        "compositions": np.arange(config.compositions + 1),
        "drawn": np.array(config.drawn),
        "start": np.linspace(-config.lines[1][1], config.lines[1][1], config.points, dtype=np.float32),
        **one_unit(config),
    }


AFTER = 5  # compositions, as far as the figure of Goodfellow et al. goes
FAR, AMONG = 0, 1  # lines: through the origin and far out; among the states
CONTRACTING, CHAOTIC = 0, 1  # gains


def after(a: Arrays, name: str, line: int = AMONG, gain: int = CHAOTIC) -> np.ndarray:
    """One value a network, after five compositions."""
    return a[name][line, gain, :, AFTER]


def ratio(a: Arrays, line: int) -> np.ndarray:
    """log₁₀ of largest slope over median slope."""
    return np.log10(after(a, "largest_slope", line) / after(a, "median_slope", line))


CLAIMS = [
    Claim(
        "many-changes-of-sign",
        f"“Many changes in the sign of derivatives.” After {AFTER} compositions at $g=3$ the slope changes sign "
        "{measured} times along a line near the states.",
        lambda a: bootstrap(after(a, "turns")),
        above=5,
        source="dronen2019",
    ),
    Claim(
        "many-small-some-large",
        f"“Many small derivatives, some large ones.” After {AFTER} compositions at $g=3$, share of the published "
        "figure's long line with a slope below a tenth of the root mean square: {measured:.0%} (8 % were the slopes "
        "Gaussian).",
        lambda a: bootstrap(after(a, "small_share", FAR)),
        above=0.5,
        source="dronen2019",
    ),
    Claim(
        "small-ones-come-from-far-out",
        "They are small because that line runs far outside the states: near the states the share of small slopes is "
        "lower by {measured:points}.",
        lambda a: bootstrap(after(a, "small_share", FAR) - after(a, "small_share")),
        above=0.3,
        swap=swap_entries(0, FAR, AMONG, "small_share"),
    ),
    Claim(
        "large-ones-come-from-the-middle",
        "On the long line the largest slope is {10^measured} times the median one.",
        lambda a: bootstrap(ratio(a, FAR)),
        above=2,
        swap=swap_entries(0, FAR, AMONG, "largest_slope", "median_slope"),
    ),
    Claim(
        "only-large-gain-folds",
        f"After {AFTER} compositions the slope changes sign {{measured}} more times at $g=3$ than at $g=0.9$, network "
        "by network.",
        lambda a: bootstrap(after(a, "turns") - after(a, "turns", gain=CONTRACTING)),
        above=5,
        swap=swap_entries(1, CONTRACTING, CHAOTIC, "turns"),
    ),
    Claim(
        "folds-grow-with-compositions",
        "At $g=3$ six compositions have {measured} more sign changes than one.",
        lambda a: bootstrap(a["turns"][AMONG, CHAOTIC, :, -1] - a["turns"][AMONG, CHAOTIC, :, 1]),
        above=8,
        swap=swap_entries(3, 1, -1, "turns"),
    ),
    Claim(
        "one-unit-becomes-a-step",
        "One unit with a weight between 1.5 and 4: after 16 rounds its slope is below 0.001 at {measured:.1%} of "
        "starts.",
        lambda a: bootstrap(a["unit_flat_share"][:, 1]),
        above=0.9,
        swap=swap_entries(1, 0, 1, "unit_flat_share"),
    ),
]

NUMBERS = {
    "networks": lambda a: float(a["turns"].shape[2]),
    "turns": lambda a: bootstrap(after(a, "turns")),
    "turns_contracting": lambda a: bootstrap(after(a, "turns", gain=CONTRACTING)),
    "small_share": lambda a: bootstrap(after(a, "small_share")),
    "small_share_far_1": lambda a: bootstrap(a["small_share"][FAR, CHAOTIC, :, 1]),
    "small_share_far": lambda a: bootstrap(after(a, "small_share", FAR)),
}
