"""Initialisers do what their names say, and repeat."""

from __future__ import annotations

import pytest
import torch

from rnnsite.cells import initial
from rnnsite.cells.elman import Elman
from rnnsite.errors import RnnsiteError
from rnnsite.seeding import generator

ALL = [initial.uniform, initial.gaussian, initial.orthogonal, initial.identity]


@pytest.mark.parametrize("start", ALL)
@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (1, 1)])
def test_shape_and_repeat(start, shape):
    W = start(*shape, generator("start"))
    assert W.shape == shape
    assert W.dtype == torch.float64
    assert torch.equal(W, start(*shape, generator("start")))


@pytest.mark.parametrize("shape", [(6, 6), (9, 4), (4, 9)])
def test_orthogonal_has_singular_values_one(shape):
    W = initial.orthogonal(*shape, generator("turn"))
    torch.testing.assert_close(torch.linalg.svdvals(W), torch.ones(min(shape), dtype=torch.float64))


def test_orthogonal_draws_rotations_and_reflections():
    signs = {torch.linalg.det(initial.orthogonal(6, 6, generator("det", k))).sign().item() for k in range(20)}
    assert signs == {-1.0, 1.0}  # a bare QR gives only one of them


def test_gaussian_follows_the_circular_law():
    W = initial.gaussian(400, 400, generator("circle"))
    assert 0.93 < torch.linalg.eigvals(W).abs().max() < 1.07


def test_uniform_spans_torchs_range():
    W = initial.uniform(25, 4000, generator("range"))
    assert 0.199 < W.abs().max() <= 0.2


@pytest.mark.parametrize("start", ALL)
def test_spectral_radius(start):
    W = torch.stack([start(8, 8, generator("rho", k)) for k in range(3)])
    rho = torch.tensor([0.5, 1.0, 2.5], dtype=torch.float64)
    scaled = initial.scale_to_spectral_radius(W, rho)
    torch.testing.assert_close(torch.linalg.eigvals(scaled).abs().amax(-1), rho)
    cell = Elman(2, 8, recurrent=start, spectral_radius=1.25, dtype=torch.float64)
    assert torch.linalg.eigvals(cell.W.detach()).abs().max().item() == pytest.approx(1.25)


def test_a_nilpotent_matrix_has_no_scale():
    with pytest.raises(RnnsiteError, match="eigenvalues are all 0"):
        initial.scale_to_spectral_radius(torch.tensor([[0.0, 1.0], [0.0, 0.0]]), 1.0)


def test_float32_and_float64_draw_the_same_weights():
    single = Elman(3, 6, generator=generator("precision"))
    double = Elman(3, 6, generator=generator("precision"), dtype=torch.float64)
    assert torch.equal(single.W, double.W.float())
