"""Eigenvalues kept, radii met, norms against numpy."""

from __future__ import annotations

import numpy as np
import torch

from rnnsite.experiments.transient_growth import CONFIGS, closed_forms, log_norms, matrices

CONFIG = CONFIGS["quick"]


def drawn() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return matrices(CONFIG, torch.Generator().manual_seed(0))


def test_non_normal_has_the_eigenvalues_of_the_symmetric_one() -> None:
    W, Q, eigenvalues = drawn()
    torch.testing.assert_close(W[0], W[0].mT)
    torch.testing.assert_close(Q.mT @ W[2] @ Q - torch.triu(Q.mT @ W[2] @ Q, 1), torch.diag(eigenvalues))
    assert not torch.allclose(W[2] @ W[2].mT, W[2].mT @ W[2])
    torch.testing.assert_close(
        torch.linalg.eigvals(W[:2]).abs().amax(-1), torch.tensor([0.9, 0.9], dtype=torch.float64)
    )


def test_norms_of_powers() -> None:
    W, _, _ = drawn()
    found = log_norms(W, 6)[:, 5]
    np.testing.assert_allclose(found, [np.log(np.linalg.norm(np.linalg.matrix_power(w, 5), 2)) for w in W.numpy()])


def test_closed_form_needs_the_right_basis() -> None:
    W, Q, eigenvalues = drawn()
    errors = closed_forms(W[0], Q, eigenvalues, torch.Generator().manual_seed(1))
    assert errors["residual_right"] < 1e-13
    assert errors["residual_printed"] > 0.1
