"""What the units of small character models follow, by measurement: every unit ranked, trained and untrained.

Page: docs/gates/watching-gates.md
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, reverse_axis, swap_entries
from rnnsite.context import Context
from rnnsite.probes.follows import correlations, ranking
from rnnsite.probes.silenced import bits, cost_of_silence
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.tasks.documentation import ALPHABET, documentation, encode, windows
from rnnsite.tasks.places import places
from rnnsite.training.fit import fit
from rnnsite.training.language_model import LanguageModel
from rnnsite.training.over_time import states

TITLE = "What the units of a character model follow"
PAGE = "gates/watching-gates"
SECONDS = 90  # about, in quick on one core: the longest are started first

CELLS: dict[str, type[Cell]] = {"LSTM": LSTM, "GRU": GRU, "RNN": Elman}


@dataclass(frozen=True)
class Config:
    seeds: int = 5
    H: int = 64
    I: int = 16
    B: int = 8
    T: int = 128
    updates: int = 1000
    rate: float = 0.01
    streams: int = 24  # stretches of unseen text on which units are watched
    warm: int = 100  # characters read before watching begins
    watched: int = 500  # characters of each stretch
    quotations: int = 48  # whose closing marks are to be foreseen with one unit after the other silenced
    before: int = 64  # characters read up to the mark
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(seeds=10, B=32, updates=6000, rate=0.003)}


def data_fingerprint() -> str:
    """sha256 of the text: it differs between Python versions, and numbers compare only where it is the same."""
    return documentation().fingerprint


def fresh(name: str, config: Config) -> tuple[LanguageModel, torch.Generator]:
    draw = generator("gates_on_text", config.seed_set, name)
    cell = CELLS[name](config.I, config.H, models=config.seeds, generator=draw)
    return LanguageModel(cell, len(ALPHABET), draw), draw


def stretches(config: Config) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs and next characters (T, streams) of evenly spaced stretches of unseen text; features (4, T, streams)."""
    text = documentation().validation
    T = config.warm + config.watched
    starts = torch.linspace(0, len(text) - T - 1, config.streams).long()
    index = starts + torch.arange(T + 1)[:, None]
    codes = encode(text)[index]
    return codes[:-1], codes[1:], places(text)[:, index[:-1]]


def train(name: str, config: Config, context: Context) -> LanguageModel:
    model, draw = fresh(name, config)
    model.to(context.device)
    text = encode(documentation().training)

    def loss(_: int) -> Tensor:
        inputs, targets = (
            batch.view(config.T, config.seeds, config.B).transpose(0, 1).to(context.device)
            for batch in windows(text, config.T, config.seeds * config.B, draw)
        )
        scores = model.scores(states(model.cell, model.embed(inputs))[0])
        flat = cross_entropy(scores.flatten(0, -2), targets.flatten(), reduction="none")
        return flat.view(config.seeds, -1).mean(1)

    fit(list(model.parameters()), loss, updates=config.updates, rate=config.rate, clip=1.0, watch=context.within)
    return model.cpu()


BY_CELL = ("bits", "r", "guides", "guides_r", "follows", "lost")


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """bits (cell, seed): on unseen text, a character. r (cell, labels, feature, seed, unit): |r| of c (LSTM) or h with
    each feature, the strongest first; labels are trained, untrained, and trained but beside another stretch of text.
    guides (cell, feature): the unit of the first seed that follows the feature most closely, and guides_r its r.

    follows (cell, feature, seed, unit) |r| of trained units with each feature, and in the same order of units lost
    (cell, where, seed, unit): bits more that a character costs with this unit held at 0, over the characters inside
    and before quotations, and over the marks that close them. flat (trained or not, gate i f o, below 0.1 or above 0.9,
    seed) shares of the LSTM's gates; at_word (letter or not, seed) the mean forget gate of its cell that follows the
    place in the word. weights_<cell>_<name>: all weights of the first seed.
    """
    found = context.map(partial(_study, config, context), CELLS)
    lstm = found[0]
    return {
        **{name: np.stack([one[name] for one in found]) for name in BY_CELL},
        **{name: lstm[name] for name in ("flat", "at_word")},
        **{name: part for one in found for name, part in one.items() if name.startswith("weights")},
        "characters": np.array([len(documentation().training), len(documentation().validation)]),
        "fingerprint": np.array(data_fingerprint()),
        "updates": np.array(config.updates),
        "H": np.array(config.H),
    }


