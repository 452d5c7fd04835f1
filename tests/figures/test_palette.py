"""Colours can be read and told apart, also by readers who see fewer of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from rnnsite.errors import RnnsiteError
from rnnsite.figures.palette import DIVERGING, LIGHT_TO_DARK, PALETTE, SEQUENTIAL, colour, tint, to_dark

LIGHT, DARK = 0, 1
CELLS = ["rnn", "gru", "lstm", "esn"]
ACTIVATIONS = ["tanh", "sigmoid", "relu", "linear"]
TEXT = [name for name in PALETTE if name not in ("paper", "rule")]
# Machado, Oliveira and Fernandes 2009: full severity, on linear RGB
EYES = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def linear_rgb(hex_colour: str) -> np.ndarray:
    coded = np.array([int(hex_colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    low, high = sorted(float(linear_rgb(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def oklab(hex_colour: str, eyes: str = "normal") -> np.ndarray:
    """Ottosson's OKLab: distances in it are about as large as they look."""
    seen = np.clip(EYES[eyes] @ linear_rgb(hex_colour), 0, 1)
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return lab @ np.cbrt(cones @ seen)


def distance(one: str, other: str, mode: int, eyes: str) -> float:
    return float(np.linalg.norm(oklab(PALETTE[one][mode], eyes) - oklab(PALETTE[other][mode], eyes)))


@pytest.mark.parametrize("mode", [LIGHT, DARK])
@pytest.mark.parametrize("name", TEXT)
def test_text_contrast(name: str, mode: int) -> None:
    assert contrast(PALETTE[name][mode], PALETTE["paper"][mode]) >= 4.5


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("mode", [LIGHT, DARK])
def test_told_apart(mode: int, eyes: str) -> None:
    for one, other in itertools.combinations([*CELLS, *ACTIVATIONS], 2):
        assert distance(one, other, mode, eyes) >= 0.06, (one, other)
    for family in (CELLS, ACTIVATIONS):
        for one, other in itertools.combinations(family, 2):
            assert distance(one, other, mode, eyes) >= 0.085, (one, other)
    for name in [*CELLS, *ACTIVATIONS]:
        assert distance(name, "ink", mode, eyes) >= 0.06, name
    for one, other in [("good", "warn"), ("vanish", "explode"), ("vanish", "ink"), ("explode", "ink")]:
        assert distance(one, other, mode, eyes) >= 0.085, (one, other)


@pytest.mark.parametrize("dark", [False, True])
def test_scales_run_evenly(dark: bool) -> None:
    """Lightness rises or falls without a turn (sequential), or turns once, in the middle (diverging)."""
    for scale, turns in ((SEQUENTIAL, 0), (DIVERGING, 1)):
        stops = [to_dark(stop) if dark else stop for _, stop in scale]
        steps = np.diff([oklab(stop)[0] for stop in stops])
        assert np.abs(steps).min() > 0.02
        assert (np.diff(np.sign(steps)) != 0).sum() == turns
        assert [place for place, _ in scale] == sorted(place for place, _ in scale)


def test_every_light_colour_has_one_dark_partner() -> None:
    lights = [light for light, _ in PALETTE.values()] + [stop for _, stop in [*SEQUENTIAL, *DIVERGING]]
    assert set(lights) == LIGHT_TO_DARK.keys()
    for light, dark in PALETTE.values():
        assert LIGHT_TO_DARK[light] == dark


def test_to_dark_reaches_everything() -> None:
    light, dark = PALETTE["lstm"]
    given = {
        "a": [light, {"b": tint("lstm", 0.5)}],
        "text": f"<b style='color:{light.upper()}'>x</b>",
        "n": 1,
        "no": None,
    }
    assert to_dark(given) == {
        "a": [dark, {"b": dark + "80"}],
        "text": f"<b style='color:{dark}'>x</b>",
        "n": 1,
        "no": None,
    }


def test_mistakes_are_answered_in_a_sentence() -> None:
    with pytest.raises(RnnsiteError, match="Did you mean 'lstm'"):
        colour("lsmt")
    with pytest.raises(RnnsiteError, match="between 0 and 1"):
        tint("lstm", 20)
