"""Models spread over the cores: each core takes its share through the whole loop over time.

A fleet's operations are too small for torch to split well (it leaves fewer than 32,768 numbers to one core), and the
models are independent, so one thread a core with its own models needs no meeting point until the end.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch

LEAST = 6  # with fewer models on a core, calling the operations takes longer than what they compute
_pool: tuple[int, int, ThreadPoolExecutor] | None = None


def shares(M: int, cores: int) -> list[slice]:
    """M models in at most `cores` even shares of at least LEAST.

    >>> shares(32, 2), shares(5, 2)
    ([slice(0, 16, None), slice(16, 32, None)], [slice(0, 5, None)])
    """
    count = max(1, min(cores, M // LEAST))
    edges = [M * k // count for k in range(count + 1)]
    return [slice(low, high) for low, high in zip(edges, edges[1:], strict=False)]


def on_cores(M: int, device: torch.device, work: Callable[[slice], None]) -> None:
    """work(models) for shares of the M models, one a thread; for all of them at once on any device but a CPU."""
    cores = torch.get_num_threads() if device.type == "cpu" else 1
    parts = shares(M, cores)
    if len(parts) == 1:
        work(slice(0, M))
        return
    pool = _workers(cores - 1)
    torch.set_num_threads(1)  # a thread of its own for each share, not two for each operation
    try:
        waiting = [pool.submit(_alone, work, part) for part in parts[1:]]
        try:
            work(parts[0])
        finally:
            errors = [future.exception() for future in waiting]
    finally:
        torch.set_num_threads(cores)
    for error in errors:
        if error is not None:
            raise error


def _alone(work: Callable[[slice], None], models: slice) -> None:
    with torch.no_grad():  # the mode belongs to a thread
        work(models)


def _workers(count: int) -> ThreadPoolExecutor:
    global _pool
    if _pool is None or _pool[:2] != (os.getpid(), count):  # a forked process has no threads but its first
        _pool = (os.getpid(), count, ThreadPoolExecutor(count, "fleet", torch.set_num_threads, (1,)))
    return _pool[2]
