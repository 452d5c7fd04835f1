"""Ridge regression against NumPy's least squares on the augmented system, and its normalised error."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnsite.errors import RnnsiteError
from rnnsite.training.ridge import nrmse, ridge, with_bias


@pytest.mark.parametrize("penalty", [0.0, 1e-3, 10.0])
def test_equals_least_squares_with_rows_for_the_penalty(penalty):
    g = torch.Generator().manual_seed(1)
    h, y = torch.randn(3, 40, 5, generator=g), torch.randn(3, 40, 2, generator=g)
    V = ridge(h, y, penalty)
    for m in range(3):
        X = np.vstack([with_bias(h)[m].numpy(), np.sqrt(40 * penalty) * np.eye(6)])
        Y = np.vstack([y[m].double().numpy(), np.zeros((6, 2))])
        np.testing.assert_allclose(V[m], np.linalg.lstsq(X, Y, rcond=None)[0], atol=1e-10)


def test_the_mean_has_an_error_of_one():
    y = torch.randn(2, 500, 1, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(nrmse(y.mean(1, keepdim=True).double().expand_as(y), y), torch.ones(2, 1).double())
    assert float(nrmse(y.double(), y).max()) == 0


def test_shapes_that_do_not_belong_together_are_one_sentence():
    with pytest.raises(RnnsiteError, match=r"got \(2, 5, 3\) and \(2, 4, 1\)\.$"):
        ridge(torch.zeros(2, 5, 3), torch.zeros(2, 4, 1))
