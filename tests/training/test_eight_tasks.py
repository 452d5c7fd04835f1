"""The eight tasks in their common form, and the networks that read them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from rnnsite.errors import RnnsiteError
from rnnsite.seeding import generator
from rnnsite.tasks import agreement_grammar, documentation
from rnnsite.tasks.digits import digits
from rnnsite.training.any_task import CELLS, SymbolReader, loss, network, operations, parameters, width
from rnnsite.training.eight_tasks import NAMES, SERIES, SKIPPED, Task, task, texts

T = 30


@pytest.fixture(scope="module", params=NAMES)
def named(request) -> tuple[str, Task]:
    return request.param, task(request.param, T)


def test_no_constant_answer_does_better_than_the_guess(named):
    name, one = named
    y = one.draw(4000, generator("test eight", name), "train")[1].flatten()
    if y.is_floating_point():
        best = float(y.var(unbiased=False))
    else:
        shares = torch.bincount(y).double() / len(y)
        best = float(torch.special.entr(shares).sum())
    assert one.guess == pytest.approx(best, rel=0.05)


def test_a_network_of_every_cell_reads_it(named):
    _, one = named
    x, y = one.draw(5, generator("test eight", 1), "train")
    for cell in CELLS:
        model = network(cell, one, 3, [generator("test eight", m) for m in range(2)])
        losses = loss(model, torch.stack([x, x]), torch.stack([y, y]))
        assert losses.shape == (2,)
        assert bool(losses.isfinite().all())


def test_parts_do_not_share_their_data(named):
    name, one = named
    draws = {part: one.draw(300, generator("test eight", part), part) for part in ("train", "dev", "test")}
    if name == "digits by rows":
        assert len(draws["dev"][1]) == len(draws["test"][1]) == 300
        rows = digits().test.x[:, 7, 0]
        assert torch.equal(draws["test"][0][:, 7], rows.view(8, 8)), "a row a step, from the top"
    flat = {part: {tuple(column) for column in x.flatten(2).movedim(1, 0).flatten(1).tolist()} if x.ndim == 3
            else {tuple(column) for column in x.T.tolist()} for part, (x, _) in draws.items()}  # fmt: skip
    assert len(flat["dev"] & flat["test"]) <= (32 if name == "five bits" else 2)


def test_text_is_split_in_three():
    whole = documentation.documentation()
    parts = {part: documentation.decode(codes) for part, codes in texts().items()}
    assert parts["train"] == whole.training
    assert parts["dev"] + parts["test"] == whole.validation


def test_every_says_what_is_asked(named):
    _, one = named
    assert one.every == (one.draw(3, generator("test eight", "every"), "dev")[1].ndim == 2)


def test_five_bits_asks_for_the_bits_alone():
    x, y = task("five bits", 14).draw(50, generator("test eight", "bits"), "train")
    assert tuple(x.shape) == (14, 50, 4)
    assert torch.equal(x[:5].argmax(-1), y)


def test_narma_is_asked_after_its_first_steps():
    x, y = task("NARMA-10", T).draw(6, generator("test eight", "narma"), "dev")
    assert (tuple(x.shape), tuple(y.shape)) == ((T, 6, 1), (T - SKIPPED, 6))
    from rnnsite.tasks.narma import narma

    series, targets = narma(SERIES, generator("eight tasks", 0, "dev"))
    start = int((series - 0.25 - x[0, 2, 0]).abs().argmin())
    np.testing.assert_allclose(y[:, 2], targets[start + SKIPPED : start + T].float())


def test_subjects_are_not_to_be_read_off_the_nearest_noun():
    one = task("agreement", T)
    x, y = one.draw(3000, generator("test eight", "subjects"), "train")
    assert tuple(x.shape) == (11, 3000)
    subject = np.array([agreement_grammar.VOCABULARY[word] for word in x[1]])
    assert np.array_equal(np.char.endswith(subject.astype(str), "s"), y.numpy() == 1)
    verb = np.full(3000, 11)
    nearest = agreement_grammar.Sentences(x.numpy(), verb, y.numpy() == 1).nearest_plural
    assert 0.45 < (nearest == (y.numpy() == 1)).mean() < 0.6, "27 of 27 · 3 sentences have no noun on the way"


def test_the_loss_is_the_mean_over_what_is_asked():
    one = Task(2, 3, 1.0, lambda n, g, part: (torch.zeros(1), torch.zeros(1)))
    model = network("RNN", one, 4, [generator("test eight", m) for m in range(2)])
    x = torch.randn(2, 6, 5, 2, generator=generator("test eight", "x"))
    classes = torch.randint(3, (2, 4, 5), generator=generator("test eight", "y"))
    expected = cross_entropy(model(x)[1, 2:].flatten(0, 1), classes[1].flatten())
    torch.testing.assert_close(loss(model, x, classes)[1], expected)
    numbers = torch.randn(2, 5, generator=generator("test eight", "numbers"))
    expected = (model.last(x)[1, :, 0] - numbers[1]).square().mean()
    torch.testing.assert_close(loss(model, x, numbers)[1], expected)


def test_each_model_reads_its_own_table_of_symbols():
    model = network("GRU", task("agreement", T), 3, [generator("test eight", m) for m in range(2)])
    assert isinstance(model, SymbolReader)
    x = torch.randint(9, (2, 4, 5), generator=generator("test eight", "symbols"))
    embedded = model.embed(x)
    for m in range(2):
        assert torch.equal(embedded[m], model.E[m][x[m]])


def test_the_width_is_the_largest_that_fits():
    for name in ("adding", "characters"):
        one = task(name, T)
        for cell in CELLS:
            H = width(cell, one, 3000)
            assert parameters(cell, one, H) <= 3000 < parameters(cell, one, H + 1)
    with pytest.raises(RnnsiteError, match="Not even one LSTM unit fits into 10 parameters"):
        width("LSTM", task("adding", T), 10)


def test_the_exercise_on_parameters():
    adding = task("adding", T)
    widths = {cell: width(cell, adding, 1000) for cell in CELLS}
    assert widths == {"RNN": 29, "GRU": 16, "LSTM": 14}
    blocks = {"RNN": 1, "GRU": 3, "LSTM": 4}
    for cell, H in widths.items():
        by_hand = blocks[cell] * H * (H + 3) + (cell == "GRU") * H + H + 1
        assert parameters(cell, adding, H) == by_hand
    assert [parameters(cell, adding, H) for cell, H in widths.items()] == [958, 945, 967]


def test_as_many_parameters_are_nearly_as_many_multiplications():
    one = task("adding", T)
    counts = [operations(cell, one, width(cell, one, 1000), 0) for cell in CELLS]
    assert max(counts) / min(counts) < 1.06
    assert operations("LSTM", one, 14, 20) == 4 * 14 * 16 + 20 * 5 * 14
    letters = task("characters", T)
    assert operations("RNN", letters, 22, 20) == 22 * 32 + 20 * 22 + 22 * letters.O, "with an output at every step"


def test_an_unknown_task_is_one_sentence():
    with pytest.raises(RnnsiteError, match="There is no task 'adding up'; expected one of adding, "):
        task("adding up", 20)
