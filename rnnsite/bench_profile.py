"""Where the fleet's time goes, which `rnnsite bench` shows for a bar that is missed."""

from __future__ import annotations

import os
import statistics

import torch
from torch.profiler import ProfilerActivity, profile

from rnnsite.bench import Work

PASSES = 9
os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # or the profiler says when it starts and stops


def shares(kind: str, M: int) -> dict[str, float]:
    """Each operation's share of the time of one core's part, the largest first; the functions are Python's own share.

    The profiler's own work, which grows with the number of calls, is in it: short operations look longer than they are.
    """
    work = Work(kind, M, torch.device("cpu"))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        work._part(work.parts[0])
        with profile(activities=[ProfilerActivity.CPU]) as record:
            for _ in range(PASSES):
                work._part(work.parts[0])
    finally:
        torch.set_num_threads(threads)
    times: dict[str, list[float]] = {}
    for event in record.events():
        times.setdefault(event.name.removeprefix("aten::"), []).append(event.self_cpu_time_total)
    # the median, because a call that the system interrupts looks a hundred times as long
    typical = {name: statistics.median(each) * len(each) for name, each in times.items()}
    found = {name: each / sum(typical.values()) for name, each in typical.items()}
    return dict(sorted(found.items(), key=lambda entry: -entry[1]))


def sentence(kind: str, M: int, most: int = 8) -> str:
    """The shares of the longest operations, and of all others."""
    found = list(shares(kind, M).items())
    named = ", ".join(f"{name} {share:.0%}" for name, share in found[:most])
    return f"Where {M} {kind}s spend a core's time: {named}, all else {sum(share for _, share in found[most:]):.0%}."
