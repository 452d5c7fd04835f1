from __future__ import annotations

import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.lstm import LSTM
from rnnsite.probes.reach import bits_a_symbol, cost_of_context, far_share, last_losses, rewritten
from rnnsite.training.language_model import LanguageModel


def model_of(kind: type[Cell]) -> LanguageModel:
    draw = torch.Generator().manual_seed(1)
    return LanguageModel(kind(3, 5, models=2, generator=draw, dtype=torch.float64), 7, draw)


INPUTS, TARGETS = torch.randint(7, (2, 12, 30), generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("kind", [Elman, LSTM])
def test_everything_is_near_when_near_is_all_and_the_rest_shrinks_with_it(kind: type[Cell]) -> None:
    shares = far_share(model_of(kind), INPUTS, TARGETS, (1, 4, 12))
    assert (shares[:, 0] > shares[:, 1]).all()
    assert (shares[:, 2] < 1e-12).all()


def test_the_far_part_of_a_linear_unit_is_known() -> None:
    """h_T = Σ w^(T−t) x_t, so ∂h_T/∂w = Σ (T−t) w^(T−t−1) x_t, of which the near part keeps h_{T−1}, w h_{T−2}, …"""
    cell = Elman(1, 1, models=1, activation="linear", bias=False, dtype=torch.float64)
    with torch.no_grad():
        cell.W.fill_(0.5)
        cell.U.fill_(1.0)
    model = LanguageModel(cell, 2, torch.Generator())
    with torch.no_grad():
        model.E.fill_(1.0)
    inputs = torch.zeros(4, 1, dtype=torch.long)
    h = [0.0]
    for _ in range(4):
        h.append(0.5 * h[-1] + 1)
    parts = [0.5**k * h[3 - k] for k in range(4)]  # contributions of the last step, the one before, …
    share = far_share(model, inputs, inputs, (1, 2))
    torch.testing.assert_close(
        share[0], torch.tensor([sum(parts[1:]), sum(parts[2:])], dtype=torch.float64) / sum(parts)
    )


def test_the_cost_of_seeing_everything_is_nothing() -> None:
    costs = cost_of_context(model_of(LSTM), INPUTS, TARGETS, (1, 12))
    assert (costs[:, 1] == 0).all()


def test_the_cost_is_in_bits_of_the_last_prediction() -> None:
    model = model_of(Elman)
    short = cross_entropy(model(INPUTS[-2:])[1, -1], TARGETS[-1]) / math.log(2)
    full = cross_entropy(model(INPUTS)[1, -1], TARGETS[-1]) / math.log(2)
    torch.testing.assert_close(cost_of_context(model, INPUTS, TARGETS, (2,))[1, 0], (short - full).detach())


def test_last_losses_are_of_the_last_step() -> None:
    model = model_of(Elman)
    states, _ = model.cell(model.embed(INPUTS))
    torch.testing.assert_close(last_losses(model, states, TARGETS), model.losses(INPUTS, TARGETS)[:, -1])


def test_rewritten_follows_the_cell_state_where_there_is_one() -> None:
    model = model_of(LSTM)
    trace = model.cell.trace(model.embed(INPUTS))
    c = trace["c"]
    expected = ((c[:, 1:] - c[:, :-1]).norm(dim=-1) / c[:, 1:].norm(dim=-1)).mean((1, 2))
    torch.testing.assert_close(rewritten(trace), expected)


def test_bits_a_symbol_skips_every_other_piece() -> None:
    model = model_of(Elman)
    text = torch.randint(7, (43,), generator=torch.Generator().manual_seed(3))
    read = torch.stack([text[0:10], text[20:30]], 1)
    expected = model.losses(read[:-1], read[1:]).mean((1, 2)) / math.log(2)
    torch.testing.assert_close(bits_a_symbol(model, text, 10), expected)
