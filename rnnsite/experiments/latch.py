"""Keep one bit through T steps of noise: how often training succeeds, by length, unit, optimiser and forget gate.

Page: docs/gradients/what-is-lost.md
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from rnnsite import rates
from rnnsite.cells.elman import Elman
from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, Published, reverse_axis, swap_entries
from rnnsite.context import Context
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.tasks.latch import TARGET, latch, share_right
from rnnsite.training.fleet import Trained, train_fleet
from rnnsite.training.latching import Latch, Read, Unit
from rnnsite.training.optimisers import SGD, Adam, Optimiser

TITLE = "The latch problem: keep one bit"
PAGE = "gradients/what-is-lost"
SECONDS = 28  # about, in quick on one core: the longest are started first

ARMS = ("unit, SGD", "RNN, SGD", "RNN, Adam", "LSTM, Adam", "LSTM, Adam, open")
UNIT, RNN_SGD, RNN_ADAM, LSTM_SHUT, LSTM_OPEN = range(5)


@dataclass(frozen=True)
class Config:
    lengths: tuple[int, ...] = (5, 10, 20, 30, 50)
    seeds: int = 60
    L: int = 3  # steps that carry the bit
    variance: float = 0.2  # of the noise
    w0: float = 1.25  # where the single unit's weight starts: above 1, so it can latch from the first update
    H: int = 8
    forget_bias: float = 3.0  # of the "open" LSTM
    updates: int = 400
    share: float = 0.95  # solved: this share of 256 fresh sequences on the right side
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(lengths=(5, 10, 15, 20, 30, 50, 100), seeds=100, updates=2000)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """solved (arm, length, seed): did training succeed; w (length, seed): the single unit's final weight."""
    kinds = (_unit, _rnn_sgd, _rnn_adam, _lstms)
    work = [(kind.__name__[1:], T) for kind in kinds for T in config.lengths]
    trained: dict[str, Callable[..., dict[str, np.ndarray]]] = {kind.__name__[1:]: kind for kind in kinds}
    steps = context.map(lambda item: trained[item[0]](item[1], config, context), work)
    found = {name: [step for (kind, _), step in zip(work, steps, strict=True) if kind == name] for name in trained}
    arms = [np.stack([step["solved"] for step in found[name]], 1) for name in trained]
    return {
        "lengths": np.array(config.lengths),
        "w0": np.array(config.w0),
        "updates": np.array(config.updates),
        "solved": np.concatenate(arms),
        "w": np.stack([step["w"] for step in found["unit"]]),
    }


def _unit(T: int, config: Config, context: Context) -> dict[str, np.ndarray]:
    trained = _train(
        "unit", lambda g: Unit(g, config.L, config.w0), T, config, context, rate=0.1, optimiser=SGD(), pairs=1
    )
    w = trained.module.get_parameter("w").detach().cpu().numpy()[:, 0]
    return {"solved": _solved(trained)[None], "w": w}


def _rnn_sgd(T: int, config: Config, context: Context) -> dict[str, np.ndarray]:
    return _cells("rnn, sgd", T, config, context, rate=0.3, optimiser=SGD())


def _rnn_adam(T: int, config: Config, context: Context) -> dict[str, np.ndarray]:
    return _cells("rnn, adam", T, config, context, rate=0.01, optimiser=Adam())


def _lstms(T: int, config: Config, context: Context) -> dict[str, np.ndarray]:
    """Both LSTMs side by side: forget bias 0, and open."""
    biases = (0.0, config.forget_bias)
    return _cells("lstm", T, config, context, forget_biases=biases, rate=0.01, optimiser=Adam())


def _cells(
    name: str,
    T: int,
    config: Config,
    context: Context,
    *,
    rate: float,
    optimiser: Optimiser,
    forget_biases: tuple[float, ...] = (),
) -> dict[str, np.ndarray]:
    biases = [bias for bias in forget_biases for _ in range(config.seeds)]

    def build(g: list[torch.Generator]) -> Read:
        if biases:
            return Read(g, config.L, LSTM(1, config.H, len(g), generator=g, forget_bias=biases))
        return Read(g, config.L, Elman(1, config.H, len(g), generator=g))

    arms = len(forget_biases) or 1
    trained = _train(name, build, T, config, context, arms=arms, rate=rate, optimiser=optimiser, pairs=4, clip=1.0)
    return {"solved": _solved(trained).reshape(arms, config.seeds)}


