"""An LSTM with any of its gates and with peepholes, over sequences of several lengths, its backward pass by hand.

i = σ(a_i + p_i∘c_{t−1}),  f = σ(a_f + p_f∘c_{t−1}),  g = tanh(a_g),  c_t = m_t (f∘c_{t−1} + i∘g)
o = σ(a_o + p_o∘c_t),      h_t = m_t o∘tanh(c_t),     a = W h_{t−1} + U x_t + b;   a gate that is missing is 1

    da_o = o(1−o) tanh(c_t)∘dh_t                 dc_t += o(1 − tanh² c_t)∘dh_t + p_o∘da_o
    da_i = i(1−i) g∘dc_t,  da_f = f(1−f) c_{t−1}∘dc_t,  da_g = (1−g²) i∘dc_t
    dh_{t−1} = Wᵀ da,      dc_{t−1} = f∘dc_t + p_i∘da_i + p_f∘da_f

m_t is 0 on padding *before* a sequence, where the state stays 0, and 1 in it: the run begins at the first word. Batches
are small here (10 sentences), so the gradient of the weights is one product after the loop and not one a step.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

from rnnsite.cells.lstm import LSTM
from rnnsite.errors import RnnsiteError
from rnnsite.training.tape import join, sigmoid_backward, tanh_backward, twice_minus_one


def last_state(cell: LSTM, x: Tensor, mask: Tensor) -> Tensor:
    """h_T of every sequence: x (M, T, B, I), mask (M, T, B) 0 on padding and 1 in the sequence → (M, B, H).

    Padding may stand before a sequence only; whatever x holds there, the result is that of the sequence alone.
    Raises RnnsiteError for a cell of one model, or a mask of another shape.
    """
    if cell.models is None or mask.shape != x.shape[:-1]:
        raise RnnsiteError(f"Expected a cell with `models=` and a mask {tuple(x.shape[:-1])}, got {tuple(mask.shape)}.")
    p = cell.W.new_zeros(cell.models, len(cell.gates) * cell.H) if cell.p is None else cell.p
    h: Tensor = GatedLast.apply(x, mask.to(x.dtype)[..., None], cell.U, cell.W, cell.b, p, cell.gates)
    return h


class GatedLast(Function):
    """x (M, T, B, I), mask (M, T, B, 1), U, W, b with blocks [gates] g, p (M, [gates] H) → the last h (M, B, H)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, mask: Tensor, U: Tensor, W: Tensor, b: Tensor, p: Tensor, gates: str) -> Tensor:
        M, T, B, I = x.shape
        H, k = W.shape[-1], len(gates) + 1
        tape = x.new_empty(M, T, B, H + I + 1)  # row t: [h_{t−1}, x_t, 1]
        tape[:, 0, :, :H] = 0
        tape[..., H : H + I], tape[..., -1] = x, 1
        weights = join(W, U, b)
        weights[..., (k - 1) * H :] *= 2  # tanh a is computed as 2σ(2a) − 1: see tape.py
        act, tanhs, cells = x.new_empty(M, T, B, k * H), x.new_empty(M, T, B, H), x.new_empty(M, T + 1, B, H)
        cells[:, 0] = 0
        peep = dict(zip(gates, p[:, None].chunk(max(k - 1, 1), -1), strict=False))
        g, h, a_all = x.new_empty(M, B, H), x.new_empty(M, B, H), x.new_empty(M, B, k * H)
        for t in range(T):
            c, m, out = cells[:, t], mask[:, t], dict(zip(gates + "g", act[:, t].chunk(k, -1), strict=True))
            torch.bmm(tape[:, t], weights, out=a_all)
            a = dict(zip(gates + "g", a_all.chunk(k, -1), strict=True))
            for gate in "if":
                if gate in gates:
                    torch.sigmoid(a[gate].addcmul_(peep[gate], c), out=out[gate])
            twice_minus_one(torch.sigmoid(a["g"], out=g), out["g"])
            new = torch.mul(out["g"], out["i"], out=g) if "i" in gates else g.copy_(out["g"])
            new = new.addcmul_(out["f"], c) if "f" in gates else new.add_(c)
            c = torch.mul(new, m, out=cells[:, t + 1])
            tanh_c = twice_minus_one(torch.add(c, c, out=h).sigmoid_(), tanhs[:, t])
            if "o" in gates:
                torch.sigmoid(a["o"].addcmul_(peep["o"], c), out=out["o"])
                torch.mul(tanh_c, out["o"], out=h)
            else:
                h.copy_(tanh_c)
            h *= m
            if t + 1 < T:
                tape[:, t + 1, :, :H] = h
        ctx.save_for_backward(U, W, p, mask, tape, act, tanhs, cells)
        ctx.gates = gates
        return h

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dh: Tensor) -> tuple[Tensor | None, ...]:
        U, W, p, mask, tape, act, tanhs, cells = ctx.saved_tensors
        gates, (M, T, B, _), H, I = ctx.gates, tape.shape, W.shape[-1], U.shape[-1]
        k = len(gates) + 1
        das, dh, dc = torch.empty_like(act), dh.clone(memory_format=torch.contiguous_format), torch.zeros_like(dh)
        peep = dict(zip(gates, p[:, None].chunk(max(k - 1, 1), -1), strict=False))
        w = torch.empty_like(dc)
        weights = W.contiguous()
        for t in reversed(range(T)):
            c, tanh_c, names = cells[:, t], tanhs[:, t], gates + "g"
            out = dict(zip(names, act[:, t].chunk(k, -1), strict=True))
            da = dict(zip(names, das[:, t].chunk(k, -1), strict=True))
            dh *= mask[:, t]
            if "o" in gates:
                sigmoid_backward(torch.mul(dh, tanh_c, out=w), out["o"], grad_input=da["o"])
                dc.addcmul_(peep["o"], da["o"])
                dh *= out["o"]
            dc += tanh_backward(dh, tanh_c, grad_input=w)
            dc *= mask[:, t]
            if "i" in gates:
                sigmoid_backward(torch.mul(dc, out["g"], out=w), out["i"], grad_input=da["i"])
            if "f" in gates:
                sigmoid_backward(torch.mul(dc, c, out=w), out["f"], grad_input=da["f"])
            inner = torch.mul(dc, out["i"], out=w) if "i" in gates else dc
            tanh_backward(inner, out["g"], grad_input=da["g"])
            if "f" in gates:
                dc *= out["f"]
            for gate in "if":
                if gate in gates:
                    dc.addcmul_(peep[gate], da[gate])
            torch.bmm(das[:, t], weights, out=dh)
        seen = {"i": cells[:, :-1], "f": cells[:, :-1], "o": cells[:, 1:]}
        blocks = das.chunk(k, -1)
        dp = [(da * seen[gate]).sum((1, 2)) for gate, da in zip(gates, blocks, strict=False)]
        flat = das.view(M, T * B, k * H)
        dx = torch.bmm(flat, U).view(M, T, B, I) if ctx.needs_input_grad[0] else None
        dW, dU, db = torch.bmm(flat.mT, tape.view(M, T * B, -1)).split((H, I, 1), -1)
        return dx, None, dU, dW, db[..., 0], torch.cat(dp, -1) if dp else torch.zeros_like(p), None
