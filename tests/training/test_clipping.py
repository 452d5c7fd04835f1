"""Norms and clips of each model's own gradient."""

from __future__ import annotations

import pytest
import torch

from rnnsite.training.clipping import clip_values, norm_factor, norms


def test_norms_count_all_parameters_of_a_model():
    gradients = [torch.randn(4, 3, 2), torch.randn(4, 5)]
    for m, norm in enumerate(norms(gradients)):
        assert norm.item() == pytest.approx(torch.cat([g[m].flatten() for g in gradients]).norm().item(), rel=1e-6)


def test_large_and_small_norms_are_numbers():
    """In float32, whose squares end at 1e38 and begin at 1e-45."""
    scale = torch.tensor([1e30, 1.0, 1e-30, 0.0])
    gradients = [scale[:, None] * torch.tensor([3.0, 4.0])]
    torch.testing.assert_close(norms(gradients), 5 * scale)


def test_infinity_and_nan_are_seen():
    gradients = [torch.tensor([[1.0, torch.inf], [torch.nan, 1.0], [1.0, 0.0]])]
    assert norms(gradients).isfinite().tolist() == [False, False, True]


def test_factor_keeps_small_gradients():
    norm = torch.tensor([0.0, 0.5, 2.0, 1e30])
    assert norm_factor(norm, torch.tensor(1.0)).tolist() == pytest.approx([1, 1, 0.5, 1e-30])
    assert norm_factor(norm, torch.tensor(torch.inf)).tolist() == [1, 1, 1, 1]


def test_values():
    g = torch.tensor([[-3.0, 0.1], [-3.0, 0.1]])
    clip_values([g], torch.tensor([1.0, torch.inf]))
    torch.testing.assert_close(g, torch.tensor([[-1.0, 0.1], [-3.0, 0.1]]))
