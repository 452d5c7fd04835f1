"""Symbols as one-hot vectors: the same as torch's own, for every shape a task has."""

from __future__ import annotations

import pytest
import torch

from rnnsite.tasks.one_hot import one_hot


@pytest.mark.parametrize("shape", [(), (7,), (7, 3), (0, 3), (2, 5, 4)])
def test_equals_torch(shape):
    symbols = torch.randint(6, shape, generator=torch.Generator().manual_seed(0))
    ours, theirs = one_hot(symbols, 6), torch.nn.functional.one_hot(symbols, 6).float()
    assert ours.dtype == theirs.dtype == torch.float32
    assert torch.equal(ours, theirs)
    assert ours.is_contiguous()


def test_a_symbol_out_of_range_is_an_error():
    with pytest.raises(IndexError):
        one_hot(torch.tensor([6]), 6)
