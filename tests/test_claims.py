"""A claim holds only when the whole interval is on its side; nothing else passes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnsite.claims import Arrays, Claim, Published, reverse_axis, swap_entries, swap_names
from rnnsite.errors import RnnsiteError
from rnnsite.statistics import Estimate, exact, wilson


def claim(low: float, high: float, **bounds: float) -> Claim:
    return Claim("c", "It is {measured}.", lambda _: Estimate((low + high) / 2, low, high), **bounds)  # type: ignore[arg-type]


@given(st.floats(-5, 5), st.floats(0, 3), st.floats(-5, 5))
def test_a_claim_holds_iff_its_whole_interval_does(low: float, width: float, bound: float) -> None:
    high = low + width
    assert (claim(low, high, above=bound).check({}).status == "holds") == (low > bound)
    assert (claim(low, high, below=bound).check({}).status == "holds") == (high < bound)


@pytest.mark.parametrize("bounds", [{"above": 0.0}, {"below": 0.0}, {"above": -1.0, "below": 1.0}])
def test_not_a_number_never_holds(bounds: dict[str, float]) -> None:
    assert claim(math.nan, math.nan, **bounds).check({}).status == "fails"


@pytest.mark.parametrize(
    ("low", "high", "status"), [(2, 3, "reproduced"), (-2, -1, "not reproduced"), (-1, 1, "undecided")]
)
def test_a_published_statement_gets_a_status(low: float, high: float, status: str) -> None:
    published = Claim("c", "s", lambda _: Estimate(0, low, high), above=0, source="someone2000")
    assert published.check({}).status == status


def test_a_published_statement_about_nothing_is_undecided() -> None:
    published = Claim("c", "s", lambda _: Estimate(0, math.nan, math.nan), above=0, source="someone2000")
    assert published.check({}).status == "undecided"


def test_a_claim_that_cannot_fail_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot fail"):
        claim(0, 1)
    with pytest.raises(ValueError, match="must be less"):
        claim(0, 1, above=2, below=1)


def test_the_sentence_shows_what_was_measured() -> None:
    assert claim(1, 3, above=0).check({}).sentence == "It is 2 [1, 3]."


def test_a_power_of_ten_is_shown_as_one_with_its_bound() -> None:
    tiny = Claim("c", "It is {10^measured}.", lambda _: Estimate(-19.4, -19.6, -19.3), below=-15)
    assert tiny.check({}).sentence == "It is 4×10⁻²⁰ [2.5×10⁻²⁰, 5×10⁻²⁰]."
    assert tiny.bound == "below 10⁻¹⁵"
    handy = Claim("c", "It is {10^measured}.", lambda _: Estimate(2.176, 2, 4), above=1)
    assert handy.check({}).sentence == "It is 150 [100, 10000]."


def said(says: str, measured: Estimate, **bounds: float) -> tuple[str, str]:
    """The sentence and the bound beside it."""
    verdict = Claim("c", says, lambda _: measured, **bounds).check({})  # type: ignore[arg-type]
    return verdict.sentence.replace("\N{NO-BREAK SPACE}", " "), verdict.claim.bound.replace("\N{NO-BREAK SPACE}", " ")


def test_a_share_is_shown_in_percent_with_its_bound() -> None:
    assert said("{measured:.0%} do.", wilson(18, 20), above=0.6) == ("90 % [70, 97] do.", "above 60 %")
    assert said("Lost: {measured:.1%}.", Estimate(0.012, 0.01, 0.013), below=0.0151)[1] == "below 1.51 %"


def test_a_difference_of_shares_is_shown_in_points() -> None:
    sentence, bound = said("It adds {measured:points}.", Estimate(0.274, 0.09, 0.45), above=-0.3, below=0.5)
    assert sentence == "It adds 27 points [9, 45]."
    assert bound == "between −30 points and 50 points"


@pytest.mark.parametrize("says", ["It is {measured:.0pc}.", "It is {measured.0%}.", "It is {10*measured}."])
def test_an_unknown_form_is_refused_when_the_claim_is_made(says: str) -> None:
    with pytest.raises(RnnsiteError):
        said(says, Estimate(0, 0, 0), above=0)


def test_the_measured_value_is_said_in_the_unit_of_the_sentence() -> None:
    verdict = Claim("c", "It is {10^measured}.", lambda _: Estimate(3, 3, 3), above=1).check({})
    assert verdict.said == "1000"


def test_a_published_row_knows_its_form() -> None:
    with pytest.raises(RnnsiteError, match="no way"):
        Published("success", "5 of 5", "someone2000", lambda _: exact(1), "nothing", spec="pct")


def test_a_bound_that_only_leaves_room_for_rounding_says_so() -> None:
    assert claim(0, 1, below=1 + 1e-12).bound == "below 1, but for rounding"
    assert claim(0, 1, below=0.5).bound == "below 0.5"


def test_swaps_exchange_what_they_say() -> None:
    arrays: Arrays = {"a": np.array([1, 2, 3]), "b": np.array([4, 5, 6])}
    assert swap_names("a", "b")(arrays)["a"].tolist() == [4, 5, 6]
    assert reverse_axis(0, "a")(arrays)["a"].tolist() == [3, 2, 1]
    swapped = swap_entries(0, 0, -1, "b")(arrays)
    assert swapped["b"].tolist() == [6, 5, 4]
    assert arrays["b"].tolist() == [4, 5, 6]
