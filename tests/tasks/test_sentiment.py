"""The generated language by a second reading of its rules, sentences from files, and word vectors from a file."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.sentiment import PAD, part
from rnnsite.tasks.sentiment_grammar import BAD, GOOD, PEOPLE, THINGS, VOCABULARY, grammar, labelled, reviews, value
from rnnsite.tasks.sst2 import UNKNOWN, corpus, glove, read

CLAUSE = re.compile(
    rf"the ({'|'.join(THINGS)})( that my ({'|'.join(PEOPLE)}) called \w+)? is(?P<not> not| never)?"
    rf"( as my ({'|'.join(PEOPLE)}) said)?(?P<degree> very| slightly)? (?P<word>{'|'.join(GOOD + BAD)})"
)


def by_clauses(review: str) -> int:
    """r, from the clauses taken apart by a regular expression."""
    first, *rest = re.split(r" (and|but|though) ", review)
    r = 0
    for join, clause in [("but", first), *zip(rest[::2], rest[1::2], strict=True)]:
        found = CLAUSE.fullmatch(clause)
        assert found, clause
        v = {" very": 3, None: 2, " slightly": 1}[found["degree"]]
        v *= (-1 if found["word"] in BAD else 1) * (-1 if found["not"] else 1)
        r = r + v if join == "and" else v if join == "but" else r
    return r


def test_every_review_is_in_the_language_and_has_the_value_of_its_clauses() -> None:
    written = reviews(2000, np.random.default_rng(0))
    assert [value(review) for review in written] == [by_clauses(review) for review in written]
    assert all(value(review) for review in written)
    assert 0.45 < np.mean([value(review) > 0 for review in written]) < 0.55


def test_who_knows_the_rules_is_right_at_the_bayes_rate() -> None:
    made = grammar((4000, 10, 10), np.random.default_rng(1), flip=0.05).train
    known = [value(" ".join(VOCABULARY[word] for word in column if word != PAD)) > 0 for column in made.words.T]
    assert np.mean(np.array(known) == made.y.numpy()) == pytest.approx(0.95, abs=0.012)


def test_order_counts() -> None:
    assert value("the film is good but the plot is bad") == -value("the plot is bad but the film is good") == -2
    assert value("the film is good though the plot is not very good") == 2


def test_sentences_stand_at_the_end_of_their_column() -> None:
    made = labelled(reviews(50, np.random.default_rng(2)), np.random.default_rng(3))
    assert bool((made.words[-1] != PAD).all())
    for column, length in zip(made.words.T, made.lengths, strict=True):
        assert bool((column[-length:] != PAD).all())
        assert bool((column[:-length] == PAD).all())


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: part([], []), "Got 0 sentences"),
        (lambda: part([[1], []], [0, 1]), "without words"),
        (lambda: reviews(1, np.random.default_rng(0), joins=("or",)), "joined by and, but, though"),
        (lambda: reviews(1, np.random.default_rng(0), clauses=(0.5, 0.2)), "add up to 1"),
        (lambda: labelled(["the film is good"], np.random.default_rng(0), flip=0.7), "below a half"),
    ],
)
def test_faults_are_one_sentence(call, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RnnsiteError, match=says):
        call()


def test_words_that_are_rare_in_training_share_a_number(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("train.tsv", "dev.tsv", "test.tsv")]
    for path, text in zip(paths, ("so good\t1\nso so bad\t0\n", "so bad\t0\n", "never seen\t1\n"), strict=True):
        path.write_text(text, encoding="utf-8")
    made = corpus(*paths, 2)
    assert made.vocabulary == ("", "<unknown>", "so")
    assert made.train.words.T.tolist() == [[PAD, 2, UNKNOWN], [2, 2, UNKNOWN]]
    assert made.test.words.T.tolist() == [[UNKNOWN, UNKNOWN]]


def test_a_line_out_of_format_is_named(tmp_path: Path) -> None:
    path = tmp_path / "train.tsv"
    path.write_text("sentence\tlabel\n", encoding="utf-8")
    with pytest.raises(RnnsiteError, match=r"line 1: expected words, a tab and 0 or 1"):
        read(path)


def test_given_vectors(tmp_path: Path) -> None:
    path = tmp_path / "glove.txt"
    path.write_text("so 1 2\nother 3 4\n", encoding="utf-8")
    vectors = glove(path, ("", "<unknown>", "so"), 2)
    assert vectors[2].tolist() == [1, 2]
    assert bool(vectors[:2].isnan().all())
    with pytest.raises(RnnsiteError, match="line 1: 2 numbers, expected 3"):
        glove(path, ("", "so"), 3)
    with pytest.raises(RnnsiteError, match="none of the 1 words"):
        glove(path, ("", "unheard"), 2)
    with pytest.raises(RnnsiteError, match="cannot be read as word vectors"):
        glove(tmp_path / "absent.txt", ("", "so"), 2)
