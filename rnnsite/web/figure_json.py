"""Plotly figures as plain JSON values: short numbers, no NumPy, and the colours they use."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np

_HEX = re.compile(r"(#[0-9a-f]{6})(?:[0-9a-f]{2})?", re.IGNORECASE)
_CLEAR = ("rgba(0,0,0,0)", "transparent", "none")


def plain(value: Any, digits: int = 6) -> Any:
    """Nested dicts and lists of plain values, floats to `digits` significant digits, NaN and Inf as null.

    >>> plain({"y": np.array([1.0, np.nan, 1 / 3])})
    {'y': [1, None, 0.333333]}
    """
    if isinstance(value, dict):
        if "bdata" in value:  # plotly's own packing of arrays
            if value["dtype"] in ("i1", "u1") and "shape" in value:
                return dict(value)  # a map of bytes: nothing is shorter
            packed = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
            shape = tuple(int(size) for size in str(value.get("shape", len(packed))).split(","))
            return plain(packed.reshape(shape), digits)
        return {key: plain(item, digits) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, digits) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist(), digits)
    if isinstance(value, np.generic):
        return plain(value.item(), digits)
    if isinstance(value, complex):
        return [plain(value.real, digits), plain(value.imag, digits)]
    if isinstance(value, float):
        if not np.isfinite(value):
            return None
        short = float(f"{value:.{digits}g}")
        return int(short) if short.is_integer() and abs(short) < 1e6 else short
    return value


def used_colours(value: Any, key: str = "") -> set[str]:
    """The opaque part of every colour in a figure: hex values anywhere, and whatever else a `…color` holds."""
    if isinstance(value, dict):
        return set().union(*(used_colours(item, name) for name, item in value.items())) if value else set()
    if isinstance(value, list):
        return set().union(*(used_colours(item, key) for item in value)) if value else set()
    if not isinstance(value, str):
        return set()
    found = {match[1].lower() for match in _HEX.finditer(value)}
    if not found and key.endswith(("color", "colorscale")) and value not in _CLEAR:
        return {value}
    return found
