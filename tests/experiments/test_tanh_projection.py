"""Slopes along a line against autograd, and what a single unit can and cannot do."""

from __future__ import annotations

import torch

from rnnsite.experiments.tanh_projection import compose, measure
from rnnsite.seeding import generator


def test_tangents_are_autograds() -> None:
    draw = generator("test tanh projection")
    W = torch.randn(6, 6, generator=draw, dtype=torch.float64)
    a, v = torch.randn(2, 6, generator=draw, dtype=torch.float64)

    def last(s: torch.Tensor) -> torch.Tensor:
        h = a + s * v
        for _ in range(4):
            h = torch.tanh(W @ h)
        return h

    s = torch.tensor([-0.7, 0.2, 1.3], dtype=torch.float64)
    _, tangents = compose(W, a + s[:, None] * v, v.expand(3, -1), 4)
    for i in range(3):
        expected = torch.autograd.functional.jacobian(last, s[i])
        torch.testing.assert_close(tangents[-1, i], expected)


def test_measures_of_a_known_slope() -> None:
    slopes = torch.tensor([[1.0, -1.0, 1.0, 1.0], [100.0, 0.0, 0.0, 0.0]])
    found = measure(slopes)
    assert found["turns"].tolist() == [2, 0]
    assert found["small_share"].tolist() == [0, 0.75]
    assert found["largest_slope"].tolist() == [1, 100]
