"""Two-unit tanh networks with several attractors: the gradient inside their basins and on the walls between them.

Page: docs/gradients/iterated-functions.md
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnsite.claims import Arrays, Claim, swap_names
from rnnsite.context import Context
from rnnsite.seeding import numpy_generator
from rnnsite.statistics import bootstrap, wilson

TITLE = "Basins of attraction and the gradients in them"
PAGE = "gradients/iterated-functions"

PINWHEEL = ((2.1, 0.57), (-0.48, 2.08))  # the drawn network: four fixed points
CHAOTIC = ((3.0, -3.0), (3.0, -3.0))  # W² = 0, so ρ(W) = 0; h₁ − h₂ follows a one-humped map like the logistic one


@dataclass(frozen=True)
class Config:
    """Random networks: W ~ N(0, scale²), b ~ N(0, shift²); the first `networks` of `drawn` with several basins."""

    drawn: int = 400
    networks: int = 50
    scale: float = 2.0
    shift: float = 0.3
    starts: int = 24
    walls: int = 16
    rounds: int = 20  # longer, and rounding errors carry the state off its wall
    chaotic_rounds: int = 40
    settle: int = 300
    map_bias: tuple[float, float] = (0.04, -0.09)
    map_reach: float = 1.5
    map_width: int = 241
    map_rounds: int = 12
    chaotic_bias: tuple[float, float] = (-1.5, -4.5)
    chaotic_starts: int = 500
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(drawn=4000, networks=500, starts=200, walls=100, chaotic_starts=5000)}


def step(W: np.ndarray, b: np.ndarray, h: np.ndarray) -> np.ndarray:
    """h ← tanh(W h + b) for M networks and P states each: W (M, 2, 2), b (M, 2), h (M, P, 2)."""
    return np.tanh(h @ W.swapaxes(1, 2) + b[:, None])


def settle(W: np.ndarray, b: np.ndarray, h: np.ndarray, rounds: int) -> np.ndarray:
    for _ in range(rounds):
        h = step(W, b, h)
    return h


def largest_singular_value(D: np.ndarray) -> np.ndarray:
    """Of 2×2 matrices, in closed form: σ² = (s + √(s² − 4 det²)) / 2 with s the sum of squares."""
    s = (D**2).sum(axis=(-2, -1))
    det = D[..., 0, 0] * D[..., 1, 1] - D[..., 0, 1] * D[..., 1, 0]
    return np.sqrt((s + np.sqrt(np.maximum(s**2 - 4 * det**2, 0))) / 2)


def gradient(W: np.ndarray, b: np.ndarray, h: np.ndarray, rounds: int) -> np.ndarray:
    """log₁₀ ‖∂h_T/∂h_0‖ (largest singular value) for T = 0 … rounds: (rounds + 1, M, P).

    The Jacobian is a product of diag(1 − h²) W. It is rescaled at each step, so that it cannot overflow or vanish.
    """
    D = np.broadcast_to(np.eye(2), (*h.shape[:2], 2, 2))
    scale = np.zeros(h.shape[:2])
    logs = [scale]
    for _ in range(rounds):
        h = step(W, b, h)
        D = (1 - h * h)[..., None] * (W[:, None] @ D)
        size = largest_singular_value(D)
        D = D / size[..., None, None]
        scale = scale + np.log10(size)
        logs.append(scale)
    return np.stack(logs)


def with_several_basins(config: Config, draw: np.random.Generator) -> tuple[np.ndarray, ...]:
    """W, b, random starts and their ends, of the drawn networks whose every start ends at one of ≥ 2 fixed points."""
    W = config.scale * draw.standard_normal((config.drawn, 2, 2))
    b = config.shift * draw.standard_normal((config.drawn, 2))
    start = draw.uniform(-1, 1, (config.drawn, config.starts, 2))
    end = settle(W, b, start, config.settle)
    fixed = np.abs(step(W, b, end) - end).max(axis=(1, 2)) < 1e-6
    several = np.abs(end - end[:, :1]).max(axis=(1, 2)) > 0.05
    kept = np.flatnonzero(fixed & several)[: config.networks]
    return W[kept], b[kept], start[kept], end[kept], np.array((fixed & several).mean())


def walls(
    W: np.ndarray, b: np.ndarray, start: np.ndarray, end: np.ndarray, config: Config, draw: np.random.Generator
) -> np.ndarray:
    """States on walls, (M, walls, 2): bisected between two starts of a network that end at different fixed points."""
    first, second = np.empty((2, len(W), config.walls, 2))
    first_end, second_end = np.empty_like(first), np.empty_like(second)
    for m in range(len(W)):
        apart = np.argwhere(np.abs(end[m][:, None] - end[m][None]).max(axis=2) > 0.05)
        i, j = apart[draw.integers(len(apart), size=config.walls)].T
        first[m], second[m], first_end[m], second_end[m] = start[m, i], start[m, j], end[m, i], end[m, j]
    for _ in range(52):
        middle = (first + second) / 2
        ends = settle(W, b, middle, config.settle)
        like_first = ((ends - first_end) ** 2).sum(-1) < ((ends - second_end) ** 2).sum(-1)
        first = np.where(like_first[..., None], middle, first)
        second = np.where(like_first[..., None], second, middle)
    return first


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    draw = numpy_generator("basins", config.seed_set)
    W, b, start, end, share = with_several_basins(config, draw)
    inside = gradient(W, b, start, config.rounds)
    wall = gradient(W, b, walls(W, b, start, end, config, draw), config.rounds)

    chaotic_W, chaotic_b = np.array([CHAOTIC]), np.array([config.chaotic_bias])
    random = draw.uniform(-1, 1, (1, config.chaotic_starts, 2))
    chaotic = gradient(chaotic_W, chaotic_b, random, config.chaotic_rounds)
    h, total = random, np.zeros_like(random)
    for _ in range(4000):
        h = step(chaotic_W, chaotic_b, h)
        total += h

    axis = np.linspace(-config.map_reach, config.map_reach, config.map_width)
    grid = np.stack(np.meshgrid(axis, axis), -1).reshape(1, -1, 2)
    map_W, map_b = np.array([PINWHEEL]), np.array([config.map_bias])
    drawn = gradient(map_W, map_b, grid, config.map_rounds)[-1]
    ends = settle(map_W, map_b, grid[:, ::37], 3000)[0]
    return {
        "share_with_several_basins": share,
        "inside": np.median(inside, axis=2).T,  # one median a network: (networks, rounds + 1)
        "wall": np.median(wall, axis=2).T,
        "chaotic": chaotic[:, 0].T,  # (starts, rounds + 1)
        "chaotic_mean_state": total[0, :, 0] / 4000,
        "map_axis": axis,
        "map": drawn.reshape(config.map_width, config.map_width).astype(np.float32),
        "map_rounds": np.array(config.map_rounds),
        "attractors": np.unique(ends.round(4), axis=0),
    }


def rate(a: Arrays, name: str) -> np.ndarray:
    """log₁₀ growth a step over the second half of the rounds, one a network (or start)."""
    logs = a[name]
    half = logs.shape[1] // 2
    return (logs[:, -1] - logs[:, half]) / (logs.shape[1] - 1 - half)


CLAIMS = [
    Claim(
        "vanishes-in-a-basin",
        "“Within one of the regions the gradients vanish.” Median gradient over 20 steps inside the basins of random "
        "two-unit networks: {10^measured}.",
        lambda a: bootstrap(a["inside"][:, -1], np.median),
        below=-3,
        source="grosse2019",
    ),
    Claim(
        "explodes-on-the-boundary",
        "“On the boundary, the gradient blows up.” The same on the walls: {10^measured}.",
        lambda a: bootstrap(a["wall"][:, -1], np.median),
        above=3,
        source="grosse2019",
    ),
    Claim(
        "walls-exceed-basins",
        "Network by network, a gradient on a wall is {10^measured} times one in a basin after 20 steps.",
        lambda a: bootstrap(a["wall"][:, -1] - a["inside"][:, -1], np.median),
        above=8,
        swap=swap_names("wall", "inside"),
    ),
    Claim(
        "in-nearly-every-network",
        "Share of networks in which the gradient shrinks in the basins and grows on the walls: {measured:.0%}.",
        lambda a: wilson(int(((a["inside"][:, -1] < 0) & (a["wall"][:, -1] > 0)).sum()), len(a["wall"])),
        above=0.8,
        swap=swap_names("wall", "inside"),
    ),
    Claim(
        "one-basin-can-explode-throughout",
        "A two-unit network with one attractor and no walls, but a chaotic one: over 40 steps the median gradient at "
        "random starts is {10^measured}.",
        lambda a: bootstrap(a["chaotic"][:, -1], np.median),
        above=5,
        swap=swap_names("chaotic", "inside"),
    ),
    Claim(
        "spectral-radius-zero-explodes",
        "That network's recurrent matrix has spectral radius 0. Its gradient grows by a factor of {measured} a step.",
        lambda a: bootstrap(10 ** rate(a, "chaotic"), np.median),
        above=1.3,
        swap=swap_names("chaotic", "inside"),
    ),
]

NUMBERS = {
    "networks": lambda a: float(len(a["inside"])),
    "share": lambda a: float(a["share_with_several_basins"]),
    "chaotic_least": lambda a: float(10 ** a["chaotic"][:, -1].min()),
    "chaotic_steps": lambda a: int(a["chaotic"].shape[1] - 1),
    "chaotic_starts": lambda a: float(a["chaotic_mean_state"].size),
    "inside": lambda a: bootstrap(a["inside"][:, -1], np.median),
    "wall": lambda a: bootstrap(a["wall"][:, -1], np.median),
    "wall_factor": lambda a: float(10 ** np.median(rate(a, "wall"))),
    "steps_on_a_wall": lambda a: float(53 * np.log10(2) / np.median(rate(a, "wall"))),
    "chaotic_spread": lambda a: float(a["chaotic_mean_state"].std()),
    "chaotic_factor": lambda a: bootstrap(10 ** rate(a, "chaotic"), np.median),
}
