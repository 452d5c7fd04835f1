"""The Mackey–Glass series by its equation, written a second time, where it is chaotic and where it settles."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnsite.errors import RnnsiteError
from rnnsite.seeding import generator
from rnnsite.tasks.mackey_glass import mackey_glass


def by_hand(T: int, g: torch.Generator, lag: int, washout: int) -> np.ndarray:
    """The whole history in an array, written from the equation."""
    steps = (washout + T) * 10
    x = np.empty(lag + 1 + steps)
    x[: lag + 1] = 1.1 + 0.2 * torch.rand(lag + 1, generator=g, dtype=torch.float64).numpy()
    for t in range(lag, lag + steps):
        old = x[t - lag]
        x[t + 1] = x[t] + 0.1 * (0.2 * old / (1 + old**10) - 0.1 * x[t])
    return np.tanh(x[lag + 10 :: 10][washout:] - 1)


@pytest.mark.parametrize(("delay", "washout"), [(17.0, 0), (17.0, 30), (30.0, 5), (0.1, 3)])
def test_it_follows_its_equation(delay: float, washout: int) -> None:
    series = mackey_glass(60, generator("test mackey"), delay=delay, washout=washout)
    expected = by_hand(60, generator("test mackey"), round(delay * 10), washout)
    assert series.shape == (60,)
    np.testing.assert_allclose(series.numpy(), expected, atol=1e-9)


def test_it_is_chaotic_at_17_and_settles_at_2() -> None:
    assert float(mackey_glass(300, generator("test mackey")).std()) > 0.1
    assert float(mackey_glass(300, generator("test mackey"), delay=2.0).std()) < 1e-6


@pytest.mark.parametrize("delay", [0.0, -1.0, 0.05, 17.01])
def test_a_delay_between_the_steps_is_one_sentence(delay: float) -> None:
    with pytest.raises(RnnsiteError, match=r"multiple of 0\.1"):
        mackey_glass(10, generator("test mackey"), delay=delay)
