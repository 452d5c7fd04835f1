"""Products of Jacobians against what can be written down, far beyond what a float holds."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnsite.errors import RnnsiteError
from rnnsite.probes.products import log_norms, lyapunov_exponents


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 6), st.integers(1, 5))
def test_short_products_directly(seed: int, T: int, S: int) -> None:
    J = torch.randn(T, 2, S, S, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    product = torch.eye(S, dtype=torch.float64).expand(2, S, S)
    expected = []
    for step in J.flip(0):
        product = product @ step
        expected.append(torch.linalg.matrix_norm(product, ord=2).log())
    torch.testing.assert_close(log_norms(J), torch.stack(expected).flip(0), rtol=1e-9, atol=1e-9)
    volume = torch.linalg.det(J).abs().log().mean(0)
    torch.testing.assert_close(lyapunov_exponents(J).sum(-1), volume, rtol=1e-9, atol=1e-9)


def test_three_thousand_steps_neither_overflow_nor_underflow() -> None:
    rates = torch.tensor([3.0, 1.0, 0.2])
    J = torch.diag(rates).expand(3_000, 3, 3)
    torch.testing.assert_close(log_norms(J)[0], 3_000 * rates[0].log())
    torch.testing.assert_close(lyapunov_exponents(J), rates.log())


def test_a_direction_that_is_lost() -> None:
    J = torch.diag(torch.tensor([1.0, 0.0])).expand(4, 2, 2)
    assert lyapunov_exponents(J).tolist() == [0.0, -torch.inf]
    assert log_norms(torch.zeros(3, 2, 2)).tolist() == [-torch.inf] * 3


def test_shapes() -> None:
    with pytest.raises(RnnsiteError, match=r"shape \(2, 3, 4\); expected a tensor \(…, S, S\)"):
        log_norms(torch.zeros(2, 3, 4))
    with pytest.raises(RnnsiteError, match=r"shape \(3, 3\); expected \(T, …, S, S\)"):
        log_norms(torch.zeros(3, 3))
    with pytest.raises(RnnsiteError, match="The Jacobians hold NaN or infinity"):
        lyapunov_exponents(torch.full((2, 3, 3), torch.nan))
