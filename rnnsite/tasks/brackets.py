"""Nested brackets of two kinds: which may come next? To know it, a network must keep a stack.

The language Dyck-(k, m) of Hewitt, Hahn, Ganguli, Liang & Manning 2020 (RNNs can generate bounded hierarchical
languages with optimal memory) with k = 2 kinds and at most m open at a time. The chances are ours: wherever both are
allowed a bracket opens or closes with 1/2 each, the kind of one that opens is drawn evenly, and a string is over with
1/2 whenever nothing is open. The strings of a sequence follow one another with a bar | between, and the network says
after each symbol which ones may come next, as in `rnnsite.tasks.counting`.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from rnnsite.errors import RnnsiteError

SYMBOLS = "|()[]"
BAR = 0


def brackets(T: int, batch: int, generator: torch.Generator, *, deepest: int = 4) -> tuple[Tensor, Tensor]:
    """Inputs (T, B, 5), one-hot in the order of `SYMBOLS`, and 1 for each symbol that may come next, (T, B, 5).

    After the bar one of the two opens. Elsewhere both may open if fewer than `deepest` are open; the innermost may
    close; and where nothing is open the bar may come. Raises RnnsiteError for T or `deepest` below 1.

    >>> x, legal = brackets(10, 1, torch.Generator().manual_seed(1), deepest=2)
    >>> read(x)
    ['|([])[]()|']
    >>> ["".join(s for s, may in zip(SYMBOLS, row) if may) for row in legal[:4, 0]]
    ['([', '()[', ']', '()[']
    """
    if T < 1 or deepest < 1:
        raise RnnsiteError(f"Brackets need at least 1 step and a depth of 1; got T = {T} and deepest = {deepest}.")
    opens = torch.rand(T, batch, generator=generator) < 0.5
    kinds = torch.randint(2, (T, batch), generator=generator)
    row = torch.arange(batch)
    stack = torch.zeros(batch, deepest + 1, dtype=torch.long)  # kinds of the open brackets, the innermost at `depth`
    depth, fresh = torch.zeros(batch, dtype=torch.long), torch.ones(batch, dtype=torch.bool)
    symbols, legal = [torch.zeros(batch, dtype=torch.long)], []
    for t in range(T):
        inner = stack[row, depth]
        may_open, may_close = depth < deepest, depth > 0
        legal.append(
            torch.stack(
                [(depth == 0) & ~fresh, may_open, may_close & (inner == 0), may_open, may_close & (inner == 1)], -1
            )
        )
        opening = may_open & (opens[t] | fresh)
        closing = ~opening & may_close
        symbols.append(torch.where(opening, 1 + 2 * kinds[t], torch.where(closing, 2 + 2 * inner, BAR)))
        depth = depth + opening.long() - closing.long()
        stack[row, depth] = torch.where(opening, kinds[t], stack[row, depth])
        fresh = ~opening & ~closing
    return one_hot(torch.stack(symbols[:T]), 5).float(), torch.stack(legal).float()


def depth(x: Tensor) -> Tensor:
    """How many brackets are open after each symbol, (T, B).

    >>> x, _ = brackets(10, 1, torch.Generator().manual_seed(1), deepest=2)
    >>> depth(x)[:, 0].tolist()
    [0, 1, 2, 1, 0, 1, 0, 1, 0, 0]
    """
    return (x[..., 1] + x[..., 3] - x[..., 2] - x[..., 4]).long().cumsum(0)


def read(x: Tensor) -> list[str]:
    """The sequences as text."""
    return ["".join(SYMBOLS[s] for s in sequence) for sequence in x.argmax(-1).T.tolist()]
