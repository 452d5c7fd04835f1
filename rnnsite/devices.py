"""Choosing and naming the device that trains."""

from __future__ import annotations

import platform
from pathlib import Path

from rnnsite.errors import RnnsiteError

DEVICES = ("auto", "cpu", "cuda", "mps")


def resolve(device: str = "auto") -> str:
    """`auto` → cuda when there is one, else cpu. A named device that is absent raises."""
    import torch

    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        # float64 is missing on mps, and small models gain nothing there: it is used only when asked for
        return "cuda" if available["cuda"] else "cpu"
    if not available[device]:
        have = ", ".join(name for name, there in available.items() if there)
        raise RnnsiteError(f"The device {device!r} was asked for, but torch finds only {have} on this machine.")
    return device


def hardware(device: str) -> str:
    """The device in words, for the stamp."""
    if device == "cuda":
        import torch

        return torch.cuda.get_device_name()
    return f"{_processor()}, one thread"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        return name if name.lower() not in {"", "unknown"} else platform.machine()
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
