"""Subject–verb agreement from a small grammar, with 0 to K phrases between the subject and its verb.

    sentence → the SUBJECT phrase* VERB ADJECTIVE .
    phrase   → PREPOSITION the NOUN              a noun that agrees with the verb, or an *attractor* that does not
             | MANNER PLACE TIME                 three words without number: the same distance, nothing to confuse
    VERB     → is | are                          by the SUBJECT alone

A network that follows the *nearest* noun (sequential recency) is right until an attractor stands last; only one that
follows the *subject* (what OX and Linzen et al. 2016 call syntax) is right always. Nothing here is anybody's data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rnnsite.errors import RnnsiteError

NONE, AGREEING, ATTRACTOR, NEUTRAL = range(4)  # kinds of phrase

SINGULAR = ("cat", "dog", "key", "cabinet", "letter", "author", "book", "friend", "tree", "window")
PLURAL = tuple(noun + "s" for noun in SINGULAR)
PREPOSITIONS = ("near", "behind", "beside", "above")
MANNER, PLACE, TIME = ("right", "just", "still"), ("here", "there", "outside"), ("today", "now", "again")
ADJECTIVES = ("old", "red", "lost", "new")
PAD, THE, IS, ARE, STOP = range(5)
VOCABULARY = ("", "the", "is", "are", ".", *SINGULAR, *PLURAL, *PREPOSITIONS, *MANNER, *PLACE, *TIME, *ADJECTIVES)
_INDEX = {word: index for index, word in enumerate(VOCABULARY)}


@dataclass(frozen=True)
class Sentences:
    """N sentences, time first, padded with PAD.

    words   (T, N) int64, positions in VOCABULARY
    verb    (N,) where the verb stands: the model has read words[:verb] when it must choose
    plural  (N,) bool, the subject's number
    """

    words: np.ndarray
    verb: np.ndarray
    plural: np.ndarray

    def text(self, n: int) -> str:
        """Sentence `n` in words."""
        return " ".join(VOCABULARY[word] for word in self.words[:, n] if word != PAD)

    @property
    def nearest_plural(self) -> np.ndarray:
        """(N,) the number of the noun nearest before the verb: what sequential recency would answer."""
        first, plural = _INDEX[SINGULAR[0]], _INDEX[PLURAL[0]]
        noun = (first <= self.words) & (self.words < plural + len(PLURAL))
        last = len(noun) - 1 - noun[::-1].argmax(0)
        return self.words[last, np.arange(noun.shape[1])] >= plural


def sentences(phrases: ArrayLike, plural: ArrayLike, random: np.random.Generator) -> Sentences:
    """One sentence for each row of `phrases` (N, K), whose entries are kinds of phrase, and of `plural` (N,).

    >>> made = sentences([[ATTRACTOR, NEUTRAL]], [False], np.random.default_rng(0))
    >>> made.text(0)
    'the book above the authors right here again is new .'
    >>> VOCABULARY[made.words[made.verb[0], 0]], bool(made.plural[0]), bool(made.nearest_plural[0])
    ('is', False, True)
    """
    kinds, number = np.asarray(phrases), np.asarray(plural, dtype=bool)
    if kinds.ndim != 2 or number.shape != kinds.shape[:1]:
        raise RnnsiteError(f"Expected phrases (N, K) and plural (N,), got shapes {kinds.shape} and {number.shape}.")
    if not np.isin(kinds, range(4)).all():
        raise RnnsiteError("A kind of phrase is one of NONE, AGREEING, ATTRACTOR, NEUTRAL (0 to 3).")
    N, K = kinds.shape

    def word(choices: tuple[str, ...], *shape: int) -> np.ndarray:
        return np.array([_INDEX[choice] for choice in choices])[random.integers(len(choices), size=shape)]

    def noun(is_plural: np.ndarray) -> np.ndarray:
        return word(SINGULAR, *is_plural.shape) + len(SINGULAR) * is_plural

    with_noun = np.stack([word(PREPOSITIONS, N, K), np.full((N, K), THE), noun(number[:, None] ^ (kinds == ATTRACTOR))])
    neutral = np.stack([word(MANNER, N, K), word(PLACE, N, K), word(TIME, N, K)])
    phrase = np.where(kinds == NEUTRAL, neutral, with_noun) * (kinds != NONE)  # (3, N, K)
    middle = phrase.transpose(2, 0, 1).reshape(3 * K, N)
    start = np.stack([np.full(N, THE), noun(number)])
    end = np.stack([np.where(number, ARE, IS), word(ADJECTIVES, N), np.full(N, STOP)])
    words = np.concatenate([start, middle, end]).astype(np.int64)
    order = np.argsort(words == PAD, axis=0, kind="stable")  # absent phrases move to the end, as padding
    words = np.take_along_axis(words, order, axis=0)
    return Sentences(words, 2 + 3 * (kinds != NONE).sum(1), number)


def everyday(
    count: int,
    random: np.random.Generator,
    *,
    lengths: tuple[float, ...] = (0.4, 0.3, 0.15, 0.1, 0.05),
    neutral: float = 0.5,
    attractor: float = 0.25,
) -> Sentences:
    """Sentences as a learner meets them: mostly short, and a noun on the way mostly agrees.

    lengths    how often 0, 1, 2, … phrases stand between subject and verb
    neutral    how often a phrase has no noun
    attractor  how often a phrase's noun disagrees with the subject
    """
    K = len(lengths) - 1
    present = np.arange(K) < random.choice(K + 1, size=count, p=lengths)[:, None]
    noun = np.where(random.random((count, K)) < attractor, ATTRACTOR, AGREEING)
    kinds = np.where(random.random((count, K)) < neutral, NEUTRAL, noun)
    return sentences(kinds * present, random.random(count) < 0.5, random)


def questions(K: int = 4) -> dict[str, tuple[int, ...]]:
    """Rows of phrases to test with, by name: only attractors, only neutral phrases, only agreeing nouns, and one
    attractor among agreeing nouns, counted back from the verb.

    >>> questions(2)
    {'attractors 0': (0, 0), 'attractors 1': (2, 0), 'attractors 2': (2, 2), 'neutral 1': (3, 0), 'neutral 2': (3, 3), \
'agreeing 2': (1, 1), 'attractor 1 back': (1, 2), 'attractor 2 back': (2, 1)}
    """

    def alone(kind: int, count: int) -> tuple[int, ...]:
        return (kind,) * count + (NONE,) * (K - count)

    return {
        **{f"attractors {count}": alone(ATTRACTOR, count) for count in range(K + 1)},
        **{f"neutral {count}": alone(NEUTRAL, count) for count in range(1, K + 1)},
        f"agreeing {K}": alone(AGREEING, K),
        **{
            f"attractor {j} back": tuple(ATTRACTOR if K - i == j else AGREEING for i in range(K))
            for j in range(1, K + 1)
        },
    }
