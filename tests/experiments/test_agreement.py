from __future__ import annotations

import numpy as np
import pytest

from rnnsite.context import Context
from rnnsite.experiments.agreement import (
    ARMS,
    CONFIGS,
    DISTRACTED,
    EARLY,
    GATED_LSTM,
    LANGUAGE_MODELS,
    NAMES,
    RNN,
    WIDE,
    Config,
    on,
    run,
    times,
    updates_to,
)

TINY = Config(seeds=2, B=2, updates=50, updates_verb=25, tested=6)


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    return run(TINY, Context())


def test_it_is_the_same_every_time(arrays: dict[str, np.ndarray]) -> None:
    for name, array in run(TINY, Context()).items():
        np.testing.assert_array_equal(array, arrays[name])


def test_checkpoints_past_an_arms_end_are_marked(arrays: dict[str, np.ndarray]) -> None:
    assert arrays["accuracy"].shape == (len(ARMS), 3, len(NAMES), 2)
    for arm, trained in enumerate(ARMS):
        assert np.isnan(arrays["accuracy"][arm, 2]).all() == trained.verb_alone
        assert np.isfinite(arrays["accuracy"][arm, :2]).all()


def test_the_wide_rnn_has_no_more_weights_than_the_lstm(arrays: dict[str, np.ndarray]) -> None:
    weights = arrays["weights"]
    assert 0.95 * weights[GATED_LSTM] < weights[WIDE] <= weights[GATED_LSTM]


def test_early_is_the_checkpoint_after_150_updates() -> None:
    config = CONFIGS["quick"]
    assert np.arange(0, config.updates + 1, config.every)[EARLY] == 150
    assert config.seeds >= 20


def curve(*accuracy: float) -> dict[str, np.ndarray]:
    """Arrays in which every arm has this accuracy on every test, with one seed."""
    shape = (len(ARMS), len(accuracy), len(NAMES), 1)
    return {
        "accuracy": np.broadcast_to(np.array(accuracy)[:, None, None], shape).copy(),
        "updates": 25 * np.arange(len(accuracy)),
    }


@pytest.mark.parametrize(
    ("accuracy", "turned"),
    [((0.4, 0.2, 0.6, 0.9), 50), ((0.5, 0.2, 0.6, 0.3, 0.8), 100), ((0.9, 0.9), 0), ((0.6, 0.1), 50)],
)
def test_turning_means_staying(accuracy: tuple[float, ...], turned: int) -> None:
    assert updates_to(curve(*accuracy), RNN).tolist() == [turned]


def test_times_is_a_ratio_of_updates() -> None:
    a = curve(0.1, 0.1, 0.1, 0.9, 0.9)
    a["accuracy"] = np.repeat(a["accuracy"], 2, axis=3)
    a["accuracy"][WIDE, 1:] = 0.9
    assert times(a, WIDE, RNN).value == pytest.approx(25 / 75)


def test_distracted_is_every_number_of_attractors_but_none(arrays: dict[str, np.ndarray]) -> None:
    assert DISTRACTED == ("attractors 1", "attractors 2", "attractors 3", "attractors 4")
    assert on(arrays, LANGUAGE_MODELS[0], *DISTRACTED).shape == (3, 2)
