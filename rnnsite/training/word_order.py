"""The order in which a sentence is read and its translation said, and how far it puts a word from its counterpart."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnsite.tasks.translation import SOURCE, translation

BLANK = len(SOURCE)  # what the encoder reads in a pause


@dataclass(frozen=True)
class Order:
    """What is turned around, and whether n − 1 blanks stand between a source of n words and its translation.

    >>> places = torch.tensor([[0], [1], [2], [3]])  # word for word
    >>> [Order(source=turn).steps(places)[:, 0].tolist() for turn in (False, True)]
    [[4, 4, 4, 4], [1, 3, 5, 7]]
    """

    source: bool = False
    target: bool = False
    pause: bool = False

    def of(self, source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Sentences (n, B) and translations (n, B) as they are read, (n, B) or (2n − 1, B), and said, (n, B)."""
        read, said = source.flip(0) if self.source else source, target.flip(0) if self.target else target
        return torch.cat([read, torch.full_like(read[1:], BLANK)]) if self.pause else read, said

    def reading(self, places: Tensor) -> Tensor:
        """The step, from 0, at which the counterpart of each word is read, words in the order they are said, (n, B).

        places   (n, B) as rnnsite.tasks.translation gives them: the counterpart's place in the source
        """
        read = len(places) - 1 - places if self.source else places
        return read.flip(0) if self.target else read

    def steps(self, places: Tensor) -> Tensor:
        """Steps from reading a word to saying its counterpart, (n, B); 1 where one follows right after the other."""
        n = len(places)
        return (2 * n - 1 if self.pause else n) + torch.arange(n)[:, None] - self.reading(places)


def batches(
    order: Order, lengths: list[int], B: int, generator: torch.Generator, updates: range
) -> list[tuple[Tensor, Tensor]]:
    """For each update a batch of B sentences of one length, lengths[update], in this order."""
    return [order.of(*translation(lengths[update], B, generator)[:2]) for update in updates]
