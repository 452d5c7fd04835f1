"""Numbers in prose, as a reader sees them."""

from __future__ import annotations

from typing import Any

import pytest

from rnnsite.statistics import Estimate, exact
from rnnsite.web.inline import say


@pytest.mark.parametrize(
    ("value", "spec", "said"),
    [
        (0.12345, None, "0.123"),
        (1.5e-7, ".1e", "1.5×10⁻⁷"),
        (50_000, None, "50\N{NO-BREAK SPACE}000"),
        (-3, None, "−3"),
        ("a word", None, "a word"),
        (exact(106.719, digits=5), None, "106.72"),
        (Estimate(0.5, 0.25, 0.75), ".0%", "50\N{NO-BREAK SPACE}% [25\N{NO-BREAK SPACE}%, 75\N{NO-BREAK SPACE}%]"),
        (-19.4, "10^", "4×10⁻²⁰"),
        (2.176, "10^", "150"),
        (Estimate(9, 8, 10), "10^", "10⁹ [10⁸, 10¹⁰]"),
    ],
)
def test_say(value: Any, spec: str | None, said: str) -> None:
    assert say(value, spec) == said
