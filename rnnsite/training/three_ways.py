"""SGD, SGD-C (clipped) and SGD-CR (clipped, with Pascanu's regulariser) on the temporal order problem.

The protocol of Pascanu, Mikolov & Bengio 2013, section 4.1.1, as in the code released with the paper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.elman import Elman
from rnnsite.seeding import generator
from rnnsite.tasks.temporal_order import SYMBOLS, temporal_order
from rnnsite.training.fleet import train_fleet
from rnnsite.training.gradient_left import gradient_left
from rnnsite.training.losses import cross_entropy
from rnnsite.training.pascanu_starts import STARTS
from rnnsite.training.recurrent import Recurrent

ARMS = ("SGD", "SGD-C", "SGD-CR")
SGD, C, CR = range(3)
AT_ONCE = 1000  # test sequences that a fleet reads together: more would not fit into a small memory


@dataclass(frozen=True)
class Protocol:
    """What all runs share."""

    seeds: int = 20
    H: int = 50
    B: int = 20
    rate: float = 0.01
    clip: float = 1.0  # of SGD-C and SGD-CR
    alpha: float = 2.0  # weight of Ω in SGD-CR
    updates: int = 8000
    check_every: int = 250
    test: int = 1000  # fresh sequences in a check; solved: no error on them
    seed_set: int = 0


def train_point(
    start: str,
    T: int,
    arm: str,
    protocol: Protocol,
    *,
    device: torch.device | str = "cpu",
    watch: Callable[[float], None] | None = None,
) -> dict[str, np.ndarray]:
    """The runs of one start (see STARTS), length T and arm; the three arms share weights and data, seed by seed.

    By seed: solved; needed, the updates until then, −1 for never; diverged_at; error on the last check; right (seed,
    2), how often the first and the second letter were right at the end. For the networks as they ended, and with first_
    for those as they started: omega, reach and radius (see gradient_left). scores (check, seed): the error at each
    check, NaN after a run's end. early_losses (10, seed): the mean loss of each 20 updates, from the first on.
    """
    seeds = [("temporal_order", protocol.seed_set, start, T, seed) for seed in range(protocol.seeds)]

    def draw(g: torch.Generator, updates: range) -> Sequence[tuple[Tensor, Tensor]]:
        x, y = temporal_order(T, protocol.B * len(updates), g)
        return list(zip(x.split(protocol.B, 1), y.split(protocol.B), strict=True))

    def fresh(generators: list[torch.Generator], count: int) -> tuple[Tensor, Tensor]:
        sets = [temporal_order(T, count, g) for g in generators]
        x, y = (torch.stack(parts).to(device) for parts in zip(*sets, strict=True))
        return x, y

    def error(model: Recurrent, generators: list[torch.Generator]) -> Tensor:
        parts = [min(AT_ONCE, protocol.test - done) for done in range(0, protocol.test, AT_ONCE)]
        wrong = torch.zeros(len(generators), dtype=torch.float64, device=device)
        for count in parts:
            x, y = fresh(generators, count)
            wrong += (model.last(x).argmax(-1) != y).sum(1)
        return wrong / protocol.test

    trained = train_fleet(
        seeds,
        partial(network, start, protocol.H),
        draw,
        lambda model, x, y: cross_entropy(model.last(x), y),
        updates=protocol.updates,
        rate=protocol.rate,
        clip=None if arm == "SGD" else protocol.clip,
        regulariser=protocol.alpha if arm == "SGD-CR" else None,
        evaluate=error,
        enough=0.0,
        check_every=protocol.check_every,
        record_every=20,
        ahead=32,
        device=device,
        watch=watch,
    )
    x, y = fresh([generator(*seed, "measure") for seed in seeds], min(AT_ONCE, protocol.test))
    first = network(start, protocol.H, [generator(*seed, "weights") for seed in seeds]).to(device)
    ended: Any = trained.module
    scores = trained.scores.numpy()
    last = np.isfinite(scores).cumsum(0).argmax(0)  # the last check before a network's end
    return {
        "solved": (trained.solved_at > 0).numpy(),
        "needed": trained.solved_at.numpy(),
        "diverged_at": trained.diverged_at.numpy(),
        "error": scores[last, np.arange(protocol.seeds)],
        "right": letters_right(ended.last(x).argmax(-1), y).cpu().numpy(),
        "scores": scores,
        "early_losses": trained.losses[:10].cpu().numpy(),
        **_measure(ended, x, y),
        **{f"first_{name}": values for name, values in _measure(first, x, y).items()},
    }


def _measure(model: Recurrent, x: Tensor, y: Tensor) -> dict[str, np.ndarray]:
    return {name: values.cpu().numpy() for name, values in gradient_left(model, x, y, cross_entropy).items()}


def network(start: str, H: int, generators: list[torch.Generator]) -> Recurrent:
    """A network of H units for each generator, with the weights of this start and four outputs."""
    s = STARTS[start]
    cell = Elman(
        len(SYMBOLS),
        H,
        len(generators),
        activation=s.activation,
        generator=generators,
        inputs=s.outer,
        recurrent=s.recurrent,
    )
    return Recurrent(cell, 4, generator=generators, outputs=s.outer)


def letters_right(answers: Tensor, classes: Tensor) -> Tensor:
    """How often the first and the second letter are right: classes 2·first + second, (M, B) each → (M, 2).

    >>> letters_right(torch.tensor([[0, 1, 2, 3]]), torch.tensor([[0, 0, 0, 3]])).tolist()
    [[0.75, 0.75]]
    """
    first, second = answers // 2 == classes // 2, answers % 2 == classes % 2
    return torch.stack([first, second], -1).double().mean(1)
