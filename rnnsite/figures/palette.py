"""One quiet palette for the whole site: a fixed colour for each cell and activation, in light and in dark.

Figures are drawn in the light colours; `to_dark` exchanges every one of them for its dark partner afterwards, so a
figure is written once. Every light value is therefore unique. Text contrast is at least 4.5:1 on the paper of each
mode, and cells, activations and text stay apart under simulated deuteranopia and protanopia
(tests/figures/test_palette.py).
"""

from __future__ import annotations

import re
from typing import Any

from rnnsite.errors import RnnsiteError, nearest

PALETTE: dict[str, tuple[str, str]] = {
    # name: (light, dark)
    "rnn": ("#c44b07", "#de791c"),
    "gru": ("#168360", "#50db9d"),
    "lstm": ("#2445ba", "#75acfc"),
    "esn": ("#51066b", "#a87cbb"),
    "tanh": ("#8c3a6b", "#ce5f72"),
    "sigmoid": ("#6e66c1", "#8979ef"),
    "relu": ("#524b03", "#cfb92f"),
    "linear": ("#2d3538", "#97b1c1"),
    "vanish": ("#2b5ca5", "#7cb3eb"),
    "explode": ("#ad4f22", "#e7a468"),
    "ink": ("#211f1b", "#eae7e4"),
    "muted": ("#565f65", "#a1a9b0"),
    "paper": ("#fffdf9", "#14181d"),
    "rule": ("#e2ddd2", "#323a43"),
    "accent": ("#8a3134", "#e08678"),
    "warn": ("#950112", "#ed6e69"),
    "good": ("#3b815e", "#89e7a2"),
}

_SEQUENTIAL = (
    ("#f7f4e5", "#191e28"),
    ("#cce0ba", "#222d53"),
    ("#84d1af", "#383780"),
    ("#3dafae", "#32569f"),
    ("#0087ab", "#1777b8"),
    ("#0268a5", "#109fbd"),
    ("#264698", "#30c6bf"),
    ("#2d2e75", "#9be2a9"),
    ("#281953", "#f2f5ae"),
)
_DIVERGING = (
    ("#123780", "#b6ddfe"),
    ("#2b5ca5", "#7cb3eb"),
    ("#4682cc", "#4c88d3"),
    ("#86bfd8", "#36567a"),
    ("#e9f0f0", "#22272c"),
    ("#e1b68d", "#774a2b"),
    ("#d5753a", "#cf6e37"),
    ("#ad4f22", "#e7a468"),
    ("#852b09", "#fed7a3"),
)


def _scale(pairs: tuple[tuple[str, str], ...]) -> list[list[float | str]]:
    return [[round(i / (len(pairs) - 1), 4), light] for i, (light, _) in enumerate(pairs)]


SEQUENTIAL = _scale(_SEQUENTIAL)  # small → large: pale to deep on light paper, dim to bright on dark paper
DIVERGING = _scale(_DIVERGING)  # blue below the middle, rust above it; pass `zmid`

LIGHT_TO_DARK: dict[str, str] = dict([*PALETTE.values(), *_SEQUENTIAL, *_DIVERGING])

_HEX = re.compile(r"#[0-9a-f]{6}(?=[0-9a-f]{2}(?![0-9a-f])|(?![0-9a-f]))", re.IGNORECASE)


def colour(name: str) -> str:
    """The light hex of a named colour.

    >>> colour("lstm")
    '#2445ba'
    """
    if name not in PALETTE:
        raise RnnsiteError(f"Unknown colour {name!r}: expected one of {', '.join(PALETTE)}.{nearest(name, PALETTE)}")
    return PALETTE[name][0]


def tint(name: str, alpha: float) -> str:
    """A named colour with opacity `alpha` in [0, 1], as `#rrggbbaa`, which `to_dark` understands.

    >>> tint("lstm", 0.2)
    '#2445ba33'
    """
    if not 0 <= alpha <= 1:
        raise RnnsiteError(f"Opacity must lie between 0 and 1, not {alpha}.")
    return f"{colour(name)}{round(255 * alpha):02x}"


def to_dark(value: Any) -> Any:
    """Exchange every light colour for its dark partner, in strings inside any nesting of dicts and lists.

    >>> to_dark({"line": {"color": "#2445ba"}, "fillcolor": "#2445ba33"})
    {'line': {'color': '#75acfc'}, 'fillcolor': '#75acfc33'}
    """
    if isinstance(value, str):
        return _HEX.sub(lambda match: LIGHT_TO_DARK.get(match[0].lower(), match[0]), value)
    if isinstance(value, dict):
        return {key: to_dark(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_dark(item) for item in value]
    return value
