"""The gates of trained GRUs and LSTMs, step by step: before a number comes, when it comes, and while it is kept.

Page: docs/gates/gru.md
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.cell import Cell
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, swap_entries, swap_names
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.tasks.delayed_recall import delayed_recall
from rnnsite.training.fleet import train_fleet
from rnnsite.training.irnn import squared_error
from rnnsite.training.optimisers import Adam
from rnnsite.training.recurrent import Recurrent

TITLE = "Gates while a number is kept"
PAGE = "gates/gru"

ARMS = ("GRU", "GRU, started open", "LSTM")
HALF, OPEN, FOUR = range(3)
KEEPS = ("u", "u", "f")  # of each arm, the gate that keeps,
SECOND = ("r", "r", "i")  # and another one
STATE = ("h", "h", "c")  # and the state that it keeps


@dataclass(frozen=True)
class Config:
    T: int = 20
    at: int = 5  # in the questions the number comes after so many steps; in training after any number up to T / 2
    H: int = 12
    B: int = 20
    biases: tuple[float, ...] = (0.0, 3.0, 1.0)  # at which the gate that keeps starts
    rate: float = 0.01
    updates: int = 500
    questions: int = 500
    seeds: int = 16
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(T=60, at=15, H=32, updates=5000, seeds=20)}


def late_recall(T: int, B: int, at: int, g: torch.Generator) -> tuple[Tensor, Tensor]:
    """Delayed recall whose marked number comes after `at` steps of noise instead of none.

    >>> x, y = late_recall(4, 3, 2, torch.Generator().manual_seed(0))
    >>> x[:, 0, 1].tolist(), bool((x[2, :, 0] == y).all())
    ([0.0, 0.0, 1.0, 0.0], True)
    """
    x, y = delayed_recall(T, B, g)
    return x.roll(at, 0), y


def batches(config: Config, g: torch.Generator, updates: range) -> list[tuple[Tensor, Tensor]]:
    waits = torch.randint(0, config.T // 2 + 1, (len(updates),), generator=g).tolist()
    return [late_recall(config.T, config.B, wait, g) for wait in waits]


def network(arm: int, config: Config, generators: list[torch.Generator]) -> Recurrent:
    kind = LSTM if arm == FOUR else GRU
    cell: Cell = kind(2, config.H, len(generators), generator=generators)
    with torch.no_grad():
        cell.block("b", KEEPS[arm]).fill_(config.biases[arm])
    return Recurrent(cell, 1, generator=generators)


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By arm and seed, over questions that are the same for all.

    keep, second   (step) mean over units and questions of the gate that keeps, and of r in a GRU, of i in an LSTM
    held, alone    (steps since the number came, from 0) length of the number's trace in the state, over what it is at
                   step 0: as the network runs, and if from then on its state were only multiplied by the gate
    steady         the same as alone, with each unit's gate at its mean over the questions
    error          mean squared error of the answers; always answering 0 has 1
    """

    def train(arm: int) -> dict[str, np.ndarray]:
        trained = train_fleet(
            [("gru_traces", config.seed_set, ARMS[arm], seed) for seed in range(config.seeds)],
            partial(network, arm, config),
            partial(batches, config),
            squared_error,
            updates=config.updates,
            rate=config.rate,
            clip=1.0,
            optimiser=Adam(),
            device=context.device,
            watch=context.within,
        )
        g = generator("gru_traces", config.seed_set, "questions")
        x, y = late_recall(config.T, config.questions, config.at, g)
        return watch_gates(cast(Recurrent, trained.module), arm, config.at, x, y)

    return {
        **context.stack(train, range(len(ARMS))),
        "at": np.array(config.at),
        "biases": np.array(config.biases),
    }


@torch.no_grad()
def watch_gates(model: Recurrent, arm: int, at: int, x: Tensor, y: Tensor) -> dict[str, np.ndarray]:
    x, y = x.to(model.V), y.to(model.V)
    trace = model.cell.trace(x.expand(len(model.V), *x.shape))
    keep, state = trace[KEEPS[arm]], trace[STATE[arm]]
    written = state[:, at]
    left = {"alone": [written], "steady": [written]}
    for t in range(at + 1, len(x)):
        left["alone"].append(keep[:, t] * left["alone"][-1])
        left["steady"].append(keep[:, t].mean(1, keepdim=True) * left["steady"][-1])
    lengths = {name: torch.stack([trace_length(one, y) for one in states], 1) for name, states in left.items()}
    lengths["held"] = torch.stack([trace_length(one, y) for one in state[:, at:].unbind(1)], 1)
    answers = model.read(trace["h"][:, -1])[..., 0]
    arrays = {
        "keep": keep.mean((2, 3)),
        "second": trace[SECOND[arm]].mean((2, 3)),
        **{name: length / length[:, :1] for name, length in lengths.items()},
        "error": (answers - y).square().mean(1),
    }
    return {name: array.cpu().numpy() for name, array in arrays.items()}


