"""Three things an LSTM must do, and what its cells and gates do then: keep a number, count, nest brackets.

Page: docs/gates/watching-gates.md

Every unit is ranked by how closely its cell state goes with what the task is about; the same ranking of the same
networks before training is the baseline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, reverse_axis, swap_entries, swap_names
from rnnsite.context import Context
from rnnsite.experiments import counting_cells
from rnnsite.experiments.counting_cells import legality_loss
from rnnsite.experiments.forget_bias import squared_error
from rnnsite.probes.follows import correlations, read_from_all
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.tasks import brackets as nested
from rnnsite.tasks.brackets import brackets
from rnnsite.tasks.counting import balance, counting
from rnnsite.tasks.delayed_recall import delayed_recall
from rnnsite.training.fleet import train_fleet
from rnnsite.training.optimisers import Adam
from rnnsite.training.recurrent import Recurrent

TITLE = "What the cells of an LSTM follow on three tasks"
PAGE = "gates/watching-gates"
SECONDS = 30  # about, in quick on one core

TASKS = ("recall", "counting", "brackets")
RECALL, COUNTING, BRACKETS = range(3)
GATES = "ifo"
EDGES = np.linspace(0, 1, 21)  # of the histograms of gates


@dataclass(frozen=True)
class Config:
    H: int = 8
    T: int = 40  # steps of counting and brackets
    delay: int = 20  # steps of recall
    deepest: int = 4  # brackets open at a time
    B: int = 10
    updates: int = 1000
    rate: float = 0.03  # of counting and brackets
    rate_recall: float = 0.01
    clip: float = 1.0
    forget_bias: float = 1.0  # of counting and brackets
    forget_bias_recall: float = 3.0
    seeds: int = 12
    seed_set: int = 0


CONFIGS = {
    "quick": Config(),
    "paper": Config(H=16, T=80, delay=50, updates=10_000, rate=0.01, rate_recall=0.003, seeds=40),
}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (task, trained or not, seed, ...): r (unit), |r| of the cell states with what the task is about (the number;
    how many a's are open; how many brackets), the strongest first; shares (gate i f o, bin), the histogram of each
    gate over all units, steps and sequences. wrong (task, trained or not, seed): share of steps with a wrong answer;
    of recall, the mean squared error.

    kind (trained or not, best cell or all cells, seed): |r| with the kind of the innermost bracket, of the best single
    cell and of a linear readout of all. shown: the same of the hidden states.

    Of recall's cell that goes most closely with the number: keeps (trained or not, seed) its mean forget gate after the
    first step; writes (first step or later, seed) its mean input gate, trained.
    """
    found = context.map(partial(_study, config, context), TASKS)
    stacked = {name: np.stack([one[name] for one in found]) for name in ("r", "shares", "wrong")}
    return {
        **stacked,
        **{name: found[RECALL][name] for name in ("keeps", "writes")},
        **{name: found[BRACKETS][name] for name in ("kind", "shown")},
        "edges": EDGES,
        "H": np.array(config.H),
        "delay": np.array(config.delay),
        "deepest": np.array(config.deepest),
    }


def network(task: str, config: Config, generators: list[torch.Generator]) -> Recurrent:
    I, O = {"recall": (2, 1), "counting": (3, 3), "brackets": (5, 5)}[task]
    bias = config.forget_bias_recall if task == "recall" else config.forget_bias
    cell = LSTM(I, config.H, len(generators), forget_bias=bias, generator=generators)
    return Recurrent(cell, O, generator=generators)


def draw(task: str, config: Config, batch: int, g: torch.Generator) -> tuple[Tensor, Tensor]:
    if task == "recall":
        return delayed_recall(config.delay, batch, g)
    if task == "counting":
        rules = counting_cells.Config()
        return counting(config.T, batch, g, longest=rules.longest, broken=rules.broken)
    return brackets(config.T, batch, g, deepest=config.deepest)


def batches(task: str, config: Config, g: torch.Generator, updates: range) -> list[tuple[Tensor, Tensor]]:
    x, y = draw(task, config, config.B * len(updates), g)
    return list(zip(x.split(config.B, 1), y.split(config.B, -1 if task == "recall" else 1), strict=True))


