"""Correlations of units with a feature, against NumPy's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnsite.errors import RnnsiteError
from rnnsite.probes.follows import correlations, ranking


def test_they_are_numpys_correlations():
    g = torch.Generator().manual_seed(0)
    states, feature = torch.randn(3, 7, 4, 5, generator=g), torch.randn(7, 4, generator=g)
    states[1, ..., 2] += 3 * feature + 100
    ours = correlations(states, feature)
    for m in range(3):
        for unit in range(5):
            theirs = np.corrcoef(states[m, ..., unit].flatten().numpy(), feature.flatten().numpy())[0, 1]
            assert ours[m, unit].item() == pytest.approx(theirs, abs=1e-5)
    ranked = ranking(states, feature)
    assert torch.equal(ranked, ours.abs().sort(1, descending=True).values)
    assert ranked[1, 0] > 0.9


def test_a_unit_that_never_moves_follows_nothing():
    states = torch.ones(1, 6, 2, 1)
    assert correlations(states, torch.arange(12.0).view(6, 2)).tolist() == [[0.0]]


def test_what_does_not_fit_is_refused():
    with pytest.raises(RnnsiteError, match="do not fit"):
        correlations(torch.zeros(1, 6, 2, 3), torch.zeros(6, 3))
    with pytest.raises(RnnsiteError, match="the same at every step"):
        correlations(torch.zeros(1, 6, 2, 3), torch.ones(6, 2))
