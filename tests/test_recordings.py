"""Recorded results: whole, of today's settings, shown in place of a training that needs absent data."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from rnnsite import catalogue, recordings, runner
from rnnsite.cli import cli
from rnnsite.errors import RnnsiteError
from rnnsite.results import Store

RECORDED = [stem for stem in catalogue.stems() if catalogue.experiment(stem).recorded]


@pytest.mark.parametrize("stem", RECORDED)
def test_it_is_whole_and_of_the_settings_that_the_experiment_has_now(stem: str) -> None:
    result, experiment = recordings.load(stem), catalogue.experiment(stem)
    assert result.recorded
    stamp = result.provenance
    settings = json.loads(json.dumps(dataclasses.asdict(experiment.configs["paper"])))  # as a stamp keeps them
    assert stamp.config == settings
    assert stamp.profile == "paper"
    assert stamp.data == experiment.data_fingerprint()
    assert all((stamp.date, stamp.hardware, stamp.torch, stamp.python, stamp.seconds))


@pytest.mark.parametrize("stem", RECORDED)
def test_a_build_takes_it_and_trains_nothing(stem: str, store: Store) -> None:
    jobs = runner.jobs_for("quick", "cpu", [stem])
    for force in (False, True):
        (result,) = runner.obtain(jobs, store, progress=False, force=force).values()
        assert result.recorded
        assert not result.fresh


def test_what_one_trained_oneself_comes_first(store: Store) -> None:
    (job,) = runner.jobs_for("quick", "cpu", RECORDED[:1])
    store.save(job.key, dataclasses.replace(recordings.load(job.stem), arrays={"mine": np.ones(2)}))
    (result,) = runner.obtain([job], store, progress=False).values()
    assert not result.recorded
    assert list(result.arrays) == ["mine"]


def test_a_missing_and_a_damaged_one_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = recordings.load(RECORDED[0])
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    with pytest.raises(RnnsiteError, match="There is no recorded result"):
        recordings.load(RECORDED[0])
    path = recordings.save(whole)
    assert recordings.load(RECORDED[0]).provenance == whole.provenance
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(RnnsiteError, match="is damaged"):
        recordings.load(RECORDED[0])


def test_only_a_recorded_experiment_can_be_recorded(store: Store) -> None:
    for names in ([], ["random_products"]):
        done = CliRunner().invoke(cli, ["train", *names, "--record"])
        assert isinstance(done.exception, RnnsiteError)
        assert "--record needs the names" in str(done.exception)
