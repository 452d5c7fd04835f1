"""Running experiments: those whose results are missing, in processes of one torch thread each.

Each finished step is kept on disk as soon as it is done, so a build killed at any moment loses at most the steps
that were under way.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import datetime
import multiprocessing
import os
import platform
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import numpy as np

from rnnsite import catalogue, devices, recordings
from rnnsite.context import Context, Step
from rnnsite.errors import RnnsiteError
from rnnsite.executors import train_on
from rnnsite.progress import Event, Progress
from rnnsite.results import Damaged, Provenance, Result, Store, key


@dataclasses.dataclass(frozen=True)
class Job:
    """One run to be had: an experiment with a configuration, on a device."""

    stem: str
    profile: str
    config: Any
    device: str

    @property
    def label(self) -> str:
        """The run as the progress bar names it."""
        return f"{self.stem} (seed set {self.config.seed_set})" if self.config.seed_set else self.stem

    @property
    def key(self) -> str:
        return key(catalogue.experiment(self.stem), self.config, self.device)


class KeptContext(Context):
    """A context whose steps are stored as they finish and reported to the progress bar."""

    def __init__(self, device: str, store: Store, name: str, report: Callable[[Event], None], label: str) -> None:
        super().__init__(device)
        self._store, self._name, self._report, self._label = store, name, report, label
        self._number, self._total = 0, 1

    def within(self, fraction: float) -> None:
        self._report(Event(self._label, self._number + min(max(fraction, 0.0), 1.0), self._total))

    def _begin(self, number: int, total: int, item: object) -> None:
        self._number, self._total = number, total
        step = "" if item is None else " ".join(map(str, item)) if isinstance(item, tuple) else str(item)
        self._report(Event(self._label, number, total, step))

    def _restore(self, item: object) -> Step | None:
        return self._store.load_step(self._name, item)

    def _keep(self, item: object, step: Step) -> None:
        self._store.save_step(self._name, item, step)


def jobs_for(profile: str, device: str, only: Iterable[str] = (), here: bool = True) -> list[Job]:
    """What a build of this profile needs. `auto` is `paper` on CUDA and `quick` elsewhere.

    here   whether this machine trains: then it must have the device, and `auto` asks what it has; else that is the CPU.
    """
    device = devices.resolve(device) if here else "cpu" if device == "auto" else device
    profile = resolve_profile(profile, device)
    return [Job(e.stem, profile, e.config(profile), device) for e in catalogue.chosen(list(only))]


def resolve_profile(profile: str, device: str) -> str:
    if profile == "auto":
        return "paper" if device == "cuda" else "quick"
    return profile


def obtain(
    jobs: Iterable[Job],
    store: Store,
    *,
    processes: int | None = None,
    force: bool = False,
    progress: bool = True,
    executor: concurrent.futures.Executor | None = None,
    recorded: bool = True,
) -> dict[Job, Result]:
    """Every job's result: from the store where it is there and whole, else trained now.

    processes   how many at once; default: one a core (one in all on a GPU).
    force       train even what is stored.
    executor    who trains, each job as one task; default: processes of this machine, which also report their progress.
    recorded    whether the result that came with the package will do, for an experiment that has one.
    """
    todo: list[Job] = []
    results: dict[Job, Result] = {}
    for job in jobs:
        lies_ready = recorded and not job.config.seed_set and catalogue.experiment(job.stem).recorded
        stored = None if force and not lies_ready else _stored(store, job)
        if stored is None and lies_ready:
            stored = recordings.load(job.stem)
        if stored is None:
            todo.append(job)
        else:
            results[job] = stored
    if todo:
        store.check_writable()
        if force:
            for job in todo:
                store.forget(job.key)
        with Progress([job.label for job in todo], visible=progress) as bar:
            todo.sort(
                key=lambda job: -catalogue.experiment(job.stem).seconds
            )  # else the longest may run alone at the end
            done = (
                train_on(executor, todo, store, force)
                if executor
                else _train(todo, store, processes or default_processes(todo), bar)
            )
            for job in done:
                trained = _stored(store, job)
                if trained is None:
                    raise RnnsiteError(
                        f"The result of {job.stem!r} is not in {store.folder}: its sources changed while it trained, "
                        "or the folder did. Run the command again."
                    )
                results[job] = dataclasses.replace(trained, fresh=True)
                bar.finish(job.label, trained.provenance.seconds)
        store.prune(keep={job.key for job in results})
    return results


def default_processes(jobs: list[Job]) -> int:
    """One process a core this process may use; a GPU takes one job at a time."""
    if any(job.device != "cpu" for job in jobs):
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, len(jobs))


def _stored(store: Store, job: Job) -> Result | None:
    try:
        return store.load(job.key)
    except Damaged:
        print(f"The stored result of {job.stem} is damaged: training it again.")
        store.forget(job.key)
        return None


def _train(jobs: list[Job], store: Store, processes: int, bar: Progress) -> Iterator[Job]:
    """Train in worker processes; yields each job as it finishes."""
    spawn = multiprocessing.get_context("spawn")  # fork is unsafe once torch has threads
    events: Any = spawn.Queue()
    with concurrent.futures.ProcessPoolExecutor(
        processes, mp_context=spawn, initializer=_start_worker, initargs=(events,)
    ) as pool:
        with _ctrl_c_is_ours():
            futures = {pool.submit(_work, job, str(store.folder)): job for job in jobs}
        waiting = set(futures)
        try:
            while waiting:
                done, waiting = concurrent.futures.wait(waiting, timeout=0.1)
                _drain(events, bar)
                for future in done:
                    future.result()
                    yield futures[future]
        except BrokenProcessPool:
            raise RnnsiteError(
                "A training process was ended from outside (often: out of memory). Finished steps are kept: run "
                "the command again, or with --jobs 1."
            ) from None
        except BaseException:
            # Ctrl-C or a failed experiment: what is under way is dropped, finished steps are on disk already
            workers: Mapping[int, Any] = getattr(pool, "_processes", None) or {}
            for worker in list(workers.values()):
                worker.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        finally:
            events.cancel_join_thread()


@contextlib.contextmanager
def _ctrl_c_is_ours() -> Iterator[None]:
    """Processes started in here ignore Ctrl-C from their first moment on: while they import, they would print why."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _drain(events: Any, bar: Progress) -> None:
    with contextlib.suppress(queue.Empty):
        while True:
            bar.update(events.get_nowait())


