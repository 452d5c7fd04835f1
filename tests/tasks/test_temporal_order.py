"""The order is what a reader of the symbols would say, and the marked symbols stand where the paper puts them."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.temporal_order import SYMBOLS, temporal_order, windows


@given(st.integers(10, 120), st.sampled_from([2, 3]), st.integers(0, 2**31))
def test_the_class_is_the_order_read_off_the_symbols(T, bits, seed):
    x, classes = temporal_order(T, 3, torch.Generator().manual_seed(seed), bits=bits)
    orders = ["".join(order) for order in product("AB", repeat=bits)]
    for b in range(3):
        assert x[:, b].sum(-1).tolist() == [1] * T
        text = "".join(SYMBOLS[int(s)] for s in x[:, b].argmax(-1))
        marked = "".join(letter for letter in text if letter in "AB")
        assert orders[int(classes[b])] == marked
        places = [place for place, letter in enumerate(text) if letter in "AB"]
        assert all(place in window for place, window in zip(places, windows(T, bits), strict=True))


def test_every_place_class_and_distractor_is_equally_likely():
    x, classes = temporal_order(40, 8000, torch.Generator().manual_seed(1))
    assert torch.allclose(torch.bincount(classes) / 8000, torch.tensor(0.25), atol=0.03)
    first = x[:20, :, :2].sum((1, 2))
    assert first.nonzero().flatten().tolist() == [4, 5, 6, 7]
    assert torch.allclose(first[4:8] / 8000, torch.tensor(0.25), atol=0.03)
    assert torch.allclose(x[0].mean(0)[2:], torch.tensor(0.25), atol=0.03)


@pytest.mark.parametrize(("T", "bits"), [(9, 2), (20, 4), (20, 1)])
def test_impossible_sizes_are_one_sentence(T, bits):
    with pytest.raises(RnnsiteError, match=r"temporal order problem .*\.$"):
        temporal_order(T, 1, torch.Generator(), bits=bits)