def _train(
    name: str,
    build: Callable[[list[torch.Generator]], Latch],
    T: int,
    config: Config,
    context: Context,
    *,
    arms: int = 1,
    pairs: int,
    rate: float,
    optimiser: Optimiser,
    clip: float | None = None,
) -> Trained:
    """One model a seed (and arm), each with its own noise. A model that diverges counts as one that did not learn."""

    def draw(generator: torch.Generator, updates: range) -> list[tuple[Tensor]]:
        blank = torch.zeros(len(updates), 2, config.L)
        x, _ = latch(blank, T, pairs, config.variance, generator)
        return [(noise,) for noise in x[:, config.L :]]

    def told(model: Latch, noise: Tensor) -> tuple[Tensor, Tensor]:
        """The model's own first inputs before the noise: outputs (m, N), targets (N,)."""
        first = model.first.mT.repeat_interleave(noise.shape[2] // 2, 2)
        targets = torch.tensor([-TARGET, TARGET], device=noise.device).repeat_interleave(noise.shape[2] // 2)
        return model.outputs(torch.cat([first, noise], 1)), targets

    def loss(model: Latch, noise: Tensor) -> Tensor:
        outputs, targets = told(model, noise)
        return (outputs - targets).square().mean(1) / 2

    def wrong(model: Latch, generators: list[torch.Generator]) -> Tensor:
        """Share of 256 fresh sequences on the wrong side: (m,)."""
        noise = torch.stack([torch.randn(T - config.L, 256, generator=g) for g in generators])
        outputs, targets = told(model, config.variance**0.5 * noise.to(model.first))
        return 1 - share_right(outputs, targets)

    return train_fleet(
        [("latch", config.seed_set, name, T, arm, seed) for arm in range(arms) for seed in range(config.seeds)],
        build,
        draw,
        loss,
        updates=config.updates,
        rate=rate,
        clip=clip,
        optimiser=optimiser,
        evaluate=wrong,
        enough=1 - config.share,
        check_every=50,
        device=context.device,
    )


def _solved(trained: Trained) -> np.ndarray:
    return (trained.solved_at > 0).numpy()


def success(a: Arrays, arm: int, *lengths: int) -> Estimate:
    """Share of the runs of `arm` that learnt the problem, over these lengths."""
    return rates.success(_runs(a, arm, *lengths))


def _more(a: Arrays, one: int, other: int, *lengths: int) -> Estimate:
    """Success rate of one arm minus that of another."""
    return rates.difference(_runs(a, one, *lengths), _runs(a, other, *lengths))


def _runs(a: Arrays, arm: int, *lengths: int) -> np.ndarray:
    return a["solved"][arm, np.isin(a["lengths"], lengths)]


def _weight(a: Arrays, solved: bool) -> Estimate:
    """|w| at the end, over the single unit's runs (of every length) that did or did not learn the problem."""
    return bootstrap(np.abs(a["w"][a["solved"][UNIT] == solved]), np.median)


def _rate(arm: int, T: int) -> Callable[[Arrays], Estimate]:
    return lambda a: success(a, arm, T)


def push(w: float) -> float:
    """The smallest lasting input that flips h = tanh(w h + x) from its one attractor to the other; 0 for w ≤ 1."""
    edge = math.sqrt(max(0.0, 1 - 1 / w))
    return w * edge - math.atanh(edge)


CLAIMS = [
    Claim(
        name="five-steps-are-easy",
        says="A single tanh unit trained by SGD learns to keep a bit for 5 steps: {measured:.0%} of runs.",
        measure=lambda a: success(a, UNIT, 5),
        above=0.7,
        swap=reverse_axis(1, "solved"),
    ),
    Claim(
        name="thirty-are-not",
        says="For 30 steps it does not: {measured:.0%} of runs succeed.",
        measure=lambda a: success(a, UNIT, 30),
        below=0.4,
        swap=reverse_axis(1, "solved"),
    ),
    Claim(
        name="nor-for-eight-units",
        says="Eight tanh units with a readout, trained by SGD, fare no better at 30 steps: {measured:.0%} of runs.",
        measure=lambda a: success(a, RNN_SGD, 30),
        below=0.4,
        swap=swap_entries(0, RNN_SGD, LSTM_OPEN, "solved"),
    ),
    Claim(
        name="it-unlearns-its-memory",
        says="A unit that fails unlearns its memory: it starts with w = 1.25, able to latch, and ends with "
        "|w| = {measured}.",
        measure=lambda a: _weight(a, solved=False),
        below=0.8,
        swap=lambda a: {**a, "solved": ~a["solved"]},
    ),
    Claim(
        name="adam-goes-further",
        says="The length at which it fails belongs to SGD as much as to the network: over 10, 20 and 30 steps Adam "
        "adds {measured:points} to the success rate of the same RNN.",
        measure=lambda a: _more(a, RNN_ADAM, RNN_SGD, 10, 20, 30),
        above=0,
        swap=swap_entries(0, RNN_ADAM, RNN_SGD, "solved"),
    ),
    Claim(
        name="gates-alone-do-not-help",
        says="Gates alone do not help: an LSTM whose forget gate starts half shut learns 50 steps in {measured:.0%} of "
        "runs.",
        measure=lambda a: success(a, LSTM_SHUT, 50),
        below=0.4,
        swap=swap_entries(0, LSTM_SHUT, LSTM_OPEN, "solved"),
    ),
    Claim(
        name="open-gates-do",
        says="Starting the same LSTM with its forget gate open (bias 3) adds {measured:points} to its success rate at "
        "50 steps.",
        measure=lambda a: _more(a, LSTM_OPEN, LSTM_SHUT, 50),
        above=0.3,
        swap=swap_entries(0, LSTM_SHUT, LSTM_OPEN, "solved"),
    ),
    *(
        Claim(
            name=f"goodfellow-{T}-{what.split()[0]}",
            says="“The probability of successful training of a traditional RNN via SGD” reaches 0 at a length of 10 or "
            f"20: at {T}, the rate of {what} is {{measured:.0%}}.",
            measure=_rate(arm, T),
            below=0.3,
            source="goodfellow2016",
        )
        for T in (10, 20)
        for arm, what in ((UNIT, "one unit"), (RNN_SGD, "eight units with a readout"))
    ),
]


PUBLISHED = [
    Published(
        quantity=f"success of a traditional RNN trained by SGD, length {T}",
        published="“rapidly reaching 0 for sequences of only length 10 or 20”",
        source="goodfellow2016",
        ours=_rate(arm, T),
        differs=differs,
        spec=".0%",
    )
    for T, arm, differs in (
        (
            10,
            UNIT,
            "one tanh unit, its weight from 1.25, three learned inputs, noise of variance 0.2, as in Bengio et al. "
            "1994, who made 18 runs a length; learning rate, updates and mark of success are ours",
        ),
        (20, UNIT, "the same"),
        (10, RNN_SGD, "eight tanh units and a linear readout"),
        (20, RNN_SGD, "the same"),
    )
]

NUMBERS = {
    "seeds": lambda a: str(a["solved"].shape[2]),
    "updates": lambda a: str(int(a["updates"])),
    "failed_weight": partial(_weight, solved=False),
    "solved_weight": partial(_weight, solved=True),
    "variance_as_deviation": lambda a: 0.2**0.5,
    "push_at_start": lambda a: push(float(a["w0"])),
    "push_when_solved": lambda a: push(_weight(a, solved=True).value),
    **{
        f"{name}_{T}": _rate(arm, T)
        for arm, name in enumerate(("unit", "rnn_sgd", "rnn_adam", "lstm_shut", "lstm_open"))
        for T in (5, 10, 20, 30, 50)
    },
}
