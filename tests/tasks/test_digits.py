"""Digits as sequences: the pixels in reading order, a split without overlap, and clear words when they are missing."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

from rnnsite.errors import RnnsiteError
from rnnsite.tasks import digits as module
from rnnsite.tasks.digits import CLASSES, HELD_BACK, T, digits


def test_a_sequence_is_its_image_in_reading_order() -> None:
    from sklearn.datasets import load_digits

    images = load_digits()
    known = {image.tobytes(): label for image, label in zip(images.images, images.target, strict=True)}
    for part in digits():
        for n in range(0, len(part.y), 37):
            image = np.array([[16.0 * part.x[8 * row + col, n, 0].item() for col in range(8)] for row in range(8)])
            assert known[image.tobytes()] == part.y[n].item()


def test_the_parts_hold_every_image_once_and_every_class() -> None:
    from sklearn.datasets import load_digits

    parts = digits()
    assert [len(part.y) for part in parts] == [1797 - 2 * HELD_BACK, HELD_BACK, HELD_BACK]
    found = sorted(row.tobytes() for part in parts for row in (16 * part.x[..., 0].T.double()).numpy())
    assert found == sorted(row.tobytes() for row in load_digits().data)
    for part in parts:
        assert part.x.shape == (T, len(part.y), 1)
        assert 0 <= float(part.x.min()) <= float(part.x.max()) <= 1
        assert set(part.y.tolist()) == set(range(CLASSES))


def test_a_split_depends_on_its_number_alone() -> None:
    torch.manual_seed(1)
    one = digits(3)
    torch.manual_seed(2)
    assert torch.equal(one.test.x, digits(3).test.x)
    assert not torch.equal(one.test.y, digits(4).test.y)


def test_without_scikit_learn_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    module._load.cache_clear()
    with pytest.raises(RnnsiteError, match=r"pip install 'rnnsite\[digits\]'"):
        digits()
    module._load.cache_clear()


def test_other_digits_are_refused() -> None:
    images, classes = module._load()
    changed = images.copy()
    changed[0, 0, 0] += 1
    with pytest.raises(RnnsiteError, match="carries other digits"):
        module._known(changed, classes)
