"""Jacobians of steps, against autograd through torch's fused modules, finite differences, and the chain rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rnnsite.cells.elman import Elman
from rnnsite.errors import RnnsiteError
from rnnsite.probes import jacobian
from rnnsite.probes.jacobian import eigenvalues, jacobians, singular_values
from rnnsite.probes.products import log_norms, lyapunov_exponents
from rnnsite.probes.spectrum import spectral_radius
from rnnsite.probes.unrolled import unroll

from .configurations import CELLS, LENGTHS, B, H, I, T, data, module, packed


def fused_step(rnn: nn.Module, x: Tensor) -> Any:
    """state (S,) → state (S,), one step of the fused module for one example."""

    def step(state: Tensor) -> Tensor:
        if not isinstance(rnn, nn.LSTM):
            return rnn(x[None, None], state[None, None])[1].flatten()
        h, c = state.split([rnn.proj_size or H, H])
        return torch.cat([part.flatten() for part in rnn(x[None, None], (h[None, None], c[None, None]))[1]])

    return step


@pytest.mark.parametrize("name", ["RNN", "ReLU", "LSTM", "GRU", "projected LSTM", "GRU no bias"])
def test_equal_to_autograd_and_to_finite_differences(name: str) -> None:
    rnn, x = module(name), data()
    J = jacobians(rnn, x)["l0.hc" if "LSTM" in name else "l0.h"]
    run = unroll(rnn, x).runs[0]
    before = torch.cat([torch.stack(run.before[part]) for part in run.strand.sizes], -1).detach()
    S = before.shape[-1]
    for t, b in ((0, 0), (3, 2), (T - 1, B - 1)):
        step = fused_step(rnn, x[t, b])
        exact = torch.autograd.functional.jacobian(step, before[t, b])
        torch.testing.assert_close(J[t, b], exact, rtol=1e-11, atol=1e-13)
        nudges = 1e-5 * torch.eye(S, dtype=torch.float64)
        slopes = torch.stack([(step(before[t, b] + e) - step(before[t, b] - e)) / 2e-5 for e in nudges], -1)
        torch.testing.assert_close(J[t, b], slopes.detach(), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", CELLS)
def test_the_product_is_the_jacobian_of_the_whole_run(name: str) -> None:
    cell = CELLS[name]
    x = data(cell.batch_first)[:1] if cell.batch_first else data()[:, :1]
    J = next(iter(jacobians(cell, x).values()))[:, 0]
    S = J.shape[-1]

    def whole(start: Tensor) -> Tensor:
        parts = [part[None] for part in start.split(H)]
        last = cell(x, parts[0] if len(parts) == 1 else tuple(parts))[1]
        return torch.cat([part[0] for part in (last if isinstance(last, tuple) else (last,))])

    expected = torch.autograd.functional.jacobian(whole, torch.zeros(S, dtype=torch.float64))
    product = torch.linalg.multi_dot(list(J.flip(0)))
    torch.testing.assert_close(product, expected, rtol=1e-10, atol=1e-14)


def test_a_backward_strand_steps_the_other_way() -> None:
    rnn, x = module("RNN bidirectional"), data()
    J = jacobians(rnn, x)["l0_reverse.h"]
    h = rnn(x)[0][..., H:]
    W = rnn.weight_hh_l0_reverse
    torch.testing.assert_close(J, (1 - h[..., None] ** 2) * W)


def test_an_lstms_cell_block_is_its_forget_gate() -> None:
    rnn, x = module("LSTM two layers"), data()
    found = jacobians(rnn, x)
    f = unroll(rnn, x).runs[1].stacked("f")
    torch.testing.assert_close(found["l1.c"], torch.diag_embed(f))
    assert found["l1.hc"].shape == (T, B, 2 * H, 2 * H)


def test_past_a_packed_end_the_state_stands_still() -> None:
    rnn, x = module("GRU"), data()
    J, alone = jacobians(rnn, packed(x, False, False))["l0.h"], jacobians(rnn, x)["l0.h"]
    for b, length in enumerate(LENGTHS):
        torch.testing.assert_close(J[:length, b], alone[:length, b])
        assert J[length:, b].equal(torch.eye(H, dtype=torch.float64).expand(T - length, H, H))


def test_models_side_by_side() -> None:
    fleet = Elman(I, H, models=3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    J = jacobians(fleet, data())["h"]
    assert J.shape == (3, T, B, H, H)
    torch.testing.assert_close(J[1], jacobians(fleet.select(1), data())["h"])


def test_singular_values_and_eigenvalues_are_sorted_and_right() -> None:
    J = jacobians(module("GRU"), data())["l0.h"]
    s, e = singular_values(J), eigenvalues(J)
    assert (s.diff(dim=-1) <= 0).all()
    assert (e.abs().diff(dim=-1) <= 1e-12).all()
    torch.testing.assert_close(s.prod(-1), torch.linalg.det(J).abs())
    torch.testing.assert_close(e.sum(-1).real, J.diagonal(dim1=-2, dim2=-1).sum(-1))


def test_too_many_are_refused_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jacobian, "LARGEST", 1000)
    with pytest.raises(RnnsiteError, match="7 steps, 4 examples and 5 state variables"):
        jacobians(module("RNN"), data())


def test_broken_matrices_do_not_crash_the_process() -> None:
    J = torch.stack([torch.full((3, 3), torch.nan), torch.eye(3), torch.full((3, 3), torch.inf)])
    for values in (singular_values(J), eigenvalues(J)):
        assert values[[0, 2]].isnan().all()
        assert values[1].equal(torch.ones_like(values[1]))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_a_network_in_half_precision(dtype: torch.dtype) -> None:
    """LAPACK knows no half precision: the Jacobians are taken in it, their values in single."""
    torch.manual_seed(0)
    rnn = torch.nn.RNN(3, 5)
    J = jacobians(rnn.to(dtype), torch.randn(7, 2, 3, dtype=dtype))["l0.h"]
    assert J.dtype == dtype
    for values in (singular_values, eigenvalues, log_norms, lyapunov_exponents):
        assert values(J).equal(values(J.float()))
    assert spectral_radius(rnn)["l0.W"].equal(spectral_radius(rnn.float())["l0.W"])


@pytest.mark.parametrize("values", [singular_values, eigenvalues, log_norms, lyapunov_exponents])
def test_all_strands_at_once_is_one_sentence(values: Callable[[Any], torch.Tensor]) -> None:
    with pytest.raises(RnnsiteError, match=r"are a dict; expected a tensor \(…, S, S\), such as one of"):
        values({"l0.h": torch.eye(2)[None]})
