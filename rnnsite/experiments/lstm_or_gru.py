"""RNN, GRU and LSTM with as many parameters, tuned alike, on eight tasks, at as many updates and at equal cost.

Page: docs/gates/lstm-or-gru.md
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnsite.claims import Arrays, Claim, Published, swap_entries
from rnnsite.context import Context
from rnnsite.ranks import critical_difference, friedman, mean_rank, ranks, tasks_needed
from rnnsite.statistics import Estimate, bootstrap, exact
from rnnsite.tasks.digits import FINGERPRINT
from rnnsite.tasks.documentation import documentation
from rnnsite.training.any_task import CELLS
from rnnsite.training.eight_tasks import NAMES, task
from rnnsite.training.tuned import COST, UPDATES, Budget, tuned

TITLE = "Three cells, eight tasks"
PAGE = "gates/lstm-or-gru"
SECONDS = 170  # about, in quick on one core: the longest are started first

RNN, GRU, LSTM = range(3)


@dataclass(frozen=True)
class Config(Budget):
    lengths: tuple[int, ...] = (20, 20, 30, 14, 30, 8, 11, 16)  # by task; of digits and sentences they are given
    most: tuple[int, ...] = (1000, 1000, 1000, 1000, 1000, 1600, 1450, 4000)  # parameters, by task
    seed_set: int = 0


CONFIGS = {
    "quick": Config(),
    "paper": Config(
        lengths=(50, 50, 50, 20, 40, 8, 11, 50),
        most=(4000,) * 7 + (16_000,),
        seeds=20,
        updates=3000,
        check_every=250,
    ),
}


def data_fingerprint() -> str:
    """Of the two data sets that other machines may have otherwise: the digits and Python's documentation."""
    return f"{FINGERPRINT} {documentation().fingerprint}"


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (task, cell, …): what `tuned` returns. Moments are UPDATES and COST; the cells of a task share its data."""

    def step(item: tuple[int, str]) -> dict[str, np.ndarray]:
        place, cell = item
        one = task(NAMES[place], config.lengths[place], config.seed_set)
        path = ("lstm_or_gru", config.seed_set, NAMES[place])
        return tuned(one, cell, config.most[place], path, config, context.device, context.within)

    arrays = context.stack(step, [(place, cell) for place in range(len(NAMES)) for cell in CELLS])
    return {
        **{name: values.reshape(len(NAMES), len(CELLS), *values.shape[1:]) for name, values in arrays.items()},
        "rates": np.array(config.rates),
        "lengths": np.array(config.lengths),
        "squash": np.array(config.squash),
    }


def leaves(one: int, other: int, moment: int, *tasks: int) -> Callable[[Arrays], Estimate]:
    """log₁₀ of the loss that cell `one` leaves over that of cell `other`, mean over the tasks."""
    return lambda a: bootstrap((a["test"][:, one, moment] - a["test"][:, other, moment])[list(tasks)].mean(0))


def rank_of(cell: int, moment: int, minus: int | None = None) -> Callable[[Arrays], Estimate]:
    """A cell's mean rank, or how much worse it is than that of another."""
    return lambda a: mean_rank(a["test"][:, :, moment], cell, minus)


def rate_ratio(a: Arrays) -> Estimate:
    """log₁₀ of the rate chosen for the GRU over that for the RNN, a sample for each task."""
    rates = np.log10(a["rates"])[a["chosen"]]
    return bootstrap(rates[:, GRU] - rates[:, RNN])


def tenfold(cell: int, over: int | None = None) -> Callable[[Arrays], Estimate]:
    """log₁₀ of what a rate of 0.1 instead of 0.01 multiplies a cell's loss by, in itself or over that of another."""

    def measured(a: Arrays) -> Estimate:
        slow, fast = (int(np.flatnonzero(a["rates"] == rate)[0]) for rate in (0.01, 0.1))
        changes = (a["dev"][:, :, fast, COST] - a["dev"][:, :, slow, COST]).mean(0)  # cell, seed
        return bootstrap(changes[cell] - (0 if over is None else changes[over]))

    return measured


def price_of_its_rate(a: Arrays) -> Estimate:
    """log₁₀ of the loss the GRU leaves at the rate chosen for the RNN over that at its own, by the runs for tuning."""
    at = np.arange(len(NAMES))
    loss_at = [a["dev"][at, GRU, a["chosen"][:, cell], COST].mean(-1) for cell in (RNN, GRU)]
    return bootstrap(loss_at[0] - loss_at[1])


def _plain(measure: Callable[[Arrays], Estimate]) -> Callable[[Arrays], Estimate]:
    """A measured power of ten as the number it is a power of."""

    def number(a: Arrays) -> Estimate:
        e = measure(a)
        return Estimate(10**e.value, 10**e.low, 10**e.high, e.how)

    return number


def _steps(task: int) -> Callable[[Arrays], int]:
    return lambda a: int(a["lengths"][task])


