"""The gate table: its rows share what they should, and the recorded result's first 200 steps can be had again."""

from __future__ import annotations

import dataclasses
import importlib

import numpy as np
import pytest
import torch

from rnnsite import data, recordings
from rnnsite.context import Context
from rnnsite.errors import RnnsiteError
from rnnsite.experiments import building_the_lstm, building_the_lstm_sst2
from rnnsite.training.gate_by_gate import ROWS, Protocol, build


def test_rows_are_all_choices_of_gates_and_start_from_the_same_words() -> None:
    assert {frozenset(gates) for gates in ROWS} == {
        frozenset(letter for k, letter in enumerate("ifo") if mask >> k & 1) for mask in range(8)
    }
    models = [build(gates, 12, ("test", 0), Protocol(seeds=2)) for gates in ROWS]
    for gates, model in zip(ROWS, models, strict=True):
        torch.testing.assert_close(model.E, models[0].E, rtol=0, atol=0)
        torch.testing.assert_close(model.V, models[0].V, rtol=0, atol=0)
        assert (model.cell.p is None) == (not gates)
        if "f" in gates:
            assert bool((model.cell.block("b", "f") == 1).all())


def test_a_small_run_has_the_arrays_that_its_docstring_says() -> None:
    small = building_the_lstm.Config(sizes=(40, 20, 30), asked=10, epochs=2, seeds=2, H=6, vectors=4)
    arrays = building_the_lstm.run(small, Context())
    assert arrays["accuracy"].shape == (8, 2)
    assert arrays["dev"].shape == arrays["losses"].shape == (8, 2, 2)
    assert arrays["joined"].shape == (8, 2, 3)
    right = np.unpackbits(arrays["right"], axis=-1)[..., :30].mean(-1)
    np.testing.assert_allclose(right, arrays["accuracy"])


def test_the_lectures_numbers_are_the_same_in_figure_and_experiment() -> None:
    figure = importlib.import_module("rnnsite.figures.building_the_lstm_sst2")
    np.testing.assert_allclose(np.array(figure.LECTURE) * 100, building_the_lstm_sst2.LECTURE)


def test_the_recorded_right_answers_are_the_recorded_accuracies() -> None:
    arrays = recordings.load("building_the_lstm_sst2").arrays
    for row in range(len(ROWS)):
        found = building_the_lstm_sst2.answers(arrays, row).mean(1)
        np.testing.assert_allclose(found, arrays["accuracy"][row])


@pytest.mark.parametrize("gates", ["", "ifo"])
def test_the_first_200_steps_of_the_recorded_run_are_had_again(gates: str, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        data.find("sst2")
    except RnnsiteError as error:
        pytest.skip(f"SST-2 is not here: {error}")
    monkeypatch.setattr(building_the_lstm_sst2, "ROWS", (gates,))
    config = dataclasses.replace(building_the_lstm_sst2.CONFIGS["paper"], seeds=2)
    again = building_the_lstm_sst2.run(config, Context(), updates=200)["first_losses"][0]
    recorded = recordings.load("building_the_lstm_sst2").arrays["first_losses"][ROWS.index(gates), :2]
    # two models beside each other round otherwise than ten do, and training amplifies it
    np.testing.assert_allclose(again[:, :10], recorded[:, :10], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(again[:, :50], recorded[:, :50], atol=0.03)
    np.testing.assert_allclose(again.mean(1), recorded.mean(1), rtol=0.05)
