"""Numbers in claims and in prose, as a reader sees them."""

from __future__ import annotations

from typing import Any

import pytest

from rnnsite.errors import RnnsiteError
from rnnsite.statistics import Estimate, exact, wilson
from rnnsite.wording import refuse_unknown, say, say_bound


def spaced(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("value", "spec", "said"),
    [
        (0.12345, None, "0.123"),
        (1.5e-7, ".1e", "1.5×10⁻⁷"),
        (50_000, None, "50,000"),
        (-3, None, "−3"),
        ("a word", None, "a word"),
        ("a word", ".0%", "a word"),
        (exact(106.719, digits=5), None, "106.72"),
        (0.5, ".0%", "50 %"),
        (1, ".0%", "100 %"),
        (0.0123, ".1%", "1.2 %"),
        (-0.001, ".0%", "0 %"),
        (exact(0.25), ".0%", "25 %"),
        (Estimate(0.5, 0.25, 0.75), ".0%", "50 % [25, 75]"),
        (wilson(0, 20), ".0%", "0 % [0, 16]"),
        (wilson(20, 20), ".0%", "100 % [84, 100]"),
        (Estimate(0.274, 0.09, 0.45), "points", "27 points [9, 45]"),
        (Estimate(-0.274, -0.45, 0.09), "points", "−27 points [−45, 9]"),
        (Estimate(0.0123, -0.0004, 0.025), ".1points", "1.2 points [0.0, 2.5]"),
        (Estimate(0.012, 0.001, 0.025), "points", "1 point [0, 2]"),
        (-0.01, "points", "−1 point"),
        (-19.4, "10^", "4×10⁻²⁰"),
        (2.176, "10^", "150"),
        (Estimate(9, 8, 10), "10^", "10⁹ [10⁸, 10¹⁰]"),
    ],
)
def test_say(value: Any, spec: str | None, said: str) -> None:
    assert spaced(say(value, spec)) == said


def test_a_number_and_its_unit_stay_on_one_line() -> None:
    assert say(0.5, ".0%") == "50\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("bound", "spec", "said"),
    [
        (0.015, None, "0.015"),
        (0.015, ".2g", "0.015"),
        (0.015, ".0%", "1.5 %"),
        (0.29, ".0%", "29 %"),
        (-0.3, "points", "−30 points"),
        (0.01, "points", "1 point"),
        (-15, "10^", "10⁻¹⁵"),
    ],
)
def test_a_bound_is_said_with_all_its_digits(bound: float, spec: str | None, said: str) -> None:
    assert spaced(say_bound(bound, spec)) == said


@pytest.mark.parametrize("spec", [".0%", "%", "points", ".1points", "10^", ".2g", ".3f", ",.0f"])
def test_these_forms_there_are(spec: str) -> None:
    refuse_unknown(spec)


@pytest.mark.parametrize("spec", ["point", ".0pc", "percent", "x", "10^^"])
def test_an_unknown_form_is_refused_in_a_sentence(spec: str) -> None:
    with pytest.raises(RnnsiteError, match=r"there is no way .* of printing a number: give .0%, points or 10\^"):
        refuse_unknown(spec)
