"""What each place of a text is like, from the text alone: what a reader might keep in mind there."""

from __future__ import annotations

import torch
from torch import Tensor

FEATURES = ("place in the line", "place in the word", "inside quotes", "inside brackets")


def places(text: str) -> Tensor:
    """(4, len(text)), in the order of FEATURES: how it is *after* reading each character.

    Characters since the last line break, letters since the last character that is none, 1 inside double quotes, and the
    number of open round brackets. Quotes and brackets start anew at each paragraph.

    >>> places('a "(b) c"')[:, -3:].tolist()
    [[7.0, 8.0, 9.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    rows = []
    line = word = quoted = depth = 0
    for place, letter in enumerate(text):
        if letter == "\n" and text[place - 1 : place] == "\n":
            quoted = depth = 0
        line = 0 if letter == "\n" else line + 1
        word = word + 1 if letter.isalpha() else 0
        quoted ^= letter == '"'
        depth = max(0, depth + (letter == "(") - (letter == ")"))
        rows.append((line, word, quoted, depth))
    return torch.tensor(rows, dtype=torch.float32).T
