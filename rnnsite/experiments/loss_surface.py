"""The loss of one recurrent unit over its two parameters: where the cliff is, how steep, and a descent that meets it.

Page: docs/gradients/cliffs.md
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnsite.claims import Arrays, Claim, reverse_axis, swap_names
from rnnsite.context import Context
from rnnsite.experiments.wall_descent import descend
from rnnsite.statistics import Estimate, exact, worst
from rnnsite.tasks.single_unit import STEPS, bifurcations, curvature, error, growth, sigmoid, wall

TITLE = "A cliff in a loss surface"
PAGE = "gradients/cliffs"


@dataclass(frozen=True)
class Config:
    pixels: int = 121
    w_range: tuple[float, float] = (4.0, 6.0)
    b_range: tuple[float, float] = (-3.3, -1.8)
    widths: tuple[float, ...] = (5.0, 5.25, 5.5, 5.75, 6.0)  # the w whose walls are measured
    steps: tuple[int, ...] = (10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60)
    fit_from: int = 40  # the law holds once transients have died
    closest: float = 1e-12  # how near the wall the profile is sampled; at w = 6, T = 60 its width is about 1e-9
    profile: int = 400
    start: tuple[float, float] = (5.4, -2.0)
    lr: float = 0.1
    clip: float = 1.0
    updates: int = 500
    seed_set: int = 0  # nothing here is random


CONFIGS = {"quick": Config(), "paper": Config(pixels=401, profile=2000)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """Arrays: the map loss(b, w), two descent paths, and profiles across the wall for every w and T.

    Plain NumPy in float64, whatever the device: the unit is two numbers, and float32 cannot resolve its wall.
    """
    w, b = np.linspace(*config.w_range, config.pixels), np.linspace(*config.b_range, config.pixels)
    surface = error(w[None, :], b[:, None])
    side = np.geomspace(config.closest, 0.3, config.profile)
    offset = np.concatenate([-side[::-1], [0.0], side])
    profiles = context.stack(lambda T: _across(np.array(config.widths), offset, T), config.steps, axis=1)
    w_0, b_0 = config.start
    plain = list(descend(w_0, b_0, config.lr, np.inf, config.updates))
    clipped = list(descend(w_0, b_0, config.lr, config.clip, config.updates))
    w_5 = config.widths[0]
    aligned = _alignment(np.linspace(4.75, config.w_range[1], 26), offset)
    return {
        "w": w,
        "b": b,
        "loss": surface.loss,
        "norm": surface.norm,
        "wall": wall(w),
        "widths": np.array(config.widths),
        "steps": np.array(config.steps),
        "fit_from": np.array(config.fit_from),
        "growth": growth(config.widths),
        "wall_at_widths": wall(config.widths),
        **profiles,
        "steepest_at_50": profiles["steepest"][:, config.steps.index(STEPS)],
        "bifurcation_b": np.array([bifurcations(one) for one in config.widths]),
        "slope_at_bifurcation": error(w_5, np.array(bifurcations(w_5))).norm,
        "slope_at_wall": profiles["peak_slope"][0, config.steps.index(STEPS)],
        **aligned,
        "path_plain": np.stack([θ for θ, _ in plain]),
        "path_clipped": np.stack([θ for θ, _ in clipped]),
        "loss_plain": plain[-1][1].loss,
        "loss_clipped": clipped[-1][1].loss,
    }


def _across(widths: np.ndarray, offset: np.ndarray, steps: int) -> dict[str, np.ndarray]:
    """Along b, through the wall of each w: the steepest slope, where it is, the strongest curvature, the height."""
    w, b = widths[:, None], wall(widths)[:, None] + offset
    here = error(w, b, steps)
    bend = np.linalg.norm(curvature(w, b, steps), axis=(0, 1))
    peak = here.norm.argmax(1)
    return {
        "peak_slope": here.norm.max(1),
        "steepest": np.take_along_axis(b, peak[:, None], 1)[:, 0],
        "peak_curvature": bend.max(1),
        "height": np.ptp(here.loss, axis=1),
    }


def _alignment(w: np.ndarray, offset: np.ndarray) -> dict[str, np.ndarray]:
    """Where the slope exceeds 10: the gradient against the wall's normal and against the steepest-bending direction."""
    w_all, b_all = w[:, None] + 0 * offset, wall(w)[:, None] + offset
    steep = error(w_all, b_all).norm > 10
    w_all, b_all = w_all[steep], b_all[steep]
    gradient = error(w_all, b_all).gradient / error(w_all, b_all).norm
    values, vectors = np.linalg.eigh(np.moveaxis(curvature(w_all, b_all), -1, 0))
    strongest = np.abs(values).argmax(1)
    leading = np.take_along_axis(vectors, strongest[:, None, None], 2)[:, :, 0]
    normal = np.array([float(sigmoid(0.5)), 1.0])
    return {
        "cosine_to_normal": np.abs(normal @ gradient) / np.linalg.norm(normal),
        "cosine_to_bend": np.abs(np.einsum("kn,nk->n", gradient, leading)),
    }


