"""The longer runs of temporal order: the same three ways, and the recorded run's first 200 steps can be had again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rnnsite import recordings
from rnnsite.context import Context
from rnnsite.experiments.temporal_order_long import (
    ARMS,
    CONFIGS,
    CR,
    SGD,
    SHORT,
    Config,
    alone,
    at,
    below_one_percent,
    exchange_unclipped,
    more_help_when_longer,
    run,
    without_clipping,
)

TINY = Config(lengths=(10, 12), unclipped=(12,), seeds=3, updates=60, check_every=20, test=40, H=9, B=5)


def test_each_length_arm_and_seed_has_an_outcome_and_a_history() -> None:
    arrays = run(TINY, Context())
    for name in ("solved", "needed", "diverged_at", "error", "omega", "reach", "radius"):
        assert arrays[name].shape == (2, len(ARMS), 3)
    assert arrays["scores"].shape == (2, len(ARMS), 3, 3)
    assert arrays["early_losses"].shape == (2, len(ARMS), 3, 3)
    assert arrays["length"].tolist() == [10, 12]
    assert arrays["unclipped_solved"].shape == (1, 3)
    assert arrays["unclipped_length"].tolist() == [12]
    np.testing.assert_array_equal(arrays["scores"][:, :, -1], arrays["error"])


def test_a_shorter_run_is_the_beginning_of_a_longer_one() -> None:
    whole, begun = run(TINY, Context()), run(TINY, Context(), updates=40)
    np.testing.assert_array_equal(begun["early_losses"], whole["early_losses"][:, :, :2])


@pytest.mark.parametrize("arm", ARMS)
def test_the_first_200_steps_of_the_recorded_run_are_had_again(arm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = recordings.load("temporal_order_long").arrays
    monkeypatch.setattr("rnnsite.experiments.temporal_order_long.ARMS", (arm,))
    config = replace(CONFIGS["paper"], lengths=(SHORT,), unclipped=(), seeds=4, test=100)
    again = run(config, Context(), updates=200)["early_losses"][0, 0]
    before = recorded["early_losses"][at(recorded, SHORT), ARMS.index(arm), :, :4]
    np.testing.assert_allclose(again, before, rtol=1e-4)


def test_the_recorded_run_is_consistent_with_itself() -> None:
    a = recordings.load("temporal_order_long").arrays
    np.testing.assert_array_equal(a["solved"], a["needed"] > 0)
    np.testing.assert_array_equal(a["solved"], a["error"] == 0)
    for row, T in enumerate(a["length"]):
        for arm in range(len(ARMS)):
            assert (below_one_percent(a, T, arm) >= a["solved"][row, arm]).all()


def test_a_score_below_one_percent_counts_even_if_it_was_lost_again() -> None:
    scores = np.array([[[[0.5, 0.5, 0.5], [0.009, 0.5, 0.01], [0.4, 0.3, 0.02]]]])
    a = {"length": np.array([30]), "scores": scores, "solved": np.zeros((1, 1, 3), bool)}
    assert below_one_percent(a, 30, 0).tolist() == [True, False, False]


def test_more_help_is_the_difference_of_two_gains() -> None:
    solved = np.zeros((2, 3, 4), bool)
    solved[0, 0] = [True, True, False, False]  # SGD at 30: a half
    solved[0, 1] = [True, True, True, False]  # SGD-C at 30: a quarter more
    solved[1, 1] = True  # at 100 all, and without clipping none
    measured = more_help_when_longer({"length": np.array([30, 100]), "solved": solved})
    assert measured.value == pytest.approx(0.75)


def test_the_unclipped_runs_of_the_recording_are_had_again() -> None:
    recorded = recordings.load("temporal_order_long").arrays
    config = replace(CONFIGS["paper"], lengths=(), unclipped=(SHORT,), seeds=4, test=100)
    again = run(config, Context(), updates=200)["unclipped_early_losses"][0]
    np.testing.assert_allclose(again, recorded["unclipped_early_losses"][0, :, :4], rtol=1e-4)


def test_what_the_regulariser_adds_alone_is_paired_by_length_and_seed() -> None:
    solved = np.zeros((2, 3, 4), bool)
    solved[1, SGD] = [True, True, False, False]
    a = {
        "length": np.array([30, 50]),
        "solved": solved,
        "unclipped_length": np.array([50]),
        "unclipped_solved": np.array([[True, True, True, False]]),
    }
    assert alone(a).value == pytest.approx(0.25)
    assert alone(exchange_unclipped(SGD)(a)).value == pytest.approx(-0.25)
    assert without_clipping(a, 50).tolist() == [True, True, True, False]


def test_the_regulariser_is_on_in_its_arms_alone() -> None:
    idle = run(replace(TINY, alpha=0.0), Context())
    usual = run(TINY, Context())
    for arm in range(len(ARMS)):
        same = np.array_equal(idle["radius"][:, arm], usual["radius"][:, arm])
        assert same == (arm != CR)
    assert not np.array_equal(idle["unclipped_radius"], usual["unclipped_radius"])


def test_without_clipping_and_without_weight_it_is_plain_descent() -> None:
    arrays = run(replace(TINY, alpha=0.0), Context())
    np.testing.assert_array_equal(arrays["unclipped_radius"][0], arrays["radius"][1, SGD])
