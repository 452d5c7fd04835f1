"""Every claim of every experiment: it holds on the quick run, and fails when the arms it compares are exchanged."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rnnsite import catalogue
from rnnsite.claims import Claim
from rnnsite.results import Result

CLAIMS = [(stem, claim) for stem in catalogue.stems() for claim in catalogue.experiment(stem).claims]
OURS = [(stem, claim) for stem, claim in CLAIMS if not claim.published]
NAMES = {"ids": lambda value: value if isinstance(value, str) else value.name}


@pytest.mark.parametrize(("stem", "claim"), OURS, **NAMES)
def test_it_holds(quick_results: dict[str, Result], stem: str, claim: Claim) -> None:
    verdict = claim.check(quick_results[stem].arrays)
    assert verdict.status == "holds", f"measured {verdict.said}, claimed {claim.bound}"


@pytest.mark.parametrize(("stem", "claim"), [c for c in CLAIMS if c[1].swap], **NAMES)
def test_it_fails_with_its_arms_exchanged(quick_results: dict[str, Result], stem: str, claim: Claim) -> None:
    assert claim.swap
    arrays = quick_results[stem].arrays
    before = {name: array.copy() for name, array in arrays.items()}
    swapped = claim.check(claim.swap(arrays))
    assert swapped.status in {"fails", "not reproduced", "undecided"}, f"still measures {swapped.measured}"
    for name, array in before.items():
        np.testing.assert_array_equal(arrays[name], array, err_msg="the swap changed the run's own arrays")


@pytest.mark.parametrize(("stem", "claim"), [c for c in OURS if not c[1].identity], **NAMES)
def test_it_can_fail(stem: str, claim: Claim) -> None:
    assert claim.swap, f"{stem}: {claim.name} compares nothing: give it a swap, or call it an identity"


@pytest.mark.parametrize("stem", catalogue.stems())
def test_names_are_unique_and_numbers_are_finite(quick_results: dict[str, Result], stem: str) -> None:
    experiment = catalogue.experiment(stem)
    names = [claim.name for claim in experiment.claims]
    assert len(names) == len(set(names))
    for name, number in experiment.numbers.items():
        value = number(quick_results[stem].arrays)
        if isinstance(value, int | float):
            assert not math.isnan(value), f"{stem}.{name} is not a number"
    for row in experiment.published:
        assert math.isfinite(row.ours(quick_results[stem].arrays).value), row.quantity
