"""Asking the JavaScript kernel from a test, and holding its answer to torch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from playwright.sync_api import Page
from torch import Tensor

TOLERANCE = 1e-10


def kernel(page: Page, expression: str, argument: Any = None) -> Any:
    """Evaluate a JavaScript expression in which `k` is the kernel and `a` the argument."""
    load = "const k = await import('/browser/kernel/index.js')"
    return page.evaluate(f"async (a) => {{ {load}; return {expression}; }}", argument)


def draw(*shape: int, generator: torch.Generator) -> Tensor:
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def assert_close(name: str, ours: list[float], theirs: Tensor) -> None:
    expected = theirs.detach().reshape(-1).numpy()
    error = np.abs(np.array(ours) - expected).max() / max(1.0, np.abs(expected).max())
    assert error < TOLERANCE, f"{name} is off by {error:.2g}"


def flat(tensor: Tensor) -> list[float]:
    return tensor.detach().reshape(-1).tolist()
