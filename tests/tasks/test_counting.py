"""aⁿbⁿ against a reader that goes through the strings letter by letter."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.counting import SYMBOLS, balance, counting, read, string

seeds = st.integers(0, 2**31)


def allowed(so_far: str) -> str:
    """What may follow, from the text since the last bar alone."""
    now = so_far.rpartition("|")[2]
    if "b" not in now:
        return "ab" if now else "a"
    return "b" if now.count("a") > now.count("b") else "|"


@given(st.integers(1, 60), st.integers(1, 12), st.sampled_from([0.0, 0.5, 1.0]), seeds)
def test_targets_are_what_a_reader_would_allow(T, longest, broken, seed):
    x, legal = counting(T, 3, torch.Generator().manual_seed(seed), longest=longest, broken=broken)
    assert x.sum(-1).eq(1).all()
    for text, rows, open_ in zip(read(x), legal.transpose(0, 1), balance(x).T.tolist(), strict=True):
        assert text[0] == "|"
        for t, row in enumerate(rows.tolist()):
            assert "".join(s for s, may in zip(SYMBOLS, row, strict=True) if may) == "".join(
                sorted(allowed(text[: t + 1]), key=SYMBOLS.index)
            )
            now = text[: t + 1].rpartition("|")[2]
            assert open_[t] == now.count("a") - now.count("b")
            if t + 1 < T and text[t + 1] != "|":  # only a bar may come unforeseen
                assert text[t + 1] in allowed(text[: t + 1])


@given(seeds)
def test_without_broken_ones_every_string_is_whole(seed):
    x, _ = counting(80, 2, torch.Generator().manual_seed(seed), longest=6)
    for text in read(x):
        for whole in text.split("|")[1:-1]:
            n = len(whole) // 2
            assert whole == "a" * n + "b" * n
            assert 1 <= n <= 6


def test_the_asked_share_of_strings_is_broken_and_n_is_uniform():
    x, _ = counting(4000, 5, torch.Generator().manual_seed(0), longest=5, broken=0.25)
    strings = [s for text in read(x) for s in text.split("|")[1:-1]]
    whole = [s for s in strings if s.count("a") == s.count("b")]
    assert len(whole) / len(strings) == pytest.approx(0.75, abs=0.02)
    for n in range(1, 6):
        assert sum(len(s) == 2 * n for s in whole) / len(whole) == pytest.approx(0.2, abs=0.03)


def test_the_single_string_is_one_of_the_stream():
    x, legal = string(4)
    stream = counting(9, 400, torch.Generator().manual_seed(0), longest=4)
    at = read(stream[0]).index("|aaaabbbb")
    assert torch.equal(stream[0][:, at], x[:, 0])
    assert torch.equal(stream[1][:, at], legal[:, 0])


@pytest.mark.parametrize("wrong", [{"T": 0}, {"longest": 0}, {"broken": 1.5}])
def test_wrong_sizes_are_named(wrong):
    sizes = {"T": 5, "longest": 3, "broken": 0.0} | wrong
    with pytest.raises(RnnsiteError, match="Counting needs"):
        counting(sizes.pop("T"), 1, torch.Generator(), **sizes)
