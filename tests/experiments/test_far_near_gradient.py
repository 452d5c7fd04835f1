from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnsite.context import Context
from rnnsite.experiments import far_near_gradient as experiment
from rnnsite.experiments.far_near_gradient import CONFIGS, PRINTER, WORD, Config, run
from rnnsite.tasks.documentation import documentation, encode

TINY = Config(seeds=2, H=8, I=4, B=3, T=12, updates=3, farthest=20, measured=4, contexts=(2, 10), near=(5, 10))


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    return run(TINY, Context())


def test_the_same_seed_set_gives_the_same_arrays_and_another_does_not(arrays: dict[str, np.ndarray]) -> None:
    again, other = run(TINY, Context()), run(replace(TINY, seed_set=1001), Context())
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, again[name])
    assert (arrays["end_gradient"][:, :, 1:] != other["end_gradient"][:, :, 1:]).all()


def test_gradients_are_relative_to_here(arrays: dict[str, np.ndarray]) -> None:
    assert arrays["end_gradient"].shape == (3, 2, 21)
    np.testing.assert_allclose(arrays["end_gradient"][:, :, 0], 1)


def test_training_is_what_changes_the_model(arrays: dict[str, np.ndarray]) -> None:
    assert (arrays["end_bits"] < arrays["start_bits"]).all()


def test_the_text_is_the_one_that_the_result_is_stored_under(arrays: dict[str, np.ndarray]) -> None:
    assert str(arrays["fingerprint"]) == experiment.data_fingerprint() == documentation().fingerprint


def test_the_printer_sentence_asks_for_the_word_it_told() -> None:
    told, asked = experiment._printer()
    assert PRINTER[told + 1 - len(WORD) : told + 1] == PRINTER[asked + 1 :] == WORD
    assert PRINTER.count(WORD) == 2
    torch.testing.assert_close(encode(PRINTER)[told + 1 - len(WORD) : told + 1], encode(WORD))


def test_the_page_prints_the_sentence_that_was_measured() -> None:
    page = (Path(__file__).parents[2] / "docs/gradients/what-is-lost.md").read_text(encoding="utf-8")
    words = re.sub(r"[*>\n]+", " ", page.replace(r"\_\_\_", WORD))
    assert " ".join(PRINTER.split()) in " ".join(words.split())


def test_the_quick_profile_has_enough_seeds() -> None:
    assert CONFIGS["quick"].seeds >= 5
