"""The simple recurrent network for a fleet, with its backward pass written by hand.

h_t = α h_{t−1} + (1 − α) φ(a_t),  a_t = W h_{t−1} + U x_t + b

    da_t     = (1 − α) φ'(a_t) ∘ dh_t
    dh_{t−1} = α dh_t + Wᵀ da_t + what the loss adds
    d[W U b] = Σ_t da_t [h_{t−1}, x_t, 1]ᵀ

α = 0 is Elman's network; with φ = ReLU and W started at the identity it is the IRNN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

from rnnsite.training.omega import InformationFlow
from rnnsite.training.tape import by_step, join, sigmoid_backward, start, states_of, tanh_backward, twice_minus_one

threshold_backward = torch.ops.aten.threshold_backward.grad_input

# φ(a, out), which may overwrite a, and its backward pass (dh, φ, out): φ' is written in terms of φ itself
FORWARD: dict[str, Callable[[Tensor, Tensor], Any]] = {
    "tanh": lambda a, out: twice_minus_one(a.sigmoid_(), out),  # of 2a: see tape.py
    "sigmoid": lambda a, out: torch.sigmoid(a, out=out),
    "relu": lambda a, out: torch.clamp(a, min=0, out=out),
    "linear": lambda a, out: out.copy_(a),
}
BACKWARD: dict[str, Callable[[Tensor, Tensor, Tensor], Any]] = {
    "tanh": lambda dh, φ, out: tanh_backward(dh, φ, grad_input=out),
    "sigmoid": lambda dh, φ, out: sigmoid_backward(dh, φ, grad_input=out),
    "relu": lambda dh, φ, out: threshold_backward(dh, φ, 0, grad_input=out),
    "linear": lambda dh, φ, out: out.copy_(dh),
}


class ElmanStates(Function):
    """x (M, T, B, I), h_0 (M, B, H) or None, U, W, b, φ's name, α (M,) or None, Ω or None → states, last state."""

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
        tape = start(x, h, H)
        rows, hs = tape.unbind(0), tape[..., :H].unbind(0)
        weights = join(W, U, b).mul_(2 if activation == "tanh" else 1)
        φ, a = FORWARD[activation], x.new_empty(M, B, H)
        squashed = None if leak is None else x.new_empty(T, M, B, H)
        for t in range(T):
            torch.bmm(rows[t], weights, out=a)
            if squashed is None or leak is None:
                φ(a, hs[t + 1])
            else:
                φ(a, squashed[t])
                torch.lerp(squashed[t], hs[t], leak[:, None, None], out=hs[t + 1])
        ctx.save_for_backward(U, W, leak, tape, squashed)
        ctx.activation, ctx.flow = activation, flow
        ctx.set_materialize_grads(False)
        return states_of(tape, H), tape[T, ..., :H].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dstates: Tensor | None, dlast: Tensor | None) -> tuple[Tensor | None, ...]:
        U, W, leak, tape, squashed = ctx.saved_tensors
        M, H, I = U.shape
        T, B = tape.shape[0] - 1, tape.shape[2]
        weights, total = W.contiguous(), tape.new_zeros(M, H + I + 1, H)
        dx = tape.new_empty(M, T, B, I) if ctx.needs_input_grad[0] else None
        added = (None, *((None,) * T if dstates is None else dstates.unbind(1)))  # by the loss, to dh_0, dh_1, …
        dh = tape.new_zeros(M, B, H) if dlast is None else dlast.clone(memory_format=torch.contiguous_format)
        if added[T] is not None:
            dh += added[T]
        da, back = torch.empty_like(dh), BACKWARD[ctx.activation]
        flow: InformationFlow | None = ctx.flow
        if flow is not None:
            flow.begin(W)
        steps = by_step(tape[:T].mT, tape[1:, ..., :H] if squashed is None else squashed)
        for t, (row, φ) in reversed(list(enumerate(steps))):
            if flow is not None:
                norm = dh.square().sum(-1)
            back(dh, φ, da)
            if leak is not None:
                da *= 1 - leak[:, None, None]
            total.baddbmm_(row, da)
            if dx is not None:
                torch.bmm(da, U, out=dx[:, t])
            if leak is None and flow is None and added[t] is not None:
                torch.baddbmm(added[t], da, weights, out=dh)  # both sums in one call
                continue
            if leak is None:
                torch.bmm(da, weights, out=dh)
            else:
                dh.mul_(leak[:, None, None]).baddbmm_(da, weights)
            if flow is not None:
                flow.add(norm, da, dh)
            if added[t] is not None:
                dh += added[t]
        if flow is not None:
            total[:, :H] += flow.gradient().mT
        dW, dU, db = total.mT.split((H, I, 1), -1)
        return dx, dh if ctx.needs_input_grad[1] else None, dU, dW, db[..., 0], None, None, None
