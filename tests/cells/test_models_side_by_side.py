"""M models in one cell are M cells: the same weights, states and gradients, whoever rides along."""

from __future__ import annotations

import pytest
import torch

from rnnsite.cells.clockwork import Clockwork
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.initial import orthogonal
from rnnsite.cells.leaky import Leaky
from rnnsite.cells.lstm import LSTM
from rnnsite.cells.skip import Skip
from rnnsite.errors import RnnsiteError
from rnnsite.seeding import generator

from .compare import assert_equal

VARIANTS = [
    (Elman, {"activation": "tanh"}),
    (Elman, {"activation": "sigmoid"}),
    (Elman, {"activation": "relu"}),
    (Elman, {"activation": "linear"}),
    (LSTM, {}),
    (LSTM, {"gates": "io", "peepholes": True}),
    (LSTM, {"gates": ""}),
    (GRU, {}),
    (GRU, {"reset_before": True}),
    (Leaky, {"leak": 0.3}),
    (Skip, {"delay": 1}),
    (Skip, {"delay": 3, "activation": "sigmoid"}),
    (Clockwork, {"periods": (1, 2, 3)}),
]
variants = pytest.mark.parametrize(("kind", "options"), VARIANTS, ids=lambda value: str(value))
I, H, M, T, B = 3, 6, 4, 9, 5


def stirred(kind, options, **more):
    """A fleet whose biases and peepholes are not 0 either."""
    fleet = kind(I, H, M, generator=generator("fleet", 0), dtype=torch.float64, **options, **more)
    with torch.no_grad():
        for parameter in fleet.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, dtype=torch.float64, generator=generator("stir", 0))
    return fleet


@variants
@pytest.mark.parametrize("shared", [False, True], ids=["own input", "shared input"])
@pytest.mark.parametrize("batch_first", [False, True], ids=["time first", "batch first"])
def test_equals_separate_cells(kind, options, shared, batch_first):
    fleet = stirred(kind, options, batch_first=batch_first)
    lead = () if shared else (M,)
    x = torch.randn(*lead, *((B, T) if batch_first else (T, B)), I, dtype=torch.float64)
    start = [torch.randn(M, B, H, dtype=torch.float64) for _ in fleet.state_names]
    states, last = fleet(x, start if len(start) > 1 else start[0])
    last = torch.stack([last] if len(start) == 1 else list(last))
    (states.square().sum() + last.sum()).backward()
    assert states.shape == ((M, B, T, H) if batch_first else (M, T, B, H))
    for m in range(M):
        single = fleet.select(m)
        own = [part[m] for part in start]
        s, l = single(x if shared else x[m], own if len(own) > 1 else own[0])
        l = torch.stack([l] if len(start) == 1 else list(l))
        (s.square().sum() + l.sum()).backward()
        assert_equal(states[m], s, "states")
        assert_equal(last[:, m], l, "last state")
        for name, parameter in single.named_parameters():
            assert_equal(fleet.get_parameter(name).grad[m], parameter.grad, name)


@variants
def test_one_generator_a_model_makes_the_single_cell(kind, options):
    fleet = kind(I, H, M, generator=[generator("seed", m) for m in range(M)], recurrent=orthogonal, **options)
    for m in range(M):
        alone = kind(I, H, generator=generator("seed", m), recurrent=orthogonal, **options)
        for name, parameter in alone.named_parameters():
            assert torch.equal(parameter, fleet.get_parameter(name)[m]), name


@variants
def test_more_models_do_not_change_the_first(kind, options):
    few = kind(I, H, 2, generator=generator("ride", 0), **options)
    many = kind(I, H, 7, generator=generator("ride", 0), **options)
    for name, parameter in few.named_parameters():
        assert torch.equal(parameter, many.get_parameter(name)[:2]), name


def test_settings_of_each_model_its_own():
    rhos = [0.5, 0.9, 1.0, 1.4]
    fleet = LSTM(I, H, M, spectral_radius=rhos, forget_bias=[0, 1, 2, 3], dtype=torch.float64)
    for letter in fleet.blocks:
        radii = torch.linalg.eigvals(fleet.block("W", letter).detach()).abs().amax(-1)
        torch.testing.assert_close(radii, torch.tensor(rhos, dtype=torch.float64))
    assert torch.equal(fleet.block("b", "f")[:, 0], torch.arange(4.0, dtype=torch.float64))
    assert not fleet.block("b", "i").any()


def test_wrong_counts_are_refused():
    with pytest.raises(RnnsiteError, match="2 generators were given; expected one, or 4"):
        Elman(I, H, M, generator=[generator("a"), generator("b")])
    with pytest.raises(RnnsiteError, match="Got 3 numbers for a setting of the cell; expected one number, or 4"):
        Elman(I, H, M, spectral_radius=[1.0, 1.0, 1.0])
    with pytest.raises(RnnsiteError, match="There is no model 4; expected 0 to 3"):
        Elman(I, H, M).select(4)
    with pytest.raises(RnnsiteError, match="one model already"):
        Elman(I, H).select(0)
