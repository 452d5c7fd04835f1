"""Copying, multiplication and memorisation, each checked step by step by a slow reader of the inputs."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.copying import baseline, copying
from rnnsite.tasks.memorisation import memorisation
from rnnsite.tasks.multiplication import BASELINE, multiplication

seeds = st.integers(0, 2**31)


@given(st.integers(1, 60), seeds)
def test_copying_is_what_a_reader_would_write(T, seed):
    x, y = copying(T, 2, torch.Generator().manual_seed(seed))
    for b in range(2):
        assert x[:, b].sum(-1).tolist() == [1] * (T + 20)
        said, kept, speaking = [], [], 0
        for symbol in x[:, b].argmax(-1).tolist():
            said.append(kept[speaking - 1] if speaking else 8)
            if symbol < 8:
                kept.append(symbol)
            speaking += bool(speaking or symbol == 9)
        assert len(kept) == 10
        assert said == y[:, b].tolist()
        assert x[:10, b].argmax(-1).max() < 8


def test_the_baseline_is_reached_by_guessing_uniformly_at_the_end():
    _, y = copying(30, 500, torch.Generator().manual_seed(0))
    nats = torch.where(y < 8, math.log(8), 0.0).mean()
    assert nats.item() == pytest.approx(baseline(30))


@given(st.integers(20, 80), seeds)
def test_the_product_is_of_the_two_marked_numbers(T, seed):
    x, y = multiplication(T, 3, torch.Generator().manual_seed(seed))
    assert T <= len(x) <= T + T // 10
    for b in range(3):
        marks = x[:, b, 1].tolist()
        places = [t for t, mark in enumerate(marks) if mark == 1]
        assert len(places) == 2
        assert min(places) < 10
        assert max(places) < T // 2 - 1 + (min(places) < T // 2)
        assert marks[-1] == -1
        assert marks[0] == (1 if 0 in places else -1)
        assert all(marks[t] == 0 for t in range(1, len(marks) - 1) if t not in places)
        if 0 in places:
            assert x[0, b, 0] == 1
        assert y[b].item() == pytest.approx((x[places[0], b, 0] * x[places[1], b, 0]).item())


def test_the_baseline_of_multiplication_where_no_number_is_set_to_one():
    x, y = multiplication(40, 20_000, torch.Generator().manual_seed(0))
    usual = x[0, :, 1] == -1
    assert (y[usual] - 0.25).square().mean().item() == pytest.approx(BASELINE, rel=0.03)


@given(st.integers(1, 60), st.integers(1, 8), seeds)
def test_memorisation_is_what_a_reader_would_say(T, bits, seed):
    x, y = memorisation(T, 2, torch.Generator().manual_seed(seed), bits=bits)
    for b in range(2):
        symbols = x[:, b].argmax(-1).tolist()
        assert symbols.index(3) == bits + T - 1
        assert symbols.count(3) == 1
        kept, cue = symbols[:bits], symbols.index(3)
        expected = [2] * (cue + 1) + kept
        assert y[:, b].tolist() == expected
        assert all(symbol == 2 for symbol in symbols[bits:cue] + symbols[cue + 1 :])


def test_five_bits_are_thirty_two_sequences():
    x, _ = memorisation(3, 2000, torch.Generator().manual_seed(0))
    assert len({tuple(column.tolist()) for column in x[:5].argmax(-1).T}) == 32


@pytest.mark.parametrize(
    ("task", "arguments", "words"),
    [
        (copying, (0, 1), "at least 1 step, got 0"),
        (multiplication, (19, 1), "at least 20 steps, got 19"),
        (memorisation, (0, 1), "a delay of 0 and 5 bits"),
    ],
)
def test_impossible_sizes_are_one_sentence(task, arguments, words):
    with pytest.raises(RnnsiteError, match=rf"{words}\.$|{words}"):
        task(*arguments, torch.Generator())
