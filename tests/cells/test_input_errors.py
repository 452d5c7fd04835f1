"""A wrong input is answered by one sentence that says what was expected."""

from __future__ import annotations

import pytest
import torch

from rnnsite.cells.clockwork import Clockwork
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM
from rnnsite.cells.skip import Skip
from rnnsite.errors import RnnsiteError

good = torch.zeros(7, 2, 3)
NAN = good.clone()
NAN[3, 1, 2] = float("nan")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Elman(3, 5)(torch.zeros(7, 3)), r"shape \(7, 3\); expected \(T, B, I\) with I = 3\.$"),
        (lambda: Elman(3, 5)(torch.zeros(7, 2, 4)), r"shape \(7, 2, 4\); expected \(T, B, I\) with I = 3\.$"),
        (lambda: Elman(3, 5, batch_first=True)(torch.zeros(7, 3)), r"expected \(B, T, I\) with I = 3\.$"),
        (lambda: Elman(3, 5)(torch.zeros(4, 7, 2, 3)), r"shape \(4, 7, 2, 3\); expected \(T, B, I\)"),
        (lambda: Elman(3, 5, 6)(torch.zeros(4, 7, 2, 3)), "behind a first dimension of 6 models"),
        (lambda: Elman(3, 5)(torch.zeros(0, 2, 3)), "at least one step and one sequence"),
        (lambda: Elman(3, 5)([[1.0]]), "is a list; expected a tensor"),
        (lambda: Elman(3, 5)(good.double()), r"torch\.float64 on cpu; expected torch\.float32 on cpu"),
        (lambda: Elman(3, 5)(good.long()), r"torch\.int64 on cpu; expected torch\.float32"),
        (lambda: GRU(3, 5)(good, torch.zeros(1, 2, 5)), r"shape \(1, 2, 5\); expected a tensor h of shape \(2, 5\)"),
        (lambda: GRU(3, 5)(good, torch.zeros(2, 5).double()), "another type or device"),
        (lambda: LSTM(3, 5)(good, torch.zeros(2, 5)), r"expected a pair of tensors \(h, c\) of shape \(2, 5\)"),
        (lambda: LSTM(3, 5)(good, 0), "has shape int; expected a pair"),
        (lambda: LSTM(3, 5, 4)(good, (torch.zeros(2, 5),) * 2), r"of shape \(4, 2, 5\)"),
        (lambda: Elman(3, 5).trace(NAN), "holds NaN or infinity; expected finite numbers"),
        (lambda: Elman(3, 5).trace(good, torch.full((2, 5), float("inf"))), "holds NaN or infinity"),
        (lambda: Elman(3, 0), "H is 0; expected at least 1"),
        (lambda: Elman(3, 5, models=0), "models is 0; expected at least 1"),
        (lambda: Elman(3, 5, activation="tahn"), "Did you mean 'tanh'"),
        (lambda: LSTM(3, 5, gates="ix"), "Unknown gates 'ix'; expected letters of 'ifo'"),
        (lambda: LSTM(3, 5, gates="ii"), "each at most once"),
        (lambda: LSTM(3, 5, gates="", peepholes=True), "at least one letter"),
        (lambda: LSTM(3, 5, bias=False, forget_bias=1.0), "needs a bias"),
        (lambda: Skip(3, 5, delay=0), "delay is 0; expected at least 1 step"),
        (lambda: Skip(3, 5, delay=3)(good, torch.zeros(2, 5)), r"expected 3 tensors \(h, h_1, h_2\) of shape \(2, 5\)"),
        (lambda: Skip(3, 5, delay=3, activation="rleu"), "Did you mean 'relu'"),
        (lambda: Clockwork(3, 5), "H is 5; expected a multiple of 4, the number of periods"),
        (lambda: Clockwork(3, 4, periods=(2, 1)), "expected whole numbers from 1 up, each larger"),
        (lambda: Clockwork(3, 4)(good, torch.zeros(2, 4)), r"expected a pair of tensors \(h, clock\)"),
        (lambda: GRU(3, 5).block("W", "f"), "GRU has no block 'f'; expected one of 'rug'"),
    ],
)
def test_one_sentence(call, says):
    with pytest.raises(RnnsiteError, match=says) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_a_gate_left_out_has_no_weights():
    sizes = {gates: sum(p.numel() for p in LSTM(3, 5, gates=gates).parameters()) for gates in ("", "o", "if", "ifo")}
    block = 5 * (3 + 5 + 1)
    assert sizes == {"": block, "o": 2 * block, "if": 3 * block, "ifo": 4 * block}
