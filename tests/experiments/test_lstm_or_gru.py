"""Three cells on eight tasks: equal in parameters, in tuning and in cost, and judged by ranks."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from rnnsite.context import Context
from rnnsite.experiments import lstm_or_gru
from rnnsite.experiments.lstm_or_gru import COST, GRU, LSTM, NAMES, RNN, UPDATES
from rnnsite.figures import lstm_or_gru as drawn
from rnnsite.training.any_task import CELLS, operations, width
from rnnsite.training.eight_tasks import task
from rnnsite.training.tuned import affordable, tuned

TINY = lstm_or_gru.Config(updates=20, check_every=10, seeds=3, tuned_on=2, questions=20, rates=(0.003, 0.03))


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    return lstm_or_gru.run(TINY, Context())


def test_as_many_parameters(arrays):
    assert (arrays["parameters"].max(1) / arrays["parameters"].min(1) < 1.12).all()
    assert (arrays["parameters"] <= np.array(TINY.most)[:, None]).all()


def test_the_rate_is_the_best_on_the_seeds_for_tuning(arrays):
    means = arrays["dev"][..., COST, :].mean(-1)  # task, cell, rate
    np.testing.assert_array_equal(arrays["chosen"], means.argmin(2))


def test_seeds_for_tuning_are_others_than_those_reported():
    """Same task, cell, rate and updates; only the seeds and the data they are asked about differ."""
    one = dataclasses.replace(TINY, rates=(0.01,), seeds=2)
    found = tuned(task("adding", 10), "RNN", 200, ("test tuned",), one)
    assert not np.intersect1d(found["dev"], found["test"]).size


def test_the_lstm_has_one_moment():
    found = tuned(task("adding", 10), "LSTM", 200, ("test tuned",), dataclasses.replace(TINY, rates=(0.01,)))
    np.testing.assert_array_equal(*found["test"])


def test_as_much_cost_as_the_lstm(arrays):
    config = lstm_or_gru.Config()
    for place, name in enumerate(NAMES):
        one, most = task(name, config.lengths[place]), config.most[place]
        cost = {
            cell: affordable(one, cell, most, config) * operations(cell, one, width(cell, one, most), config.squash)
            for cell in CELLS
        }
        assert affordable(one, "LSTM", most, config) == config.updates
        for cell in CELLS:
            assert cost[cell] == pytest.approx(cost["LSTM"], rel=0.11), (name, cell)
    assert (arrays["updates"][:, LSTM, COST] == TINY.updates).all()
    assert (arrays["updates"][:, :, UPDATES] == TINY.updates).all()


def test_a_run_that_diverged_counts_as_a_guess():
    one = dataclasses.replace(TINY, rates=(1e30,), clip=1e30)
    found = tuned(task("NARMA-10", 20), "RNN", 200, ("test tuned",), one)
    assert np.isfinite(found["test"]).all()


def test_every_score_has_its_seeds(arrays):
    assert arrays["test"].shape == (8, 3, 2, 3)
    assert arrays["dev"].shape == (8, 3, 2, 2, 2)
    for config in lstm_or_gru.CONFIGS.values():
        assert config.seeds >= 5
        assert config.seed_set == 0


def test_names_agree_with_the_figure():
    assert drawn.TASKS == NAMES
    assert tuple(name for name, _ in drawn.CELLS) == tuple(CELLS)
    assert sorted(drawn.ORDER) == list(range(8))
    assert set(drawn.ORDER[:5]) == set(lstm_or_gru.KEEPING), "what must be kept stands above"


def test_the_gap_is_a_geometric_mean_over_tasks(arrays):
    e = lstm_or_gru.leaves(RNN, GRU, COST, 0, 1)(arrays)
    by_hand = (arrays["test"][:2, RNN, COST] - arrays["test"][:2, GRU, COST]).mean()
    assert e.value == pytest.approx(by_hand)
