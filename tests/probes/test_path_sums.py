"""Path sums against every path counted one by one, and against a circle of eigenvalues."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from rnnsite.probes.path_sums import leaks, paths


@pytest.mark.parametrize(("w", "s", "d"), [(0.5, 0.7, 3), (0.9, 0.3, 2), (0.0, 0.8, 4)])
def test_path_sums_are_those_of_all_paths(w, s, d):
    """Every sequence of steps of 1 and of d that is τ long, counted one by one."""
    found = paths(w, s, d, 8)
    for τ in range(9):
        roads = (road for n in range(τ + 1) for road in product((1, d), repeat=n) if sum(road) == τ)
        expected = sum(np.prod([w**2 if step == 1 else s**2 for step in road]) for road in roads)
        assert found[τ] == pytest.approx(expected)


def test_leaks_are_the_mean_over_a_circle_of_eigenvalues():
    θ = np.linspace(0, 2 * np.pi, 1000, endpoint=False)
    for τ, found in enumerate(leaks(0.7, 0.9, 12)):
        assert found == pytest.approx(np.mean(np.abs(0.7 + 0.3 * 0.9 * np.exp(1j * θ)) ** (2 * τ)))
