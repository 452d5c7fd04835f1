"""Fetching only the word vectors that are read is AdaGrad on all of them; early stopping keeps the best epoch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from rnnsite.cells.lstm import LSTM
from rnnsite.errors import RnnsiteError
from rnnsite.tasks.sentiment import PAD, Corpus
from rnnsite.tasks.sentiment_grammar import grammar
from rnnsite.training.sentences import SentenceClassifier, _Steps, learn, right


def generators(count: int, first: int = 0) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(first + k) for k in range(count)]


def classifier(
    words: int, models: int = 2, gates: str = "ifo", dtype: torch.dtype = torch.float32
) -> SentenceClassifier:
    cell = LSTM(3, 4, models, generator=generators(models), gates=gates, peepholes=bool(gates), dtype=dtype)
    return SentenceClassifier(cell, words, generators(models, 10))


@pytest.fixture(scope="module")
def corpora() -> list[Corpus]:
    return [grammar((60, 20, 20), np.random.default_rng(seed)) for seed in range(2)]


def test_an_update_is_that_of_torchs_adagrad_on_every_weight(corpora: list[Corpus]) -> None:
    model = classifier(len(corpora[0].vocabulary), dtype=torch.float64)
    words = torch.stack([corpus.train.words[-20:, :6] for corpus in corpora])
    y = torch.stack([corpus.train.y[:6] for corpus in corpora])
    single = model.cell.select(1)
    E = nn.Parameter(model.E.detach()[1].clone())
    V, a = (nn.Parameter(p.detach()[1].clone()) for p in (model.V, model.a))
    plain = torch.optim.Adagrad([*(p for p in single.parameters() if p.requires_grad), E, V, a], lr=0.1)
    steps = _Steps(model, 0.1)
    for _ in range(4):
        steps.update(words, y)
        plain.zero_grad()
        losses = []
        for k in range(6):
            column = words[1, :, k]
            h, _ = single(E[column[column != PAD]][:, None])
            losses.append(cross_entropy(h[-1] @ V.T + a, y[1, k : k + 1]))
        torch.stack(losses).mean().backward()
        plain.step()
    for ours, theirs in ((model.E, E), (model.V, V), (model.cell.W, single.W), (model.cell.p, single.p)):
        assert ours is not None
        assert theirs is not None
        torch.testing.assert_close(ours[1], theirs, rtol=1e-9, atol=1e-9)


def test_the_weights_kept_are_those_of_the_best_epoch_and_learning_learns(corpora: list[Corpus]) -> None:
    model = classifier(len(corpora[0].vocabulary))
    learned = learn(model, corpora, generators(2, 20), torch.Generator().manual_seed(1), epochs=6, rate=0.1)
    assert learned.dev.shape == learned.losses.shape == (6, 2)
    assert learned.first_losses.shape == (36, 2)
    assert bool((learned.losses[-1] < learned.losses[0]).all())
    now = right(learned.module, [corpus.dev for corpus in corpora]).double().mean(1)
    torch.testing.assert_close(now, learned.dev.amax(0))
    torch.testing.assert_close(learned.dev.gather(0, learned.best[None])[0], learned.dev.amax(0))


def test_a_model_is_the_same_whoever_rides_along(corpora: list[Corpus]) -> None:
    both = classifier(len(corpora[0].vocabulary))
    alone = classifier(len(corpora[0].vocabulary), models=1)
    first = learn(both, corpora, generators(2, 20), torch.Generator().manual_seed(1), epochs=1)
    second = learn(alone, corpora[:1], generators(1, 20), torch.Generator().manual_seed(1), epochs=1)
    torch.testing.assert_close(first.first_losses[:, 0], second.first_losses[:, 0], rtol=1e-4, atol=1e-5)


def test_given_vectors_are_where_they_were_given() -> None:
    given = torch.full((5, 3), torch.nan)
    given[2] = 7.0
    cell = LSTM(3, 4, 2, generator=generators(2))
    model = SentenceClassifier(cell, 5, generators(2), given=given)
    assert bool((model.E[:, 2] == 7).all())
    assert bool(model.E.isfinite().all())


def test_faults_are_one_sentence(corpora: list[Corpus]) -> None:
    model = classifier(len(corpora[0].vocabulary))
    with pytest.raises(RnnsiteError, match="batches of 7"):
        learn(model, corpora, generators(2), torch.Generator(), batch=7)
    with pytest.raises(RnnsiteError, match="Expected 2 corpora"):
        learn(model, corpora[:1], generators(1), torch.Generator())
    with pytest.raises(RnnsiteError, match="given vectors have shape"):
        SentenceClassifier(LSTM(3, 4, 2), 5, generators(2), given=torch.zeros(4, 3))
