"""z ← z² + c: when it escapes, and how z_n depends on its start and on c, inside, outside and at the border.

Page: docs/gradients/iterated-functions.md
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rnnsite.claims import Arrays, Claim, Published, swap_names
from rnnsite.context import Context
from rnnsite.seeding import numpy_generator
from rnnsite.statistics import Estimate, bootstrap

TITLE = "The Mandelbrot set and its gradients"
PAGE = "gradients/iterated-functions"
LEFT, RIGHT, TOP = -2.02, 0.58, 1.2  # a box around the set; the lower half is the mirror image of the upper
BOX = 2 * (RIGHT - LEFT) * TOP


@dataclass(frozen=True)
class Config:
    """`counts` estimates of the area, each from a jittered grid of 2·side × side points of the upper half."""

    counts: int = 20
    side: int = 400
    rounds: tuple[int, ...] = (500, 1000, 2000, 4000)
    points: int = 8000
    gradient_rounds: int = 1000
    walls: int = 300
    distances: tuple[float, ...] = (1e-1, 1e-2, 1e-3, 1e-4)
    map_width: int = 320
    map_rounds: int = 60
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(counts=100, side=1000, points=100_000, walls=5000)}


def draw_c(draw: np.random.Generator, count: int) -> np.ndarray:
    """Random c from the upper half of the box."""
    return LEFT + (RIGHT - LEFT) * draw.random(count) + 1j * TOP * draw.random(count)


def gradients(c: np.ndarray, rounds: int) -> dict[str, np.ndarray]:
    """Iterate z_{n+1} = z_n² + c from z_1 = c, each point until |z| > 2 or for all rounds.

    Returns `escape` (round of escape, 0 for never), `state` = log₁₀ |dz_n/dz_1| = Σ log₁₀ |2 z_k| and
    `parameter` = log₁₀ |dz_n/dc|, which adds one fresh 1 a round: dz_{n+1}/dc = 2 z_n dz_n/dc + 1.
    """
    escape, state, parameter = np.zeros(len(c), int), np.zeros(len(c)), np.zeros(len(c))
    index, here, z, dz = np.arange(len(c)), c, c.copy(), np.ones_like(c)
    logs = np.zeros(len(c))
    for n in range(2, rounds + 1):
        logs = logs + np.log10(np.abs(2 * z))
        dz = 2 * z * dz + 1
        z = z * z + here
        out = z.real**2 + z.imag**2 > 4
        if out.any() or n == rounds:
            done = out if n < rounds else np.ones_like(out)
            at = index[done]
            escape[at] = np.where(out[done], n, 0)
            state[at], parameter[at] = logs[done], np.log10(np.abs(dz[done]))
            index, here, z, dz, logs = index[~done], here[~done], z[~done], dz[~done], logs[~done]
    return {"escape": escape, "state": state, "parameter": parameter}


def count_area(draw: np.random.Generator, side: int, rounds: tuple[int, ...]) -> np.ndarray:
    """Area of the points that have not escaped after each number of rounds.

    One random point in each cell of a grid, which varies far less than free points. The two largest parts of the
    set, the cardioid and the disk at −1, never escape; they are recognised by formula and not iterated.
    """
    x = LEFT + (np.arange(2 * side)[:, None] + draw.random((2 * side, side))) * (RIGHT - LEFT) / (2 * side)
    y = (np.arange(side) + draw.random((2 * side, side))) * TOP / side
    q = (x - 0.25) ** 2 + y**2
    known = (q * (q + x - 0.25) <= y**2 / 4) | ((x + 1) ** 2 + y**2 <= 1 / 16)
    c = (x + 1j * y)[~known]
    z, areas = c.copy(), []
    for n in range(2, max(rounds) + 1):
        z = z * z + c
        if n < 20 or n % 10 == 0:
            inside = z.real**2 + z.imag**2 <= 4  # false for what has overflowed meanwhile, too
            z, c = z[inside], c[inside]
        if n in rounds:
            areas.append(BOX * (known.sum() + len(c)) / known.size)
    return np.array(areas)


def border_points(draw: np.random.Generator, count: int, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """Points on the border, bisected between a random c outside and one inside, and the direction to the outside."""
    c = draw_c(draw, 20 * count)
    inside = gradients(c, rounds)["escape"] == 0
    kept, out = c[inside][:count], c[~inside][:count]
    direction = (out - kept) / np.abs(out - kept)
    for _ in range(50):
        middle = (kept + out) / 2
        stays = gradients(middle, rounds)["escape"] == 0
        kept, out = np.where(stays, middle, kept), np.where(stays, out, middle)
    return out, direction


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    def area(number: int) -> dict[str, np.ndarray]:
        draw = numpy_generator("mandelbrot", "area", config.seed_set, number)
        with np.errstate(over="ignore", invalid="ignore"):
            return {"area": count_area(draw, config.side, config.rounds)}

    areas = context.stack(area, range(config.counts))["area"]
    draw = numpy_generator("mandelbrot", "gradients", config.seed_set)
    found = gradients(draw_c(draw, config.points), config.gradient_rounds)
    inside = found["escape"] == 0
    early = gradients(draw_c(numpy_generator("mandelbrot", "gradients", config.seed_set), config.points), 100)

    border, direction = border_points(draw, config.walls, config.gradient_rounds)
    near = [gradients(border + d * direction, 4 * config.gradient_rounds) for d in config.distances]

    width = config.map_width
    height = round(width * TOP / (RIGHT - LEFT))
    x = LEFT + (np.arange(width) + 0.5) * (RIGHT - LEFT) / width
    y = (np.arange(height) + 0.5) * TOP / height
    drawn = gradients((x[None] + 1j * y[:, None]).ravel(), config.map_rounds)
    return {
        "rounds": np.array(config.rounds),
        "area": areas,
        "inside_state": found["state"][inside],
        "inside_parameter": found["parameter"][inside],
        "inside_state_100": early["state"][inside],
        "inside_parameter_100": early["parameter"][inside],
        "distances": np.array(config.distances),
        "near_parameter": np.stack([np.where(one["escape"] > 0, one["parameter"], np.nan) for one in near]),
        "map_x": x,
        "map_y": y,
        "map_state": drawn["state"].reshape(height, width).astype(np.float32),
        "map_rounds": np.array(config.map_rounds),
    }


def extrapolated(a: Arrays) -> Estimate:
    """Area as rounds → ∞: the excess of a count falls like 1/rounds, so twice the last minus the one before."""
    return replace(bootstrap(2 * a["area"][:, -1] - a["area"][:, -2]), digits=5)


def near(a: Arrays) -> np.ndarray:
    """log₁₀ |dz/dc| at each distance for the walls whose every point escapes, (distances, walls)."""
    logs = a["near_parameter"]
    return logs[:, np.isfinite(logs).all(axis=0)]


def wall_slope(a: Arrays) -> Estimate:
    """Exponent of gradient ∝ distance^slope: the least-squares line through all points, bootstrapped over them."""
    x = np.log10(a["distances"])
    centred = (x - x.mean())[:, None]
    return bootstrap((centred * near(a)).sum(axis=0) / (centred**2).sum())


AREA = 1.5065918849  # Förstemann 2012

CLAIMS = [
    Claim(
        "area",
        f"The set has area 1.5066. Ours, extrapolated to infinitely many rounds: {{measured}} ({AREA:.7f} published).",
        extrapolated,
        above=AREA - 0.0015,
        below=AREA + 0.0015,
        source="forstemann2012",
    ),
    Claim(
        "plain-count-is-too-large",
        "After 1000 rounds the plain count is still too large, by {measured}: points near the border escape late.",
        lambda a: bootstrap(a["area"][:, 1] - AREA),
        above=0.003,
        below=0.005,
        swap=lambda a: {**a, "area": a["area"][:, ::-1]},
    ),
    Claim(
        "inside-the-start-is-forgotten",
        "Inside the set, the median gradient to the start after 100 rounds is {10^measured}.",
        lambda a: bootstrap(a["inside_state_100"], np.median),
        below=-5,
        swap=swap_names("inside_state_100", "inside_parameter_100"),
    ),
    Claim(
        "inside-the-parameter-is-not-forgotten",
        "Inside the set, the median gradient to the parameter $c$ changes between 100 and 1000 rounds by a factor of "
        "{measured}: the latest use of $c$ always counts.",
        lambda a: bootstrap(10 ** (a["inside_parameter"] - a["inside_parameter_100"]), np.median),
        above=0.9,
        below=1.1,
        swap=lambda a: {
            **a,
            "inside_parameter": a["inside_state"],
            "inside_parameter_100": a["inside_state_100"],
        },
    ),
    Claim(
        "border-explodes",
        "One ten-thousandth outside a border point the median gradient to $c$ is {10^measured}.",
        lambda a: bootstrap(near(a)[-1], np.median),
        above=6,
        swap=lambda a: {**a, "near_parameter": a["near_parameter"][::-1]},
    ),
    Claim(
        "at-least-one-over-distance",
        "At a distance $d$ outside a border point, the gradient at escape goes as $d$ to the power {measured}: at "
        "least as fast as $1/d$.",
        wall_slope,
        above=-3,
        below=-1,
        swap=lambda a: {**a, "near_parameter": a["near_parameter"][::-1]},
    ),
]

PUBLISHED = [
    Published(
        "area of the Mandelbrot set",
        "1.5065918849(28)",
        "forstemann2012",
        extrapolated,
        "jittered grids and extrapolation in the number of rounds; his run tested 87 trillion points",
    )
]

NUMBERS = {
    "area": lambda a: extrapolated(a),
    "plain_area": lambda a: replace(bootstrap(a["area"][:, 1]), digits=5),
    "median_state": lambda a: float(np.median(a["inside_state_100"])),
    "median_parameter": lambda a: float(10 ** np.median(a["inside_parameter"])),
    "wall_slope": lambda a: wall_slope(a),
    "walls": lambda a: int(near(a).shape[1]),
    "walls_tried": lambda a: int(a["near_parameter"].shape[1]),
}
