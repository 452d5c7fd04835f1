"""A small language of opinions whose sentiment needs order and range: negation, contrast, degree, hearsay.

    review → clause | clause JOIN clause | clause JOIN clause JOIN clause
    clause → the THING [that my PERSON called ADJECTIVE] is [NEGATION] [as my PERSON said] [DEGREE] ADJECTIVE
    JOIN   → and | but | though

A clause is worth +2 for a good adjective and −2 for a bad one: ±3 after "very", ±1 after "slightly", and the other sign
after a negation. What a PERSON called the THING counts nothing. Clauses are worked off from left to right:

    and     r ← r + v      the clause is added to what was said before
    but     r ← v          it replaces what was said before
    though  r ← r          it is granted and counts nothing

The label is the sign of r, and is flipped with a known probability, so the best that anyone can do on labels that are
flipped too, the Bayes rate, is 1 − flip exactly. A review with r = 0 is not in the language.

How often each part occurs was set by looking at the memory without gates alone, before any gated network saw the
language: it should learn something, and leave something to be learned. Ours; nobody's data.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.sentiment import Corpus, Part, part

GOOD = ("good", "fine", "clever", "moving", "funny", "bright", "warm", "bold", "sharp", "lovely", "fresh", "wise")
BAD = ("bad", "dull", "silly", "flat", "slow", "cold", "weak", "stale", "clumsy", "empty", "loud", "thin")
THINGS = ("film", "plot", "cast", "music", "script", "ending")
PEOPLE = ("sister", "brother", "neighbour", "teacher", "friend", "boss")
DEGREES = {"very": 3, "slightly": 1}
NEGATIONS = ("not", "never")
JOINS = ("and", "but", "though")
_PLAIN = ("", "the", "that", "my", "called", "is", "as", "said")
VOCABULARY = (*_PLAIN, *JOINS, *NEGATIONS, *DEGREES, *THINGS, *PEOPLE, *GOOD, *BAD)
_NUMBER = {word: number for number, word in enumerate(VOCABULARY)}


def value(review: str) -> int:
    """r of a review, read off its words; its sign is the sentiment.

    >>> value("the film is good"), value("the film is not very good")
    (2, -3)
    >>> value("the film that my boss called dull is good but the plot is not as my sister said fine")
    -2
    >>> value("the cast is slightly weak though the music is very lovely")
    -1
    """
    r, v, sign, degree, join, hearsay = 0, 0, 1, 2, "but", False
    for word in (*review.split(), "and"):
        if word == "the":
            sign, degree, hearsay = 1, 2, False
        elif word in JOINS:
            r = {"and": r + v, "but": v, "though": r}[join]
            join = word
        elif word == "called":
            hearsay = True
        elif word in NEGATIONS:
            sign = -1
        elif word in DEGREES:
            degree = DEGREES[word]
        elif word in GOOD or word in BAD:
            v = sign * degree * (1 if word in GOOD else -1) * (not hearsay)
            hearsay = False
    return r


def reviews(
    count: int,
    random: np.random.Generator,
    *,
    clauses: tuple[float, ...] = (0.5, 0.35, 0.15),
    hearsay: float = 0.25,
    negation: float = 0.15,
    said: float = 0.2,
    degree: float = 0.3,
    joins: tuple[str, ...] = JOINS,
) -> list[str]:
    """So many reviews, each with r ≠ 0.

    clauses    how often a review has 1, 2, 3 … of them
    hearsay, negation, said, degree   how often a clause has that part
    joins      the words that join two clauses, each as often as the others

    >>> reviews(2, np.random.default_rng(1))[1]
    'the plot is very lovely'
    """
    if not joins or set(joins) - set(JOINS):
        raise RnnsiteError(f"Clauses are joined by {', '.join(JOINS)}; got {joins!r}.")
    if abs(sum(clauses) - 1) > 1e-9 or min(clauses) < 0:
        raise RnnsiteError(f"`clauses` must be probabilities that add up to 1; got {clauses}.")

    def one(words: Sequence[str]) -> str:
        return words[int(random.integers(len(words)))]

    def clause() -> list[str]:
        has = random.random(4) < (hearsay, negation, said, degree)
        return [
            *("the", one(THINGS)),
            *(("that", "my", one(PEOPLE), "called", one((*GOOD, *BAD))) if has[0] else ()),
            "is",
            *((one(NEGATIONS),) if has[1] else ()),
            *(("as", "my", one(PEOPLE), "said") if has[2] else ()),
            *((one(tuple(DEGREES)),) if has[3] else ()),
            one((*GOOD, *BAD)),
        ]

    made: list[str] = []
    while len(made) < count:
        words = clause()
        for _ in range(int(random.choice(len(clauses), p=clauses))):
            words += [one(joins), *clause()]
        review = " ".join(words)
        if value(review) != 0:
            made.append(review)
    return made


def labelled(written: Sequence[str], random: np.random.Generator, flip: float = 0.0) -> Part:
    """The reviews as numbers, with their labels, each flipped with this probability.

    >>> labelled(["the film is good", "the end is bad".replace("end", "ending")], np.random.default_rng(0)).y.tolist()
    [1, 0]
    """
    if not 0 <= flip < 0.5:
        raise RnnsiteError(f"flip is {flip}; expected a probability below a half.")
    flipped = random.random(len(written)) < flip
    y = [int((value(review) > 0) != turn) for review, turn in zip(written, flipped, strict=True)]
    return part([[_NUMBER[word] for word in review.split()] for review in written], y)


def grammar(sizes: tuple[int, int, int], random: np.random.Generator, flip: float = 0.05) -> Corpus:
    """A corpus of the language: so many reviews to learn from, to stop by and to test with, all with flipped labels.

    The Bayes rate is 1 − flip. Drawn afresh each: a short review may stand in two parts, as in life.

    >>> corpus = grammar((10, 5, 5), np.random.default_rng(0))
    >>> corpus.train.words.shape[1], corpus.dev.y.shape[0], len(corpus.vocabulary)
    (10, 5, 51)
    """
    return Corpus(VOCABULARY, *(labelled(reviews(size, random), random, flip) for size in sizes))
