"""Saturation on models where the answer is known."""

from __future__ import annotations

import torch
from torch import nn

from rnnsite.cells.elman import Elman
from rnnsite.cells.lstm import LSTM
from rnnsite.probes.saturated import Saturation, saturation

from .configurations import H, I, data, module, packed
from .zoo import gate_bias


def test_counted_by_hand() -> None:
    rnn, x = module("RNN"), 30 * data()
    h = rnn(x)[0]
    found = saturation(rnn, x)["l0.h"]
    assert found.low == float((h < -0.95).double().mean())
    assert found.high == float((h > 0.95).double().mean())
    assert found.share == found.low + found.high > 0.5


def test_the_padding_of_packed_sequences_is_not_counted() -> None:
    rnn, x = module("RNN"), 30 * data()
    h = rnn(packed(x, False, False))[0].data
    assert saturation(rnn, packed(x, False, False))["l0.h"].low == float((h < -0.95).double().mean())


def test_a_shut_gate() -> None:
    lstm = gate_bias(nn.LSTM, 0, -20.0)(I, H)
    found = saturation(lstm, data().float())
    assert found["l0.i"] == Saturation(1.0, 0.0)
    assert found["l0.f"].share < 0.1
    assert set(found) == {f"l0.{part}" for part in "ifogc"}


def test_dead_relu_units() -> None:
    rnn = nn.RNN(I, 4, nonlinearity="relu")
    with torch.no_grad():
        rnn.bias_ih_l0.copy_(torch.tensor([-50.0, 50.0, -50.0, 50.0]))
    assert saturation(rnn, data().float())["l0.h"] == Saturation(0.0, 0.0, 0.5)


def test_what_each_kind_is_judged_by() -> None:
    assert set(saturation(module("GRU two layers"), data())) == {f"l{k}.{part}" for k in (0, 1) for part in "rug"}
    x = data().float()
    assert set(saturation(LSTM(I, H, gates="f"), x)) == {"f", "g", "c"}
    assert saturation(Elman(I, H, activation="linear"), x) == {}
    assert set(saturation(Elman(I, H, activation="sigmoid"), x)) == {"h"}
