from __future__ import annotations

import pytest
import torch

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.latch import latch, share_right


def test_the_bit_comes_first_and_then_noise_of_the_variance_asked_for() -> None:
    first = torch.randn(3, 2, 4)
    inputs, targets = latch(first, 200, 50, 0.2, torch.Generator().manual_seed(0))
    assert inputs.shape == (3, 200, 100)
    for model in range(3):
        for n, target in enumerate(targets):
            torch.testing.assert_close(inputs[model, :4, n], first[model, int(target > 0)])
    assert abs(float(inputs[:, 4:].var()) - 0.2) < 0.01


def test_gradients_reach_the_trainable_inputs() -> None:
    first = torch.zeros(1, 2, 3, requires_grad=True)
    inputs, _ = latch(first, 5, 2, 0.1, torch.Generator())
    inputs.sum().backward()
    assert first.grad is not None
    torch.testing.assert_close(first.grad, torch.full((1, 2, 3), 2.0))


def test_share_right_counts_signs() -> None:
    assert share_right(torch.tensor([[1.0, -1.0, 0.3, 0.2]]), torch.tensor([0.8, -0.8, -0.8, 0.8])).tolist() == [0.75]


def test_no_room_for_noise_is_refused() -> None:
    with pytest.raises(RnnsiteError, match="no room"):
        latch(torch.zeros(1, 2, 3), 3, 1, 0.2, torch.Generator())
