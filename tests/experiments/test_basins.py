"""Gradients of two-unit networks against autograd; walls that are walls; the matrix whose square is zero."""

from __future__ import annotations

import numpy as np
import torch

from rnnsite.experiments.basins import (
    CHAOTIC,
    Config,
    gradient,
    largest_singular_value,
    settle,
    walls,
    with_several_basins,
)
from rnnsite.seeding import numpy_generator

SMALL = Config(drawn=40, networks=5, starts=12, walls=4, settle=200)


def test_gradient_is_autograds() -> None:
    draw = numpy_generator("test basins")
    W, b, h = draw.standard_normal((3, 2, 2)), draw.standard_normal((3, 2)), draw.standard_normal((3, 4, 2))
    logs = gradient(W, b, h, 5)

    def last(start: torch.Tensor, m: int) -> torch.Tensor:
        for _ in range(5):
            start = torch.tanh(torch.as_tensor(W[m]) @ start + torch.as_tensor(b[m]))
        return start

    for m in range(3):
        for p in range(4):
            jacobian = torch.autograd.functional.jacobian(lambda s, m=m: last(s, m), torch.as_tensor(h[m, p]))
            np.testing.assert_allclose(10 ** logs[-1, m, p], torch.linalg.matrix_norm(jacobian, 2).item())


def test_largest_singular_value() -> None:
    D = numpy_generator("test basins svd").standard_normal((20, 2, 2))
    np.testing.assert_allclose(largest_singular_value(D), np.linalg.svd(D, compute_uv=False)[:, 0])


def test_a_hair_on_either_side_of_a_wall_ends_elsewhere() -> None:
    draw = numpy_generator("test basins walls")
    W, b, start, end, _ = with_several_basins(SMALL, draw)
    wall = walls(W, b, start, end, SMALL, draw)
    around = wall[:, :, None] + 1e-6 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    ends = settle(W, b, around.reshape(len(W), -1, 2), 400).reshape(around.shape)
    assert (np.ptp(ends, axis=2).max(axis=-1) > 0.05).all()


def test_the_chaotic_matrix_squares_to_zero() -> None:
    W = np.array(CHAOTIC)
    assert not (W @ W).any()
    D = np.diag([0.9, 0.1])
    assert (D @ W @ D @ W).any()  # the last exercise but one: with unequal slopes the product is not zero
