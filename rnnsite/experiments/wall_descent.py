"""Gradient descent from many starts on the one-unit surface, with and without clipping, over learning rates.

Page: docs/gradients/cliffs.md
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rnnsite.claims import Arrays, Claim, swap_entries
from rnnsite.context import Context
from rnnsite.seeding import numpy_generator
from rnnsite.statistics import Estimate, bootstrap, wilson
from rnnsite.tasks.single_unit import Error, error

TITLE = "Down a surface with a cliff, clipped and not"
PAGE = "gradients/cliffs"

PLAIN, CLIPPED = 0, 1  # the arms, in every array's first axis


@dataclass(frozen=True)
class Config:
    starts: int = 200
    w_range: tuple[float, float] = (4.5, 6.0)
    b_range: tuple[float, float] = (-3.2, -2.0)
    lrs: tuple[float, ...] = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
    shown_lr: float = 0.1
    clip: float = 1.0
    updates: int = 500
    solved: float = 1e-3
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(starts=1000, updates=5000)}


def descend(
    w: np.ndarray | float, b: np.ndarray | float, lr: np.ndarray | float, clip: float, updates: int
) -> Iterator[tuple[np.ndarray, Error]]:
    """Gradient descent on the single unit from every start at once, by norm clipping: same direction, length ≤ clip.

    θ ← θ − η g · min(1, clip / ‖g‖)

    w, b, lr broadcast to (...); clip np.inf for none. Yields θ = (w, b), (2, ...), and the error there: the start,
    then the place after each update.
    """
    θ = np.stack(np.broadcast_arrays(w, b, lr)[:2])
    for _ in range(updates):
        here = error(*θ)
        yield θ, here
        θ = θ - lr * here.gradient * np.minimum(1, clip / np.maximum(here.norm, 1e-300))
    yield θ, error(*θ)


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """Arrays (arm, learning rate, start): loss and norm at the end, longest step, updates made on the wall (norm
    above the threshold), and how many of these led off it.

    Plain NumPy in float64, whatever the device: the unit is two numbers, and float32 cannot resolve its wall.
    """
    draw = numpy_generator("wall_descent", config.seed_set)
    w, b = (draw.uniform(*span, config.starts) for span in (config.w_range, config.b_range))

    def arm(name: str) -> dict[str, np.ndarray]:
        clip = config.clip if name == "clipped" else np.inf
        return _summary(descend(w, b, np.array(config.lrs)[:, None], clip, config.updates), config.clip)

    return {
        "lrs": np.array(config.lrs),
        "shown": np.array(config.lrs.index(config.shown_lr)),
        "solved": np.array(config.solved),
        "updates": np.array(config.updates),
        "box": np.array(config.w_range[1] - config.w_range[0]),
        **context.stack(arm, ("not clipped", "clipped")),
    }


def _summary(walk: Iterator[tuple[np.ndarray, Error]], threshold: float) -> dict[str, np.ndarray]:
    θ, here = next(walk)
    longest, on_wall, back = (np.zeros(here.norm.shape) for _ in range(3))
    for next_θ, there in walk:
        longest = np.maximum(longest, np.hypot(*(next_θ - θ)))
        steep = here.norm > threshold
        on_wall += steep
        back += steep & (there.norm < threshold)
        θ, here = next_θ, there
    return {"loss": here.loss, "norm": here.norm, "longest": longest, "on_wall": on_wall, "back": back}


def solved(a: Arrays) -> np.ndarray:
    """(arm, learning rate, start): did the run reach the target?"""
    return a["loss"] < a["solved"]


def thrown(a: Arrays) -> np.ndarray:
    """(arm, learning rate, start): was one step longer than the whole box the starts were drawn from?"""
    return a["longest"] > a["box"]


def share(hits: np.ndarray) -> Estimate:
    return wilson(int(hits.sum()), hits.size)


def _shown(a: Arrays, values: np.ndarray, arm: int) -> np.ndarray:
    return values[arm, int(a["shown"])]


def _gap(a: Arrays, first: np.ndarray, second: np.ndarray) -> Estimate:
    return bootstrap(first.astype(float) - second.astype(float))


def _best(a: Arrays, arm: int) -> np.ndarray:
    """The runs of an arm at the learning rate that suits it best."""
    return solved(a)[arm, solved(a)[arm].mean(1).argmax()]


def _stuck(a: Arrays) -> Estimate:
    """Among thrown runs without clipping: share that ends unsolved where there is no gradient left."""
    flung = _shown(a, thrown(a), PLAIN)
    flat = _shown(a, a["norm"] < 1e-3, PLAIN) & ~_shown(a, solved(a), PLAIN)
    return share(flat[flung]) if flung.any() else wilson(0, 1)


def _pushed_back(a: Arrays) -> Estimate:
    on, back = (_shown(a, a[name], CLIPPED) for name in ("on_wall", "back"))
    return bootstrap((back / np.maximum(on, 1))[on > 0])


_ARMS = swap_entries(0, PLAIN, CLIPPED, "loss", "norm", "longest", "on_wall", "back")

CLAIMS = [
    Claim(
        name="thrown",
        says="Without clipping, at learning rate 0.1, {measured:.0%} of the runs take a step longer than the whole box "
        "they started in.",
        measure=lambda a: share(_shown(a, thrown(a), PLAIN)),
        above=0.7,
        swap=_ARMS,
    ),
    Claim(
        name="clipping-arrives",
        says="From the same starts and at the same learning rate, clipping raises the share that reaches the target "
        "by {measured:points}.",
        measure=lambda a: _gap(a, _shown(a, solved(a), CLIPPED), _shown(a, solved(a), PLAIN)),
        above=0.6,
        swap=_ARMS,
    ),
    Claim(
        name="no-learning-rate-replaces-it",
        says="With each arm at the learning rate that suits it best, the share that clipping solves is still "
        "{measured:points} higher.",
        measure=lambda a: _gap(a, _best(a, CLIPPED), _best(a, PLAIN)),
        above=0.0,
        swap=_ARMS,
    ),
    Claim(
        name="safe-is-too-slow",
        says="At learning rate 0.003 few are thrown, but only {measured:.0%} arrive without clipping.",
        measure=lambda a: share(solved(a)[PLAIN, 0]),
        below=0.2,
        swap=lambda a: {**a, "loss": np.flip(a["loss"], 1)},
    ),
    Claim(
        name="explosion-ends-in-vanishing",
        says="Of the thrown runs {measured:.0%} end stuck: not at the target, and with no gradient left to leave by.",
        measure=_stuck,
        above=0.35,
        swap=_ARMS,
    ),
    Claim(
        name="back-to-the-smooth-side",
        says="A step of bounded length from the wall leads back into the smooth region: share of such steps after "
        "which the gradient is below the threshold, {measured:.0%}.",
        measure=_pushed_back,
        above=0.5,
        swap=lambda a: {**a, "back": a["on_wall"] - a["back"]},
        source="pascanu2013",
    ),
]

NUMBERS = {
    "starts": lambda a: str(a["loss"].shape[2]),
    "updates": lambda a: str(int(a["updates"])),
    "plain_solved": lambda a: share(_shown(a, solved(a), PLAIN)),
    "clipped_solved": lambda a: share(_shown(a, solved(a), CLIPPED)),
    "plain_best": lambda a: share(_best(a, PLAIN)),
    "plain_best_lr": lambda a: f"{a['lrs'][solved(a)[PLAIN].mean(1).argmax()]:g}",
    "clipped_best": lambda a: share(_best(a, CLIPPED)),
    "typical_throw": lambda a: float(np.median(_shown(a, a["longest"], PLAIN)[_shown(a, thrown(a), PLAIN)])),
    "longest_throw": lambda a: float(a["longest"][PLAIN].max()),
    "thrown_high": lambda a: share((np.abs(_shown(a, a["loss"], PLAIN) - 0.09) < 1e-3)[_shown(a, thrown(a), PLAIN)]),
    "thrown_low": lambda a: share((np.abs(_shown(a, a["loss"], PLAIN) - 0.49) < 0.02)[_shown(a, thrown(a), PLAIN)]),
    "never_on_wall": lambda a: float((a["on_wall"][PLAIN, solved(a)[PLAIN].mean(1).argmax()] == 0).mean()),
    "on_wall_at_10": lambda a: float((a["on_wall"][PLAIN, np.flatnonzero(a["lrs"] == 10)[0]] > 0).mean()),
    "clipped_loss": lambda a: float(np.median(_shown(a, a["loss"], CLIPPED))),
}
