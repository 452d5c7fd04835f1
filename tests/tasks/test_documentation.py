from __future__ import annotations

from pathlib import Path

import pytest
import torch

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.documentation import ALPHABET, decode, documentation, encode, paragraphs, split, windows


def test_no_paragraph_is_in_both_parts_or_twice_in_one() -> None:
    text = documentation()
    training, validation = paragraphs(text.training), paragraphs(text.validation)
    assert not set(training) & set(validation)
    assert len("\n\n".join(training)) == len(text.training), "a paragraph stands twice in the training text"
    assert 0.05 < len(text.validation) / len(text.training) < 0.2


def test_the_text_is_large_and_of_the_alphabet() -> None:
    text = documentation()
    assert len(text.training) > 200_000
    assert set(text.training + text.validation) <= set(ALPHABET)


def test_the_fingerprint_is_a_sha256_of_this_text() -> None:
    assert len(documentation().fingerprint) == 64
    split.cache_clear()
    first = documentation().fingerprint
    split.cache_clear()
    assert documentation().fingerprint == first


def test_a_file_takes_the_place_of_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, place = documentation().fingerprint, tmp_path / "own.txt"
    place.write_text("\n\n".join(f"Paragraph {n} of a book, naïvely told." for n in range(1000)), encoding="utf-8")
    monkeypatch.setenv("RNNSITE_TEXT", str(place))
    text = documentation()
    assert "Paragraph 7 of a book, na?vely told." in paragraphs(text.training + "\n\n" + text.validation)
    assert text.fingerprint != ours


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read: No such"), (b"\xff\xfe" * 20_000, "not UTF-8"), (b"too short", "9 char")],
)
def test_a_file_that_will_not_do_is_one_sentence(
    content: bytes | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "own.txt"
    if content is not None:
        place.write_bytes(content)
    monkeypatch.setenv("RNNSITE_TEXT", str(place))
    with pytest.raises(RnnsiteError, match=said):
        documentation()


def test_encoding_round_trips_and_foreign_letters_become_question_marks() -> None:
    assert decode(encode(ALPHABET)) == ALPHABET
    assert decode(encode("naïve “w”")) == 'na?ve "w"'


def test_targets_are_the_inputs_one_later() -> None:
    inputs, targets = windows(torch.arange(100), 10, 7, torch.Generator().manual_seed(0))
    assert inputs.shape == targets.shape == (10, 7)
    torch.testing.assert_close(targets, inputs + 1)


def test_too_short_a_text_is_refused() -> None:
    with pytest.raises(RnnsiteError, match="longer text"):
        windows(torch.arange(5), 5, 1, torch.Generator())
