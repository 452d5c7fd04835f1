"""Errors on longer sequences: counted on the sequences that the generator gives, in parts that fit into memory."""

from __future__ import annotations

import pytest
import torch

from rnnsite.tasks.temporal_order import temporal_order
from rnnsite.training import longer
from rnnsite.training.longer import errors_by_length, errors_by_moment
from rnnsite.training.three_ways import network


def generators(count: int = 1) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in range(count)]


def test_a_network_that_always_answers_the_same_is_right_where_that_is_the_class() -> None:
    model = network("smart tanh", 4, generators(2))
    with torch.no_grad():
        model.V.zero_()
        model.a[:] = torch.tensor([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    errors = errors_by_length(model, (10, 25), 300, generators(2))
    for k, answer in enumerate((2, 0)):
        g = generators(2)[k]
        for row, T in enumerate((10, 25)):
            _, y = temporal_order(T, 300, g)
            assert errors[row, k] == pytest.approx(float((y != answer).double().mean()))


def test_every_sequence_is_read_however_few_fit_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    draw = longer.temporal_order

    def counted(T: int, batch: int, g: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        read.append(batch)
        return draw(T, batch, g)

    monkeypatch.setattr(longer, "temporal_order", counted)
    monkeypatch.setattr(longer, "STEPS_AT_ONCE", 100)
    errors_by_length(network("smart tanh", 4, generators()), (30, 1000), 7, generators())
    assert read == [3, 3, 1] + [1] * 7


def test_asked_at_the_end_the_errors_are_those_of_the_plain_task() -> None:
    model = network("basic tanh", 8, generators())
    late = errors_by_moment(model, 12, 12, 500, generators())
    assert late[-1, 0] == errors_by_length(model, (12,), 500, generators())[0, 0]


def test_what_comes_later_does_not_change_an_answer_given_before() -> None:
    """A network that holds its state, W = 1 and nothing but A and B read in, is as right later as it was at the end."""
    model = network("basic tanh", 2, generators())
    with torch.no_grad():
        model.cell.W.copy_(2 * torch.eye(2)[None])
        model.cell.b.zero_()
        model.cell.U.zero_()
        model.cell.U[0, 0, 0], model.cell.U[0, 0, 1] = 9.0, -9.0  # unit 0: the letter that came last
    late = errors_by_moment(model, 20, 60, 400, generators())[:, 0]
    assert (late[19:] == late[19]).all()
