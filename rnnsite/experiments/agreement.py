"""Is or are? Language models of a small grammar, tested with 0 to 4 nouns of the other number before the verb.

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

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, Published, swap_entries
from rnnsite.context import Context
from rnnsite.seeding import generator, numpy_generator
from rnnsite.statistics import Estimate, bootstrap, worst
from rnnsite.tasks.agreement_grammar import ARE, IS, PAD, VOCABULARY, Sentences, everyday, questions, sentences
from rnnsite.training.fit import fit
from rnnsite.training.language_model import LanguageModel

TITLE = "Is or are? Agreement past attractors"
PAGE = "gradients/what-is-lost"
SECONDS = 35  # about, in quick on one core: the longest are started first


@dataclass(frozen=True)
class Arm:
    """A cell, its width, and what it is trained to predict: every next word, or the verb alone."""

    name: str
    cell: type[Cell]
    H: int
    verb_alone: bool = False

    def __str__(self) -> str:
        return f"{self.name}{', verb alone' if self.verb_alone else ''}"


ARMS = (
    Arm("RNN", Elman, 16),
    Arm("GRU", GRU, 16),
    Arm("LSTM", LSTM, 16),
    Arm("wide RNN", Elman, 29),  # no more weights than the LSTM
    Arm("RNN", Elman, 16, verb_alone=True),
    Arm("LSTM", LSTM, 16, verb_alone=True),
)
RNN, GATED_GRU, GATED_LSTM, WIDE, RNN_VERB, LSTM_VERB = range(6)
LANGUAGE_MODELS = (RNN, GATED_GRU, GATED_LSTM, WIDE)

K = 4
TESTS = questions(K)
NAMES = tuple(TESTS)
DISTRACTED = tuple(f"attractors {n}" for n in range(1, K + 1))
EARLY = 6  # the checkpoint after 150 updates


@dataclass(frozen=True)
class Config:
    seeds: int = 20
    I: int = 12
    B: int = 16
    updates: int = 600
    updates_verb: int = 300  # of the networks trained on the verb alone
    every: int = 25
    tested: int = 100
    rate: float = 0.01
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(seeds=50, updates=3000, updates_verb=3000, tested=500)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """accuracy (arm, checkpoint, test, seed), NaN after an arm's last update; updates (checkpoint,);
    last_noun_agrees: how often the nearest noun has the verb's number in the training sentences; weights (arm,)."""
    met = everyday(20_000, numpy_generator("agreement", config.seed_set, "met"))
    return {
        "updates": np.arange(0, config.updates + 1, config.every),
        "tests": np.array(NAMES),
        "last_noun_agrees": np.mean(met.nearest_plural == met.plural),
        "weights": np.array([_weights(arm, config) for arm in ARMS]),
        **context.stack(lambda arm: _train(arm, config, context), ARMS),
    }


