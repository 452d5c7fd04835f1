"""The eight rows of the gate table: a memory without gates, and every choice of input, forget and output gate.

    c_t = c_{t−1} + tanh(U x_t + W h_{t−1} + b),  h_t = tanh(c_t)      no gates; each gate multiplies one of the terms

The gates have peepholes: i and f see c_{t−1}, o sees c_t. Both experiments of the page "Building the LSTM" train these
rows, on sentences of two kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.lstm import LSTM
from rnnsite.seeding import generator
from rnnsite.tasks.sentiment import Corpus
from rnnsite.training.sentences import Learned, SentenceClassifier, learn, right

ROWS = ("", "o", "i", "io", "f", "if", "fo", "ifo")  # in the lecture's order


@dataclass(frozen=True)
class Protocol:
    """What the lecture says: 25, 50, 10, 10. What it does not say: the last four, and the seeds."""

    vectors: int = 25
    H: int = 50
    epochs: int = 10
    batch: int = 10
    rate: float = 0.05  # of AdaGrad, for all rows: the best for the memory without gates, on seed sets from 1000 up
    spread: float = 0.1  # of the word vectors at the start
    forget_bias: float = 1.0
    seeds: int = 20
    seed_set: int = 0


def build(
    gates: str,
    words: int,
    path: tuple[str | int, ...],
    protocol: Protocol,
    seeds: range | None = None,
    given: Tensor | None = None,
) -> SentenceClassifier:
    """One model a seed. Word vectors and outputs start the same in every row, and so do blocks at the same place."""
    seeds = seeds or range(protocol.seeds)
    cell = LSTM(
        protocol.vectors,
        protocol.H,
        len(seeds),
        generator=[generator(*path, seed, "weights") for seed in seeds],
        gates=gates,
        peepholes=bool(gates),
        forget_bias=protocol.forget_bias if "f" in gates else 0.0,
    )
    own = [generator(*path, seed, "words") for seed in seeds]
    return SentenceClassifier(cell, words, own, spread=protocol.spread, given=given)


def train_row(
    gates: str,
    corpora: Sequence[Corpus],
    path: tuple[str | int, ...],
    protocol: Protocol,
    *,
    seeds: range | None = None,
    given: Tensor | None = None,
    updates: int | None = None,
    watch: Callable[[float], None] | None = None,
    device: torch.device | str = "cpu",
) -> tuple[Learned, dict[str, np.ndarray]]:
    """One row, trained on the same sentences in the same batches as every other, and what is kept of it.

    corpora   one a seed; `seeds` some of the protocol's, all by default
    accuracy (seed) on the test set, of the weights after the best epoch; best (seed) that epoch, from 1; dev and losses
    (seed, epoch); first_losses (seed, update) of the first 200 updates; parameters without the word vectors.
    """
    seeds = seeds or range(protocol.seeds)
    model = build(gates, len(corpora[0].vocabulary), path, protocol, seeds, given).to(device)
    learned = learn(
        model,
        corpora,
        [generator(*path, seed, "batches") for seed in seeds],
        generator(*path, "order"),
        epochs=protocol.epochs,
        batch=protocol.batch,
        rate=protocol.rate,
        updates=updates,
        watch=watch,
    )
    answers = right(learned.module, [corpus.test for corpus in corpora])
    counted = [p[0].numel() for name, p in model.named_parameters() if name != "E" and p.requires_grad]
    kept: dict[str, Any] = {
        "accuracy": answers.double().mean(1).numpy(),
        "right": np.packbits(answers.numpy(), axis=1),
        "best": learned.best.numpy() + 1,
        "dev": learned.dev.T.numpy(),
        "losses": learned.losses.T.numpy(),
        "first_losses": learned.first_losses.T.numpy(),
        "parameters": np.array(sum(counted)),
    }
    return learned, kept