def _told_apart(moment: int) -> Callable[[Arrays], str]:
    """The pairs whose mean ranks are at least the critical difference apart, in words."""

    def words(a: Arrays) -> str:
        r = ranks(a["test"][:, :, moment].mean(2)).mean(0)
        pairs = [(one, other) for one in range(len(CELLS)) for other in range(one) if abs(r[one] - r[other]) >= CD]
        return " and ".join(f"{tuple(CELLS)[other]} from {tuple(CELLS)[one]}" for one, other in pairs) or "nothing"

    return words


def _needed(a: Arrays) -> str:
    """How many tasks would make the difference of GRU and LSTM at equal cost the critical one, in words."""
    difference = abs(rank_of(LSTM, COST, minus=GRU)(a).value)
    return f"it takes {tasks_needed(len(CELLS), difference)} tasks" if difference else "no number of tasks would do"


def _slower(one: int, other: int) -> Callable[[Arrays], Estimate]:
    """Processor time of an update over that of the other cell, mean over the tasks."""
    return lambda a: bootstrap(a["milliseconds"][:, one] / a["milliseconds"][:, other])


ADDING, DIGITS, NARMA, CHARACTERS = (NAMES.index(n) for n in ("adding", "digits by rows", "NARMA-10", "characters"))
KEEPING = tuple(k for k in range(len(NAMES)) if k not in (NARMA, DIGITS, CHARACTERS))
CD = critical_difference(len(CELLS), len(NAMES))
rnn_and_gru, rnn_and_lstm, gru_and_lstm = (
    swap_entries(1, *two, "test") for two in ((RNN, GRU), (RNN, LSTM), (GRU, LSTM))
)

CLAIMS = [
    Claim(
        "gates-keep",
        "Where something must be kept, the RNN with PyTorch's start leaves {10^measured} times the loss of the GRU at "
        "equal cost (geometric mean of five tasks).",
        leaves(RNN, GRU, COST, *KEEPING),
        above=0.7,
        swap=rnn_and_gru,
    ),
    Claim(
        "more-updates-are-no-gates",
        "Its updates are cheaper, but with more of them for the same cost it still leaves {10^measured} times the loss "
        "of the LSTM there, on average.",
        leaves(RNN, LSTM, COST, *KEEPING),
        above=0.0,
        swap=rnn_and_lstm,
    ),
    Claim(
        "ten-steps-need-no-gates",
        "On NARMA-10 the RNN is not behind at equal cost: it leaves {10^measured} times the loss of the LSTM.",
        leaves(RNN, LSTM, COST, NARMA),
        below=0.1,
        swap=rnn_and_lstm,
    ),
    Claim(
        "elsewhere-cells-are-alike",
        "On digits and characters it hardly matters: of all pairs, the two cells that are farthest apart differ by a "
        "factor of {10^measured}.",
        lambda a: min(
            (leaves(*two, COST, k)(a) for two in ((RNN, GRU), (RNN, LSTM), (LSTM, GRU)) for k in (DIGITS, CHARACTERS)),
            key=lambda e: -max(abs(e.low), abs(e.high)),
        ),
        above=-0.5,
        below=0.5,
        swap=swap_entries(0, DIGITS, ADDING, "test"),
    ),
    Claim(
        "the-gru-is-ahead-of-the-lstm",
        "Where something must be kept, the LSTM leaves {10^measured} times the loss of the GRU at equal cost "
        "(geometric mean of five tasks).",
        leaves(LSTM, GRU, COST, *KEEPING),
        above=0.1,
        swap=gru_and_lstm,
    ),
    Claim(
        "a-high-rate-ruins-the-rnn",
        "A rate of 0.1 instead of 0.01 multiplies the RNN's loss by {10^measured} (geometric mean of eight tasks).",
        tenfold(RNN),
        above=0.5,
        swap=swap_entries(1, RNN, GRU, "dev"),
    ),
    Claim(
        "each-cell-has-its-own-rate",
        "That is {10^measured} times what the same change multiplies the GRU's loss by.",
        tenfold(RNN, over=GRU),
        above=0.7,
        swap=swap_entries(1, RNN, GRU, "dev"),
    ),
    Claim(
        "a-borrowed-rate-is-dear",
        "A GRU with the rate that suits the RNN leaves {10^measured} times the loss of one with its own "
        "(geometric mean of eight tasks).",
        lambda a: (lambda e: Estimate(e.value, e.low, e.high, f"bootstrap 95 %, {len(NAMES)} tasks"))(
            price_of_its_rate(a)
        ),
        above=0.1,
        swap=swap_entries(1, RNN, GRU, "chosen"),
    ),
    Claim(
        "eight-wins-in-a-row-are-not-enough",
        "A cell that is one place ahead of another on all eight tasks leads by a mean rank of 1, less than the "
        "critical difference of {measured}.",
        lambda a: exact(critical_difference(a["test"].shape[1], len(a["test"]))),
        above=1.0,
        identity=True,
    ),
    Claim(
        "chung-gates-beat-tanh",
        f"Gated units beat tanh units: the RNN's mean rank is worse than the GRU's by {{measured}}, to be compared "
        f"with a critical difference of {CD:.3g}.",
        rank_of(RNN, UPDATES, minus=GRU),
        above=CD,
        source="chung2014",
    ),
    Claim(
        "oxford-no-winner",
        f"Nothing shows that one of GRU and LSTM is better throughout: their mean ranks differ by {{measured}}, to be "
        f"compared with {CD:.3g} either way.",
        rank_of(LSTM, UPDATES, minus=GRU),
        above=-CD,
        below=CD,
        source="nevado2020",
    ),
    Claim(
        "jozefowicz-the-bias-closes-the-gap",
        "A forget bias of 1 closes the gap between LSTM and GRU: with it, ours leaves {10^measured} times the loss of "
        "the GRU over all eight tasks.",
        leaves(LSTM, GRU, UPDATES, *range(len(NAMES))),
        above=-0.1,
        below=0.1,
        source="jozefowicz2015",
    ),
]

