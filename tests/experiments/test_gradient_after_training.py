"""The training as a whole is in test_every_claim; here, that models are what the arrays say they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from rnnsite.context import Context
from rnnsite.experiments.gradient_after_training import CONFIGS, _cell, _train
from rnnsite.tasks.delayed_recall import delayed_recall

SMALL = replace(CONFIGS["quick"], seeds=2, H=5, T=4, batch=4, updates=4, probe_every=2, seed_set=1001)


def test_models_by_radius_then_seed() -> None:
    W = _cell(SMALL, "tanh").W.detach()
    radii = torch.linalg.eigvals(W).abs().amax(-1)
    np.testing.assert_allclose(radii, [0.5, 0.5, 0.9, 0.9, 1.3, 1.3], rtol=1e-5)
    torch.testing.assert_close(W[2] / 0.9, W[0] / 0.5)  # one seed, one draw


def test_arrays_as_said() -> None:
    arrays = _train(SMALL, "LSTM, sign", Context())
    assert arrays["log_far"].shape == (3, 2, 3)
    assert arrays["error"].shape == (3, 2)
    assert not np.array_equal(arrays["log_far"][..., 0], arrays["log_far"][..., -1])


def test_numbers_have_unit_variance_and_signs_are_signs() -> None:
    draw = torch.Generator().manual_seed(0)
    numbers, signs = (delayed_recall(2, 20_000, draw, sign=sign)[1] for sign in (False, True))
    assert abs(numbers.square().mean() - 1) < 0.03
    assert abs(numbers.mean()) < 0.03
    assert set(signs.tolist()) == {-1.0, 1.0}
