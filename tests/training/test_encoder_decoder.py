"""Encoder-decoders against torch.nn, one model at a time, gradients through the state between them included."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM
from rnnsite.errors import RnnsiteError
from rnnsite.seeding import generator
from rnnsite.training.encoder_decoder import EncoderDecoder, losses, mean_loss
from rnnsite.training.rows import models_of, take
from rnnsite.training.word_order import BLANK, Order, batches

M, I, H, WORDS = 3, 4, 5, 6
kinds = pytest.mark.parametrize("kind", [LSTM, GRU, Elman])


def fleet(kind, models: int = M, H_decoder: int = H) -> EncoderDecoder:
    g = [generator("encoder-decoder", m) for m in range(models)]
    encoder, decoder = (kind(I, size, models, generator=g, dtype=torch.float64) for size in (H, H_decoder))
    return EncoderDecoder(encoder, decoder, WORDS + 1, WORDS, g)


def sentences(n: int, L: int, B: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    g = generator("sentences", n, L)
    return torch.randint(WORDS, (M, n, B), generator=g), torch.randint(WORDS, (M, L, B), generator=g)


def with_torch(model: EncoderDecoder, m: int, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Scores (L, B, words) of one model by torch.nn's own cells, whose weights are leaves of the same graph."""

    def run(cell, x, state):
        kind = {"LSTM": nn.LSTM, "GRU": nn.GRU, "Elman": nn.RNN}[type(cell).__name__]
        module = kind(I, H, dtype=torch.float64)
        weights = dict(
            zip(module.state_dict(), [p.detach() for p in cell.select(m).to_torch().parameters()], strict=True)
        )
        return torch.func.functional_call(module, weights, (x, state))

    _, last = run(model.encoder, model.E[m][source], None)
    before = torch.cat([torch.full_like(target[:1], WORDS), target[:-1]])
    said, _ = run(model.decoder, model.D[m][before], last)
    return said @ model.V[m].T + model.a[m]


@kinds
def test_scores_and_gradients_are_those_of_torch(kind):
    model, (source, target) = fleet(kind), sentences(7, 4)
    ours = torch.autograd.grad(mean_loss(model, source, target).sum(), [model.E, model.D, model.V])
    for m in range(M):
        scores = with_torch(model, m, source[m], target[m])
        torch.testing.assert_close(model(source, target)[m], scores, rtol=1e-10, atol=1e-12)
        loss = cross_entropy(scores.flatten(0, 1), target[m].flatten())
        theirs = torch.autograd.grad(loss, [model.E, model.D, model.V])
        for mine, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(mine[m], other[m], rtol=1e-8, atol=1e-10)
    assert (ours[0].abs().sum((1, 2)) > 0).all()  # the encoder learns through the state alone


@kinds
def test_it_says_the_likeliest_word_after_its_own(kind):
    model, (source, _) = fleet(kind), sentences(5, 1)
    said = model.translate(source, 6)
    torch.testing.assert_close(model(source, said).argmax(-1), said)


def test_losses_are_of_each_word():
    model, (source, target) = fleet(LSTM), sentences(5, 4)
    found = losses(model, source, target)
    expected = cross_entropy(model(source, target)[1, 2], target[1, 2], reduction="none")
    torch.testing.assert_close(found[1, 2], expected)
    torch.testing.assert_close(mean_loss(model, source, target), found.mean((1, 2)))


def test_models_are_independent_and_can_be_taken_out():
    model, (source, target) = fleet(GRU), sentences(5, 4)
    assert models_of(model) == M
    part = take(model, torch.tensor([2]))
    torch.testing.assert_close(part(source[2:], target[2:])[0], model(source, target)[2])
    torch.testing.assert_close(fleet(GRU, models=2).E, model.E[:2])


def test_cells_that_do_not_fit_are_one_sentence():
    with pytest.raises(RnnsiteError, match=r"expected cells of one kind, H and models\.$"):
        fleet(GRU, H_decoder=H + 1)
    cell = GRU(I, H, 2)
    with pytest.raises(RnnsiteError, match=r"1 generators were given for cells with models=2\.$"):
        EncoderDecoder(cell, cell, 3, 3, [torch.Generator()])


@pytest.mark.parametrize("source", [False, True])
@pytest.mark.parametrize("target", [False, True])
@pytest.mark.parametrize("pause", [False, True])
def test_steps_are_counted_on_the_tape(source, target, pause):
    """Word k of five is said as word 10 + k: find both on one tape of all that is read and said."""
    order, n = Order(source, target, pause), 5
    places = torch.tensor([[1], [0], [2], [4], [3]])
    words = torch.arange(n)[:, None]
    read, said = order.of(words, 10 + places)
    tape = [*read[:, 0].tolist(), *said[:, 0].tolist()]
    expected = [tape.index(word) - tape.index(word - 10) for word in said[:, 0].tolist()]
    assert order.steps(places)[:, 0].tolist() == expected
    assert read[order.reading(places)[:, 0], 0].tolist() == [word - 10 for word in said[:, 0].tolist()]
    assert (read == BLANK).sum() == (n - 1 if pause else 0)


def test_a_batch_has_the_length_of_its_update():
    drawn = batches(Order(pause=True), [3, 5, 4], 2, generator("batches"), range(1, 3))
    assert [(tuple(read.shape), tuple(said.shape)) for read, said in drawn] == [((9, 2), (5, 2)), ((7, 2), (4, 2))]
