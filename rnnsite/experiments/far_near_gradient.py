"""How much smaller a far gradient is than a near one, in character models of Python's own documentation.

Page: docs/gradients/what-is-lost.md
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, reverse_axis, swap_entries, swap_names
from rnnsite.context import Context
from rnnsite.probes.by_distance import gradient_by_distance
from rnnsite.probes.reach import bits_a_symbol, cost_of_context, far_share, last_losses, rewritten
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, worst
from rnnsite.tasks.documentation import ALPHABET, documentation, encode, windows
from rnnsite.training.fit import fit
from rnnsite.training.language_model import LanguageModel

TITLE = "Far and near gradients in a trained language model"
PAGE = "gradients/what-is-lost"
SECONDS = 38  # about, in quick on one core: the longest are started first

CELLS: dict[str, type[Cell]] = {"RNN": Elman, "GRU": GRU, "LSTM": LSTM}
RNN, GATED_GRU, GATED_LSTM = range(3)

# The lectures' example in our words: the last word is known to whoever still holds the first clause.
PRINTER = (
    "Her tickets had to be printed, but the printer was out of toner. She walked to the shop, where it cost too much, "
    "found no time to look further, carried it home, put it in, and at last she printed her tickets"
)
WORD = "tickets"


@dataclass(frozen=True)
class Config:
    seeds: int = 5
    H: int = 64
    I: int = 24
    B: int = 16
    T: int = 64
    updates: int = 400
    rate: float = 0.005
    farthest: int = 60  # characters back, for the gradient
    measured: int = 64  # places in the validation text
    contexts: tuple[int, ...] = (1, 2, 3, 5, 10, 20, 40)  # characters the model may see
    near: tuple[int, ...] = (5, 10, 20)  # what counts as near, for the share of an update
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(seeds=10, H=256, B=32, T=128, updates=4000, rate=0.002, measured=256)}


def data_fingerprint() -> str:
    """sha256 of the text: it differs between Python versions, and numbers compare only where it is the same."""
    return documentation().fingerprint


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """Arrays (cell, seed, ·), each `start_…` before training and `end_…` after:

    gradient   (distance k) ‖∂L_t/∂h_{t−k}‖ / ‖∂L_t/∂h_t‖, c for h in the LSTM; geometric mean over places
    far        (near) share of ∂L_t/∂W that comes from further back than `near` characters
    cost       (context) bits a character lost when the model sees only the last characters
    rewritten  () mean ‖h_t − h_{t−1}‖ / ‖h_t‖, c for h in the LSTM
    printer    () the gradient at the first "tickets" over the gradient where the second is to be guessed
    bits       () validation loss in bits a character; radius () spectral radius of W, the RNN's alone
    """
    return {
        "distances": np.arange(config.farthest + 1),
        "contexts": np.array(config.contexts),
        "near": np.array(config.near),
        "printer_distance": np.array(_printer()[1] - _printer()[0]),
        "fingerprint": np.array(data_fingerprint()),
        "characters": np.array([len(documentation().training), len(documentation().validation)]),
        **context.stack(lambda name: _train(name, config, context), CELLS),
    }


def _train(name: str, config: Config, context: Context) -> dict[str, np.ndarray]:
    draw = generator("far_near_gradient", config.seed_set, name)
    cell = CELLS[name](config.I, config.H, models=config.seeds, generator=draw)
    model = LanguageModel(cell, len(ALPHABET), draw).to(context.device)
    text = encode(documentation().training)

    def loss(_: int) -> Tensor:
        inputs, targets = (
            batch.view(config.T, config.seeds, config.B).transpose(0, 1).to(context.device)
            for batch in windows(text, config.T, config.seeds * config.B, draw)
        )
        return model.losses(inputs, targets).mean((1, 2))

    start = _measure(model, config)
    fit(
        list(model.parameters()),
        loss,
        updates=config.updates,
        rate=config.rate,
        clip=1.0,
        watch=lambda share: context.within(0.1 + 0.8 * share),
    )
    end = _measure(model, config)
    return {**{f"start_{key}": a for key, a in start.items()}, **{f"end_{key}": a for key, a in end.items()}}


def _measure(model: LanguageModel, config: Config) -> dict[str, np.ndarray]:
    """In float64 on the CPU: the smallest of these gradients are far below what float32 can hold."""
    wide = copy.deepcopy(model).cpu().double()
    text = encode(documentation().validation)
    draw = generator("far_near_gradient", config.seed_set, "places")
    inputs, targets = windows(text, config.farthest + 1, config.measured, draw)
    trace = wide.cell.trace(wide.embed(inputs))
    by_distance = gradient_by_distance(trace, last_losses(wide, trace["h"], targets).sum())
    many = windows(text, max(config.contexts) + 20, 8 * config.measured, draw)
    measured = {
        "gradient": (by_distance / by_distance[:, :1]).log().mean(2).exp(),
        "far": far_share(wide, inputs, targets, config.near),
        "cost": cost_of_context(wide, *many, config.contexts),
        "rewritten": rewritten(trace),
        "printer": _printer_gradient(wide),
        "bits": bits_a_symbol(wide, text, 2 * config.T),
        "radius": _radius(wide.cell),
    }
    return {name: value.detach().numpy() for name, value in measured.items()}


def _radius(cell: Cell) -> Tensor:
    if not isinstance(cell, Elman):
        return torch.full((len(cell.W),), torch.nan)
    return torch.linalg.eigvals(cell.W.detach()).abs().amax(-1)


def _printer() -> tuple[int, int]:
    """Where the first "tickets" has just been read, and where the second is about to begin."""
    return PRINTER.index(WORD) + len(WORD) - 1, PRINTER.rindex(WORD) - 1


def _printer_gradient(model: LanguageModel) -> Tensor:
    told, asked = _printer()
    text = encode(PRINTER)[: asked + 2, None]
    trace = model.cell.trace(model.embed(text[:-1]))
    by_distance = gradient_by_distance(trace, last_losses(model, trace["h"], text[1:]).sum())
    return by_distance[:, asked - told, 0] / by_distance[:, 0, 0]


def ratio(a: Arrays, cell: int, distance: int, when: str = "end") -> Estimate:
    """Gradient `distance` characters back over the gradient here, geometric mean over seeds."""
    return _geometric(a[f"{when}_gradient"][cell, :, distance])


def _geometric(values: np.ndarray) -> Estimate:
    logs = bootstrap(np.log(values))
    return Estimate(math.exp(logs.value), math.exp(logs.low), math.exp(logs.high), logs.how)


def _gained(a: Arrays, cell: int, distance: int) -> Estimate:
    """Powers of ten that training adds to the ratio."""
    before, after = (np.log10(a[f"{when}_gradient"][cell, :, distance]) for when in ("start", "end"))
    return bootstrap(after - before)


def _over_rnn(a: Arrays, cell: int, distance: int) -> Estimate:
    """Powers of ten by which a trained cell's ratio exceeds the trained RNN's."""
    logs = np.log10(a["end_gradient"][:, :, distance])
    return bootstrap(logs[cell] - logs[RNN])


def cost(a: Arrays, cell: int, seen: int) -> Estimate:
    """Bits a character lost when only the last `seen` characters are read."""
    return bootstrap(a["end_cost"][cell, :, list(a["contexts"]).index(seen)])


def far(a: Arrays, cell: int, near: int) -> Estimate:
    """Share of the gradient of W that comes from further back than `near`, in a typical network (geometric mean)."""
    return _geometric(a["end_far"][cell, :, list(a["near"]).index(near)])


_MEASURED = ("end_gradient", "end_far", "end_rewritten", "end_printer")

CLAIMS = [
    Claim(
        name="all-vanish-at-the-start",
        says="Before training the gradient vanishes in every cell, gates or none: 40 characters back it is at most "
        "{measured} of the gradient here.",
        measure=lambda a: worst(*(ratio(a, cell, 40, "start") for cell in range(3)), by=lambda e: -e.high),
        below=1e-6,
        swap=reverse_axis(2, "start_gradient"),
    ),
    Claim(
        name="training-opens-the-gates",
        says="Training lengthens the reach of the gated cells: at 40 characters it multiplies the gradient by at least "
        "{10^measured}.",
        measure=lambda a: worst(*(_gained(a, cell, 40) for cell in (GATED_GRU, GATED_LSTM)), by=lambda e: e.low),
        above=1,
        swap=swap_names("start_gradient", "end_gradient"),
    ),
    Claim(
        name="the-rnn-still-vanishes",
        says="After training the RNN's gradient still vanishes: 40 characters back it is {measured} of the one here.",
        measure=lambda a: ratio(a, RNN, 40),
        below=1e-6,
        swap=swap_entries(0, RNN, GATED_GRU, *_MEASURED),
    ),
    Claim(
        name="although-its-radius-exceeds-one",
        says="And that although the spectral radius of its W has grown past 1, to {measured}.",
        measure=lambda a: bootstrap(a["end_radius"][RNN]),
        above=1.2,
        swap=swap_names("start_radius", "end_radius"),
    ),
    Claim(
        name="the-lstm-carries-further",
        says="At 40 characters the trained LSTM keeps {10^measured} times as much as the trained RNN.",
        measure=lambda a: _over_rnn(a, GATED_LSTM, 40),
        above=1,
        swap=swap_entries(0, RNN, GATED_LSTM, *_MEASURED),
    ),
    Claim(
        name="near-effects-drown-far-ones",
        says="Of the gradient that would update the RNN's W, what comes from more than 20 characters back is typically "
        "{measured:.3%}.",
        measure=lambda a: far(a, RNN, 20),
        below=0.003,
        swap=swap_entries(0, RNN, GATED_GRU, *_MEASURED),
    ),
    Claim(
        name="ten-characters-are-enough",
        says="No model has learnt to use more than near effects: shown the last 10 characters alone, it loses at most "
        "{measured} bits a character.",
        measure=lambda a: worst(*(cost(a, cell, 10) for cell in range(3)), by=lambda e: -e.high),
        below=0.03,
        swap=reverse_axis(2, "end_cost"),
    ),
    Claim(
        name="rewritten-at-every-step",
        says="The LSTM's memory is rewritten less: from one character to the next it changes by {measured:.0%} of what "
        "the RNN's state changes.",
        measure=lambda a: _geometric(a["end_rewritten"][GATED_LSTM] / a["end_rewritten"][RNN]),
        below=0.5,
        swap=swap_entries(0, RNN, GATED_LSTM, *_MEASURED),
    ),
    Claim(
        name="the-printer-never-hears-of-it",
        says="In the printer sentence the RNN's gradient at the first “tickets” is {measured} of the one at the last.",
        measure=lambda a: _geometric(a["end_printer"][RNN]),
        below=1e-20,
        swap=swap_entries(0, RNN, GATED_LSTM, *_MEASURED),
    ),
]


def _per_step(a: Arrays, cell: int) -> Estimate:
    """The factor a character further back costs, between 20 and 60 back."""
    return _geometric((a["end_gradient"][cell, :, 60] / a["end_gradient"][cell, :, 20]) ** (1 / 40))


_NUMBERS_OF_A_CELL: dict[str, Callable[[Arrays, int], Estimate]] = {
    "bits": lambda a, cell: bootstrap(a["end_bits"][cell]),
    "start_40": lambda a, cell: ratio(a, cell, 40, "start"),
    "end_40": lambda a, cell: ratio(a, cell, 40),
    "per_step": _per_step,
    "cost_10": lambda a, cell: cost(a, cell, 10),
    "far_20": lambda a, cell: far(a, cell, 20),
    "rewritten": lambda a, cell: bootstrap(a["end_rewritten"][cell]),
    "printer": lambda a, cell: _geometric(a["end_printer"][cell]),
}


def _of(cell: int, measure: Callable[[Arrays, int], Estimate]) -> Callable[[Arrays], Estimate]:
    return lambda a: measure(a, cell)


NUMBERS = {
    "seeds": lambda a: str(a["end_bits"].shape[1]),
    "fingerprint": lambda a: str(a["fingerprint"])[:12],
    "characters": lambda a: f"{int(a['characters'].sum()):,}",
    "printer_distance": lambda a: str(int(a["printer_distance"])),
    "rnn_radius": lambda a: bootstrap(a["end_radius"][RNN]),
    "rnn_drowns_at": lambda a: math.log(2**-24) / math.log(_per_step(a, RNN).value),
    "rnn_far_most": lambda a: float(a["end_far"][RNN, :, list(a["near"]).index(20)].max()),
    "rnn_gain_10": lambda a: bootstrap(-a["end_cost"][RNN, :, list(a["contexts"]).index(10)]),
    "gru_printer_most": lambda a: float(a["end_printer"][GATED_GRU].max()),
    "rnn_gained": lambda a: _gained(a, RNN, 40),
    "gru_gained": lambda a: _gained(a, GATED_GRU, 40),
    "lstm_gained": lambda a: _gained(a, GATED_LSTM, 40),
    "gru_start_rewritten": lambda a: bootstrap(a["start_rewritten"][GATED_GRU]),
    "guessing": lambda a: math.log2(len(ALPHABET)),
    **{
        f"{name.lower()}_{number}": _of(cell, measure)
        for cell, name in enumerate(CELLS)
        for number, measure in _NUMBERS_OF_A_CELL.items()
    },
}
