"""Runs are resumed after a kill, retrained when damaged, and the same whoever runs them."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rnnsite import runner
from rnnsite.context import Context
from rnnsite.errors import RnnsiteError
from rnnsite.results import Store

STEM = "random_products"


def job() -> runner.Job:
    (found,) = runner.jobs_for("quick", "cpu", [STEM])
    return found


@pytest.fixture(scope="module")
def unbroken() -> dict[str, np.ndarray]:
    """The experiment run here, without a store."""
    from rnnsite import catalogue

    return catalogue.experiment(STEM).run(job().config, Context())


def test_a_killed_build_resumes_where_it_was_and_gives_the_same_arrays(
    store: Store, unbroken: dict[str, np.ndarray]
) -> None:
    command = [sys.executable, "-m", "rnnsite", "train", STEM]
    build = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    steps = store.folder / "steps" / job().key
    deadline = time.monotonic() + 60
    while not list(steps.glob("*.npz")) and time.monotonic() < deadline:
        time.sleep(0.005)
    os.killpg(build.pid, signal.SIGKILL)
    build.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in steps.glob("*.npz")}
    assert kept, "the build ended before its first step was kept"
    assert store.load(job().key) is None

    watched = WatchedStore(store.folder)
    result = runner.run(_experiment(), job(), runner.KeptContext("cpu", watched, job().key, lambda _: None, STEM))
    assert watched.restored == len(kept)
    for name, array in unbroken.items():
        np.testing.assert_array_equal(result.arrays[name], array)


@pytest.mark.skipif(os.name == "nt", reason="processes are listed with ps")
def test_the_workers_of_a_killed_build_end_with_it(store: Store) -> None:
    command = [sys.executable, "-m", "rnnsite", "train", "random_products"]
    build = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    steps = store.folder / "steps" / job().key
    _wait_until(lambda: bool(list(steps.glob("*.npz"))))
    os.kill(build.pid, signal.SIGKILL)
    build.wait()
    _wait_until(lambda: not _alive(build.pid), seconds=15)
    left = _alive(build.pid)
    if left:
        os.killpg(build.pid, signal.SIGKILL)
    assert not left


def _alive(session: int) -> list[str]:
    """The processes of a session that are not zombies."""
    said = subprocess.run(["ps", "-eo", "sess,stat,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in said.splitlines() if line.split()[0] == str(session) and line.split()[1][0] != "Z"]


def _wait_until(reached: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.02)


class WatchedStore(Store):
    """A store that counts the steps it gave back."""

    restored = 0

    def load_step(self, name: str, item: object) -> dict[str, np.ndarray] | None:
        step = super().load_step(name, item)
        self.restored += step is not None
        return step


def _experiment() -> runner.catalogue.Experiment:
    return runner.catalogue.experiment(STEM)


def test_a_damaged_result_is_said_and_trained_again(
    store: Store, unbroken: dict[str, np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    first = runner.obtain([job()], store, progress=False)[job()]
    assert first.fresh
    assert not runner.obtain([job()], store, progress=False)[job()].fresh
    path = Path(store.folder / "results" / f"{job().key}.npz")
    path.write_bytes(path.read_bytes()[:-100])
    again = runner.obtain([job()], store, progress=False)[job()]
    assert again.fresh
    assert "damaged" in capsys.readouterr().out
    np.testing.assert_array_equal(again.arrays["log_norm"], unbroken["log_norm"])


def test_two_builds_at_once_train_it_once(store: Store) -> None:
    command = [sys.executable, "-m", "rnnsite", "train", STEM, "repeated_multiplication"]
    builds = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    assert [build.wait(120) for build in builds] == [0, 0], [build.communicate() for build in builds]
    assert store.load(job().key) is not None
    assert not list((store.folder / "steps").glob("*/*"))


@pytest.mark.parametrize("returned", [[1, 2], {"x": np.array([object()])}])
def test_a_run_that_returns_no_arrays_is_one_sentence(returned: object) -> None:
    wrong = dataclasses.replace(_experiment(), run=lambda config, context: returned)
    with pytest.raises(RnnsiteError, match=r"run\(\) of 'random_products' must return"):
        runner.run(wrong, job(), Context())
