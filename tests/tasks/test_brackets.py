"""Brackets against a reader with a list as its stack."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.brackets import SYMBOLS, brackets, depth, read

CLOSES = {"(": ")", "[": "]"}


@given(st.integers(1, 60), st.integers(1, 6), st.integers(0, 2**31))
def test_targets_are_what_a_stack_allows(T, deepest, seed):
    x, legal = brackets(T, 3, torch.Generator().manual_seed(seed), deepest=deepest)
    for text, rows, depths in zip(read(x), legal.transpose(0, 1), depth(x).T.tolist(), strict=True):
        stack: list[str] = []
        for t, symbol in enumerate(text):
            if symbol in CLOSES:
                stack.append(CLOSES[symbol])
            elif symbol != "|":
                assert stack.pop() == symbol
            else:
                assert not stack
            may = "([" * (len(stack) < deepest) + (stack[-1] if stack else "|" * (symbol != "|"))
            assert {s for s, ok in zip(SYMBOLS, rows[t].tolist(), strict=True) if ok} == set(may)
            assert depths[t] == len(stack)
            assert t + 1 == T or text[t + 1] in may


def test_both_kinds_and_all_depths_come_up_evenly():
    x, _ = brackets(4000, 4, torch.Generator().manual_seed(0), deepest=3)
    text = "".join(read(x))
    assert text.count("(") / (text.count("(") + text.count("[")) == pytest.approx(0.5, abs=0.02)
    assert set(depth(x).unique().tolist()) == {0, 1, 2, 3}


@pytest.mark.parametrize(("T", "deepest"), [(0, 3), (5, 0)])
def test_wrong_sizes_are_named(T, deepest):
    with pytest.raises(RnnsiteError, match="Brackets need"):
        brackets(T, 1, torch.Generator(), deepest=deepest)
