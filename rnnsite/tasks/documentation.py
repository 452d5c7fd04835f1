"""Real text that every Python already has: the language reference in `pydoc_data.topics`.

No download, no licence to carry. The text is part of CPython and changes a little from version to version, so
numbers trained on it compare only where its fingerprint is the same. With RNNSITE_TEXT, the path of a text file, that
file takes its place in every experiment that reads text; results are kept apart by the fingerprint.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError

# Printable ASCII and the line break: fixed, so that models have one shape whatever the Python version.
ALPHABET = "\n" + "".join(map(chr, range(32, 127)))
# The few typographic characters of the topics, in plain form; anything else becomes a question mark.
_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "—": "-", "–": "-", "…": "..."})


@dataclass(frozen=True)
class Documentation:
    """Two disjoint sets of paragraphs, as strings of `ALPHABET`, and the sha256 of both together."""

    training: str
    validation: str
    fingerprint: str


def paragraphs(text: str) -> list[str]:
    """The distinct paragraphs of `text`, in order of first appearance.

    >>> paragraphs("one\\n\\ntwo\\ntwo\\n\\n\\none\\n")
    ['one', 'two\\ntwo']
    """
    blocks = (block.strip("\n") for block in re.split(r"\n[ \t]*\n", text))
    return list(dict.fromkeys(block for block in blocks if block.strip()))


def encode(text: str) -> Tensor:
    """Positions in `ALPHABET`, int64, shape (len(text),).

    >>> encode("Is\\n").tolist()
    [42, 84, 0]
    """
    plain = text.translate(_PLAIN)
    return torch.tensor([ALPHABET.find(letter) if letter in ALPHABET else ALPHABET.index("?") for letter in plain])


def decode(codes: Tensor) -> str:
    """The inverse of `encode` on text of `ALPHABET`.

    >>> decode(encode("h(t) = tanh(a)"))
    'h(t) = tanh(a)'
    """
    return "".join(ALPHABET[code] for code in codes.tolist())


def documentation(validation_share: float = 0.1) -> Documentation:
    """The text, in two parts (see `split`). Raises RnnsiteError where there is none, or too little."""
    return split(
        _of_file(os.environ["RNNSITE_TEXT"]) if os.environ.get("RNNSITE_TEXT") else _topics(), validation_share
    )


@functools.cache
def split(text: str, validation_share: float) -> Documentation:
    """The text, deduplicated by paragraph *before* the split, so that no paragraph is in both parts.

    A paragraph's side depends on its own words alone (the first byte of its sha256), so a changed paragraph in
    another Python version moves nothing else.
    """
    plain = (paragraph.translate(_PLAIN) for paragraph in paragraphs(text))
    kept = [re.sub(f"[^{re.escape(ALPHABET)}]", "?", paragraph) for paragraph in plain]
    sides: tuple[list[str], list[str]] = ([], [])
    for paragraph in kept:
        sides[hashlib.sha256(paragraph.encode()).digest()[0] < 256 * validation_share].append(paragraph)
    training, validation = ("\n\n".join(side) for side in sides)
    fingerprint = hashlib.sha256(f"{training}\0{validation}".encode()).hexdigest()
    return Documentation(training, validation, fingerprint)


@functools.cache
def _topics() -> str:
    try:
        from pydoc_data.topics import topics
    except ImportError as missing:
        raise RnnsiteError(
            "This Python comes without pydoc_data, whose text the experiment trains on; "
            "install the full standard library."
        ) from missing
    return "\n\n".join(topics[key] for key in sorted(topics))


LEAST = 20_000  # characters of a file: less is too little to watch a network on


def _of_file(place: str) -> str:
    try:
        text = Path(place).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise RnnsiteError(f"RNNSITE_TEXT names {place}, which cannot be read: {reason}.") from None
    if len(text) < LEAST:
        raise RnnsiteError(f"RNNSITE_TEXT names {place}, of {len(text)} characters; expected at least {LEAST}.")
    return text


def windows(codes: Tensor, length: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """`count` random stretches of `length` characters and, at each, the character that follows.

    Returns inputs and targets, int64, both of shape (length, count), time first.

    >>> inputs, targets = windows(encode("tanh"), 3, 1, torch.Generator())
    >>> decode(inputs[:, 0]), decode(targets[:, 0])
    ('tan', 'anh')
    """
    if len(codes) <= length:
        raise RnnsiteError(f"Windows of {length} characters need a longer text than {len(codes)} characters.")
    starts = torch.randint(len(codes) - length, (count,), generator=generator)
    index = starts + torch.arange(length + 1)[:, None]
    stretch = codes[index]
    return stretch[:-1], stretch[1:]
