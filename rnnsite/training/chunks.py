"""How many models at once: as many as the cache holds on a CPU, as the memory holds on a GPU."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rnnsite.cells.cell import Cell

CACHE = 2.5e6  # bytes that one step touches; measured best on cores with 1 MB of L2 and a shared L3, flat around it
SEQUENCES = 6e7  # bytes kept for a backward pass; above it every pass asks the system for fresh pages
GPU = 0.5  # share of the free memory


def models_at_once(module: nn.Module, batch: Sequence[Tensor], device: torch.device) -> int:
    """Models to train together on one core, or on one GPU, for one model's batch (x (T, B, I), ...)."""
    cell = next((child for child in module.modules() if isinstance(child, Cell)), None)
    if cell is None or not batch or batch[0].ndim < 2:
        return 32
    T, B = batch[0].shape[:2]
    if cell.batch_first:
        T, B = B, T
    k, H, K, size = len(cell.blocks), cell.H, cell.H + cell.I + 1, cell.W.element_size()
    step = size * (2 * k * H * K + B * (K + 2 * k * H + 2 * H))
    sequences = size * T * B * (K + H + (k + 2) * H * (k > 1))
    if device.type == "cpu":
        return max(12, int(min(CACHE / step, SEQUENCES / sequences)))
    free = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else 4e9
    return max(1, int(GPU * free / (3 * sequences)))
