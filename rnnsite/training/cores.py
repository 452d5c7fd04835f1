"""Models spread over the cores: each core trains its share, and nobody waits until the round is over.

A fleet's operations are too small for torch to split well (it leaves up to 32,768 numbers to one core), and models
are independent, so one thread a core, each with its own models, does better than all cores on each operation.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import torch

_pool: tuple[int, int, ThreadPoolExecutor] | None = None


def cores(device: torch.device) -> int:
    """How many threads a fleet uses: torch's own number on a CPU, one to feed any other device."""
    return torch.get_num_threads() if device.type == "cpu" else 1


def even(M: int, most: int, cores: int, least: int = 6) -> list[slice]:
    """M models in even parts of at most `most`, as many for each core, unless they would be less than `least`.

    >>> even(32, 40, cores=2), even(5, 40, cores=2)
    ([slice(0, 16, None), slice(16, 32, None)], [slice(0, 5, None)])
    """
    count = -(-M // most)
    if cores * least <= M:
        count = -(-count // cores) * cores
    edges = [M * k // count for k in range(count + 1)]
    return [slice(low, high) for low, high in pairwise(edges)]


def on_cores(parts: Iterable[slice], work: Callable[[slice], None], cores: int) -> None:
    """work(part) for each part, on so many threads of one core each; the first error is raised when all are done."""
    parts = list(parts)
    if cores == 1 or len(parts) == 1:
        for part in parts:
            work(part)
        return
    waiting = [_workers(cores).submit(work, part) for part in parts]
    for error in [future.exception() for future in waiting]:
        if error is not None:
            raise error


def _workers(count: int) -> ThreadPoolExecutor:
    global _pool
    if _pool is None or _pool[:2] != (os.getpid(), count):  # a forked process has no threads but its first
        ours = torch.get_num_threads()
        pool = ThreadPoolExecutor(count, "fleet", torch.set_num_threads, (1,))
        for waiting in [pool.submit(torch.get_num_threads) for _ in range(count)]:
            waiting.result()
        torch.set_num_threads(ours)  # what a thread sets is also the default of later ones
        _pool = (os.getpid(), count, pool)
    return _pool[2]
