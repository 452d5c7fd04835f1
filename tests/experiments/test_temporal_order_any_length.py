"""One network for every length: what a run draws, and the recorded run's first 200 steps can be had again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnsite import recordings
from rnnsite.context import Context
from rnnsite.experiments.temporal_order_any_length import (
    CONFIGS,
    LOG,
    Config,
    bounced,
    flawless,
    lost,
    lowest_so_far,
    run,
)
from rnnsite.experiments.temporal_order_long import CR, at
from rnnsite.training.three_ways import length_at

TINY = Config(
    lengths=(10, 14),
    near=(10, 12),
    alone=10,
    last=20,
    beyond=(10, 30),
    seeds=3,
    updates=60,
    few=40,
    check_every=20,
    test=100,
    H=9,
    B=5,
)


def test_each_seed_has_an_outcome_and_a_history() -> None:
    arrays = run(TINY, Context())
    for name in ("solved", "needed", "diverged_at", "error", "omega", "reach", "radius"):
        assert arrays[name].shape == (3,)
        assert arrays[f"alone_{name}"].shape == (3,)
    assert arrays["scores"].shape == (3, 3)
    assert arrays["alone_scores"].shape == (2, 3)
    assert arrays["beyond"].shape == arrays["alone_beyond"].shape == (2, 3)
    assert arrays["late"].shape == arrays["alone_late"].shape == (20, 3)
    np.testing.assert_array_equal(arrays["scores"][-1], arrays["error"])


def test_a_shorter_run_is_the_beginning_of_a_longer_one() -> None:
    whole, begun = run(TINY, Context()), run(TINY, Context(), updates=40)
    np.testing.assert_array_equal(begun["early_losses"], whole["early_losses"][:2])


def test_a_run_is_the_same_without_its_neighbours() -> None:
    whole, fewer = run(TINY, Context()), run(replace(TINY, seeds=2), Context())
    np.testing.assert_allclose(fewer["early_losses"], whole["early_losses"][:, :2], rtol=1e-6)


def test_every_update_draws_a_length_and_all_lengths_come() -> None:
    lengths = [length_at((50, 200), update) for update in range(3000)]
    assert set(lengths) == set(range(50, 200))
    assert length_at((50, 200), 7) == lengths[7]


def test_only_networks_that_learned_are_tested_afterwards() -> None:
    easy = replace(TINY, updates=20, few=3000, check_every=20, H=50, B=20, test=200, alpha=0.0)
    arrays = run(easy, Context())
    assert arrays["alone_solved"].any()
    assert not arrays["solved"].any()
    for which in ("", "near_", "alone_"):
        for name in ("beyond", "late"):
            np.testing.assert_array_equal(np.isfinite(arrays[which + name]).all(0), arrays[f"{which}solved"])
    assert np.nanmax(arrays["alone_beyond"][0]) < 0.05  # over the length it has learned, in fresh sequences
    assert np.nanmax(arrays["alone_late"][9]) < 0.05  # asked after the last step
    assert np.nanmin(arrays["alone_late"][0]) > 0.4  # asked before anything has come


def test_the_first_200_steps_of_the_recorded_run_are_had_again() -> None:
    recorded = recordings.load("temporal_order_any_length").arrays
    again = run(replace(CONFIGS["paper"], seeds=4, test=100), Context(), updates=200)["early_losses"]
    assert np.isfinite(again).all()
    np.testing.assert_allclose(again, recorded["early_losses"][:, :4], rtol=1e-4)


def test_those_of_one_length_are_those_of_the_longer_runs() -> None:
    """The same seeds, the same length: one recorded run must have learned when the other did."""
    alone = recordings.load("temporal_order_any_length").arrays
    longer = recordings.load("temporal_order_long").arrays
    np.testing.assert_allclose(alone["alone_early_losses"], longer["early_losses"][at(longer, 50), CR], rtol=1e-4)


def test_the_recorded_run_is_consistent_with_itself() -> None:
    a = recordings.load("temporal_order_any_length").arrays
    np.testing.assert_array_equal(a["solved"], a["needed"] > 0)
    np.testing.assert_array_equal(a["solved"], a["error"] == 0)
    for which in ("", "near_", "alone_"):
        for name in ("beyond", "late"):
            np.testing.assert_array_equal(a[f"{which}solved"], np.isfinite(a[which + name]).all(0))
    np.testing.assert_array_equal(a["solved"], lowest_so_far(a)[-1] == 0)
    assert len(a["scores"]) * a["every"] == a["limit"]


def test_flawless_asks_those_that_learned_alone() -> None:
    a = {"length": np.array([50, 5000]), "solved": np.array([True, False, True])}
    a["beyond"] = np.array([[0.0, np.nan, 0.0], [0.0, np.nan, 1e-4]])
    assert flawless(a, 50).tolist() == [True, True]
    assert flawless(a, 5000).tolist() == [True, False]


def test_a_run_that_ended_has_not_bounced() -> None:
    scores = np.array([[0.5, 0.1, 0.3], [0.75, 0.2, 0.1], [0.7, 0.3, np.nan]])
    assert bounced({"scores": scores}).tolist() == [True, False, False]


def test_the_lowest_error_of_the_log_only_falls() -> None:
    assert list(LOG) == sorted(LOG)
    assert list(LOG.values()) == sorted(LOG.values(), reverse=True)


def test_lost_is_a_moment_after_the_last_step_that_was_trained() -> None:
    late = np.zeros((60, 3))
    late[40, 0] = late[55, 1] = late[58, 2] = 0.9
    assert lost({"late": late, "solved": np.array([True, True, False])}, "").tolist() == [False, True]
