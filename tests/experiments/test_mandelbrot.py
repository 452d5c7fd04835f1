"""Escape rounds and gradients of z² + c against points and derivatives known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rnnsite.experiments.mandelbrot import count_area, draw_c, gradients
from rnnsite.seeding import numpy_generator


def test_escape_rounds_known_by_hand() -> None:
    # c = 1: 1, 2, 5. c = i stays on a cycle for ever; c = −1 alternates between −1 and 0.
    assert gradients(np.array([1, 1j, -1 + 0.01j]), 50)["escape"].tolist() == [3, 0, 0]


def z(c: np.ndarray, z1: np.ndarray, rounds: int) -> np.ndarray:
    for _ in range(rounds - 1):
        z1 = z1 * z1 + c
    return z1


def test_gradients_are_those_of_finite_differences() -> None:
    draw = numpy_generator("test mandelbrot")
    c, step, rounds = draw_c(draw, 400), 1e-6, 12
    found = gradients(c, rounds)
    c, state, parameter = (one[found["escape"] == 0] for one in (c, found["state"], found["parameter"]))
    by_start = (z(c, c + step, rounds) - z(c, c - step, rounds)) / (2 * step)
    by_c = (z(c + step, c + step, rounds) - z(c - step, c - step, rounds)) / (2 * step)
    large = np.abs(by_start) > 1e-4
    np.testing.assert_allclose(10 ** state[large], np.abs(by_start[large]), rtol=1e-3)
    np.testing.assert_allclose(10**parameter, np.abs(by_c), rtol=1e-3, atol=1e-4)


def test_at_c_zero_the_start_is_forgotten_and_the_parameter_is_not() -> None:
    with np.errstate(divide="ignore"):
        found = gradients(np.array([0j]), 20)
    assert found["state"][0] == -np.inf
    assert 10 ** found["parameter"][0] == pytest.approx(1)


def test_area_shrinks_towards_the_known_one() -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        areas = count_area(numpy_generator("test mandelbrot area"), 150, (50, 200, 800))
    assert (np.diff(areas) < 0).all()
    assert areas[-1] == pytest.approx(1.5066, abs=0.02)
