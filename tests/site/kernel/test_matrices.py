"""The kernel's random numbers, random matrices and spectral radius, against their definitions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from .asking import draw, flat, kernel

pytestmark = pytest.mark.site


@pytest.mark.parametrize("size", [1, 2, 7, 32])
def test_spectral_radius_of_general_matrices(page: Page, size: int) -> None:
    for seed in range(5):
        W = draw(size, size, generator=torch.Generator().manual_seed(seed))
        ours = kernel(page, "k.spectralRadius(Float64Array.from(a[0]), a[1])", [flat(W), size])
        assert ours == pytest.approx(torch.linalg.eigvals(W).abs().max().item(), rel=1e-9)


@pytest.mark.parametrize(
    ("matrix", "radius"),
    [
        ([[0.0, -2.0], [2.0, 0.0]], 2.0),  # a complex pair: power iteration never settles
        ([[0.5, 1000.0], [0.0, 0.5]], 0.5),  # far from normal: its norm says 1000
        ([[0.0, 1.0], [0.0, 0.0]], 0.0),  # nilpotent
        ([[3.0, 0.0], [0.0, -3.0]], 3.0),  # two of one size with opposite signs
        ([[1e-200, 0.0], [0.0, 1e-210]], 1e-200),
    ],
)
def test_spectral_radius_of_awkward_matrices(page: Page, matrix: list[list[float]], radius: float) -> None:
    ours = kernel(page, "k.spectralRadius(Float64Array.from(a.flat()), a.length)", matrix)
    assert ours == pytest.approx(radius, rel=1e-6, abs=0)


def test_random_matrix_has_the_radius_asked_for(page: Page) -> None:
    W = kernel(page, "[...k.randomWithRadius(new k.Random(7), 32, 1.1)]")
    assert np.abs(np.linalg.eigvals(np.reshape(W, (32, 32)))).max() == pytest.approx(1.1, rel=1e-9)


def sfc32(seed: int) -> Iterator[int]:
    """The generator as its documentation states it, in Python's own integers."""
    mask = 2**32 - 1
    a, b, c, n = 0, seed & mask, 0, 1
    while True:
        z = (a + b + n) & mask
        n = (n + 1) & mask
        a = b ^ (b >> 9)
        b = (c + (c << 3)) & mask
        c = (((c << 21) | (c >> 11)) + z) & mask
        yield z


@pytest.mark.parametrize("seed", [0, 1, 2**31 + 5])
def test_random_numbers_follow_the_documented_algorithm(page: Page, seed: int) -> None:
    reference = sfc32(seed)
    for _ in range(12):
        next(reference)
    expected = [next(reference) for _ in range(50)]
    ours = kernel(page, "((random) => Array.from({length: 50}, () => random.integer()))(new k.Random(a))", seed)
    assert ours == expected


def test_random_numbers_look_normal(page: Page) -> None:
    z = np.array(kernel(page, "[...new k.Random(3).normals(100000)]"))
    assert abs(z.mean()) < 0.02
    assert abs(z.std() - 1) < 0.02
    assert abs((z**4).mean() - 3) < 0.15
