"""Experiments on other people's executors: the same arrays, nothing lost when a worker dies, nothing done twice."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnsite import catalogue, executors, runner
from rnnsite.context import Context
from rnnsite.errors import RnnsiteError
from rnnsite.results import Store

STEM = "random_products"


def job() -> runner.Job:
    (found,) = runner.jobs_for("quick", "cpu", [STEM])
    return found


@pytest.fixture(scope="module")
def unbroken() -> dict[str, np.ndarray]:
    return catalogue.experiment(STEM).run(job().config, Context())


@pytest.fixture(params=["threads", "processes"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    spawn = multiprocessing.get_context("spawn")
    with ThreadPoolExecutor(2) if request.param == "threads" else ProcessPoolExecutor(2, mp_context=spawn) as pool:
        yield pool


def test_any_executor_gives_the_same_arrays(
    executor: Executor, store: Store, tmp_path: Path, unbroken: dict[str, np.ndarray]
) -> None:
    elsewhere = Store(tmp_path / "another machine's cache")
    found = runner.obtain([job()], elsewhere, executor=executor, progress=False)[job()]
    assert found.fresh
    for name, array in unbroken.items():
        np.testing.assert_array_equal(found.arrays[name], array)
    again = runner.obtain([job()], elsewhere, executor=executor, progress=False)[job()]
    assert not again.fresh
    assert store.load(job().key) is not None, "the worker keeps what it trained as well"


def test_what_a_worker_has_kept_is_not_trained_again_unless_forced(store: Store, tmp_path: Path) -> None:
    first = executors.train_here(job(), job().key)
    kept = executors.train_here(job(), job().key)
    assert kept.provenance.date == first.provenance.date
    path = store.folder / "results" / f"{job().key}.npz"
    before = path.stat().st_mtime_ns
    executors.train_here(job(), job().key, force=True)
    assert path.stat().st_mtime_ns > before


def test_a_worker_with_other_sources_is_one_sentence(store: Store) -> None:
    with pytest.raises(RnnsiteError, match="another rnnsite, torch or data"):
        executors.train_here(job(), "random_products-of-another-version")
    assert store.load(job().key) is None


def test_what_had_finished_is_kept_when_a_later_one_fails(store: Store) -> None:
    """The worker lacks the second job's device."""
    broken = dataclasses.replace(job(), device="mps")
    with ThreadPoolExecutor(1) as pool, pytest.raises(RnnsiteError, match="'mps' was asked for"):
        runner.obtain([job(), broken], store, executor=pool, progress=False)
    assert store.load(job().key) is not None


def test_the_longest_are_started_first(store: Store) -> None:
    """Else the longest, whose name comes late, would run alone at the end."""
    started: list[str] = []

    class Watched(ThreadPoolExecutor):
        def submit(self, function: Any, job: runner.Job, *rest: Any) -> Any:  # type: ignore[override]
            started.append(job.stem)
            return super().submit(lambda: runner.run(tiny(job.stem), job, Context()))

    def tiny(stem: str) -> catalogue.Experiment:
        return dataclasses.replace(catalogue.experiment(stem), run=lambda config, context: {"x": np.zeros(1)})

    with Watched(1) as pool:
        runner.obtain(runner.jobs_for("quick", "cpu"), store, executor=pool, progress=False)
    seconds = [catalogue.experiment(stem).seconds for stem in started]
    assert len(started) == len([stem for stem in catalogue.stems() if not catalogue.experiment(stem).recorded])
    assert seconds == sorted(seconds, reverse=True)
    assert seconds[0] > seconds[-1]


class Cluster:
    """A Dask cluster of this machine, its workers' processes known."""

    def __init__(self, workers: int) -> None:
        from distributed import LocalCluster

        self.cluster = LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        )
        self.address: str = self.cluster.scheduler_address

    def busy(self) -> int | None:
        """The process of a worker that runs a task."""
        scheduler: Any = self.cluster.scheduler
        running = [w.address for w in scheduler.workers.values() if w.processing]
        for nanny in self.cluster.workers.values():
            if nanny.worker_address in running:
                return int(nanny.pid)
        return None


@pytest.fixture
def cluster(store: Store) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    made = Cluster(2)
    yield made
    made.cluster.close()


def test_a_dask_worker_killed_mid_run_loses_nothing_and_repeats_nothing(
    cluster: Cluster, store: Store, tmp_path: Path, unbroken: dict[str, np.ndarray]
) -> None:
    steps = store.folder / "steps" / job().key
    written: dict[str, set[int]] = {}
    killed: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            for path in steps.glob("*.npz"):
                try:
                    written.setdefault(path.name, set()).add(path.stat().st_mtime_ns)
                except FileNotFoundError:
                    continue
            if written and not killed:
                worker = cluster.busy()
                if worker:
                    os.kill(worker, signal.SIGKILL)
                    killed.append(len(written))
            time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with executors.dask(cluster.address) as executor:
            here = Store(tmp_path / "here")
            found = runner.obtain([job()], here, executor=executor, progress=False)[job()]
    finally:
        over.set()
        watcher.join()
    assert killed, "the run ended before a worker could be killed"
    assert all(len(times) == 1 for times in written.values()), "a finished step was done twice"
    for name, array in unbroken.items():
        np.testing.assert_array_equal(found.arrays[name], array)


def test_the_command_trains_on_a_cluster(cluster: Cluster, store: Store, tmp_path: Path) -> None:
    environment = {**os.environ, "RNNSITE_CACHE": str(tmp_path / "here")}
    command = [sys.executable, "-m", "rnnsite", "train", STEM, "mandelbrot", "--dask", cluster.address]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "2 trained, 0 already stored." in done.stdout
    assert Store(tmp_path / "here").load(job().key) is not None


def test_a_scheduler_that_is_not_there_is_one_sentence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(executors, "CONNECT", 1)
    with (
        pytest.raises(RnnsiteError, match=r"No Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"),
        executors.dask("tcp://127.0.0.1:9"),
    ):
        pass


@pytest.mark.parametrize("address", ["", "nowhere", "http://x"])
def test_an_address_that_is_none_is_one_sentence(address: str) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(RnnsiteError, match="is not the address of a Dask scheduler"), executors.dask(address):
        pass