def trace_length(state: Tensor, y: Tensor) -> Tensor:
    """Length of the vector of slopes of all units on the number: state (M, B, H), y (B,) → (M,).

    >>> y = torch.tensor([-1.0, 0.0, 1.0])
    >>> trace_length(torch.stack([3 * y, 4 * y + 7], 1)[None], y).tolist()
    [5.0]
    """
    centred = y - y.mean()
    return (torch.einsum("mbh,b->mh", state, centred) / centred.square().sum()).norm(dim=1)


def mean_while_kept(a: Arrays, gate: str, arm: int) -> np.ndarray:
    """Of each seed, the gate's mean over the steps after the number came."""
    return np.asarray(a[gate][arm, :, int(a["at"]) + 1 :].mean(1))


def moved(gate: str, arm: int) -> Callable[[Arrays], Estimate]:
    """How much higher a gate stands at the step that brings the number than while it is kept."""
    return lambda a: bootstrap(a[gate][arm, :, int(a["at"])] - mean_while_kept(a, gate, arm))


def kept(gate: str, arm: int) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(mean_while_kept(a, gate, arm))


def at_end(what: str, arm: int) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(a[what][arm, :, -1])


def over(one: str, other: str, arm: int) -> Callable[[Arrays], Estimate]:
    """log₁₀ of what is there of the number at the end in one way, over what is there in another."""
    return lambda a: bootstrap(np.log10(a[one][arm, :, -1] / a[other][arm, :, -1]))


def step_and_last(a: Arrays) -> Arrays:
    """The step that brings the number exchanged with the last one."""
    last = a["keep"].shape[2] - 1
    return swap_entries(2, int(a["at"]), last, "keep", "second")(a)


CLAIMS = [
    Claim(
        "the-update-gate-shuts-to-write",
        "At the step that brings the number a GRU's update gate moves by {measured} from where it stands after.",
        moved("keep", HALF),
        below=-0.08,
        swap=step_and_last,
    ),
    Claim(
        "started-open-it-shuts-too",
        "Started at a bias of 3 it does the same: {measured}.",
        moved("keep", OPEN),
        below=-0.04,
        swap=step_and_last,
    ),
    Claim(
        "the-reset-gate-looks-away",
        "The reset gate moves the same way: {measured}. What stood there before is looked at less.",
        moved("second", HALF),
        below=-0.06,
        swap=step_and_last,
    ),
    Claim(
        "the-lstm-forgets-to-write",
        "In an LSTM it is the forget gate that closes, by {measured}.",
        moved("keep", FOUR),
        below=-0.08,
        swap=step_and_last,
    ),
    Claim(
        "and-lets-in-more",
        "And its input gate opens, by {measured}.",
        moved("second", FOUR),
        above=0.03,
        swap=step_and_last,
    ),
    Claim(
        "the-gru-holds-more-than-its-gate",
        "At the end a GRU holds {10^measured} times what its gate alone would have left of the number.",
        over("held", "alone", HALF),
        above=0.3,
        swap=swap_names("held", "alone"),
    ),
    Claim(
        "the-lstm-far-more",
        "In an LSTM it is {10^measured} times as much.",
        over("held", "alone", FOUR),
        above=1.0,
        swap=swap_names("held", "alone"),
    ),
    Claim(
        "a-gate-depends-on-what-it-keeps",
        "With each unit's gate at its mean over the sequences, the gate alone would leave {10^measured} times less.",
        over("alone", "steady", HALF),
        above=0.3,
        swap=swap_names("alone", "steady"),
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["keep"].shape[1]),
    "T": lambda a: int(a["keep"].shape[2]),
    "step": lambda a: int(a["at"]) + 1,
    "waits": lambda a: int(a["keep"].shape[2] - a["at"] - 1),
    "worst_error": lambda a: float(a["error"].max()),
    **{
        f"{what}_{name}": number
        for arm, name in enumerate(("half", "open", "lstm"))
        for what, number in (
            ("kept", kept("keep", arm)),
            ("moved", moved("keep", arm)),
            ("moved_second", moved("second", arm)),
            ("held", at_end("held", arm)),
            ("alone", at_end("alone", arm)),
            ("steady", at_end("steady", arm)),
        )
    },
}
