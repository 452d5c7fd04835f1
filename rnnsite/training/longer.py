"""Is it a memory? Trained networks on temporal order over longer sequences, and asked at another moment."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from rnnsite.tasks.one_hot import one_hot
from rnnsite.tasks.temporal_order import SYMBOLS, temporal_order
from rnnsite.training.recurrent import Recurrent

STEPS_AT_ONCE = 200_000  # of all sequences that are read together: the states of all of them must fit into memory


@torch.no_grad()
def errors_by_length(model: Recurrent, lengths: Sequence[int], count: int, generators: list[torch.Generator]) -> Tensor:
    """The share of wrong answers of each network at each length, (lengths, M) in float64.

    model       M networks
    count       sequences of each length
    generators  a generator for each network, from which its sequences are drawn, length after length

    >>> from rnnsite.training.three_ways import network
    >>> g = [torch.Generator().manual_seed(seed) for seed in (0, 1)]
    >>> errors_by_length(network("smart tanh", 5, g), (10, 4000), 60, g).shape
    torch.Size([2, 2])
    """
    device = model.V.device
    errors = torch.zeros(len(lengths), len(generators), dtype=torch.float64)
    for row, length in enumerate(lengths):
        at_once = max(1, STEPS_AT_ONCE // length)
        for done in range(0, count, at_once):
            sets = [temporal_order(length, min(at_once, count - done), g) for g in generators]
            x, y = (torch.stack(parts).to(device) for parts in zip(*sets, strict=True))
            errors[row] += (model.last(x).argmax(-1) != y).sum(1).cpu()
    return errors / count


@torch.no_grad()
def errors_by_moment(model: Recurrent, T: int, last: int, count: int, generators: list[torch.Generator]) -> Tensor:
    """The share of wrong answers of each network after every step of sequences that should be answered at step T.

    After step T more distractors follow, up to the step `last`. Before both letters have come nobody can know.

    Returns  (last, M) in float64; entry t − 1 is that of step t

    >>> from rnnsite.training.three_ways import network
    >>> g = [torch.Generator().manual_seed(seed) for seed in (0, 1)]
    >>> errors_by_moment(network("smart tanh", 5, g), 10, 14, 60, g).shape
    torch.Size([14, 2])
    """
    errors = torch.zeros(last, len(generators), dtype=torch.float64)
    at_once = max(1, STEPS_AT_ONCE // last)
    for done in range(0, count, at_once):
        sets = [_went_on(T, last, min(at_once, count - done), g) for g in generators]
        x, y = (torch.stack(parts).to(model.V.device) for parts in zip(*sets, strict=True))
        errors += (model(x).argmax(-1) != y[:, None]).sum(2).mT.cpu()
    return errors / count


def _went_on(T: int, last: int, batch: int, g: torch.Generator) -> tuple[Tensor, Tensor]:
    x, y = temporal_order(T, batch, g)
    more = torch.randint(2, len(SYMBOLS), (last - T, batch), generator=g)
    return torch.cat([x, one_hot(more, len(SYMBOLS))]), y
