"""Training elsewhere: each experiment as one task of any `concurrent.futures.Executor`, Dask's among them.

The machine that runs a task keeps the finished steps in its own cache. When a worker dies, its task goes to another
one, which resumes where it can see those steps; what has finished is stored here as it arrives.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import platform
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor
from typing import TYPE_CHECKING

from rnnsite import devices
from rnnsite.errors import RnnsiteError
from rnnsite.results import Damaged, Result, Store

if TYPE_CHECKING:
    from rnnsite.runner import Job

ADDRESS = re.compile(r"(\w+://)?[^\s/]+:\d+")
CONNECT = 10  # seconds to wait for a scheduler


def train_on(executor: Executor, jobs: Iterable[Job], store: Store, force: bool = False) -> Iterator[Job]:
    """Submit every job at once and store each result as it comes; yields the jobs in the order they finish."""
    futures = {executor.submit(train_here, job, job.key, force): job for job in jobs}
    try:
        for future in concurrent.futures.as_completed(futures):
            job = futures[future]
            result = future.result()
            with store.lock(job.key):
                if not _stored(store, job.key):
                    store.save(job.key, result)
            yield job
    except BrokenExecutor:
        raise RnnsiteError(
            "The workers ended before their work did. What had finished is stored: run the command again."
        ) from None
    finally:
        for future in futures:
            future.cancel()


def train_here(job: Job, key: str, force: bool = False) -> Result:
    """What a worker does: the result of a job, from its own machine's cache or (and always, with `force`) trained now.

    Raises RnnsiteError where the sources, the data, torch or the devices of this machine are others than those of the
    machine that asks: its results would be stored under a name that is not theirs.
    """
    import torch

    from rnnsite import catalogue
    from rnnsite.runner import KeptContext, run

    torch.set_num_threads(1)
    devices.resolve(job.device)
    if job.key != key:
        raise RnnsiteError(
            f"The worker on {platform.node()} has another rnnsite, torch or data than this machine, so it cannot train "
            f"{job.stem!r} for it: install the same on both."
        )
    store = Store()
    store.check_writable()
    with store.lock(key):
        if force:
            store.forget(key)
        elif kept := _stored(store, key):
            return kept
        context = KeptContext(job.device, store, key, lambda event: None, job.label)
        store.save(key, run(catalogue.experiment(job.stem), job, context))
        result = store.load(key)
    assert result is not None
    return result


def _stored(store: Store, key: str) -> Result | None:
    with contextlib.suppress(Damaged):
        return store.load(key)
    return None


@contextlib.contextmanager
def dask(address: str) -> Iterator[Executor]:
    """The executor of the Dask cluster whose scheduler listens at `address`, such as tcp://10.0.0.5:8786."""
    try:
        from dask.distributed import Client
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise RnnsiteError("--dask needs the package distributed: pip install 'rnnsite[dask]'.") from None
    if not ADDRESS.fullmatch(address):
        raise RnnsiteError(f"{address!r} is not the address of a Dask scheduler, such as tcp://10.0.0.5:8786.")
    try:
        client = Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RnnsiteError(f"No Dask scheduler answers at {address!r} ({str(error).splitlines()[0]}).") from None
    with client:
        if not client.scheduler_info()["workers"]:
            raise RnnsiteError(f"The Dask cluster at {address} has no workers.")
        try:
            yield client.get_executor(pure=False)
        except KilledWorker as error:
            raise RnnsiteError(
                f"A task was given up after its workers had died {client.scheduler_info().get('allowed_failures', 3)} "
                f"times (often: out of memory). What had finished is stored. Dask says: {str(error).splitlines()[0]}"
            ) from None
