"""SST-2: sentences of film critics, favourable or not, from the Stanford Sentiment Treebank.

Source: Socher et al. 2013. The version read here holds whole sentences only (6,920, 872 and 1,821 of them, neutral ones
left out), in lower case, split into words: one a line, a tab, 0 or 1. The files are fetched by `rnnsite data get sst2`
or put into a folder that RNNSITE_DATA names, never by a build.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import torch
from torch import Tensor

from rnnsite import data
from rnnsite.errors import RnnsiteError
from rnnsite.tasks.sentiment import Corpus, part

UNKNOWN = 1  # the number of every word that is too rare to have one


def sst2(at_least: int = 2) -> Corpus:
    """The sentences as numbers. Words seen less often than `at_least` times in training share one number, UNKNOWN.

    Raises RnnsiteError where the files are missing or are not SST-2's.

    "a waste of time" in `train.tsv`, with the label 0, is a column [0 … 0, a, waste, of, time] of train.words and a 0
    of train.y.
    """
    paths = dict(zip(("train", "dev", "test"), data.find("sst2"), strict=True))
    return corpus(paths["train"], paths["dev"], paths["test"], at_least)


def corpus(train: Path, dev: Path, test: Path, at_least: int = 2) -> Corpus:
    """The same from any three files in the format."""
    texts = [read(path) for path in (train, dev, test)]
    counts = Counter(word for sentence, _ in texts[0] for word in sentence)
    vocabulary = ("", "<unknown>", *sorted(word for word, count in counts.items() if count >= at_least))
    number = {word: k for k, word in enumerate(vocabulary)}
    parts = [
        part([[number.get(word, UNKNOWN) for word in sentence] for sentence, _ in text], [y for _, y in text])
        for text in texts
    ]
    return Corpus(vocabulary, *parts)


def read(path: Path) -> list[tuple[list[str], int]]:
    """(words, label) of each line. Raises RnnsiteError, with the line's number, for one that is not in the format."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RnnsiteError(f"{path} cannot be read as text ({error}).") from None
    found = []
    for number, line in enumerate(lines, 1):
        sentence, tab, label = line.rpartition("\t")
        if not tab or label not in {"0", "1"} or not sentence.split():
            raise RnnsiteError(f"{path}, line {number}: expected words, a tab and 0 or 1, got {line[:40]!r}.")
        found.append((sentence.split(), int(label)))
    return found


def glove(path: Path, vocabulary: tuple[str, ...], size: int) -> Tensor:
    """Vectors (words, size) of a vocabulary from a GloVe text file, NaN for words that are not in it.

    Each line is a word and `size` numbers. Raises RnnsiteError for another size, or where no word is found.
    """
    wanted = {word: k for k, word in enumerate(vocabulary) if word}
    vectors = torch.full((len(vocabulary), size), torch.nan)
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                word, *numbers = line.rstrip("\n").split(" ")
                if len(numbers) != size:
                    raise RnnsiteError(f"{path}, line {number}: {len(numbers)} numbers, expected {size}.")
                if word in wanted:
                    vectors[wanted[word]] = torch.tensor([float(entry) for entry in numbers])
    except (OSError, ValueError) as error:
        raise RnnsiteError(f"{path} cannot be read as word vectors ({error}).") from None
    if bool(vectors.isnan().all()):
        raise RnnsiteError(f"{path} has none of the {len(wanted)} words; expected a GloVe text file.")
    return vectors