def _study(config: Config, context: Context, task: str) -> dict[str, np.ndarray]:
    seeds = [("gates_on_tasks", config.seed_set, task, seed) for seed in range(config.seeds)]
    trained = train_fleet(
        seeds,
        partial(network, task, config),
        partial(batches, task, config),
        squared_error if task == "recall" else legality_loss,
        updates=config.updates,
        rate=config.rate_recall if task == "recall" else config.rate,
        clip=config.clip,
        optimiser=Adam(),
        device=context.device,
        watch=context.within,
    )
    model: Any = trained.module.cpu()
    fresh = network(task, config, [generator(*seed, "weights") for seed in seeds])
    longer = replace(config, T=5 * config.T)
    x, y = draw(task, longer, 60, generator("gates_on_tasks", config.seed_set, task, "watched"))
    both = [_watch(task, one, x, y) for one in (model, fresh)]
    arrays = {name: np.stack([one[name] for one in both]) for name in both[0]}
    if task == "recall":
        arrays["writes"] = np.stack([arrays.pop("at_first")[0], arrays.pop("later")[0]])
    return arrays


@torch.no_grad()
def _watch(task: str, model: Recurrent, x: Tensor, y: Tensor) -> dict[str, np.ndarray]:
    trace = model.cell.trace(x)
    c = trace["c"]
    found: dict[str, Tensor] = {}
    if task == "recall":
        found["wrong"] = squared_error(model, x.expand(len(c), *x.shape), y)
        r = correlations(c[:, 1:], y.expand(len(x) - 1, -1))
        best, models = r.abs().argmax(1), torch.arange(len(r))
        f, i = (trace[name][models, ..., best] for name in "fi")
        found |= {"keeps": f[:, 1:].mean((1, 2)), "at_first": i[:, 0].mean(1), "later": i[:, 1:].mean((1, 2))}
    else:
        said = model.read(trace["h"]) > 0
        found["wrong"] = (said != y.bool()).any(-1).float().mean((1, 2))
        r = correlations(c, (balance(x) if task == "counting" else nested.depth(x)).float())
    if task == "brackets":
        for name, units in (("kind", c), ("shown", trace["h"])):
            single = correlations(units, innermost(y)).abs().amax(1)
            found[name] = torch.stack([single, read_from_all(units, innermost(y))])
    gates = [trace[name].flatten(1).numpy() for name in GATES]
    shares = [[np.histogram(values, EDGES)[0] / values.size for values in gate] for gate in gates]
    found["r"] = r.abs().sort(1, descending=True).values
    return {"shares": np.array(shares).swapaxes(0, 1), **{name: part.numpy() for name, part in found.items()}}


def innermost(legal: Tensor) -> Tensor:
    """(T, B): 1 where the innermost open bracket is round, −1 where it is square, 0 where none is open."""
    return legal[..., 2] - legal[..., 4]


def _unit(place: int, task: int, when: int) -> Callable[[Arrays], Estimate]:
    """|r| of the unit at this place of the ranking."""
    return lambda a: bootstrap(a["r"][task, when, :, place])


def _wrong(task: int, when: int) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(a["wrong"][task, when])


def _flat(task: int, when: int) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(flat(a, task, when))


def share(a: Arrays, task: int, when: int, gate: str, low: float, high: float) -> np.ndarray:
    """(seed,) share of a gate's values between two edges."""
    inside = (a["edges"][:-1] >= low - 1e-9) & (a["edges"][1:] <= high + 1e-9)
    part: np.ndarray = a["shares"][task, when, :, GATES.index(gate)][:, inside].sum(1)
    return part


def flat(a: Arrays, task: int, when: int) -> np.ndarray:
    """(seed,) share of all three gates' values that are below 0.1 or above 0.9."""
    ends = [share(a, task, when, gate, *ends) for gate in GATES for ends in ((0, 0.1), (0.9, 1))]
    whole: np.ndarray = np.sum(ends, 0) / len(GATES)
    return whole


def stands_out(a: Arrays, task: int, when: int) -> np.ndarray:
    """(seed,) |r| of the best cell above that of the median one."""
    r = a["r"][task, when]
    lead: np.ndarray = r[:, 0] - np.median(r, 1)
    return lead


def weakest(a: Arrays) -> int:
    """The seed of brackets whose best cell follows the depth least."""
    return int(a["r"][BRACKETS, TRAINED, :, 0].argmin())


TRAINED, UNTRAINED = range(2)
ONE_CELL, ALL_CELLS = range(2)
when_swapped = swap_entries(1, TRAINED, UNTRAINED, "r", "shares", "wrong")

