"""A translation is what a slow translator with a dictionary would say, phrase by phrase."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.translation import KINDS, SOURCE, TARGET, translation

DICTIONARY = dict(zip(SOURCE, TARGET, strict=True))
KIND = {SOURCE[word]: kind for kind, words in KINDS.items() for word in words}


def phrases(words: list[str]) -> list[list[str]]:
    """The sentence cut before each phrase; asserts the grammar."""
    found, turn = [], [("adjective", "noun"), ("adverb", "verb")]
    while words:
        modifier, head = turn[len(found) % 2]
        size = 2 if KIND[words[0]] == modifier else 1
        phrase, words = words[:size], words[size:]
        assert [KIND[word] for word in phrase] == [modifier, head][-size:]
        found.append(phrase)
    return found


@given(st.integers(1, 12), st.integers(0, 2**31))
def test_it_is_what_a_translator_with_a_dictionary_says(length, seed):
    source, target, places = translation(length, 3, torch.Generator().manual_seed(seed))
    for b in range(3):
        words = [SOURCE[word] for word in source[:, b]]
        said = [DICTIONARY[word] for phrase in phrases(words) for word in reversed(phrase)]
        assert said == [TARGET[word] for word in target[:, b]]
        assert sorted(places[:, b].tolist()) == list(range(length))
        assert [DICTIONARY[words[place]] for place in places[:, b]] == said
        assert (places[:, b] - torch.arange(length)).abs().max() <= 1


def test_the_lexica_have_no_word_twice():
    assert len(DICTIONARY) == len(set(TARGET)) == len(SOURCE) == sum(len(words) for words in KINDS.values())


def test_phrases_and_words_are_equally_likely():
    source, _, _ = translation(6, 8000, torch.Generator().manual_seed(1))
    nouns = torch.isin(source[0], torch.tensor(list(KINDS["noun"])))
    assert nouns.float().mean() == pytest.approx(0.5, abs=0.03)
    share = torch.bincount(source[0][nouns], minlength=8).float() / nouns.sum()
    assert torch.allclose(share, torch.full_like(share, 1 / 8), atol=0.02)


def test_a_sentence_has_a_word():
    with pytest.raises(RnnsiteError, match=r"at least 1 word, got 0\.$"):
        translation(0, 1, torch.Generator())