def _study(config: Config, context: Context, name: str) -> dict[str, np.ndarray]:
    model = train(name, config, context)
    untrained, _ = fresh(name, config)
    x, y, features = stretches(config)
    watched = slice(config.warm, None)
    features = features[:, watched]
    elsewhere = features.roll(1, 2)  # the same labels beside another stretch: what chance and slow drift can do
    state = "c" if name == "LSTM" else "h"
    with torch.no_grad():
        trace, blank = (one.cell.trace(one.embed(x)) for one in (model, untrained))
        moved, unmoved = trace[state][:, watched], blank[state][:, watched]
        signed = torch.stack([correlations(moved, feature) for feature in features])  # (feature, seed, unit)
        arrays = {
            "bits": bits(model, trace["h"], y)[:, watched].mean((1, 2)),
            "r": torch.stack(
                [
                    torch.stack([ranking(units, feature) for feature in labels])
                    for units, labels in ((moved, features), (unmoved, features), (moved, elsewhere))
                ]
            ),
            "guides": signed[:, 0].abs().argmax(1),
            "follows": signed.abs(),
            "lost": _silenced(model, config),
        }
        arrays["guides_r"] = signed[:, 0].gather(1, arrays["guides"][:, None])[:, 0]
        weights = {"E": model.E, "V": model.V, "a": model.a, **dict(model.cell.named_parameters())}
        arrays |= {f"weights_{name}_{part}": w[0].detach().clone() for part, w in weights.items()}
        if name == "LSTM":
            arrays["flat"] = torch.stack([_flat(one, watched) for one in (trace, blank)])
            models, best = torch.arange(config.seeds), signed[1].abs().argmax(1)
            forget, letter = trace["f"][models, ..., best][:, watched], features[1] > 0
            arrays["at_word"] = torch.stack([forget[:, here].mean(1) for here in (letter, ~letter)])
    return {part: value.numpy() for part, value in arrays.items()}


def _flat(trace: Any, watched: slice) -> Tensor:
    """(gate, end, M) shares of i, f and o below 0.1 and above 0.9."""
    rows = [trace[gate][:, watched].flatten(1) for gate in "ifo"]
    return torch.stack([torch.stack([(row < 0.1).float().mean(1), (row > 0.9).float().mean(1)]) for row in rows])


def _silenced(model: LanguageModel, config: Config) -> Tensor:
    """(where, M, H) bits lost with one unit silent: before and inside quotations, and at the marks that close them."""
    text = documentation().validation
    quoted = places(text)[2].tolist()
    marks = [p for p in range(config.before, len(text)) if text[p] == '"' and quoted[p - 1]]
    chosen = torch.tensor(marks)[torch.linspace(0, len(marks) - 1, config.quotations).long()]
    codes = encode(text)[chosen - config.before + torch.arange(config.before + 1)[:, None]]
    x, y = codes[:-1], codes[1:]
    more = cost_of_silence(model, x, y)
    return torch.stack([more[:, :-1].mean(1), more[:, -1]])


def _best(feature: int, labels: int, cell: int = 0) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(a["r"][cell, labels, feature, :, 0])


def _mean(measure: Callable[..., np.ndarray], *where: int) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(measure(a, *where))


def quote_cost(a: Arrays, cell: int) -> np.ndarray:
    """(seed,) bits more at closing quotation marks with the unit silenced that goes with quotations most closely."""
    unit = a["follows"][cell, QUOTES].argmax(1)
    cost: np.ndarray = np.take_along_axis(a["lost"][cell, 1], unit[:, None], 1)[:, 0]
    return cost


def quote_cost_others(a: Arrays, cell: int) -> np.ndarray:
    """(seed,) the same for any other unit, on average."""
    lost = a["lost"][cell, 1]
    others: np.ndarray = (lost.sum(1) - quote_cost(a, cell)) / (lost.shape[1] - 1)
    return others


def bits_needed(a: Arrays, cell: int) -> np.ndarray:
    each: np.ndarray = a["bits"][cell]
    return each


LINE, WORD, QUOTES, BRACKETS = range(4)
TRAINED, UNTRAINED, ELSEWHERE = range(3)
IN_LSTM, IN_GRU, IN_RNN = range(3)
SHORT = ("line", "word", "quotes", "brackets")

trained_and_not = swap_entries(1, TRAINED, UNTRAINED, "r")
gru_and_rnn = swap_entries(0, IN_GRU, IN_RNN, "r")