def rate(a: Arrays, name: str) -> np.ndarray:
    """By how much ln(array) grows a step, for each w: the slope of a straight line over the last steps."""
    late = a["steps"] >= a["fit_from"]
    return np.polyfit(a["steps"][late], np.log(a[name][:, late]).T, 1)[0]


def _furthest_from_one(values: np.ndarray) -> Estimate:
    return worst(*map(exact, values), by=lambda e: -abs(e.value - 1))


def _times(a: Arrays, name: str) -> np.ndarray:
    """Value at T = 50 over value at T = 25, for each w."""
    late, early = (list(a["steps"]).index(T) for T in (50, 25))
    return a[name][:, late] / a[name][:, early]


CLAIMS = [
    Claim(
        name="the-wall-has-an-equation",
        says="For every w from 5 to 6 the steepest point along b lies within {measured} of b = 0.5 − wσ(0.5), the "
        "line on which the start is an unstable fixed point.",
        measure=lambda a: exact(np.abs(a["steepest_at_50"] - a["wall_at_widths"]).max()),
        below=1e-3,
        swap=lambda a: {**a, "wall_at_widths": a["bifurcation_b"][:, 0]},
    ),
    Claim(
        name="height-of-the-slope",
        says="The steepest slope grows by the factor wσ′(0.5) a step, as repeated multiplication predicts: in the "
        "worst of five w the measured rate is {measured} times the predicted one.",
        measure=lambda a: _furthest_from_one(rate(a, "peak_slope") / np.log(a["growth"])),
        above=0.97,
        below=1.03,
        swap=reverse_axis(0, "peak_slope"),
    ),
    Claim(
        name="steeper-not-higher",
        says="From 25 to 50 steps the steepest slope grows at least {measured} times as much as the height of the "
        "surface, which hardly changes: the wall gets thinner.",
        measure=lambda a: exact((_times(a, "peak_slope") / _times(a, "height")).min()),
        above=30,
        swap=swap_names("peak_slope", "height"),
    ),
    Claim(
        name="curvature-is-slope-squared",
        says="Curvature explodes twice as fast as the slope, so it grows as its square: in the worst of five w "
        "its rate is {measured} times the slope's.",
        measure=lambda a: worst(
            *map(exact, rate(a, "peak_curvature") / rate(a, "peak_slope")), by=lambda e: -abs(e.value - 2)
        ),
        above=1.95,
        below=2.05,
        swap=swap_names("peak_curvature", "peak_slope"),
    ),
    Claim(
        name="boundary-not-bifurcation",
        says="Gradients explode where the state crosses a boundary between basins, not where attractors appear or "
        "disappear: at w = 5 the slope at the wall is {measured} times that at the worse of the two bifurcations.",
        measure=lambda a: exact(float(a["slope_at_wall"]) / a["slope_at_bifurcation"].max()),
        above=100,
        swap=lambda a: {
            **a,
            "slope_at_wall": a["slope_at_bifurcation"].max(),
            "slope_at_bifurcation": np.array([a["slope_at_wall"]]),
        },
        source="pascanu2013",
    ),
    Claim(
        name="curvature-explodes-too",
        says="The hypothesis that when gradients explode, so does the curvature: its rate over the gradient's is at "
        "least {measured}.",
        measure=lambda a: exact((rate(a, "peak_curvature") / rate(a, "peak_slope")).min()),
        above=0.9,
        swap=lambda a: {**a, "peak_curvature": a["height"]},
        source="pascanu2013",
    ),
    Claim(
        name="perpendicular-to-the-wall",
        says="On the wall the gradient and the direction of strongest curvature both stand perpendicular to it: the "
        "smaller cosine is at least {measured} wherever the slope exceeds 10.",
        measure=lambda a: exact(min(a["cosine_to_normal"].min(), a["cosine_to_bend"].min())),
        above=0.95,
        swap=lambda a: {**a, "cosine_to_normal": np.sqrt(np.maximum(0, 1 - a["cosine_to_normal"] ** 2))},
        source="pascanu2013",
    ),
]


def _jump(a: Arrays) -> float:
    return float(np.linalg.norm(np.diff(a["path_plain"], axis=0), axis=1).max())


NUMBERS = {
    "steepest_at_5": lambda a: float(a["slope_at_wall"]),
    "steepest_at_6": lambda a: float(a["peak_slope"][-1, list(a["steps"]).index(STEPS)]),
    "at_bifurcation": lambda a: float(a["slope_at_bifurcation"].max()),
    "highest": lambda a: float(a["height"].max()),
    "growth_at_5": lambda a: float(a["growth"][0]),
    "growth_at_6": lambda a: float(a["growth"][-1]),
    "growth_50": lambda a: float(a["growth"][0]) ** 50,
    "flat_share": lambda a: float(np.mean(a["norm"] < 1)),
    "steep_share": lambda a: float(np.mean(a["norm"] > 10)),
    "jump": _jump,
    "loss_plain": lambda a: float(a["loss_plain"]),
    "loss_clipped": lambda a: float(a["loss_clipped"]),
    "clipped_w": lambda a: float(a["path_clipped"][-1][0]),
    "step_of_jump": lambda a: str(int(np.linalg.norm(np.diff(a["path_plain"], axis=0), axis=1).argmax()) + 1),
}
