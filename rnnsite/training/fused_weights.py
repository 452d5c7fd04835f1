"""What a fleet's pass on a GPU computes for all steps at once: U x + b before it, the gradients of W, U, b after it.

d[W U b] = Σ_t da_t [h_{t−1}, x_t, 1]ᵀ is a product over T·B rows for each model. Three batched products would read
da_t, the largest thing there is, three times; here a program makes a tile of the result and reads its part once.
"""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from rnnsite.training.fused import PRECISION, stride, tile

TILE, CHUNK = 64, 64


@triton.jit(do_not_specialize=["N"])
def _project(
    x, U, b, Ux, N, model_of_x,
    H: tl.constexpr, S: tl.constexpr, I: tl.constexpr, BLOCKS: tl.constexpr, CHUNK: tl.constexpr, width: tl.constexpr,
    inputs: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    m, k = tl.program_id(0).to(tl.int64), tl.program_id(2)
    n, unit = tl.program_id(1) * CHUNK + tl.arange(0, CHUNK)[:, None], tl.arange(0, width)[None, :]
    row = tl.arange(0, inputs)
    U += (m * BLOCKS + k) * H * I + unit * I
    total = tl.zeros((CHUNK, width), tl.float32) + tl.load(b + (m * BLOCKS + k) * H + unit, unit < H, 0.0)
    for first in range(0, I, inputs):
        i = first + row
        xs = tl.load(x + m * model_of_x + n * I + i[None, :], (n < N) & (i[None, :] < I), 0.0)
        Us = tl.load(U + i[:, None], (i[:, None] < I) & (unit < H), 0.0)
        total = tl.dot(xs, Us, total, input_precision=PRECISION)
    tl.store(Ux + (m * N + n) * BLOCKS * S + k * S + unit, total, (n < N) & (unit < S))


def projected(x: Tensor, U: Tensor, b: Tensor, blocks: int) -> Tensor:
    """U x + b for every step, x (M, T, B, I) → (M, T, B, kS)."""
    M, T, B, I = x.shape
    H = U.shape[1] // blocks
    x = x if x[0].is_contiguous() else x.contiguous()
    Ux = x.new_empty(M, T, B, blocks * stride(H))
    _project[M, triton.cdiv(T * B, CHUNK), blocks](
        x, U.contiguous(), b.contiguous(), Ux, T * B, x.stride(0), H=H, S=stride(H), I=I, BLOCKS=blocks, CHUNK=CHUNK,
        width=tile(H), inputs=min(32, tile(I)), PRECISION=PRECISION, num_warps=4,
    )  # fmt: skip
    return Ux


@triton.jit(do_not_specialize=["N"])
def _products(
    das, states, x, dW, dU, N, model_of_states, model_of_x,
    R: tl.constexpr, S: tl.constexpr, I: tl.constexpr, TILE: tl.constexpr, CHUNK: tl.constexpr, inputs: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    m = tl.program_id(0).to(tl.int64)
    r = tl.program_id(1) * TILE + tl.arange(0, TILE)[None, :]
    c = tl.program_id(2) * TILE + tl.arange(0, TILE)[None, :]
    i = tl.arange(0, inputs)[None, :]
    das += m * N * R + r
    states += m * model_of_states + c
    x += m * model_of_x + i
    total, total_x = tl.zeros((TILE, TILE), tl.float32), tl.zeros((TILE, inputs), tl.float32)
    for first in range(0, N, CHUNK):
        n = first + tl.arange(0, CHUNK)[:, None]
        da = tl.trans(tl.load(das + n * R, (n < N) & (r < R), 0.0))
        h = tl.load(states + n * S, (n < N) & (c < S), 0.0)
        total = tl.dot(da, h, total, input_precision=PRECISION)
        if tl.program_id(2) == 0:
            xs = tl.load(x + n * I, (n < N) & (i < I), 0.0) + tl.where(i == I, 1.0, 0.0)
            total_x = tl.dot(da, xs, total_x, input_precision=PRECISION)
    row = tl.program_id(1) * TILE + tl.arange(0, TILE)[:, None]
    tl.store(dW + (m * R + row) * S + c, total, (row < R) & (c < S))
    if tl.program_id(2) == 0:
        tl.store(dU + (m * R + row) * (I + 1) + i, total_x, (row < R) & (i <= I))


def of_weights(da: Tensor, states: Tensor, x: Tensor, H: int) -> tuple[Tensor, Tensor, Tensor]:
    """Σ_t da_t [h_{t−1}, x_t, 1]ᵀ by block, (M, k, H, H), (M, k, H, I) and (M, k, H).

    da (M, T, B, kS), states (M, T + 1, B, S), x (M, T, B, I)
    """
    M, T, B, R = da.shape
    S, I = states.shape[-1], x.shape[-1]
    x = x if x[0].is_contiguous() else x.contiguous()
    dW, dU = da.new_empty(M, R, S), da.new_empty(M, R, I + 1)
    _products[M, triton.cdiv(R, TILE), triton.cdiv(S, TILE)](
        da, states, x, dW, dU, T * B, states.stride(0), x.stride(0), R=R, S=S, I=I,
        TILE=TILE, CHUNK=CHUNK, inputs=tile(I + 1), PRECISION=PRECISION, num_warps=4, num_stages=2,
    )  # fmt: skip
    dW, dU = (gradient.view(M, -1, S, gradient.shape[-1])[:, :, :H] for gradient in (dW, dU))
    return dW[..., :H], dU[..., :I], dU[..., I]
