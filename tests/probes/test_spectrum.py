"""Spectral radii against matrices whose radius is known."""

from __future__ import annotations

import torch
from torch import nn

from rnnsite.cells.elman import Elman
from rnnsite.cells.lstm import LSTM
from rnnsite.probes.jacobian import jacobians
from rnnsite.probes.spectrum import spectral_radius

from .configurations import LENGTHS, H, I, data, module, packed


def test_a_known_radius() -> None:
    rnn = nn.RNN(I, 2)
    with torch.no_grad():
        rnn.weight_hh_l0.copy_(torch.tensor([[0.0, -0.7], [0.7, 0.0]]))  # eigenvalues ±0.7 i
    torch.testing.assert_close(spectral_radius(rnn)["l0.W"], torch.tensor(0.7))


def test_one_for_every_layer_direction_and_block() -> None:
    assert set(spectral_radius(module("LSTM two layers bidirectional"))) == {
        f"l{layer}{way}.W_{gate}" for layer in (0, 1) for way in ("", "_reverse") for gate in "ifog"
    }
    rnn = module("LSTM")
    _, W_f, W_g, _ = rnn.weight_hh_l0.chunk(4)  # torch's order is i f g o
    for letter, W in (("f", W_f), ("g", W_g)):
        torch.testing.assert_close(spectral_radius(rnn)[f"l0.W_{letter}"], torch.linalg.eigvals(W).abs().max())


def test_with_a_projection_the_matrix_is_square() -> None:
    rnn = module("projected LSTM")
    W_f = rnn.weight_hh_l0[H : 2 * H]
    expected = torch.linalg.eigvals(rnn.weight_hr_l0 @ W_f).abs().max()
    torch.testing.assert_close(spectral_radius(rnn)["l0.W_f"], expected)


def test_the_mean_jacobian_leaves_out_what_stands_still() -> None:
    rnn, x = module("GRU"), data()
    J = jacobians(rnn, x)["l0.h"]
    mean = torch.cat([J[:length, b] for b, length in enumerate(LENGTHS)]).mean(0)
    found = spectral_radius(rnn, packed(x, False, False))["l0.J"]
    torch.testing.assert_close(found, torch.linalg.eigvals(mean).abs().max())
    torch.testing.assert_close(spectral_radius(rnn, x)["l0.J"], torch.linalg.eigvals(J.mean((0, 1))).abs().max())


def test_cells_and_fleets() -> None:
    radii = spectral_radius(Elman(I, H, models=3, spectral_radius=[0.5, 1.0, 1.5]))["W"]
    torch.testing.assert_close(radii, torch.tensor([0.5, 1.0, 1.5]))
    assert set(spectral_radius(nn.ModuleDict({"cell": LSTM(I, H, gates="f")}))) == {"cell.W_f", "cell.W_g"}
