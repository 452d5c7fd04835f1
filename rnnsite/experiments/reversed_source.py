"""Encoder-decoders that read the source forwards or backwards: learning curves, loss by place, gradient at the start.

Page: docs/remedies/reversing-the-input.md
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

import rnnsite.probes.translation_curves as curves
from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, Published, reverse_axis, swap_entries
from rnnsite.context import Context
from rnnsite.multiples import geometric_mean, power
from rnnsite.seeding import generator, numpy_generator
from rnnsite.statistics import bootstrap, exact
from rnnsite.tasks.translation import KINDS, SOURCE, TARGET, translation
from rnnsite.training.encoder_decoder import EncoderDecoder, mean_loss
from rnnsite.training.fleet import train_fleet
from rnnsite.training.optimisers import Adam
from rnnsite.training.translation_record import Record, gradient_at_counterpart
from rnnsite.training.word_order import Order, batches

TITLE = "Reading the source backwards"
PAGE = "remedies/reversing-the-input"
SECONDS = 60  # about, in quick on one core: the longest are started first

ARMS: dict[str, tuple[type[Cell], Order]] = {
    "LSTM, forward": (LSTM, Order()),
    "LSTM, source reversed": (LSTM, Order(source=True)),
    "LSTM, target reversed": (LSTM, Order(target=True)),
    "LSTM, both reversed": (LSTM, Order(source=True, target=True)),
    "LSTM, forward, pause": (LSTM, Order(pause=True)),
    "LSTM, source reversed, pause": (LSTM, Order(source=True, pause=True)),
    "GRU, forward": (GRU, Order()),
    "GRU, source reversed": (GRU, Order(source=True)),
    "RNN, forward": (Elman, Order()),
    "RNN, source reversed": (Elman, Order(source=True)),
}
FORWARD, REVERSED, TARGET_REVERSED, BOTH, FORWARD_PAUSE, REVERSED_PAUSE = range(6)
GRU_FORWARD, GRU_REVERSED, RNN_FORWARD, RNN_REVERSED = range(6, 10)
AHEAD = 16
EARLY = 120  # updates
FIRST, LAST, FIRST_THREE, LAST_THREE = slice(0, 1), slice(-1, None), slice(0, 3), slice(-3, None)


@dataclass(frozen=True)
class Config:
    shortest: int = 3
    longest: int = 8
    I: int = 16
    H: int = 32
    B: int = 16
    seeds: int = 10
    updates: int = 600
    check_every: int = 40
    rate: float = 0.01
    clip: float = 1.0
    tested: int = 50  # sentences of each length
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(I=64, H=128, B=64, updates=2000, tested=200)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """What Record keeps, by (arm, check, ..., seed): words and sentences by length, loss, places. And

    gradient   (arm, place, seed) before training: gradient_at_counterpart, in the longest sentences
    steps      (arm, place) steps from reading a word to saying its counterpart, mean over the same sentences
    """
    lengths = range(config.shortest, config.longest + 1)
    drawn = numpy_generator("reversed_source", config.seed_set, "lengths").choice(lengths, config.updates + AHEAD)
    tests = [translation(n, config.tested, generator("reversed_source", config.seed_set, "test", n)) for n in lengths]
    seeds = [("reversed_source", config.seed_set, seed) for seed in range(config.seeds)]

    def train(name: str) -> dict[str, np.ndarray]:
        cell, order = ARMS[name]
        asked = [order.of(source, target) for source, target, _ in tests]
        record = Record([(source.to(context.device), target.to(context.device)) for source, target in asked])
        untrained = build(cell, config, [generator(*seed, "weights") for seed in seeds]).to(context.device)
        reading = order.reading(tests[-1][2]).to(context.device)
        train_fleet(
            seeds,
            partial(build, cell, config),
            partial(batches, order, drawn.tolist(), config.B),
            mean_loss,
            updates=config.updates,
            rate=config.rate,
            clip=config.clip,
            optimiser=Adam(),
            evaluate=record,
            check_every=config.check_every,
            ahead=AHEAD,
            device=context.device,
            watch=context.within,
        )
        return {
            **record.arrays(config.seeds, config.updates // config.check_every),
            "gradient": gradient_at_counterpart(untrained, *record.tests[-1], reading).cpu().numpy().T,
            "steps": order.steps(tests[-1][2]).double().mean(1).numpy(),
        }

    return {
        **context.stack(train, ARMS),
        "updates": np.arange(1, config.updates // config.check_every + 1) * config.check_every,
        "lengths": np.array(lengths),
        "H": np.array(config.H),
        "lag_mean": np.array([order.steps(tests[-1][2]).double().mean() for _, order in ARMS.values()]),
        "lag_least": np.array([order.steps(tests[-1][2]).amin(0).double().mean() for _, order in ARMS.values()]),
    }


def build(cell: type[Cell], config: Config, generators: list[torch.Generator]) -> EncoderDecoder:
    """An untrained fleet; its buffer `number` tells a Record which models it is shown."""
    encoder, decoder = (cell(config.I, config.H, len(generators), generator=generators) for _ in range(2))
    model = EncoderDecoder(encoder, decoder, len(SOURCE) + 1, len(TARGET), generators)
    model.register_buffer("number", torch.arange(len(generators)))
    return model


PER_ARM = ("loss", "places", "words", "sentences", "gradient", "steps", "lag_mean", "lag_least")
turned = swap_entries(0, FORWARD, REVERSED, *PER_ARM)
gru_turned = swap_entries(0, GRU_FORWARD, GRU_REVERSED, *PER_ARM)
rnn_turned = swap_entries(0, RNN_FORWARD, RNN_REVERSED, *PER_ARM)

CLAIMS = [
    Claim(
        "mean-distance-stays",
        "Reversing the source changes the mean distance between a word and its counterpart by {measured} steps.",
        lambda a: exact(a["lag_mean"][REVERSED] - a["lag_mean"][FORWARD]),
        above=-1e-9,
        below=1e-9,
        identity=True,
    ),
    Claim(
        "mean-gradient-stays",
        "And the geometric mean of the gradients hardly changes: before training it is {10^measured} times as large.",
        curves.nearer(FORWARD, REVERSED, slice(None)),
        above=-0.1,
        below=0.1,
        swap=swap_entries(0, FORWARD, FORWARD_PAUSE, *PER_ARM),
    ),
    Claim(
        "first-gradient-grows",
        "The gradient that ties the first word to its counterpart is {10^measured} times as large before training.",
        curves.nearer(FORWARD, REVERSED, FIRST),
        above=1,
        swap=turned,
    ),
    Claim(
        "last-gradient-shrinks",
        "That of the last word is {10^measured} times as large.",
        curves.nearer(FORWARD, REVERSED, LAST),
        below=-1,
        swap=turned,
    ),
    Claim(
        "reversed-is-sooner",
        f"To reach {curves.LEVEL} nats a word, an LSTM that reads forwards needs {{measured}} times the updates.",
        curves.times_the_updates(FORWARD, REVERSED),
        above=1.15,
        swap=turned,
    ),
    Claim(
        "or-the-target",
        "Reversing the target instead does it too: reading and speaking forwards needs {measured} times the updates.",
        curves.times_the_updates(FORWARD, TARGET_REVERSED),
        above=1.1,
        swap=swap_entries(0, FORWARD, TARGET_REVERSED, *PER_ARM),
    ),
    Claim(
        "not-both",
        "Reversing both undoes it: {measured} times the updates of reversing the source alone.",
        curves.times_the_updates(BOTH, REVERSED),
        above=1.1,
        swap=swap_entries(0, BOTH, REVERSED, *PER_ARM),
    ),
    Claim(
        "nearness-not-order",
        "With a pause after the reversed source no word is nearer than without reversing, and it takes {measured} "
        "times the updates of reading forwards.",
        curves.times_the_updates(REVERSED_PAUSE, FORWARD),
        above=1.15,
        swap=swap_entries(0, REVERSED_PAUSE, FORWARD, *PER_ARM),
    ),
    Claim(
        "more-words-right",
        "At the end the share of words right is {measured:.1points} higher with the source reversed, mean over all "
        "lengths.",
        lambda a: bootstrap((curves.end(a, "words", REVERSED) - curves.end(a, "words", FORWARD)).mean(0)),
        above=0.02,
        swap=turned,
    ),
    Claim(
        "near-words-gain",
        f"After {EARLY} updates the LSTM's loss on the first three words is {{measured}} nats lower.",
        curves.gain(FORWARD, REVERSED, FIRST_THREE, EARLY),
        above=0.25,
        swap=turned,
    ),
    Claim(
        "first-words-first-anyway",
        f"Read forwards, all words are equally far, and still the last one's loss is {{measured}} nats above the "
        f"first one's after {EARLY} updates.",
        curves.last_over_first(FORWARD, EARLY),
        above=0.4,
        swap=reverse_axis(2, "places"),
    ),
    Claim(
        "gru-pays-far-away",
        f"A GRU pays for it: after {EARLY} updates its loss on the last three words is {{measured}} nats higher.",
        curves.gain(GRU_REVERSED, GRU_FORWARD, LAST_THREE, EARLY),
        above=0.05,
        swap=gru_turned,
    ),
    Claim(
        "rnn-learns-the-near",
        "A plain RNN gains {measured} nats a word on the first three words.",
        curves.gain(RNN_FORWARD, RNN_REVERSED, FIRST_THREE),
        above=0.5,
        swap=rnn_turned,
    ),
    Claim(
        "rnn-never-the-far",
        "On the last three it gains nothing: its loss there is {measured} nats higher.",
        curves.gain(RNN_REVERSED, RNN_FORWARD, LAST_THREE),
        above=-0.03,
        swap=rnn_turned,
    ),
    Claim(
        "early-words-first",
        "A network that reads the source reversed learns the early words first: after a fifth of the training the loss "
        "of the last word is {measured} nats above that of the first.",
        curves.last_over_first(REVERSED, EARLY),
        above=0,
        source="grosse2019",
    ),
    Claim(
        "late-words-do-not-pay",
        "The late words do not pay for the early ones: with the source reversed the LSTM's loss on the last three "
        "words of the longest sentences ends {measured} nats lower.",
        curves.gain(FORWARD, REVERSED, LAST_THREE),
        above=0,
        source="sutskever2014",
    ),
]

PUBLISHED = [
    Published(
        quantity="test perplexity with the source reversed, as a share of that without",
        published="4.7 / 5.8 = 0.81",
        source="sutskever2014",
        ours=lambda a: power(math.e, bootstrap(curves.end(a, "loss", REVERSED) - curves.end(a, "loss", FORWARD))),
        differs="a made-up language of 20 words, at most 8 in a sentence, one layer of 32 units for four of 1000; "
        "WMT English to French there",
    ),
    Published(
        quantity="quality of the translation with the source reversed, as a multiple of that without",
        published="BLEU 30.6 / 25.9 = 1.18",
        source="sutskever2014",
        ours=lambda a: geometric_mean(
            curves.end(a, "words", REVERSED).mean(0) / curves.end(a, "words", FORWARD).mean(0)
        ),
        differs="share of words right in place for BLEU; the likeliest word at each step for a beam of 12. The 25.9 is "
        "of the paper's text; its table 1 has 26.17, which makes it 1.17",
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["loss"].shape[-1]),
    "updates": lambda a: int(a["updates"][-1]),
    "H": lambda a: int(a["H"]),
    "arms": lambda a: len(ARMS),
    "shortest": lambda a: int(a["lengths"][0]),
    "longest": lambda a: int(a["lengths"][-1]),
    "vocabulary": lambda a: len(SOURCE),
    "early": lambda a: EARLY,
    "averaged": lambda a: curves.END,
    "level": lambda a: curves.LEVEL,
    "least_forward": lambda a: float(a["lag_least"][FORWARD]),
    "least_reversed": lambda a: float(a["lag_least"][REVERSED]),
    "first_two_change": lambda a: float(a["lag_least"][REVERSED]) - 1,  # a share of sentences: then 2 steps, else 1
    "least_pause": lambda a: float(a["lag_least"][REVERSED_PAUSE]),
    "mean": lambda a: float(a["lag_mean"][FORWARD]),
    "mean_pause": lambda a: float(a["lag_mean"][REVERSED_PAUSE]),
    "first_gradient": lambda a: power(10, curves.nearer(FORWARD, REVERSED, FIRST)(a)),
    "last_gradient": lambda a: power(10, curves.nearer(FORWARD, REVERSED, LAST)(a)),
    "slower": curves.times_the_updates(FORWARD, REVERSED),
    "slower_target": curves.times_the_updates(FORWARD, TARGET_REVERSED),
    "pause": curves.times_the_updates(REVERSED_PAUSE, FORWARD),
    "pause_forward": curves.times_the_updates(FORWARD_PAUSE, REVERSED_PAUSE),
    "pause_never": lambda a: int((a["loss"][FORWARD_PAUSE] >= curves.LEVEL).all(0).sum()),  # counted with all updates
    "gru_slower": curves.times_the_updates(GRU_FORWARD, GRU_REVERSED),
    "guess_first": lambda a: math.log(len(KINDS["noun"])),  # a translation begins with one
    "first_early": lambda a: bootstrap(curves.word_loss(a, FORWARD, FIRST, EARLY)),
    "last_early": lambda a: bootstrap(curves.word_loss(a, FORWARD, LAST, EARLY)),
    "words_forward": curves.right_at_the_end("words", FORWARD),
    "words_reversed": curves.right_at_the_end("words", REVERSED),
    "sentences_forward": curves.right_at_the_end("sentences", FORWARD),
    "sentences_reversed": curves.right_at_the_end("sentences", REVERSED),
    "lstm_far": curves.gain(FORWARD, REVERSED, LAST_THREE, EARLY),
    "gru_far": curves.gain(GRU_REVERSED, GRU_FORWARD, LAST_THREE, EARLY),
    "gru_near": curves.gain(GRU_FORWARD, GRU_REVERSED, FIRST_THREE, EARLY),
    "gru_far_end": curves.gain(GRU_REVERSED, GRU_FORWARD, LAST_THREE),
    "gru_last_end": curves.gain(GRU_REVERSED, GRU_FORWARD, LAST),
    "rnn_near": curves.gain(RNN_FORWARD, RNN_REVERSED, FIRST_THREE),
    "rnn_second": curves.gain(RNN_FORWARD, RNN_REVERSED, slice(1, 2)),
    "rnn_words_forward": curves.right_at_the_end("words", RNN_FORWARD),
    "rnn_words_reversed": curves.right_at_the_end("words", RNN_REVERSED),
}