def _train(arm: Arm, config: Config, context: Context) -> dict[str, np.ndarray]:
    path = ("agreement", config.seed_set, str(arm))
    draw, random = generator(*path), numpy_generator(*path)
    model = LanguageModel(arm.cell(config.I, arm.H, models=config.seeds, generator=draw), len(VOCABULARY), draw)
    model.to(context.device)
    half_plural = np.arange(config.tested) % 2 == 1
    tests = [sentences(np.tile(kinds, (config.tested, 1)), half_plural, random) for kinds in TESTS.values()]
    updates = config.updates_verb if arm.verb_alone else config.updates
    accuracy = np.full((config.updates // config.every + 1, len(TESTS), config.seeds), np.nan)
    accuracy[0] = _accuracy(model, tests)

    def loss(update: int) -> Tensor:
        if update and update % config.every == 0:
            accuracy[update // config.every] = _accuracy(model, tests)
            context.within(update / updates)
        met = everyday(config.seeds * config.B, random)
        words = torch.as_tensor(met.words).view(-1, config.seeds, config.B).transpose(0, 1).to(context.device)
        targets = torch.where(words == PAD, -1, words)[:, 1:]
        if arm.verb_alone:
            verb = torch.as_tensor(met.verb).view(config.seeds, 1, config.B).to(context.device)
            places = torch.arange(1, words.shape[1], device=context.device)[:, None]
            targets = torch.where(places == verb, targets, -1)
        return model.losses(words[:, :-1], targets).sum((1, 2)) / (targets >= 0).sum((1, 2))

    fit(list(model.parameters()), loss, updates=updates, rate=config.rate, clip=1.0)
    accuracy[updates // config.every] = _accuracy(model, tests)
    return {"accuracy": accuracy}


@torch.no_grad()
def _accuracy(model: LanguageModel, tests: list[Sentences]) -> np.ndarray:
    """Share of sentences of each test in which the right one of `is` and `are` scores higher: (test, seed)."""
    shares = []
    for test in tests:
        words = torch.as_tensor(test.words[: test.verb[0]]).to(model.E.device)  # in one test every verb has one place
        states, _ = model.cell(model.embed(words))
        scores = model.scores(states[:, -1])
        plural = torch.as_tensor(test.plural, device=words.device)
        shares.append(((scores[..., ARE] > scores[..., IS]) == plural).float().mean(1))
    return torch.stack(shares).cpu().numpy()


def _weights(arm: Arm, config: Config) -> int:
    model = LanguageModel(arm.cell(config.I, arm.H, models=1), len(VOCABULARY), torch.Generator())
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def on(a: Arrays, arm: int, *tests: str) -> np.ndarray:
    """Accuracy of an arm over training, averaged over the named tests: (checkpoint, seed)."""
    return a["accuracy"][arm][:, [NAMES.index(test) for test in tests]].mean(1)


def _misled(a: Arrays, arm: int, *tests: str) -> np.ndarray:
    """Accuracy on `tests` at the checkpoint where each network is most misled by attractors: (seed,)."""
    worst_checkpoint = np.nanargmin(on(a, arm, *DISTRACTED), axis=0)
    return np.take_along_axis(on(a, arm, *tests), worst_checkpoint[None], 0)[0]


def _end(a: Arrays, arm: int, *tests: str) -> np.ndarray:
    """Accuracy at the arm's last checkpoint: (seed,)."""
    curve = on(a, arm, *tests)
    return curve[np.isfinite(curve[:, 0])][-1]


def updates_to(a: Arrays, arm: int, accuracy: float = 0.5) -> np.ndarray:
    """(seed,) updates after which accuracy with attractors stays at `accuracy` or more; past the end for never."""
    below = on(a, arm, *DISTRACTED) < accuracy
    last_below = np.where(below.any(0), len(below) - 1 - below[::-1].argmax(0), -1)
    steps = np.append(a["updates"], a["updates"][-1] + a["updates"][1])
    return steps[last_below + 1]


def times(a: Arrays, one: int, other: int) -> Estimate:
    """Updates until `one` follows the subject, over those of `other`: ratio of geometric means."""
    logs = bootstrap(np.log(updates_to(a, one)) - np.log(updates_to(a, other)))
    return Estimate(math.exp(logs.value), math.exp(logs.low), math.exp(logs.high), logs.how)


def _over_models(measure: Callable[[int], Estimate], *, highest: bool) -> Estimate:
    return worst(*map(measure, LANGUAGE_MODELS), by=lambda e: -e.high if highest else e.low)


CLAIMS = [
    Claim(
        name="nearest-noun-first",
        says="Every language model, the LSTM included, first learns to follow the nearest noun: when it is most "
        "misled, its accuracy with attractors is {measured:.0%} (the highest of the four), where guessing gives 50 %.",
        measure=lambda a: _over_models(lambda arm: bootstrap(_misled(a, arm, *DISTRACTED)), highest=True),
        below=0.2,
        swap=lambda a: {**a, "accuracy": _exchange(a, "attractors 4", "agreeing 4", "attractors 3", "neutral 3")},
    ),
    Claim(
        name="only-the-last-noun-counts",
        says="At that moment one disagreeing noun lowers the accuracy by {measured:points} more when it is the last of "
        "four than when it is the one before (the lowest of the four models).",
        measure=lambda a: _over_models(
            lambda arm: bootstrap(_misled(a, arm, "attractor 2 back") - _misled(a, arm, "attractor 1 back")),
            highest=False,
        ),
        above=0.6,
        swap=lambda a: {**a, "accuracy": _exchange(a, "attractor 1 back", "attractor 2 back")},
    ),
    Claim(
        name="then-the-subject",
        says="Then every model turns to the subject: from update 150 to the end its accuracy with four attractors "
        "rises by {measured:points} (the lowest of the four).",
        measure=lambda a: _over_models(
            lambda arm: bootstrap(on(a, arm, "attractors 4")[-1] - on(a, arm, "attractors 4")[EARLY]), highest=False
        ),
        above=0.3,
        swap=swap_entries(1, EARLY, -1, "accuracy"),
    ),
    Claim(
        name="weights-beat-gates",
        says="An RNN with as many weights as the LSTM turns to the subject sooner, in {measured} times the updates.",
        measure=lambda a: times(a, WIDE, GATED_LSTM),
        below=1,
        swap=swap_entries(0, WIDE, GATED_LSTM, "accuracy"),
    ),
    Claim(
        name="told-which-word-matters",
        says="Trained on the verb alone, the RNN turns in {measured} times the updates it needs when it must predict "
        "every word.",
        measure=lambda a: times(a, RNN_VERB, RNN),
        below=0.7,
        swap=swap_entries(0, RNN_VERB, RNN, "accuracy"),
    ),
    Claim(
        name="the-lstm-too",
        says="So does the LSTM: {measured} times.",
        measure=lambda a: times(a, LSTM_VERB, GATED_LSTM),
        below=0.7,
        swap=swap_entries(0, LSTM_VERB, GATED_LSTM, "accuracy"),
    ),
    Claim(
        name="lecture-vanishing-gradients",
        says="The lecture puts the preference for the nearest noun down to vanishing gradients. If so, gates should "
        "end it sooner than as many weights without gates: the LSTM needs {measured} times the updates of that RNN.",
        measure=lambda a: times(a, GATED_LSTM, WIDE),
        below=1,
        source="nevado2020",
    ),
    Claim(
        name="linzen-supervised",
        says="Trained on the verb alone, an LSTM makes less than 1 % errors: ours makes {measured:.1%}.",
        measure=lambda a: bootstrap(1 - _end(a, LSTM_VERB, *(f"attractors {n}" for n in range(K + 1)))),
        below=0.01,
        source="linzen2016",
    ),
]


def _exchange(a: Arrays, *pairs: str) -> np.ndarray:
    order = list(range(len(NAMES)))
    for one, other in zip(pairs[::2], pairs[1::2], strict=True):
        i, j = NAMES.index(one), NAMES.index(other)
        order[i], order[j] = order[j], order[i]
    return a["accuracy"][:, :, order]


PUBLISHED = [
    Published(
        quantity="errors of an LSTM trained on the verb's number alone",
        published="less than 1 %",
        source="linzen2016",
        ours=lambda a: bootstrap(1 - _end(a, LSTM_VERB, *(f"attractors {n}" for n in range(K + 1)))),
        differs="a grammar of 44 words instead of Wikipedia; as many sentences with four attractors as with none",
        spec=".1%",
    ),
    Published(
        quantity="errors of an LSTM language model, same number of updates",
        published="rise sharply",
        source="linzen2016",
        ours=lambda a: bootstrap(1 - on(a, GATED_LSTM, *(f"attractors {n}" for n in range(K + 1)))[_verb_end(a)]),
        differs="the same; theirs was trained to the end, ours is read where the row above is read",
        spec=".1%",
    ),
]


def _verb_end(a: Arrays) -> int:
    return int(np.flatnonzero(np.isfinite(on(a, LSTM_VERB, "attractors 0")[:, 0]))[-1])


def _at_end(a: Arrays, arm: int, tests: tuple[str, ...]) -> Estimate:
    return bootstrap(_end(a, arm, *tests))


def _turns(a: Arrays, arm: int) -> Estimate:
    """Median number of updates until a network follows the subject."""
    return bootstrap(updates_to(a, arm), np.median)


_ARM_NAMES = ("rnn", "gru", "lstm", "wide", "rnn_verb", "lstm_verb")
NUMBERS = {
    "seeds": lambda a: str(a["accuracy"].shape[3]),
    "updates": lambda a: str(int(a["updates"][-1])),
    "updates_verb": lambda a: str(int(a["updates"][_verb_end(a)])),
    "nearest_noun_right": lambda a: float(a["last_noun_agrees"]),
    "every": lambda a: str(int(a["updates"][1])),
    "networks": lambda a: str(len(LANGUAGE_MODELS) * a["accuracy"].shape[3]),
    "never": lambda a: str(sum(int((updates_to(a, arm) > a["updates"][-1]).sum()) for arm in LANGUAGE_MODELS)),
    "weights_lstm": lambda a: f"{int(a['weights'][GATED_LSTM]):,}",
    "weights_wide": lambda a: f"{int(a['weights'][WIDE]):,}",
    "rnn_then": lambda a: bootstrap(on(a, RNN, *DISTRACTED)[_verb_end(a)]),
    "lstm_then": lambda a: bootstrap(on(a, GATED_LSTM, *DISTRACTED)[_verb_end(a)]),
    "lstm_over_rnn": partial(times, one=GATED_LSTM, other=RNN),
    "gru_over_rnn": partial(times, one=GATED_GRU, other=RNN),
    **{f"{name}_turns": partial(_turns, arm=arm) for arm, name in enumerate(_ARM_NAMES)},
    **{f"{name}_four": partial(_at_end, arm=arm, tests=("attractors 4",)) for arm, name in enumerate(_ARM_NAMES)},
}
