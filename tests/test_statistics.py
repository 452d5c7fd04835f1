"""Intervals against published values and against their own definition."""

from __future__ import annotations

import numpy as np
import pytest

from rnnsite.statistics import Estimate, bootstrap, exact, in_words, wilson


def test_wilson_against_published_values() -> None:
    # Newcombe 1998, table I, method 3 (score interval): 81/263, 15/148, 0/20, 1/29
    for successes, trials, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        found = wilson(successes, trials)
        assert found.low == pytest.approx(low, abs=5e-5)
        assert found.high == pytest.approx(high, abs=5e-5)


def test_wilson_touches_its_ends_exactly() -> None:
    assert wilson(0, 7).low == 0.0
    assert wilson(7, 7).high == 1.0


def test_wilson_needs_a_trial() -> None:
    with pytest.raises(ValueError, match="at least one trial"):
        wilson(0, 0)


def test_bootstrap_covers_the_mean_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(3)
    estimates = [bootstrap(random.standard_normal(40), resamples=400) for _ in range(300)]
    covered = np.mean([e.low < 0 < e.high for e in estimates])
    assert 0.88 < covered < 0.98


def test_bootstrap_is_the_same_each_time_and_takes_other_statistics() -> None:
    samples = np.arange(20.0) ** 2
    assert bootstrap(samples) == bootstrap(samples)
    assert bootstrap(samples, np.median).value == np.median(samples)


@pytest.mark.parametrize("samples", [[], [1.0], np.zeros((3, 2))])
def test_bootstrap_refuses_what_has_no_spread(samples: object) -> None:
    with pytest.raises(ValueError, match="at least two samples"):
        bootstrap(samples)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "said"),
    [(1.23e-5, "1.23×10⁻⁵"), (1e-7, "10⁻⁷"), (-3.0, "−3"), (123456.0, "1.23×10⁵"), (0.5, "0.5"), (float("nan"), "nan")],
)
def test_numbers_in_words(value: float, said: str) -> None:
    assert in_words(value) == said


def test_an_estimate_shows_its_interval_unless_it_is_exact() -> None:
    assert str(exact(2)) == "2"
    assert str(Estimate(0.5, 0.4, 0.6)) == "0.5 [0.4, 0.6]"
