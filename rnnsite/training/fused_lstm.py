"""Long short-term memory for a fleet on a GPU: all steps in one kernel. Equations: backward_lstm.py."""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

from rnnsite.training.fused import of_input, programs, room, sizes, started, unfilled
from rnnsite.training.fused_weights import of_weights, projected


@triton.jit
def _tanh(a):
    return 2 * tl.sigmoid(2 * a) - 1


@triton.jit(do_not_specialize=["T", "B"])
def _forward(
    Ux, W, states, cells, gates, T, B,
    H: tl.constexpr, S: tl.constexpr, rows: tl.constexpr, width: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    m = tl.program_id(0).to(tl.int64)
    row, unit = tl.program_id(1) * rows + tl.arange(0, rows)[:, None], tl.arange(0, width)
    inside, at, step = (row < B) & (unit[None, :] < S), row * S + unit[None, :], B * S
    square, block = (unit[:, None] < H) & (unit[None, :] < H), H * H
    W += m * 4 * block + unit[None, :] * H + unit[:, None]  # [k, j] = W_jk
    W_i, W_f = tl.load(W, square, 0.0), tl.load(W + block, square, 0.0)
    W_o, W_g = tl.load(W + 2 * block, square, 0.0), tl.load(W + 3 * block, square, 0.0)
    wide = m * T * 4 * step + row * 4 * S + unit[None, :]
    Ux += wide
    gates += wide
    states += m * (T + 1) * step + at
    cells += m * (T + 1) * step + at
    h, c = tl.load(states, inside, 0.0), tl.load(cells, inside, 0.0)
    a_i, a_f = tl.load(Ux, inside, 0.0), tl.load(Ux + S, inside, 0.0)
    a_o, a_g = tl.load(Ux + 2 * S, inside, 0.0), tl.load(Ux + 3 * S, inside, 0.0)
    for t in range(T):
        i = tl.sigmoid(tl.dot(h, W_i, input_precision=PRECISION) + a_i)
        f = tl.sigmoid(tl.dot(h, W_f, input_precision=PRECISION) + a_f)
        o = tl.sigmoid(tl.dot(h, W_o, input_precision=PRECISION) + a_o)
        g = _tanh(tl.dot(h, W_g, input_precision=PRECISION) + a_g)
        Ux += tl.where(t < T - 1, 4 * step, 0)
        a_i, a_f = tl.load(Ux, inside, 0.0), tl.load(Ux + S, inside, 0.0)  # asked for one step ahead
        a_o, a_g = tl.load(Ux + 2 * S, inside, 0.0), tl.load(Ux + 3 * S, inside, 0.0)
        c = f * c + i * g
        h = o * _tanh(c)
        tl.store(gates, i, inside)
        tl.store(gates + S, f, inside)
        tl.store(gates + 2 * S, o, inside)
        tl.store(gates + 3 * S, g, inside)
        gates += 4 * step
        states += step
        cells += step
        tl.store(states, h, inside)
        tl.store(cells, c, inside)


@triton.jit(do_not_specialize=["T", "B"])
def _backward(
    dstates, dh_T, dc_T, W, cells, gates, das, T, B,
    H: tl.constexpr, S: tl.constexpr, rows: tl.constexpr, width: tl.constexpr, ADDED: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """`das` gets da_t of the four blocks; dh_T and dc_T become the gradients of h_0 and c_0."""
    m = tl.program_id(0).to(tl.int64)
    row, unit = tl.program_id(1) * rows + tl.arange(0, rows)[:, None], tl.arange(0, width)
    inside, step = (row < B) & (unit[None, :] < S), B * S
    within, square = (row < B) & (unit[None, :] < H), (unit[:, None] < H) & (unit[None, :] < H)
    W += m * 4 * H * H + unit[:, None] * H + unit[None, :]  # [j, k] = W_jk
    W_i, W_f = tl.load(W, square, 0.0), tl.load(W + H * H, square, 0.0)
    W_o, W_g = tl.load(W + 2 * H * H, square, 0.0), tl.load(W + 3 * H * H, square, 0.0)
    dh_T += (m * B + row) * H + unit[None, :]
    dc_T += (m * B + row) * H + unit[None, :]
    dstates += ((m * T + T - 1) * B + row) * H + unit[None, :]
    cells += ((m + 1) * (T + 1) - 1) * step + row * S + unit[None, :]
    wide = (m * T + T - 1) * 4 * step + row * 4 * S + unit[None, :]
    gates += wide
    das += wide
    dh, dc, c = tl.load(dh_T, within, 0.0), tl.load(dc_T, within, 0.0), tl.load(cells, inside, 0.0)
    cells -= step
    i, f = tl.load(gates, inside, 0.0), tl.load(gates + S, inside, 0.0)
    o, g = tl.load(gates + 2 * S, inside, 0.0), tl.load(gates + 3 * S, inside, 0.0)
    before = tl.load(cells, inside, 0.0)
    if ADDED:
        added = tl.load(dstates, within, 0.0)
    for t in range(T):
        if ADDED:
            dh += added
        tanh_c = _tanh(c)
        dc += dh * o * (1 - tanh_c * tanh_c)
        da_i, da_f = dc * g * i * (1 - i), dc * before * f * (1 - f)
        da_o, da_g = dh * tanh_c * o * (1 - o), dc * i * (1 - g * g)
        tl.store(das, da_i, inside)
        tl.store(das + S, da_f, inside)
        tl.store(das + 2 * S, da_o, inside)
        tl.store(das + 3 * S, da_g, inside)
        das -= 4 * step
        dc *= f
        c = before
        back = tl.where(t < T - 1, B, 0)
        gates -= 4 * back * S
        cells -= back * S
        i, f = tl.load(gates, inside, 0.0), tl.load(gates + S, inside, 0.0)  # asked for one step ahead
        o, g = tl.load(gates + 2 * S, inside, 0.0), tl.load(gates + 3 * S, inside, 0.0)
        before = tl.load(cells, inside, 0.0)
        if ADDED:
            dstates -= back * H
            added = tl.load(dstates, within, 0.0)
        dh = tl.dot(da_i, W_i, input_precision=PRECISION)
        dh = tl.dot(da_f, W_f, dh, input_precision=PRECISION)
        dh = tl.dot(da_o, W_o, dh, input_precision=PRECISION)
        dh = tl.dot(da_g, W_g, dh, input_precision=PRECISION)
    tl.store(dh_T, dh, within)
    tl.store(dc_T, dc, within)


class FusedLSTMStates(Function):
    """As LSTMStates: x (M, T, B, I), h_0, c_0 (M, B, H) or None, U, W, b with blocks i f o g."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, h: Tensor | None, c: Tensor | None, U: Tensor, W: Tensor, b: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        M, T, B, _ = x.shape
        H = W.shape[-1]
        Ux, states, cells, W = projected(x, U, b, 4), room(x, h, H), room(x, c, H), W.contiguous()
        gates, size = torch.empty_like(Ux), sizes(B, H, 4)
        _forward[programs(M, B, size)](Ux, W, states, cells, gates, T, B, **size)
        ctx.save_for_backward(x, U, W, states, cells, gates)
        ctx.set_materialize_grads(False)
        return states[:, 1:, :, :H], states[:, T, :, :H].clone(), cells[:, T, :, :H].clone()

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, dstates: Tensor | None, dlast: Tensor | None, dlast_c: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        x, U, W, states, cells, gates = ctx.saved_tensors
        M, T, B, _ = x.shape
        H = W.shape[-1]
        dh, dc = started(dlast, states, H), started(dlast_c, states, H)
        da, size = torch.empty_like(gates), sizes(B, H, 4)
        added = da if dstates is None else dstates.contiguous()
        _backward[programs(M, B, size)](
            added, dh, dc, W, cells, gates, da, T, B, ADDED=dstates is not None, **size
        )  # fmt: skip
        dW, dU, db = (gradient.flatten(1, 2) for gradient in of_weights(da, states, x, H))
        needs = ctx.needs_input_grad
        dx = of_input(unfilled(da, H), U) if needs[0] else None
        return dx, dh if needs[1] else None, dc if needs[2] else None, dU, dW, db
