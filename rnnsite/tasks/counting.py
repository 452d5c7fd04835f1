"""aⁿbⁿ: after n letters a come exactly n letters b. The shortest language that cannot be told without counting.

The task of Gers & Schmidhuber 2001 (LSTM recurrent networks learn simple context-free and context-sensitive
languages, section IV): the network reads a string symbol by symbol and says after each which symbols may come next.
Theirs has one string at a time between a start and an end symbol, n from 1 to 10 or more; here the strings of a
sequence follow one another without a pause, and one bar | both ends a string and begins the next. With `broken`, a
share of the strings is cut off by the bar before it is finished, so that a count must be dropped as well as kept.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from rnnsite.errors import RnnsiteError

SYMBOLS = "|ab"
BAR, A, B = range(3)


def counting(
    T: int, batch: int, generator: torch.Generator, *, longest: int = 10, broken: float = 0.0
) -> tuple[Tensor, Tensor]:
    """Inputs (T, B, 3), one-hot in the order of `SYMBOLS`, and 1 for each symbol that may come next, (T, B, 3).

    n is uniform on 1 … longest. After the bar comes an a; after an a, an a or a b; after a b, a b until there are as
    many as there were a's, and then the bar. That a string is going to be cut off cannot be known, and the targets do
    not tell. Raises RnnsiteError for T or `longest` below 1, or a share of broken strings outside of 0 … 1.

    >>> x, legal = counting(9, 1, torch.Generator().manual_seed(0), longest=3)
    >>> read(x)
    ['|aaabbb|a']
    >>> ["".join(s for s, may in zip(SYMBOLS, row) if may) for row in legal[:, 0]]
    ['a', 'ab', 'ab', 'ab', 'b', 'b', '|', 'a', 'ab']
    """
    if T < 1 or longest < 1 or not 0 <= broken <= 1:
        raise RnnsiteError(
            f"Counting needs at least 1 step, 1 letter and a share of broken strings from 0 to 1; got T = {T}, "
            f"longest = {longest}, broken = {broken}."
        )
    strings = T // 2 + 1  # the shortest is |a
    n = torch.randint(1, longest + 1, (strings, batch), generator=generator)
    cut = 1 + ((2 * n - 1) * torch.rand(strings, batch, generator=generator)).long()  # letters left: 1 … 2n − 1
    is_cut = torch.rand(strings, batch, generator=generator) < broken
    ends = (1 + torch.where(is_cut, cut, 2 * n)).cumsum(0)
    now = torch.arange(T)
    which = (ends <= now[:, None, None]).sum(1)  # the string of each step, (T, B)
    starts = torch.cat([torch.zeros_like(ends[:1]), ends])
    place, n = now[:, None] - starts.gather(0, which), n.gather(0, which)
    symbols = torch.where(place == 0, BAR, torch.where(place <= n, A, B))
    return one_hot(symbols, 3).float(), may_follow(symbols, 2 * n - place)


def may_follow(symbols: Tensor, left: Tensor) -> Tensor:
    """1 for each symbol that may follow, (..., 3); `left` is the number of b's still due, read where a b stands."""
    b_only, end = (symbols == B) & (left > 0), (symbols == B) & (left == 0)
    a = (symbols == BAR) | (symbols == A)
    return torch.stack([end, a, (symbols == A) | b_only], -1).float()


def string(n: int) -> tuple[Tensor, Tensor]:
    """The one string |aⁿbⁿ as a batch of one: inputs and targets as from `counting`, 2n + 1 steps.

    >>> read(string(2)[0])
    ['|aabb']
    """
    symbols = torch.tensor([BAR] + [A] * n + [B] * n)[:, None]
    left = torch.tensor([0] * (n + 1) + list(range(n - 1, -1, -1)))[:, None]
    return one_hot(symbols, 3).float(), may_follow(symbols, left)


def balance(x: Tensor) -> Tensor:
    """How many a's of the string under way have no b yet, (T, B): what a network has to know.

    >>> balance(string(3)[0])[:, 0].tolist()
    [0, 1, 2, 3, 2, 1, 0]
    """
    change = (x[..., A] - x[..., B]).long().cumsum(0)
    at_bar = torch.where(x[..., BAR] == 1, torch.arange(len(x))[:, None], 0).cummax(0).values
    return change - change.gather(0, at_bar)


def read(x: Tensor) -> list[str]:
    """The sequences as text."""
    return ["".join(SYMBOLS[s] for s in sequence) for sequence in x.argmax(-1).T.tolist()]
