"""Jacobians of single steps, exact, for every step and example at once; their singular values and eigenvalues."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from rnnsite.errors import RnnsiteError
from rnnsite.probes.private import undisturbed
from rnnsite.probes.record import record
from rnnsite.probes.unrolled import Run

LARGEST = 4 * 2**30  # bytes of one strand's Jacobians: more is nearly always a batch passed by mistake


def jacobians(model: nn.Module, inputs: Any) -> dict[str, Tensor]:
    """How each state depends on the one before it.

    J_t = ∂s_t/∂s_{t−1}, with s = h, or the pair (h, c) of an LSTM; and ∂c_t/∂c_{t−1} at fixed h_{t−1} (= diag(f_t)
    without peepholes). In a backward strand s_{t+1} stands for s_{t−1}.

    model, inputs  as in `gradient_flow`
    Returns  {"l0.h": (T, B, H, H)}, or for an LSTM {"l0.hc": (T, B, H + H, H + H), "l0.c": (T, B, H, H)} (the first H
             is P with a projection); row: state after, column: state before. Past the end of a packed sequence the
             state stands still and J is the identity.
    Raises   RnnsiteError when the inputs do not fit, or the answer takes more than 4 GiB.

    >>> J = jacobians(nn.RNN(3, 8), torch.randn(20, 4, 3))["l0.h"]
    >>> tuple(J.shape), tuple(singular_values(J).shape)
    ((20, 4, 8, 8), (20, 4, 8))
    """
    with undisturbed():
        return record(model, inputs).of_each(_parts, dim=-4)


def singular_values(jacobians: Tensor) -> Tensor:
    """How much a step stretches: the singular values of each (…, S, S), largest first → (…, S).

    NaN for a matrix that holds NaN or infinity. Of half precision in float32.
    """
    matrices, broken = _finite(jacobians)
    return torch.linalg.svdvals(matrices).masked_fill(broken, float("nan"))


def eigenvalues(jacobians: Tensor) -> Tensor:
    """The eigenvalues of each (…, S, S), largest modulus first → (…, S), complex.

    NaN for a matrix that holds NaN or infinity. Of half precision in float32.
    """
    matrices, broken = _finite(jacobians)
    values = torch.linalg.eigvals(matrices).masked_fill(broken, float("nan"))
    return values.gather(-1, values.abs().argsort(dim=-1, descending=True))


def for_lapack(matrices: Tensor) -> Tensor:
    """The matrices (…, S, S) where and as their values can be computed: not on mps, and not in half precision."""
    if not isinstance(matrices, Tensor) or matrices.ndim < 2 or matrices.shape[-1] != matrices.shape[-2]:
        tensor = isinstance(matrices, Tensor)
        got = f"have shape {tuple(matrices.shape)}" if tensor else f"are a {type(matrices).__name__}"
        raise RnnsiteError(
            f"The Jacobians {got}; expected a tensor (…, S, S), such as one of those in jacobians(model, inputs)."
        )
    matrices = matrices.cpu() if matrices.device.type == "mps" else matrices
    return matrices.float() if matrices.dtype in (torch.float16, torch.bfloat16) else matrices


def _finite(matrices: Tensor) -> tuple[Tensor, Tensor]:
    """The matrices with 0 for broken ones, and which are broken: LAPACK crashes the process on NaN."""
    matrices = for_lapack(matrices)
    broken = ~matrices.isfinite().all(-1, keepdim=True).all(-2, keepdim=True)
    return matrices.masked_fill(broken, 0), broken[..., 0]


def step_jacobians(run: Run) -> Tensor:
    """∂s_t/∂s_{t−1} of one run, (T, B, S, S)."""
    strand, sizes = run.strand, list(run.strand.sizes.values())
    S = sum(sizes)
    # steps do not touch each other once their states are given: the rows of all steps are one big batch
    rows = [torch.cat(parts, -1) for parts in zip(*(run.before[name] for name in strand.sizes), strict=True)]
    state = torch.cat(rows, -2).detach().requires_grad_()
    size = state.numel() * S * state.element_size()
    if size > LARGEST:
        raise RnnsiteError(
            f"The Jacobians of {len(rows)} steps, {len(rows[0])} examples and {S} state variables take "
            f"{size / 2**30:.0f} GiB; expected at most {LARGEST / 2**30:.0f}: pass fewer examples or steps."
        )
    (inputs,), weights = strand.prepare(run.x.detach().unsqueeze(-3))
    now = strand.step(inputs, dict(zip(strand.sizes, state.split(sizes, -1), strict=True)), **weights)
    after = torch.cat([now[name] for name in strand.sizes], -1)
    columns = [torch.autograd.grad(after[..., k].sum(), state, retain_graph=True)[0] for k in range(S)]
    J = torch.stack(columns, -2).split([row.shape[-2] for row in rows], -3)
    if run.packing is None:
        return torch.stack(J, -4)
    whole = run.whole(J, batch=-3)
    return torch.where(whole.isnan(), torch.eye(S, dtype=whole.dtype, device=whole.device), whole)


def _parts(run: Run) -> dict[str, Tensor]:
    J = step_jacobians(run)
    if run.strand.carrier == "h":
        return {"h": J}
    P = run.strand.sizes["h"]
    return {"hc": J, "c": J[..., P:, P:]}
