"""When a fleet's whole pass through time runs as one kernel on the GPU, and what the kernels share.

One program of the kernel is one model with a tile of its sequences. It loads the model's recurrent weights once, keeps
them and the state on the chip, and steps through time itself: a step costs no launch. What does not depend on the state
is left to products over all steps at once around it: U x + b before, the gradients of U, W and b after
(fused_weights.py). flashrnn's block-diagonal heads are the same idea (Pöppel, Beck & Hochreiter 2024).

The kernels are written in Triton, which comes with torch's CUDA builds. Products use the tensor cores in three passes
of TF32 ("tf32x3"), whose error is that of float32; float64 and cells wider than `WIDEST` take the loop of the
backward_* modules.

What the kernels keep has S numbers a row instead of H: the next multiple of four, so that four are read at once.
"""

from __future__ import annotations

import importlib.util
from typing import Any

import torch
from torch import Tensor

WIDEST = {1: 128, 3: 64, 4: 64}  # blocks of a cell → the largest H whose weights stay on the chip
ROWS = {1: 16, 3: 16, 4: 32}  # sequences of a program, and its warps: the best of three measured on an H200
WARPS = {1: 4, 3: 4, 4: 8}
PRECISION = "tf32x3"
TRITON = importlib.util.find_spec("triton") is not None


def fits(x: Tensor, H: int, blocks: int) -> bool:
    """Whether a pass over x with such a cell is one kernel."""
    nvidia = TRITON and x.is_cuda and torch.version.hip is None
    return nvidia and x.dtype == torch.float32 and WIDEST[blocks] >= H


def stride(H: int) -> int:
    """S, the next multiple of four."""
    return -(-H // 4) * 4


def tile(count: int) -> int:
    """The power of two that holds so many, and the 16 that a product on the tensor cores needs."""
    return max(16, 1 << (count - 1).bit_length())


def sizes(B: int, H: int, blocks: int) -> dict[str, Any]:
    """What a kernel is compiled for."""
    return {
        "H": H, "S": stride(H), "rows": min(ROWS[blocks], tile(B)), "width": tile(H), "PRECISION": PRECISION,
        "num_warps": WARPS[blocks], "num_stages": 1,
    }  # fmt: skip


def programs(M: int, B: int, size: dict[str, Any]) -> tuple[int, int]:
    """One for each model and tile of its sequences."""
    return M, -(-B // size["rows"])


def room(x: Tensor, h: Tensor | None, H: int) -> Tensor:
    """(M, T + 1, B, S) for h_0 … h_T, h_0 filled in; x (M, T, B, I)."""
    M, T, B, _ = x.shape
    states = x.new_empty(M, T + 1, B, stride(H))
    states[:, 0] = 0
    if h is not None:
        states[:, 0, :, :H] = h
    return states


def of_input(da: Tensor, U: Tensor) -> Tensor:
    """Uᵀ da_t, (M, T, B, R) → (M, T, B, I)."""
    return torch.bmm(da.flatten(1, 2), U).unflatten(1, da.shape[1:3])


def unfilled(da: Tensor, H: int) -> Tensor:
    """(M, T, B, kS) → (M, T, B, kH), without what fills the rows up."""
    return da.unflatten(-1, (-1, stride(H)))[..., :H].flatten(-2)


def started(gradient: Tensor | None, states: Tensor, H: int) -> Tensor:
    """The gradient of the last state, or 0: (M, B, H), to be written to."""
    if gradient is None:
        return states.new_zeros(states.shape[0], states.shape[2], H)
    return gradient.clone(memory_format=torch.contiguous_format)
