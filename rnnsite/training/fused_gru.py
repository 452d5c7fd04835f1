"""The gated recurrent unit for a fleet on a GPU: all steps in one kernel. Equations: backward_gru.py."""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

from rnnsite.training.fused import of_input, programs, room, sizes, started, unfilled
from rnnsite.training.fused_weights import of_weights, projected


@triton.jit(do_not_specialize=["T", "B"])
def _forward(
    Ux, W, b_h, states, kept, T, B,
    H: tl.constexpr, S: tl.constexpr, rows: tl.constexpr, width: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """`kept` gets r, u, g and p = W_g h + b_h side by side."""
    m = tl.program_id(0).to(tl.int64)
    row, unit = tl.program_id(1) * rows + tl.arange(0, rows)[:, None], tl.arange(0, width)
    inside, step = (row < B) & (unit[None, :] < S), B * S
    square, block = (unit[:, None] < H) & (unit[None, :] < H), H * H
    W += m * 3 * block + unit[None, :] * H + unit[:, None]  # [k, j] = W_jk
    W_r, W_u, W_g = tl.load(W, square, 0.0), tl.load(W + block, square, 0.0), tl.load(W + 2 * block, square, 0.0)
    bias = tl.load(b_h + m * H + unit, unit < H, 0.0)[None, :]
    Ux += m * T * 3 * step + row * 3 * S + unit[None, :]
    kept += m * T * 4 * step + row * 4 * S + unit[None, :]
    states += m * (T + 1) * step + row * S + unit[None, :]
    h = tl.load(states, inside, 0.0)
    a_r, a_u, a_g = tl.load(Ux, inside, 0.0), tl.load(Ux + S, inside, 0.0), tl.load(Ux + 2 * S, inside, 0.0)
    for t in range(T):
        r = tl.sigmoid(tl.dot(h, W_r, input_precision=PRECISION) + a_r)
        u = tl.sigmoid(tl.dot(h, W_u, input_precision=PRECISION) + a_u)
        p = tl.dot(h, W_g, input_precision=PRECISION) + bias
        g = 2 * tl.sigmoid(2 * (a_g + r * p)) - 1
        Ux += tl.where(t < T - 1, 3 * step, 0)
        a_r, a_u = tl.load(Ux, inside, 0.0), tl.load(Ux + S, inside, 0.0)  # asked for one step ahead
        a_g = tl.load(Ux + 2 * S, inside, 0.0)
        h = u * h + (1 - u) * g
        tl.store(kept, r, inside)
        tl.store(kept + S, u, inside)
        tl.store(kept + 2 * S, g, inside)
        tl.store(kept + 3 * S, p, inside)
        kept += 4 * step
        states += step
        tl.store(states, h, inside)


@triton.jit(do_not_specialize=["T", "B"])
def _backward(
    dstates, dh_T, W, states, kept, das, T, B,
    H: tl.constexpr, S: tl.constexpr, rows: tl.constexpr, width: tl.constexpr, ADDED: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """`das` gets da_r, da_u, da_g and dp side by side; dh_T becomes the gradient of h_0."""
    m = tl.program_id(0).to(tl.int64)
    row, unit = tl.program_id(1) * rows + tl.arange(0, rows)[:, None], tl.arange(0, width)
    inside, step = (row < B) & (unit[None, :] < S), B * S
    within, square = (row < B) & (unit[None, :] < H), (unit[:, None] < H) & (unit[None, :] < H)
    W += m * 3 * H * H + unit[:, None] * H + unit[None, :]  # [j, k] = W_jk
    W_r, W_u, W_g = tl.load(W, square, 0.0), tl.load(W + H * H, square, 0.0), tl.load(W + 2 * H * H, square, 0.0)
    dh_T += (m * B + row) * H + unit[None, :]
    dstates += ((m * T + T - 1) * B + row) * H + unit[None, :]
    states += ((m + 1) * (T + 1) - 2) * step + row * S + unit[None, :]
    wide = (m * T + T - 1) * 4 * step + row * 4 * S + unit[None, :]
    kept += wide
    das += wide
    dh, h = tl.load(dh_T, within, 0.0), tl.load(states, inside, 0.0)
    r, u = tl.load(kept, inside, 0.0), tl.load(kept + S, inside, 0.0)
    g, p = tl.load(kept + 2 * S, inside, 0.0), tl.load(kept + 3 * S, inside, 0.0)
    if ADDED:
        added = tl.load(dstates, within, 0.0)
    for t in range(T):
        if ADDED:
            dh += added
        da_g = (1 - g * g) * (1 - u) * dh
        da_u = u * (1 - u) * (h - g) * dh
        da_r, dp = r * (1 - r) * p * da_g, r * da_g
        tl.store(das, da_r, inside)
        tl.store(das + S, da_u, inside)
        tl.store(das + 2 * S, da_g, inside)
        tl.store(das + 3 * S, dp, inside)
        das -= 4 * step
        dh *= u
        back = tl.where(t < T - 1, B, 0)
        kept -= 4 * back * S
        states -= back * S
        r, u = tl.load(kept, inside, 0.0), tl.load(kept + S, inside, 0.0)  # asked for one step ahead
        g, p = tl.load(kept + 2 * S, inside, 0.0), tl.load(kept + 3 * S, inside, 0.0)
        h = tl.load(states, inside, 0.0)
        if ADDED:
            dstates -= back * H
            added = tl.load(dstates, within, 0.0)
        dh = tl.dot(da_r, W_r, dh, input_precision=PRECISION)
        dh = tl.dot(da_u, W_u, dh, input_precision=PRECISION)
        dh = tl.dot(dp, W_g, dh, input_precision=PRECISION)
    tl.store(dh_T, dh, within)


class FusedGRUStates(Function):
    """As GRUStates: x (M, T, B, I), h_0 (M, B, H) or None, U, W, b with blocks r u g, b_h (M, H)."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, h: Tensor | None, U: Tensor, W: Tensor, b: Tensor, b_h: Tensor
    ) -> tuple[Tensor, Tensor]:
        M, T, B, _ = x.shape
        H = W.shape[-1]
        Ux, states, W, size = projected(x, U, b, 3), room(x, h, H), W.contiguous(), sizes(B, H, 3)
        kept = x.new_empty(M, T, B, 4 * size["S"])
        _forward[programs(M, B, size)](Ux, W, b_h.contiguous(), states, kept, T, B, **size)
        ctx.save_for_backward(x, U, W, states, kept)
        ctx.set_materialize_grads(False)
        return states[:, 1:, :, :H], states[:, T, :, :H].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dstates: Tensor | None, dlast: Tensor | None) -> tuple[Tensor | None, ...]:
        x, U, W, states, kept = ctx.saved_tensors
        M, T, B, _ = x.shape
        H = W.shape[-1]
        dh, das, size = started(dlast, states, H), torch.empty_like(kept), sizes(B, H, 3)
        added = das if dstates is None else dstates.contiguous()
        _backward[programs(M, B, size)](added, dh, W, states, kept, das, T, B, ADDED=dstates is not None, **size)
        dx = of_input(unfilled(das, H)[..., : 3 * H], U) if ctx.needs_input_grad[0] else None
        dW, dU, db = of_weights(das, states, x, H)  # da_g meets x and b alone, dp meets h and b_h
        dW, dU = torch.cat([dW[:, :2], dW[:, 3:]], 1).flatten(1, 2), dU[:, :3].flatten(1, 2)
        return dx, dh if ctx.needs_input_grad[1] else None, dU, dW, db[:, :3].flatten(1, 2), db[:, 3]
