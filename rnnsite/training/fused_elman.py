"""The simple recurrent network for a fleet on a GPU: all steps in one kernel. Equations: backward_elman.py."""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

from rnnsite.training.fused import of_input, programs, room, sizes, started
from rnnsite.training.fused_weights import of_weights, projected
from rnnsite.training.omega import InformationFlow


@triton.jit
def _activation(a, φ: tl.constexpr):
    if φ == "tanh":
        return 2 * tl.sigmoid(2 * a) - 1
    if φ == "sigmoid":
        return tl.sigmoid(a)
    if φ == "relu":
        return tl.maximum(a, 0.0)
    return a


@triton.jit
def _slope(s, φ: tl.constexpr):
    """φ' in terms of s = φ(a)."""
    if φ == "tanh":
        return 1 - s * s
    if φ == "sigmoid":
        return s * (1 - s)
    if φ == "relu":
        return tl.where(s > 0, 1.0, 0.0)
    return tl.full(s.shape, 1.0, s.dtype)


@triton.jit(do_not_specialize=["T", "B"])
def _forward(
    Ux, W, states, squashed, leaks, T, B,
    H: tl.constexpr, S: tl.constexpr, rows: tl.constexpr, width: tl.constexpr, φ: tl.constexpr, LEAKY: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    m = tl.program_id(0).to(tl.int64)
    row, unit = tl.program_id(1) * rows + tl.arange(0, rows)[:, None], tl.arange(0, width)
    inside, at, step = (row < B) & (unit[None, :] < S), row * S + unit[None, :], B * S
    square = (unit[:, None] < H) & (unit[None, :] < H)
    weights = tl.load(W + m * H * H + unit[None, :] * H + unit[:, None], square, 0.0)  # [k, j] = W_jk
    Ux += m * T * step + at
    squashed += m * T * step + at
    states += m * (T + 1) * step + at
    α = tl.load(leaks + m) if LEAKY else 0.0
    h, a = tl.load(states, inside, 0.0), tl.load(Ux, inside, 0.0)
    for t in range(T):
        Ux += tl.where(t < T - 1, step, 0)
        later = tl.load(Ux, inside, 0.0)  # asked for one step ahead
        s = _activation(tl.dot(h, weights, input_precision=PRECISION) + a, φ)
        if LEAKY:
            tl.store(squashed, s, inside)
            squashed += step
            h = α * h + (1 - α) * s
        else:
            h = s
        states += step
        tl.store(states, h, inside)
        a = later


@triton.jit(do_not_specialize=["T", "B"])
def _backward(
    dstates, dh_T, W, states, squashed, leaks, das, dhs, T, B,
    H: tl.constexpr, S: tl.constexpr, rows: tl.constexpr, width: tl.constexpr, φ: tl.constexpr, LEAKY: tl.constexpr,
    ADDED: tl.constexpr, KEEP: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """`das` gets da_t, and `dhs` the dL/dh_t of every step if KEEP; dh_T becomes the gradient of h_0."""
    m = tl.program_id(0).to(tl.int64)
    row, unit = tl.program_id(1) * rows + tl.arange(0, rows)[:, None], tl.arange(0, width)
    inside, at, step = (row < B) & (unit[None, :] < S), row * S + unit[None, :], B * S
    within, square = (row < B) & (unit[None, :] < H), (unit[:, None] < H) & (unit[None, :] < H)
    weights = tl.load(W + m * H * H + unit[:, None] * H + unit[None, :], square, 0.0)  # [j, k] = W_jk
    dh_T += (m * B + row) * H + unit[None, :]
    dstates += ((m * T + T - 1) * B + row) * H + unit[None, :]
    last = (m * T + T - 1) * step + at
    das += last
    dhs += last
    kept = squashed + last if LEAKY else states + ((m + 1) * (T + 1) - 1) * step + at
    α = tl.load(leaks + m) if LEAKY else 0.0
    dh, s = tl.load(dh_T, within, 0.0), tl.load(kept, inside, 0.0)
    if ADDED:
        added = tl.load(dstates, within, 0.0)
    for t in range(T):
        slope = _slope(s, φ)
        back = tl.where(t < T - 1, B, 0)
        kept -= back * S
        s = tl.load(kept, inside, 0.0)  # asked for one step ahead
        if ADDED:
            dh += added
            dstates -= back * H
            added = tl.load(dstates, within, 0.0)
        if KEEP:
            tl.store(dhs, dh, inside)
            dhs -= step
        da = slope * dh
        if LEAKY:
            da *= 1 - α
        tl.store(das, da, inside)
        das -= step
        if LEAKY:
            dh = α * dh + tl.dot(da, weights, input_precision=PRECISION)
        else:
            dh = tl.dot(da, weights, input_precision=PRECISION)
    tl.store(dh_T, dh, within)


class FusedElmanStates(Function):
    """As ElmanStates: x (M, T, B, I), h_0 (M, B, H) or None, U, W, b, φ's name, α (M,) or None, Ω or None."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        h: Tensor | None,
        U: Tensor,
        W: Tensor,
        b: Tensor,
        activation: str,
        leak: Tensor | None,
        flow: InformationFlow | None,
    ) -> tuple[Tensor, Tensor]:
        M, T, B, _ = x.shape
        H = W.shape[-1]
        Ux, states, W, size = projected(x, U, b, 1), room(x, h, H), W.contiguous(), sizes(B, H, 1)
        squashed = None if leak is None else torch.empty_like(Ux)
        _forward[programs(M, B, size)](
            Ux, W, states, Ux if squashed is None else squashed, W if leak is None else leak, T, B,
            φ=activation, LEAKY=leak is not None, **size,
        )  # fmt: skip
        ctx.save_for_backward(x, U, W, leak, states, squashed)
        ctx.activation, ctx.flow = activation, flow
        ctx.set_materialize_grads(False)
        return states[:, 1:, :, :H], states[:, T, :, :H].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dstates: Tensor | None, dlast: Tensor | None) -> tuple[Tensor | None, ...]:
        x, U, W, leak, states, squashed = ctx.saved_tensors
        M, T, B, _ = x.shape
        H, flow = W.shape[-1], ctx.flow
        dh, da, size = started(dlast, states, H), torch.empty_like(states[:, 1:]), sizes(B, H, 1)
        dhs = da if flow is None else torch.empty_like(da)
        _backward[programs(M, B, size)](
            da if dstates is None else dstates.contiguous(), dh, W, states, da if squashed is None else squashed,
            W if leak is None else leak, da, dhs, T, B,
            φ=ctx.activation, LEAKY=leak is not None, ADDED=dstates is not None, KEEP=flow is not None, **size,
        )  # fmt: skip
        dW, dU, db = (gradient.flatten(1, 2) for gradient in of_weights(da, states, x, H))
        da = da[..., :H]
        if flow is not None:
            dhs, back = dhs[..., :H], of_input(da, W)
            back = back if leak is None else back + leak.view(-1, 1, 1, 1) * dhs
            norm = dhs.square().sum(-1)
            flow.begin(W).add(*(every.flatten(1, 2) for every in (norm, da, back)))
            dW = dW + flow.gradient()
        dx = of_input(da, U) if ctx.needs_input_grad[0] else None
        return dx, dh if ctx.needs_input_grad[1] else None, dU, dW, db, None, None, None
