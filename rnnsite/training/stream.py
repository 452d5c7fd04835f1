"""A model's own stream of data: the batch of an update depends on the model's seed and on nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError

Batch: TypeAlias = tuple[Tensor, ...]
Draw: TypeAlias = Callable[[torch.Generator, range], Sequence[Batch]]


class Stream:
    """Batches drawn some updates ahead, since drawing many at once costs little more than drawing one.

    draw       (generator, updates) → one batch for each of these updates, for one model
    ahead      updates drawn at once; always the same blocks, so that no model's data depends on another's end
    """

    def __init__(self, draw: Draw, generator: torch.Generator, ahead: int) -> None:
        self.draw, self.generator, self.ahead = draw, generator, ahead
        self.first, self.batches = 0, self._block(0)

    def at(self, update: int) -> Batch:
        """The batch of this update; updates are asked for in order."""
        while update >= self.first + self.ahead:
            self.first += self.ahead
            self.batches = self._block(self.first)
        return self.batches[update - self.first]

    def _block(self, first: int) -> list[Batch]:
        batches = list(self.draw(self.generator, range(first, first + self.ahead)))
        if len(batches) != self.ahead:
            raise RnnsiteError(f"`draw` gave {len(batches)} batches for {self.ahead} updates; expected one for each.")
        return batches


def stack(batches: Sequence[Batch], like: Tensor) -> Batch:
    """One batch a model → tensors (M, ...) on the device of the weights, real numbers in their type."""
    shapes = {tuple(tuple(part.shape) for part in batch) for batch in batches}
    if len(shapes) > 1:
        raise RnnsiteError(f"The batches of one update must have the same shapes for all models; got {sorted(shapes)}.")
    return tuple(
        torch.stack(parts).to(like.device, like.dtype if parts[0].is_floating_point() else None, non_blocking=True)
        for parts in zip(*batches, strict=True)
    )
