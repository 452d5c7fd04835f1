"""The training loop: draw a sequence, take its gradient, take a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .cell import Parameters
from .network import Network
from .optimisers import SGD, Adam, clip, rows

Task = Callable[[], tuple[list[Any], list[Any]]]


def add(total: Parameters, gradients: Parameters) -> None:
    """total ← total + gradients"""
    for name, value in gradients.items():
        for a, b in zip(rows(total[name]), rows(value)):
            a[:] = [a + b for a, b in zip(a, b)]


def train(
    network: Network,
    task: Task,
    updates: int,
    optimiser: SGD | Adam | None = None,
    *,
    batch: int = 1,
    threshold: float | None = None,
) -> list[float]:
    """Train, and return the loss of each update.

    network      its parameters are changed in place
    task         called for each sequence: returns inputs, and targets with None where nothing is asked
    updates      steps of the optimiser
    optimiser    SGD or Adam; Adam with a rate of 0.01 if not given
    batch        sequences whose gradients are averaged in an update
    threshold    None, or the norm to which a longer gradient is clipped

    >>> from rnnsite.scratch import RNN
    >>> losses = train(Network(RNN(1, 4)), lambda: ([[1.0], [0.0]], [None, [0.5]]), 100)
    >>> losses[-1] < 0.01 * losses[0]
    True
    """
    optimiser = optimiser or Adam(0.01)
    losses = []
    for _ in range(updates):
        loss, gradients = network.gradients(*task())
        for _ in range(batch - 1):
            another, more = network.gradients(*task())
            loss += another
            add(gradients, more)
        if batch > 1:
            for value in gradients.values():
                for g in rows(value):
                    g[:] = [g / batch for g in g]
        if threshold is not None:
            clip(gradients, threshold)
        optimiser.step(network.parameters(), gradients)
        losses.append(loss / batch)
    return losses


def error(network: Network, task: Task, sequences: int = 50) -> float:
    """The mean loss on fresh sequences."""
    return sum(network.error(*task()) for _ in range(sequences)) / sequences
