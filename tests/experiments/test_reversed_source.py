"""What is measured on the translators, by a second way, and the shapes of a small run."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnsite.cells.lstm import LSTM
from rnnsite.context import Context
from rnnsite.experiments import reversed_source
from rnnsite.experiments.reversed_source import ARMS, FORWARD, REVERSED
from rnnsite.figures import reversed_source as drawn
from rnnsite.seeding import generator
from rnnsite.tasks.translation import translation
from rnnsite.training.encoder_decoder import look_up, losses
from rnnsite.training.translation_record import Record, gradient_at_counterpart
from rnnsite.training.word_order import Order

TINY = reversed_source.Config(shortest=2, longest=4, I=3, H=4, B=2, seeds=2, updates=8, check_every=4, tested=3)


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    return reversed_source.run(TINY, Context())


def fleet(models: int = 2):
    return reversed_source.build(LSTM, TINY, [generator("test reversed", m) for m in range(models)]).double()


def test_arrays_have_a_place_for_each_arm_check_and_seed(arrays):
    arms = len(ARMS)
    assert arrays["loss"].shape == (arms, 2, 2)
    assert arrays["words"].shape == arrays["sentences"].shape == (arms, 2, 3, 2)
    assert arrays["places"].shape == (arms, 2, 4, 2)
    assert arrays["gradient"].shape == (arms, 4, 2)
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert arrays["lag_mean"][FORWARD] == arrays["lag_mean"][REVERSED] == 4
    assert tuple(ARMS) == drawn.ARMS


def test_seeds_share_weights_and_sentences_between_arms():
    """Reversed and not, a sentence of one word is the same: so are the runs, if all else is."""
    one = reversed_source.run(
        reversed_source.Config(shortest=1, longest=1, I=3, H=4, B=2, seeds=2, updates=8, check_every=4, tested=3),
        Context(),
    )
    for arm in range(1, 6):  # all LSTMs; a pause after one word is empty
        np.testing.assert_array_equal(one["loss"][arm], one["loss"][FORWARD])


def test_the_gradient_at_a_counterpart_by_finite_differences():
    model, order = fleet(), Order(source=True)
    source, target, places = translation(4, 1, generator("test gradient"))
    read, said = order.of(source, target)
    found = gradient_at_counterpart(model, read, said, order.reading(places))
    m, place, eps = 1, 2, 1e-6
    at = int(order.reading(places)[place, 0])
    embedded = look_up(model.E, read.expand(2, -1, -1)).detach()

    def loss(x: torch.Tensor) -> float:
        scores = model.decode(model.encode(x), said.expand(2, -1, -1))[m, place, 0]
        return -scores.log_softmax(0)[said[place, 0]].item()

    slopes = []
    for k in range(TINY.I):
        step = torch.zeros_like(embedded)
        step[m, at, 0, k] = eps
        slopes.append((loss(embedded + step) - loss(embedded - step)) / (2 * eps))
    assert found[m, place].item() == pytest.approx(np.log10(np.linalg.norm(slopes)), abs=1e-4)


def test_a_record_keeps_each_model_under_its_number():
    model = fleet(3)
    tests = [translation(n, 4, generator("test record", n))[:2] for n in (2, 3)]
    record = Record(tests)
    with torch.no_grad():
        model.number = torch.tensor([2, 0, 1])
        score = record(model, [])
        whole = record.arrays(3, 2)
        source, target = (words.expand(3, -1, -1) for words in tests[1])
        places = losses(model, source, target).mean(2)
    np.testing.assert_allclose(whole["loss"][0, [2, 0, 1]], score.numpy())
    np.testing.assert_allclose(whole["places"][0][:, [2, 0, 1]], places.T.numpy())
    assert np.isnan(whole["words"][1]).all()  # there was no second check
