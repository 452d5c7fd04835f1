"""Translation in small: sentences of one made-up lexicon, to be said in the words of another.

No paper's task: it is made so that every word's counterpart is known, as none is in a real corpus. A sentence
alternates noun phrases and verb phrases, a noun phrase first. A phrase is one word (noun, verb) or two (adjective noun,
adverb verb), each with probability ½, but where only one word is still missing it is one. Within its kind every word is
equally likely. The translation has the k-th word of `TARGET` for the k-th of `SOURCE`, in the same order, except that
the two words of a phrase change places, as they often do between English and Spanish: no word moves by more than one
place.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError

KINDS = {"noun": range(8), "verb": range(8, 12), "adjective": range(12, 16), "adverb": range(16, 20)}
SOURCE = (
    *("dogs", "cats", "birds", "horses", "farmers", "children", "sailors", "friends"),
    *("see", "like", "hear", "follow"),
    *("old", "small", "happy", "brown"),
    *("often", "never", "still", "always"),
)
TARGET = (
    *("balo", "kime", "rusa", "tepi", "dona", "lifu", "maso", "geli"),
    *("vor", "zan", "pel", "nik"),
    *("ota", "ume", "iri", "esu"),
    *("ilan", "osk", "uru", "ame"),
)
PHRASES = (("noun", "adjective"), ("verb", "adverb"))  # head and modifier, in turn


def translation(length: int, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Words of the source (L, B), words of the target (L, B), and for each of these its counterpart's place (L, B).

    Words are numbers, places in `SOURCE` and `TARGET`. target[j, b] == source[places[j, b], b].
    Raises RnnsiteError for a length below 1.

    >>> source, target, places = translation(6, 1, torch.Generator().manual_seed(3))
    >>> " ".join(SOURCE[word] for word in source[:, 0])
    'old children never like brown horses'
    >>> " ".join(TARGET[word] for word in target[:, 0]), places[:, 0].tolist()
    ('lifu ota zan osk tepi esu', [1, 0, 3, 2, 5, 4])
    """
    if length < 1:
        raise RnnsiteError(f"A sentence has at least 1 word, got {length}.")
    modified = torch.rand(length, batch, generator=generator) < 0.5  # of the phrase that begins here, if one does
    heads, modifiers = (_words(place, length, batch, generator) for place in (0, 1))
    source = torch.empty(length, batch, dtype=torch.long)
    places = torch.arange(length)[:, None].repeat(1, batch)
    turn = torch.zeros(batch, dtype=torch.long)  # 0 noun phrase, 1 verb phrase
    second = torch.zeros(batch, dtype=torch.bool)  # this word is the head after a modifier
    for t in range(length):
        first = ~second & modified[t] & (t + 1 < length)
        source[t] = torch.where(first, modifiers[t].gather(0, turn[None])[0], heads[t].gather(0, turn[None])[0])
        places[t] += first.long() - second.long()
        turn = torch.where(first, turn, 1 - turn)
        second = first
    return source, source.gather(0, places), places


def _words(place: int, length: int, batch: int, generator: torch.Generator) -> Tensor:
    """A head (place 0) or a modifier (1) of either phrase for every place in every sentence, (L, 2, B)."""
    drawn = []
    for phrase in PHRASES:
        words = KINDS[phrase[place]]
        drawn.append(torch.randint(words.start, words.stop, (length, batch), generator=generator))
    return torch.stack(drawn, 1)
