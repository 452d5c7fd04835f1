"""The gated cell's backward pass by hand equals autograd through the plain cell; padding changes nothing."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from rnnsite.cells.lstm import LSTM
from rnnsite.errors import RnnsiteError
from rnnsite.training.backward_gated import last_state

EVERY = ("", "o", "i", "io", "f", "if", "fo", "ifo")


def cell_of(gates: str, peepholes: bool, dtype: torch.dtype = torch.float64) -> LSTM:
    generators = [torch.Generator().manual_seed(m) for m in range(2)]
    cell = LSTM(3, 4, 2, generator=generators, gates=gates, peepholes=peepholes and bool(gates), dtype=dtype)
    with torch.no_grad():
        cell.b.normal_(generator=generators[0])
        if cell.p is not None:
            cell.p.normal_(generator=generators[0])
    return cell


def of_each(cell: LSTM, x: Tensor, lengths: list[int]) -> Tensor:
    """The last state of each sequence run alone, without its padding, by the plain cell."""
    ends = [cell(x[:, -length:, k : k + 1])[0][:, -1] for k, length in enumerate(lengths)]
    return torch.cat(ends, 1)


@pytest.mark.parametrize("peepholes", [False, True])
@pytest.mark.parametrize("gates", EVERY)
def test_states_and_all_gradients_are_those_of_the_plain_cell(gates: str, peepholes: bool) -> None:
    cell = cell_of(gates, peepholes)
    g = torch.Generator().manual_seed(7)
    x = torch.randn(2, 6, 3, 3, generator=g, dtype=torch.float64, requires_grad=True)
    lengths = [6, 4, 1]
    mask = torch.arange(6)[:, None] >= 6 - torch.tensor(lengths)
    parameters = [x, *(p for p in cell.parameters() if p.requires_grad)]
    weight = torch.randn(2, 3, 4, generator=g, dtype=torch.float64)
    ours, plain = last_state(cell, x, mask.expand(2, 6, 3)), of_each(cell, x, lengths)
    torch.testing.assert_close(ours, plain, rtol=1e-12, atol=1e-12)
    of_ours = torch.autograd.grad((ours * weight).sum(), parameters)
    of_plain = torch.autograd.grad((plain * weight).sum(), parameters)
    for one, other in zip(of_ours, of_plain, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("gates", EVERY)
def test_padding_changes_no_number(gates: str) -> None:
    cell = cell_of(gates, True, torch.float32)
    g = torch.Generator().manual_seed(3)
    x = torch.randn(2, 5, 4, 3, generator=g)
    alone = last_state(cell, x, torch.ones(2, 5, 4))
    padded = torch.cat([torch.randn(2, 9, 4, 3, generator=g), x], 1)
    mask = torch.cat([torch.zeros(2, 9, 4), torch.ones(2, 5, 4)], 1)
    torch.testing.assert_close(last_state(cell, padded, mask), alone, rtol=0, atol=0)


def test_a_mask_of_another_shape_is_one_sentence() -> None:
    cell = cell_of("ifo", False, torch.float32)
    with pytest.raises(RnnsiteError, match=r"a mask \(2, 5, 4\), got \(2, 5\)"):
        last_state(cell, torch.zeros(2, 5, 4, 3), torch.ones(2, 5))