CLAIMS = [
    Claim(
        "the-lstm-foresees-more-than-the-rnn",
        "On unseen text a plain network of the same width needs {measured} bits a character more than the LSTM.",
        lambda a: bootstrap(bits_needed(a, IN_RNN) - bits_needed(a, IN_LSTM)),
        above=0.08,
        swap=swap_entries(0, IN_LSTM, IN_RNN, "bits"),
    ),
    Claim(
        "it-drops-the-word-at-its-end",
        "Of the LSTM's cell for the place in the word the forget gate is {measured} lower where no letter is read.",
        lambda a: bootstrap(a["at_word"][0] - a["at_word"][1]),
        above=0.25,
        swap=reverse_axis(0, "at_word"),
    ),
    Claim(
        "a-unit-of-the-gru-knows-quotations",
        "Inside or outside quotation marks: training makes a unit of the GRU that follows it, {measured} more closely "
        "than any does untrained.",
        lambda a: bootstrap(a["r"][IN_GRU, TRAINED, QUOTES, :, 0] - a["r"][IN_GRU, UNTRAINED, QUOTES, :, 0]),
        above=0.1,
        swap=trained_and_not,
    ),
    Claim(
        "no-unit-of-the-rnn-does",
        "No unit of the plain network follows it: the best has an |r| of {measured}.",
        _best(QUOTES, TRAINED, IN_RNN),
        below=0.3,
        swap=gru_and_rnn,
    ),
    Claim(
        "the-gru-uses-it",
        "Hold this unit of the GRU at 0, and a closing quotation mark costs {measured} bits more than with any other "
        "unit held, on average.",
        lambda a: bootstrap(quote_cost(a, IN_GRU) - quote_cost_others(a, IN_GRU)),
        above=0.5,
        swap=swap_entries(0, IN_GRU, IN_RNN, "follows", "lost"),
    ),
    Claim(
        "brackets-are-not-found",
        "Brackets are not found in the LSTM: its best cell is {measured} above what it has beside another text.",
        lambda a: bootstrap(a["r"][IN_LSTM, TRAINED, BRACKETS, :, 0] - a["r"][IN_LSTM, ELSEWHERE, BRACKETS, :, 0]),
        below=0.2,
        swap=swap_entries(2, BRACKETS, WORD, "r"),
    ),
    Claim(
        "no-line-counter-in-the-rnn",
        "Nor is there a line counter in the plain network: the best unit for the place in the line has {measured}.",
        _best(LINE, TRAINED, IN_RNN),
        below=0.3,
        swap=swap_entries(2, LINE, WORD, "r"),
    ),
    Claim(
        "gates-of-text-are-decided-too",
        "Of the LSTM's gate values {measured:.0%} lie below 0.1 or above 0.9.",
        lambda a: bootstrap(a["flat"][TRAINED].sum(1).mean(0)),
        above=0.5,
        swap=swap_entries(0, TRAINED, UNTRAINED, "flat"),
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["bits"].shape[1]),
    "H": lambda a: int(a["H"]),
    "updates": lambda a: int(a["updates"]),
    "alphabet": lambda a: int(a["weights_LSTM_a"].shape[-1]),
    "guess": lambda a: float(np.log2(a["weights_LSTM_a"].shape[-1])),
    "characters": lambda a: f"{int(a['characters'][0]):,}".replace(",", "\u202f"),
    **{f"bits_{name.lower()}": _mean(bits_needed, k) for k, name in enumerate(CELLS)},
    **{
        f"{name}{suffix}": _best(k, labels)
        for k, name in enumerate(SHORT)
        for labels, suffix in enumerate(("", "_untrained", "_elsewhere"))
    },
    **{f"{name}_{cell.lower()}": _best(k, 0, c) for k, name in enumerate(SHORT) for c, cell in enumerate(CELLS)},
    "line_most": lambda a: float(a["r"][IN_LSTM, TRAINED, LINE, :, 0].max()),
    "lost_most": lambda a: bootstrap(a["lost"][0, 0].max(1)),
    "lost_median": lambda a: bootstrap(np.median(a["lost"][0, 0], 1)),
    **{f"quote_cost_{cell.lower()}": _mean(quote_cost, c) for c, cell in enumerate(CELLS)},
    **{f"quote_cost_others_{cell.lower()}": _mean(quote_cost_others, c) for c, cell in enumerate(CELLS)},
    "lstms_that_use_it": lambda a: int((quote_cost(a, IN_LSTM) > quote_cost(a, IN_GRU).mean()).sum()),
    "quotes_gru_untrained": _best(QUOTES, UNTRAINED, IN_GRU),
    "forget_letter": lambda a: bootstrap(a["at_word"][0]),
    "forget_between": lambda a: bootstrap(a["at_word"][1]),
    "flat": lambda a: bootstrap(a["flat"][TRAINED].sum(1).mean(0)),
    "flat_untrained": lambda a: bootstrap(a["flat"][UNTRAINED].sum(1).mean(0)),
}
