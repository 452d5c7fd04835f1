"""SGD, SGD-C (clipped) and SGD-CR (clipped, with Pascanu's regulariser) on the temporal order problem.

The protocol of Pascanu, Mikolov & Bengio 2013, section 4.1.1, as in the code released with the paper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

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
UNCLIPPED = "SGD-R"  # the regulariser without clipping, an arm that only some experiments have
AT_ONCE = 1000  # test sequences that a fleet reads together: more would not fit into a small memory
SPREAD = 100  # lengths in a test over a range of them

Length: TypeAlias = int | tuple[int, int]  # one for all sequences, or a range [low, high): each update draws its own


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


def length_at(T: Length, update: int) -> int:
    """The length of the sequences of an update. It is the same for all models, which read theirs in step.

    >>> [length_at((50, 200), update) for update in range(4)], length_at(30, 0)
    ([145, 79, 79, 113], 30)
    """
    if isinstance(T, int):
        return T
    return int(torch.randint(*T, (1,), generator=generator("temporal_order", "length", *T, update)))


def lengths_tested(T: Length, count: int) -> list[tuple[int, int]]:
    """A length and how many sequences of it, until there are `count`: over a range, of 100 lengths equally many.

    >>> lengths_tested(30, 2500), lengths_tested((50, 200), 10_000)[::33]
    ([(30, 1000), (30, 1000), (30, 500)], [(50, 100), (100, 100), (149, 100), (199, 100)])
    """
    if isinstance(T, int):
        return [(T, min(AT_ONCE, count - done)) for done in range(0, count, AT_ONCE)]
    low, high = T
    return [(int(length), count // SPREAD) for length in np.linspace(low, high - 1, SPREAD).round()]


def train_point(
    start: str,
    T: Length,
    arm: str,
    protocol: Protocol,
    *,
    afterwards: Callable[[Recurrent, Tensor, Sequence[tuple[str | int, ...]]], dict[str, np.ndarray]] | None = None,
    device: torch.device | str = "cpu",
    watch: Callable[[float], None] | None = None,
) -> dict[str, np.ndarray]:
    """The runs of one start (see STARTS), length T and arm; the three arms share weights and data, seed by seed.

    By seed: solved; needed, the updates until then, −1 for never; diverged_at; error on the last check; right (seed,
    2), how often the first and the second letter were right at the end. For the networks as they ended, and with first_
    for those as they started: omega, reach and radius (see gradient_left). scores (check, seed): the error at each
    check, NaN after a run's end. early_losses (10, seed): the mean loss of each 20 updates, from the first on. And what
    `afterwards` makes of the trained networks, which of them solved it (seed,), and the paths of their generators.
    """
    path = (T,) if isinstance(T, int) else T
    seeds = [("temporal_order", protocol.seed_set, start, *path, seed) for seed in range(protocol.seeds)]

    def draw(g: torch.Generator, updates: range) -> Sequence[tuple[Tensor, Tensor]]:
        if not isinstance(T, int):
            return [temporal_order(length_at(T, update), protocol.B, g) for update in updates]
        x, y = temporal_order(T, protocol.B * len(updates), g)
        return list(zip(x.split(protocol.B, 1), y.split(protocol.B), strict=True))

    def fresh(generators: list[torch.Generator], length: int, count: int) -> tuple[Tensor, Tensor]:
        sets = [temporal_order(length, count, g) for g in generators]
        x, y = (torch.stack(parts).to(device) for parts in zip(*sets, strict=True))
        return x, y

    def error(model: Recurrent, generators: list[torch.Generator]) -> Tensor:
        wrong = torch.zeros(len(generators), dtype=torch.float64, device=device)
        for length, count in lengths_tested(T, protocol.test):
            x, y = fresh(generators, length, count)
            wrong += (model.last(x).argmax(-1) != y).sum(1)
        return wrong / protocol.test

    trained = train_fleet(
        seeds,
        partial(network, start, protocol.H),
        draw,
        lambda model, x, y: cross_entropy(model.last(x), y),
        updates=protocol.updates,
        rate=protocol.rate,
        clip=protocol.clip if arm in ("SGD-C", "SGD-CR") else None,
        regulariser=protocol.alpha if arm in ("SGD-CR", UNCLIPPED) else None,
        evaluate=error,
        enough=0.0,
        check_every=protocol.check_every,
        record_every=20,
        ahead=32,
        device=device,
        watch=watch,
    )
    longest = T if isinstance(T, int) else T[1] - 1
    x, y = fresh([generator(*seed, "measure") for seed in seeds], longest, min(AT_ONCE, protocol.test))
    first = network(start, protocol.H, [generator(*seed, "weights") for seed in seeds]).to(device)
    ended: Any = trained.module
    solved = trained.solved_at > 0
    scores = trained.scores.numpy()
    last = np.isfinite(scores).cumsum(0).argmax(0)  # the last check before a network's end
    return {
        "solved": solved.numpy(),
        "needed": trained.solved_at.numpy(),
        "diverged_at": trained.diverged_at.numpy(),
        "error": scores[last, np.arange(protocol.seeds)],
        "right": letters_right(ended.last(x).argmax(-1), y).cpu().numpy(),
        "scores": scores,
        "early_losses": trained.losses[:10].cpu().numpy(),
        **(afterwards(ended, solved, seeds) if afterwards else {}),
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
