"""Long short-term memory for a fleet, with its backward pass written by hand.

[i f o g] = [σ σ σ tanh](W h_{t−1} + U x_t + b),  c_t = f∘c_{t−1} + i∘g,  h_t = o∘tanh(c_t)

    dc_t += o (1 − tanh² c_t) ∘ dh_t
    da    = [i(1−i) g∘dc_t,  f(1−f) c_{t−1}∘dc_t,  o(1−o) tanh(c_t)∘dh_t,  (1−g²) i∘dc_t]
    dh_{t−1} = Wᵀ da + what the loss adds,  dc_{t−1} = f∘dc_t

g is kept as s with g = 2s − 1, s = σ(2a), so that one σ serves all four blocks, and one σ' too: (1 − g²) = 4 s(1 − s).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

from rnnsite.training.tape import by_step, join, sigmoid_backward, start, states_of, tanh_backward, twice_minus_one


def scale_candidate(weights: Tensor, factor: float) -> Tensor:
    """W or U (M, 4H, ·) with its last block, g's, multiplied by the factor."""
    H = weights.shape[1] // 4
    return torch.cat([weights[:, : 3 * H], factor * weights[:, 3 * H :]], 1)


class LSTMStates(Function):
    """x (M, T, B, I), h_0, c_0 (M, B, H) or None, U, W, b with blocks i f o g → states, last h, last c."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, h: Tensor | None, c: Tensor | None, U: Tensor, W: Tensor, b: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        M, T, B, _ = x.shape
        H = W.shape[-1]
        tape = start(x, h, H)
        rows, hs = tape.unbind(0), tape[..., :H].unbind(0)
        weights = join(W, U, b)
        weights[..., 3 * H :] *= 2
        gates, tanhs, cells = x.new_empty(T, M, B, 4 * H), x.new_empty(T, M, B, H), x.new_empty(T + 1, M, B, H)
        cells[0] = 0 if c is None else c
        cs, a, g = cells.unbind(0), x.new_empty(M, B, 4 * H), x.new_empty(M, B, H)
        for t, (gate, i, f, o, s, tanh_c) in enumerate(by_step(gates, *gates.chunk(4, -1), tanhs)):
            torch.bmm(rows[t], weights, out=a)
            torch.sigmoid(a, out=gate)
            c = torch.mul(f, cs[t], out=cs[t + 1]).addcmul_(i, twice_minus_one(s, g))
            twice_minus_one(torch.add(c, c, out=g).sigmoid_(), tanh_c)
            torch.mul(o, tanh_c, out=hs[t + 1])
        ctx.save_for_backward(U, W, tape, gates, tanhs, cells)
        ctx.set_materialize_grads(False)
        return states_of(tape, H), tape[T, ..., :H].clone(), cells[T].clone()

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, dstates: Tensor | None, dlast: Tensor | None, dlast_c: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        U, W, tape, gates, tanhs, cells = ctx.saved_tensors
        M, H, I = U.shape[0], W.shape[-1], U.shape[-1]
        T, B = tape.shape[0] - 1, tape.shape[2]
        total = tape.new_zeros(M, H + I + 1, 4 * H)
        weights, U4 = scale_candidate(W, 4), scale_candidate(U, 4)
        dx = tape.new_empty(M, T, B, I) if ctx.needs_input_grad[0] else None
        dh = tape.new_zeros(M, B, H) if dlast is None else dlast.clone(memory_format=torch.contiguous_format)
        dc = tape.new_zeros(M, B, H) if dlast_c is None else dlast_c.clone(memory_format=torch.contiguous_format)
        da, w = tape.new_empty(M, B, 4 * H), torch.empty_like(dh)
        da_i, da_f, da_o, da_g = da.chunk(4, -1)
        added = (None,) * T if dstates is None else dstates.unbind(1)
        steps = by_step(tape[:T].mT, gates, *gates.chunk(4, -1), tanhs, cells[:T])
        for t, (row, gate, i, f, o, s, tanh_c, c) in reversed(list(enumerate(steps))):
            if added[t] is not None:
                dh += added[t]
            torch.mul(dh, tanh_c, out=da_o)
            dc += tanh_backward(torch.mul(dh, o, out=w), tanh_c, grad_input=w)
            torch.mul(dc, twice_minus_one(s, w), out=da_i)
            torch.mul(dc, c, out=da_f)
            torch.mul(dc, i, out=da_g)
            sigmoid_backward(da, gate, grad_input=da)  # a quarter of the true one in its last block
            total.baddbmm_(row, da)
            if dx is not None:
                torch.bmm(da, U4, out=dx[:, t])
            torch.bmm(da, weights, out=dh)
            dc *= f
        total[..., 3 * H :] *= 4
        dW, dU, db = total.mT.split((H, I, 1), -1)
        needs = ctx.needs_input_grad
        return dx, dh if needs[1] else None, dc if needs[2] else None, dU, dW, db[..., 0]
