"""Sentences and whether each is meant well or ill: what a generated and a real source of them both give.

Two sources: `rnnsite.tasks.sentiment_grammar` invents its sentences, `rnnsite.tasks.sst2` reads those of film critics.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError

PAD = 0  # stands before a sentence, never in it


class Part(NamedTuple):
    """N sentences: words (T, N) int64, time first, padded at the *front*; y (N,) int64, 1 for a favourable one."""

    words: Tensor
    y: Tensor

    @property
    def lengths(self) -> Tensor:
        """(N,) words in each sentence."""
        return (self.words != PAD).sum(0)


class Corpus(NamedTuple):
    """What there is to learn from, to stop by and to test with, and the words that the numbers stand for."""

    vocabulary: tuple[str, ...]
    train: Part
    dev: Part
    test: Part


def part(sentences: Sequence[Sequence[int]], y: Sequence[int]) -> Part:
    """Lists of word numbers, padded at the front: the last word of every sentence stands in the last row.

    Raises RnnsiteError where there is none, one is empty, or the labels are not as many.

    >>> part([[5, 6, 7], [8]], [1, 0]).words.T.tolist()
    [[5, 6, 7], [0, 0, 8]]
    """
    if not sentences or len(sentences) != len(y):
        raise RnnsiteError(f"Got {len(sentences)} sentences and {len(y)} labels; expected one label for each.")
    if not all(sentences):
        raise RnnsiteError("A sentence without words has no sentiment; expected at least one word in each.")
    longest = max(map(len, sentences))
    words = torch.full((len(sentences), longest), PAD)
    for row, sentence in zip(words, sentences, strict=True):
        row[longest - len(sentence) :] = torch.tensor(sentence)
    return Part(words.T.contiguous(), torch.tensor(list(y)))
