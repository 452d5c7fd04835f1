from __future__ import annotations

import numpy as np
import pytest

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.agreement_grammar import (
    AGREEING,
    ARE,
    ATTRACTOR,
    IS,
    NEUTRAL,
    NONE,
    PAD,
    PLURAL,
    SINGULAR,
    VOCABULARY,
    everyday,
    sentences,
)

NOUNS = {**dict.fromkeys(SINGULAR, False), **dict.fromkeys(PLURAL, True)}


def nouns_before_verb(text: str) -> list[bool]:
    before = text.replace(" are ", " is ").split(" is ")[0]
    return [NOUNS[word] for word in before.split() if word in NOUNS]


def test_the_verb_agrees_with_the_subject_and_stands_where_it_is_said_to() -> None:
    made = everyday(500, np.random.default_rng(0))
    for n in range(500):
        nouns = nouns_before_verb(made.text(n))
        assert nouns[0] == made.plural[n]
        assert nouns[-1] == made.nearest_plural[n]
        assert made.words[made.verb[n], n] == (ARE if made.plural[n] else IS)


@pytest.mark.parametrize("plural", [False, True])
def test_each_kind_of_phrase_does_what_it_is_called(plural: bool) -> None:
    made = sentences([[AGREEING, ATTRACTOR, NEUTRAL, NONE]], [plural], np.random.default_rng(1))
    assert nouns_before_verb(made.text(0)) == [plural, plural, not plural]
    assert made.verb[0] == 2 + 3 * 3


def test_padding_is_at_the_end_alone() -> None:
    made = everyday(200, np.random.default_rng(2))
    first_pad = (made.words != PAD).sum(0)
    for n in range(200):
        assert (made.words[first_pad[n] :, n] == PAD).all()
        assert VOCABULARY[made.words[first_pad[n] - 1, n]] == "."


def test_the_nearest_noun_is_usually_right_in_everyday_sentences() -> None:
    made = everyday(4000, np.random.default_rng(3))
    assert 0.85 < np.mean(made.nearest_plural == made.plural) < 0.95


def test_wrong_shapes_and_kinds_are_refused() -> None:
    with pytest.raises(RnnsiteError, match="phrases"):
        sentences([ATTRACTOR], [True], np.random.default_rng(0))
    with pytest.raises(RnnsiteError, match="kind of phrase"):
        sentences([[7]], [True], np.random.default_rng(0))
