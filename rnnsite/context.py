"""What an experiment's `run(config, context)` is given: its device, and steps that survive a killed build."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np
import torch

Item = TypeVar("Item")
Step = dict[str, np.ndarray]


class Context:
    """The surroundings of one run. This base class keeps nothing and says nothing; the build's own does both.

    An experiment splits its work into steps of a few seconds with `map`. Each step draws its randomness from
    `rnnsite.seeding`, never from a global generator, so a resumed run gives the arrays an unbroken one would.
    """

    def __init__(self, device: str = "cpu") -> None:
        self.device = torch.device(device)

    def map(self, function: Callable[[Item], Step], items: Iterable[Item]) -> list[Step]:
        """Call `function` on each item; each call is one step: named in the progress bar, kept when the build dies."""
        todo = list(items)
        results = []
        for number, item in enumerate(todo):
            step = self._restore(item)
            if step is None:
                self._begin(number, len(todo), item)
                step = function(item)
                self._keep(item, step)
            results.append(step)
        self._begin(len(todo), len(todo), None)
        return results

    def stack(self, function: Callable[[Item], Step], items: Iterable[Item], axis: int = 0) -> Step:
        """`map`, with the steps' arrays stacked name by name along a new axis (one entry an item)."""
        steps = self.map(function, items)
        return {name: np.stack([step[name] for step in steps], axis) for name in steps[0]}

    def within(self, fraction: float) -> None:
        """Say how much of the step under way is done, 0 to 1. Optional; makes the bar move in long steps."""

    def _begin(self, number: int, total: int, item: object) -> None: ...

    def _restore(self, item: object) -> Step | None:
        return None

    def _keep(self, item: object, step: Step) -> None: ...
