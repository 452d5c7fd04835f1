"""The gate table on film critics' sentences: eight memories from no gate to three, as in the lecture.

Page: docs/gates/building-the-lstm.md
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnsite import data
from rnnsite.context import Context
from rnnsite.tasks.sst2 import glove, sst2
from rnnsite.training.gate_by_gate import ROWS, Protocol, train_row

TITLE = "The gate table, on SST-2"
PAGE = "gates/building-the-lstm"
SECONDS = 1200  # about, on one core
RECORDED = True  # its data must be fetched, so a build shows the result that lies in rnnsite/recorded


@dataclass(frozen=True)
class Config(Protocol):
    at_least: int = 2  # times a word must be seen in training to have a vector of its own
    vectors_from: str = ""  # a GloVe text file of vectors of this size; "" learns all vectors from a random start


CONFIGS = {"quick": Config(), "paper": Config()}


def data_fingerprint() -> str:
    """The checksums of the three files."""
    return data.fingerprint("sst2")


def run(config: Config, context: Context, updates: int | None = None) -> dict[str, np.ndarray]:
    """By (row, seed): see rnnsite.training.gate_by_gate.train_row. `updates` ends each training early, for a replay.

    Raises RnnsiteError where SST-2 is not there.
    """
    corpus = sst2(config.at_least)
    given = None
    if config.vectors_from:
        given = glove(Path(os.path.expanduser(config.vectors_from)), corpus.vocabulary, config.vectors)

    def train(gates: str) -> dict[str, np.ndarray]:
        path = ("building_the_lstm_sst2", config.seed_set)
        _, kept = train_row(
            gates,
            [corpus] * config.seeds,
            path,
            config,
            given=given,
            updates=updates,
            watch=context.within,
            device=context.device,
        )
        return kept

    sizes = [len(one.y) for one in corpus[1:]]
    return {**context.stack(train, ROWS), "sizes": np.array(sizes), "words": np.array(len(corpus.vocabulary))}


CLAIMS = []
