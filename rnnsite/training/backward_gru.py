"""The gated recurrent unit for a fleet, with its backward pass written by hand.

r, u = σ(W h_{t−1} + U x_t + b),  p = W_g h_{t−1} + b_h,  g = tanh(U_g x_t + b_g + r∘p),  h_t = u∘h_{t−1} + (1 − u)∘g

    dg_a = (1 − g²)(1 − u) ∘ dh_t             da_u = u(1 − u)(h_{t−1} − g) ∘ dh_t
    dp   = r ∘ dg_a                           da_r = r(1 − r) p ∘ dg_a
    dh_{t−1} = u∘dh_t + Wᵀ[da_r, da_u, dp] + what the loss adds

The reset comes after the product, as in torch.nn.GRU. U_g x + b_g does not mix with W_g h + b_h before the reset, so
it is projected before the loop.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

from rnnsite.training.tape import by_step, join, sigmoid_backward, start, states_of, tanh_backward, twice_minus_one


class GRUStates(Function):
    """x (M, T, B, I), h_0 (M, B, H) or None, U, W, b with blocks r u g, b_h (M, H) → states, last state."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, h: Tensor | None, U: Tensor, W: Tensor, b: Tensor, b_h: Tensor
    ) -> tuple[Tensor, Tensor]:
        M, T, B, I = x.shape
        H = W.shape[-1]
        tape = start(x, h, H)
        rows, hs = tape.unbind(0), tape[..., :H].unbind(0)
        gates_only = torch.cat([U[:, : 2 * H], torch.zeros_like(U[:, 2 * H :])], 1)
        weights = join(W, gates_only, torch.cat([b[:, : 2 * H], b_h], 1))
        flat = torch.baddbmm(2 * b[:, None, 2 * H :], x.reshape(M, T * B, I), 2 * U[:, 2 * H :].mT)
        projected = flat.view(M, T, B, H).transpose(0, 1)  # of 2(U_g x + b_g): see tape.py
        gates, ps, gs = x.new_empty(T, M, B, 2 * H), x.new_empty(T, M, B, H), x.new_empty(T, M, B, H)
        a, w = x.new_empty(M, B, 3 * H), x.new_empty(M, B, H)
        a_gates, a_p = a[..., : 2 * H], a[..., 2 * H :]
        for t, (gate, r, u, p, g, Ux) in enumerate(by_step(gates, *gates.chunk(2, -1), ps, gs, projected)):
            torch.bmm(rows[t], weights, out=a)
            torch.sigmoid(a_gates, out=gate)
            p.copy_(a_p)
            torch.addcmul(Ux, r, p, value=2, out=w)
            twice_minus_one(w.sigmoid_(), g)
            torch.lerp(g, hs[t], u, out=hs[t + 1])
        ctx.save_for_backward(U, W, tape, gates, ps, gs, x)
        ctx.set_materialize_grads(False)
        return states_of(tape, H), tape[T, ..., :H].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dstates: Tensor | None, dlast: Tensor | None) -> tuple[Tensor | None, ...]:
        U, W, tape, gates, ps, gs, x = ctx.saved_tensors
        M, T, B, I = x.shape
        H = W.shape[-1]
        total = tape.new_zeros(M, H + I + 1, 3 * H)
        dga = tape.new_empty(M, T, B, H)
        dx = tape.new_empty(M, T, B, I) if ctx.needs_input_grad[0] else None
        dh = tape.new_zeros(M, B, H) if dlast is None else dlast.clone(memory_format=torch.contiguous_format)
        da, w = tape.new_empty(M, B, 3 * H), torch.empty_like(dh)
        da_gates, (da_r, da_u, dp) = da[..., : 2 * H], da.chunk(3, -1)
        weights = W.contiguous()
        added = (None,) * T if dstates is None else dstates.unbind(1)
        before = tape[:T, ..., :H]
        steps = by_step(tape[:T].mT, before, gates, *gates.chunk(2, -1), ps, gs, dga.transpose(0, 1))
        for t, (row, h, gate, r, u, p, g, dg) in reversed(list(enumerate(steps))):
            if added[t] is not None:
                dh += added[t]
            torch.mul(torch.sub(h, g, out=w), dh, out=da_u)
            kept = torch.mul(dh, u, out=w)
            tanh_backward(dh.sub_(kept), g, grad_input=dg)
            torch.mul(dg, r, out=dp)
            torch.mul(dg, p, out=da_r)
            sigmoid_backward(da_gates, gate, grad_input=da_gates)
            total.baddbmm_(row, da)
            if dx is not None:
                torch.bmm(da_gates, U[:, : 2 * H], out=dx[:, t])
            torch.baddbmm(kept, da, weights, out=dh)
        flat = dga.view(M, T * B, H)
        dU_g = torch.bmm(x.reshape(M, T * B, I).mT, flat).mT
        if dx is not None:
            dx += torch.bmm(flat, U[:, 2 * H :]).view_as(dx)
        dW, dU, db = total.mT.split((H, I, 1), -1)
        dU = torch.cat([dU[:, : 2 * H], dU_g], 1)
        db, db_h = torch.cat([db[:, : 2 * H, 0], flat.sum(1)], 1), db[:, 2 * H :, 0]
        return dx, dh if ctx.needs_input_grad[1] else None, dU, dW, db, db_h
