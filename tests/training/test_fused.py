"""The one-kernel passes equal the loops they stand for: on a GPU, or in Triton's interpreter (see conftest.py)."""

from __future__ import annotations

import pytest
import torch

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
triton = pytest.importorskip("triton", reason="the kernels need triton, which torch's CUDA builds bring")
if DEVICE == "cpu" and tuple(int(part) for part in triton.__version__.split(".")[:2]) < (3, 9):
    pytest.skip("older interpreters of Triton cannot loop with this numpy", allow_module_level=True)

from rnnsite.cells.elman import Elman  # noqa: E402
from rnnsite.cells.gru import GRU  # noqa: E402
from rnnsite.cells.leaky import Leaky  # noqa: E402
from rnnsite.cells.lstm import LSTM  # noqa: E402
from rnnsite.seeding import generator  # noqa: E402
from rnnsite.training import fused, over_time  # noqa: E402
from rnnsite.training.omega import InformationFlow  # noqa: E402

CELLS = {
    "tanh": (Elman, {}),
    "sigmoid": (Elman, {"activation": "sigmoid"}),
    "relu": (Elman, {"activation": "relu"}),
    "linear": (Elman, {"activation": "linear"}),
    "leaky": (Leaky, {"leak": [0.0, 0.5, 0.9]}),
    "leaky relu": (Leaky, {"leak": 0.3, "activation": "relu"}),
    "lstm": (LSTM, {"forget_bias": 1.0}),
    "gru": (GRU, {}),
}
M, T, I = 3, 6, 2
cells = pytest.mark.parametrize("name", CELLS)
sizes = pytest.mark.parametrize(("B", "H"), [(4, 5), (20, 17), (1, 16)])


def fleet(name: str, H: int, I: int = I):
    kind, options = CELLS[name]
    cell = kind(I, H, M, generator=generator("fused", name), **options)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator("stir", name))
    return cell.to(DEVICE)


def everything(fit: bool, cell, B: int, monkeypatch, *, started: bool = True, weight: float = 0.0):
    """Outputs, and the gradients of x, the initial state and every weight."""
    monkeypatch.setattr(over_time, "fits", lambda x, H, blocks: fit)
    g = generator("inputs", B, cell.H)
    x = torch.randn(M, T, B, cell.I, generator=g).to(DEVICE).requires_grad_()
    starts = [torch.randn(M, B, cell.H, generator=g).to(DEVICE).requires_grad_() for _ in cell.state_names]
    starts = starts if started else []
    state = None if not starts else starts[0] if len(starts) == 1 else tuple(starts)
    flow = InformationFlow(torch.full((M,), weight, device=DEVICE)) if weight else None
    hs, last = over_time.states(cell, x, state, flow)
    lasts = torch.stack([last] if isinstance(last, torch.Tensor) else list(last))
    loss = (hs * torch.randn(hs.shape, generator=g).to(DEVICE)).sum()
    loss = loss + (lasts * torch.randn(lasts.shape, generator=g).to(DEVICE)).sum()
    found = [hs, lasts, *torch.autograd.grad(loss, [x, *starts, *cell.parameters()])]
    return found if flow is None else [*found, flow.value]


def assert_equal(ours, theirs, bound: float = 1e-5) -> None:
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        assert mine.shape == other.shape
        assert (mine - other).abs().max() <= bound * other.abs().max(), number


@cells
@sizes
def test_equals_the_loop(name, B, H, monkeypatch):
    cell = fleet(name, H)
    assert_equal(everything(True, cell, B, monkeypatch), everything(False, cell, B, monkeypatch))


@pytest.mark.parametrize(("name", "H", "I"), [("tanh", 70, 3), ("tanh", 9, 70), ("gru", 6, 40), ("lstm", 6, 16)])
def test_equals_the_loop_where_a_tile_does_not_hold_it_all(name, H, I, monkeypatch):
    cell = fleet(name, H, I)
    assert_equal(everything(True, cell, 3, monkeypatch), everything(False, cell, 3, monkeypatch))


@cells
def test_equals_the_loop_from_zero(name, monkeypatch):
    cell = fleet(name, 7)
    ours, theirs = (everything(fit, cell, 3, monkeypatch, started=False) for fit in (True, False))
    assert_equal(ours, theirs)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "relu", "leaky"])
def test_the_regulariser_is_the_loops(name, monkeypatch):
    cell = fleet(name, 6)
    ours, theirs = (everything(fit, cell, 5, monkeypatch, weight=2.0) for fit in (True, False))
    assert_equal(ours, theirs, 1e-4)  # squared norms over squared norms


@pytest.mark.parametrize("name", ["tanh", "lstm", "gru"])
def test_a_gradient_that_comes_from_the_last_state_alone(name, monkeypatch):
    cell, found = fleet(name, 8), []
    x = torch.randn(M, T, 4, I, generator=generator("last", name)).to(DEVICE)
    for fit in (True, False):
        monkeypatch.setattr(over_time, "fits", lambda x, H, blocks, fit=fit: fit)
        _, last = over_time.states(cell, x)
        end = last if isinstance(last, torch.Tensor) else last[0]
        found.append(torch.autograd.grad(end.square().sum(), list(cell.parameters())))
    assert_equal(*found)


def test_only_float32_of_a_width_that_fits_on_a_gpu_is_one_kernel():
    x = torch.zeros(1, 1, 1, 1)
    assert not fused.fits(x, 50, 1)
    if DEVICE == "cuda":
        assert fused.fits(x.cuda(), 50, 1)
        assert fused.fits(x.cuda(), 64, 4)
        assert not fused.fits(x.cuda(), 65, 4)
        assert not fused.fits(x.cuda().double(), 50, 1)
