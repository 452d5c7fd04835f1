"""Answers to check a reader's number against: arithmetic is worked out, anything else is refused in one sentence."""

from __future__ import annotations

import math

import pytest

from rnnsite.errors import RnnsiteError
from rnnsite.web.answers import arithmetic


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1.1 ** 49", 1.1**49),
        ("-2 * (3 - 5) / 8", 0.5),
        ("ceil(log(0.5) / log(0.95))", 14),
        ("4 * (50 * 50 + 50 * 10 + 50)", 12200),
        ("tanh(0.5)", math.tanh(0.5)),
    ],
)
def test_arithmetic_is_worked_out(text, wanted):
    assert arithmetic(text) == pytest.approx(wanted, rel=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "half",
        "1 +",
        "__import__('os')",
        "exp",
        "exp(1, 2)",
        "'3'",
        "True",
        "1 / 0",
        "log(-1)",
        "1e308 * 10",
        "9**9**9",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(RnnsiteError, match="the answer"):
        arithmetic(text)