PUBLISHED = [
    Published(
        "loss of an LSTM whose forget bias is 1, times the GRU's",
        "“closes the gap”: accuracies of 90.2 % and 89.6 % on arithmetic, 44.4 % and 46.0 % on XML",
        "jozefowicz2015",
        _plain(leaves(LSTM, GRU, UPDATES, *range(len(NAMES)))),
        "our eight tasks; theirs are arithmetic, XML, text and music, in larger networks, each the best of many runs",
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["test"].shape[-1]),
    "tuned_on": lambda a: int(a["dev"].shape[-1]),
    "rates": lambda a: ", ".join(f"{rate:g}" for rate in a["rates"]),
    "tuning_runs": lambda a: int(a["dev"].shape[2] * a["dev"].shape[4]),
    "updates": lambda a: int(a["updates"][0, LSTM, UPDATES]),
    "updates_rnn": lambda a: int(np.median(a["updates"][:, RNN, COST])),
    "updates_gru": lambda a: int(np.median(a["updates"][:, GRU, COST])),
    "squash": lambda a: int(a["squash"]),
    **{f"steps_{name.lower().split()[0].split('-')[0]}": _steps(k) for k, name in enumerate(NAMES)},
    "critical": lambda a: exact(critical_difference(a["test"].shape[1], len(a["test"]))),
    "needed_for_one": lambda a: tasks_needed(a["test"].shape[1], 1.0),
    "needed_for_ours": _needed,
    "friedman_updates": lambda a: exact(friedman(ranks(a["test"][:, :, UPDATES].mean(2)))),
    "friedman_cost": lambda a: exact(friedman(ranks(a["test"][:, :, COST].mean(2)))),
    "rate_ratio": _plain(rate_ratio),
    "adding_rnn": _plain(lambda a: bootstrap(a["test"][ADDING, RNN, COST])),
    "lstm_over_gru_others": _plain(
        leaves(LSTM, GRU, COST, *(k for k in KEEPING if k != NAMES.index("temporal order")))
    ),
    "temporal_lstm_failed": lambda a: int((a["test"][NAMES.index("temporal order"), LSTM, COST] > np.log10(0.9)).sum()),
    "agreement_rnn_failed": lambda a: int((a["test"][NAMES.index("agreement"), RNN, COST] > np.log10(0.2)).sum()),
    "five_gru_over_rnn": _plain(leaves(GRU, RNN, COST, NAMES.index("five bits"))),
    "five_lstm_over_rnn": _plain(leaves(LSTM, RNN, COST, NAMES.index("five bits"))),
    "lstm_over_gru_all": _plain(leaves(LSTM, GRU, COST, *range(len(NAMES)))),
    "tenfold_rnn": _plain(tenfold(RNN)),
    "tenfold_gru": _plain(tenfold(GRU)),
    "borrowed_rate": _plain(price_of_its_rate),
    "rnn_time": _slower(RNN, LSTM),
    "gru_time": _slower(GRU, LSTM),
    **{
        f"{name}_{moment}": measure
        for k, moment in enumerate(("updates", "cost"))
        for name, measure in (
            ("told_apart", _told_apart(k)),
            ("rank_rnn", rank_of(RNN, k)),
            ("rank_gru", rank_of(GRU, k)),
            ("rank_lstm", rank_of(LSTM, k)),
            ("rank_gap_lstm_gru", rank_of(LSTM, k, minus=GRU)),
            ("rnn_over_gru", _plain(leaves(RNN, GRU, k, *KEEPING))),
            ("rnn_over_lstm", _plain(leaves(RNN, LSTM, k, *KEEPING))),
            ("lstm_over_gru", _plain(leaves(LSTM, GRU, k, *KEEPING))),
            ("narma_lstm_over_rnn", _plain(leaves(LSTM, RNN, k, NARMA))),
            ("narma_gru_over_rnn", _plain(leaves(GRU, RNN, k, NARMA))),
            ("characters_lstm_over_rnn", _plain(leaves(LSTM, RNN, k, CHARACTERS))),
            ("digits_rnn_over_gru", _plain(leaves(RNN, GRU, k, DIGITS))),
        )
    },
}