_events: Any = None


def _start_worker(events: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Windows a new process does not inherit this
    threading.Thread(target=_end_with_parent, daemon=True).start()

    import torch

    global _events
    _events = events
    torch.set_num_threads(1)  # two processes of one thread beat one of two


def _end_with_parent() -> None:
    """A build that is killed cannot end its workers: they watch it, and go when it is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(job: Job, folder: str) -> None:
    experiment = catalogue.experiment(job.stem)
    store = Store(folder)
    name = job.key
    with store.lock(name):
        with contextlib.suppress(Damaged):
            if store.load(name) is not None:  # another build trained it while this one waited
                return
        store.save(name, run(experiment, job, KeptContext(job.device, store, name, _events.put, job.label)))


def run(experiment: catalogue.Experiment, job: Job, context: Context) -> Result:
    """Run one experiment here and now, and stamp it."""
    import torch

    started = time.perf_counter()
    arrays = experiment.run(job.config, context)
    if not isinstance(arrays, dict):
        raise RnnsiteError(f"run() of {job.stem!r} must return a dict of named arrays, not a {type(arrays).__name__}.")
    strange = [name for name, array in arrays.items() if np.asarray(array).dtype.hasobject]
    if strange:
        raise RnnsiteError(f"run() of {job.stem!r} must return plain arrays; {strange[0]!r} holds objects.")
    return Result(
        arrays=arrays,
        provenance=Provenance(
            experiment=job.stem,
            profile=job.profile,
            config=dataclasses.asdict(job.config),
            device=job.device,
            hardware=devices.hardware(job.device),
            seconds=round(time.perf_counter() - started, 2),
            torch=torch.__version__,
            python=platform.python_version(),
            date=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
            data=experiment.data_fingerprint(),
        ),
        fresh=True,
    )