CLAIMS = [
    Claim(
        "all-three-are-learned",
        "The tasks are learned: of brackets, the one with most mistakes, {measured:.1%} of the steps are answered "
        "wrongly.",
        lambda a: bootstrap(a["wrong"][BRACKETS, TRAINED]),
        below=0.08,
        swap=when_swapped,
    ),
    Claim(
        "one-cell-stands-out-for-the-depth",
        "Of brackets one cell follows the depth and the rest do not: its |r| is {measured} above the median cell's.",
        lambda a: bootstrap(stands_out(a, BRACKETS, TRAINED)),
        above=0.45,
        swap=when_swapped,
    ),
    Claim(
        "the-kind-is-in-what-is-shown",
        "With the kind of the innermost bracket a weighted sum of the hidden states goes more closely than one of the "
        "cell states, by {measured} in |r|.",
        lambda a: bootstrap(a["shown"][TRAINED, ALL_CELLS] - a["kind"][TRAINED, ALL_CELLS]),
        above=0.05,
        swap=swap_names("shown", "kind"),
    ),
    Claim(
        "none-stands-out-for-the-number",
        "Of recall all cells hold something of the number: the best is {measured} above the median cell.",
        lambda a: bootstrap(stands_out(a, RECALL, TRAINED)),
        below=0.3,
        swap=swap_entries(0, RECALL, BRACKETS, "r"),
    ),
    Claim(
        "recall-writes-at-first",
        "Of the cell that holds it best the input gate is wider open when the number comes than later, by {measured}.",
        lambda a: bootstrap(a["writes"][0] - a["writes"][1]),
        above=0,
        swap=reverse_axis(0, "writes"),
    ),
    Claim(
        "counting-drives-gates-to-their-ends",
        "After training on counting {measured:.0%} of all gate values lie below 0.1 or above 0.9.",
        lambda a: bootstrap(flat(a, COUNTING, TRAINED)),
        above=0.6,
        swap=when_swapped,
    ),
    Claim(
        "recall-leaves-them-half-open",
        "Recall needs nothing so decided: there the share is {measured:points} lower.",
        lambda a: bootstrap(flat(a, COUNTING, TRAINED) - flat(a, RECALL, TRAINED)),
        above=0.2,
        swap=swap_entries(0, RECALL, COUNTING, "shares"),
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["r"].shape[2]),
    "H": lambda a: int(a["H"]),
    "delay": lambda a: int(a["delay"]),
    "deepest": lambda a: int(a["deepest"]),
    **{
        f"{what}_{task}{suffix}": number
        for k, task in enumerate(TASKS)
        for w, suffix in enumerate(("", "_untrained"))
        for what, number in (
            ("r", _unit(0, k, w)),
            ("second", _unit(1, k, w)),
            ("wrong", _wrong(k, w)),
            ("flat", _flat(k, w)),
        )
    },
    "median_recall": lambda a: bootstrap(np.median(a["r"][RECALL, TRAINED], 1)),
    "median_recall_untrained": lambda a: bootstrap(np.median(a["r"][RECALL, UNTRAINED], 1)),
    "weakest_r": lambda a: float(a["r"][BRACKETS, TRAINED, weakest(a), 0]),
    "weakest_wrong": lambda a: float(a["wrong"][BRACKETS, TRAINED, weakest(a)]),
    "kind": lambda a: bootstrap(a["kind"][TRAINED, ONE_CELL]),
    "kind_untrained": lambda a: bootstrap(a["kind"][UNTRAINED, ONE_CELL]),
    "kind_all": lambda a: bootstrap(a["kind"][TRAINED, ALL_CELLS]),
    "kind_all_untrained": lambda a: bootstrap(a["kind"][UNTRAINED, ALL_CELLS]),
    "shown_all": lambda a: bootstrap(a["shown"][TRAINED, ALL_CELLS]),
    "shown_all_untrained": lambda a: bootstrap(a["shown"][UNTRAINED, ALL_CELLS]),
    "shown_one": lambda a: bootstrap(a["shown"][TRAINED, ONE_CELL]),
    "keeps": lambda a: bootstrap(a["keeps"][TRAINED]),
    "keeps_untrained": lambda a: bootstrap(a["keeps"][UNTRAINED]),
    "writes_first": lambda a: bootstrap(a["writes"][0]),
    "writes_later": lambda a: bootstrap(a["writes"][1]),
}
