"""Keep one bit through T steps of noise: how often training succeeds, by length, unit, optimiser and forget gate.

Page: docs/gradients/what-is-lost.md
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.elman import Elman
from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, Published, reverse_axis, swap_entries
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, wilson
from rnnsite.tasks.latch import latch, share_right
from rnnsite.training.fit import fit

TITLE = "The latch problem: keep one bit"
PAGE = "gradients/what-is-lost"

ARMS = ("unit, SGD", "RNN, SGD", "RNN, Adam", "LSTM, Adam", "LSTM, Adam, open")
UNIT, RNN_SGD, RNN_ADAM, LSTM_SHUT, LSTM_OPEN = range(5)


@dataclass(frozen=True)
class Config:
    lengths: tuple[int, ...] = (5, 10, 20, 30, 50)
    seeds: int = 20
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
    """The network of the paper: h_t = tanh(w h_{t−1} + x_t), whose trainable parts are w and the first inputs."""
    draw = generator("latch", config.seed_set, "unit", T)
    w = torch.full((config.seeds, 1), config.w0, device=context.device, requires_grad=True)

    def outputs(x: Tensor) -> Tensor:
        h = torch.zeros_like(x[:, 0])
        for x_t in x.unbind(1):
            h = torch.tanh(w * h + x_t)
        return h

    solved = _train(outputs, [w], T, config, draw, rate=0.1, optimiser=torch.optim.SGD, pairs=1)
    return {"solved": solved[None], "w": w.detach().cpu().numpy()[:, 0]}


def _rnn_sgd(T: int, config: Config, context: Context) -> dict[str, np.ndarray]:
    return _cell(Elman, T, config, context, "rnn, sgd", rate=0.3, optimiser=torch.optim.SGD)


def _rnn_adam(T: int, config: Config, context: Context) -> dict[str, np.ndarray]:
    return _cell(Elman, T, config, context, "rnn, adam", rate=0.01, optimiser=torch.optim.Adam)


def _lstms(T: int, config: Config, context: Context) -> dict[str, np.ndarray]:
    """Both LSTMs side by side: forget bias 0, and open."""
    bias = [0.0] * config.seeds + [config.forget_bias] * config.seeds
    return _cell(LSTM, T, config, context, "lstm", forget_bias=bias, rate=0.01, optimiser=torch.optim.Adam)


def _cell(
    kind: Callable[..., Elman | LSTM],
    T: int,
    config: Config,
    context: Context,
    name: str,
    *,
    rate: float,
    optimiser: type[torch.optim.Optimizer],
    forget_bias: Sequence[float] | None = None,
) -> dict[str, np.ndarray]:
    """H units read the input, and V reads them at the end."""
    draw = generator("latch", config.seed_set, name, T)
    M = config.seeds if forget_bias is None else len(forget_bias)
    options = {} if forget_bias is None else {"forget_bias": forget_bias}
    cell = kind(1, config.H, models=M, generator=draw, **options).to(context.device)
    V = ((2 * torch.rand(M, config.H, 1, generator=draw) - 1) / config.H**0.5).to(context.device).requires_grad_()

    def outputs(x: Tensor) -> Tensor:
        states, _ = cell(x[..., None])
        return (states[:, -1] @ V)[..., 0]

    parameters = [*cell.parameters(), V]
    solved = _train(outputs, parameters, T, config, draw, rate=rate, optimiser=optimiser, pairs=4, clip=1.0)
    return {"solved": solved.reshape(-1, config.seeds)}


def _train(
    outputs: Callable[[Tensor], Tensor],
    parameters: Sequence[Tensor],
    T: int,
    config: Config,
    draw: torch.Generator,
    *,
    pairs: int,
    rate: float,
    optimiser: type[torch.optim.Optimizer],
    clip: float | None = None,
) -> np.ndarray:
    M, device = len(parameters[0]), parameters[0].device
    first = (0.1 * torch.randn(M, 2, config.L, generator=draw)).to(device).requires_grad_()

    def loss(_: int) -> Tensor:
        x, targets = latch(first, T, pairs, config.variance, draw)
        return ((outputs(x) - targets) ** 2).mean(1) / 2

    @torch.no_grad()
    def solved() -> Tensor:
        x, targets = latch(first, T, 128, config.variance, draw)
        return share_right(outputs(x), targets) >= config.share

    history = fit(
        [*parameters, first], loss, updates=config.updates, rate=rate, optimiser=optimiser, clip=clip, solved=solved
    )
    return (history.solved_at > 0).cpu().numpy()


def success(a: Arrays, arm: int, *lengths: int) -> Estimate:
    """Share of the runs of `arm` that learnt the problem, over these lengths."""
    runs = a["solved"][arm, np.isin(a["lengths"], lengths)]
    return wilson(int(runs.sum()), runs.size)


def _more(a: Arrays, one: int, other: int, *lengths: int) -> Estimate:
    """Success rate of one arm minus that of another, with Newcombe's interval from the two of Wilson."""
    p, q = success(a, one, *lengths), success(a, other, *lengths)
    below = math.hypot(p.value - p.low, q.high - q.value)
    above = math.hypot(p.high - p.value, q.value - q.low)
    difference = p.value - q.value
    runs = len(lengths) * a["solved"].shape[2]
    return Estimate(difference, difference - below, difference + above, f"Newcombe 95 %, 2 × {runs} runs")


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
        says="A single tanh unit trained by SGD learns to keep a bit for 5 steps: {measured} of runs.",
        measure=lambda a: success(a, UNIT, 5),
        above=0.7,
        swap=reverse_axis(1, "solved"),
    ),
    Claim(
        name="thirty-are-not",
        says="For 30 steps it does not: {measured} of runs succeed.",
        measure=lambda a: success(a, UNIT, 30),
        below=0.4,
        swap=reverse_axis(1, "solved"),
    ),
    Claim(
        name="nor-for-eight-units",
        says="Eight tanh units with a readout, trained by SGD, fare no better at 30 steps: {measured} of runs.",
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
        "adds {measured} to the success rate of the same RNN.",
        measure=lambda a: _more(a, RNN_ADAM, RNN_SGD, 10, 20, 30),
        above=0,
        swap=swap_entries(0, RNN_ADAM, RNN_SGD, "solved"),
    ),
    Claim(
        name="gates-alone-do-not-help",
        says="Gates alone do not help: an LSTM whose forget gate starts half shut learns 50 steps in {measured} of "
        "runs.",
        measure=lambda a: success(a, LSTM_SHUT, 50),
        below=0.4,
        swap=swap_entries(0, LSTM_SHUT, LSTM_OPEN, "solved"),
    ),
    Claim(
        name="open-gates-do",
        says="Starting the same LSTM with its forget gate open (bias 3) adds {measured} to its success rate at 50 "
        "steps.",
        measure=lambda a: _more(a, LSTM_OPEN, LSTM_SHUT, 50),
        above=0.3,
        swap=swap_entries(0, LSTM_SHUT, LSTM_OPEN, "solved"),
    ),
    *(
        Claim(
            name=f"goodfellow-ten-or-twenty-{what.split()[0]}",
            says="“The probability of successful training of a traditional RNN via SGD” reaches 0 at a length of 10 or "
            f"20: at 20, the rate of {what} is {{measured}}.",
            measure=_rate(arm, 20),
            below=0.35,
            source="goodfellow2016",
        )
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
    )
    for T, arm, differs in (
        (10, UNIT, "one tanh unit, as in Bengio et al. 1994; learning rate, updates and mark of success are ours"),
        (20, UNIT, "the same"),
        (20, RNN_SGD, "eight tanh units and a linear readout"),
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
