"""The results store: one checked file for each experiment and configuration, outside the checkout.

An entry is a line ``rnnsite-result 1 SHA256`` followed by a NumPy .npz archive (never a pickle) that holds the arrays
and their provenance. It is written beside its place and renamed into it, so a reader sees all of it or none; one that
was truncated or altered is noticed and treated as absent.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import json
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from rnnsite import sources
from rnnsite.catalogue import Experiment
from rnnsite.errors import RnnsiteError
from rnnsite.kept import cache_folder

_MAGIC = b"rnnsite-result 1 "
_PROVENANCE = "__provenance__"
_UNFINISHED = ".writing-"
SIZE_LIMIT = 2 * 2**30
PARTS = ("results", "steps", "locks", "drawings", "math", "demos", "assets", "kept")


@dataclasses.dataclass(frozen=True)
class Provenance:
    """Where a result comes from: what the stamp under each figure says."""

    experiment: str
    profile: str
    config: dict[str, Any]
    device: str
    hardware: str
    seconds: float
    torch: str
    python: str
    date: str
    data: str = ""


@dataclasses.dataclass(frozen=True)
class Result:
    """The arrays of one run and their provenance. `fresh` when this process's build trained them, `recorded` when they
    came with the package (rnnsite.recordings).
    """

    arrays: Mapping[str, np.ndarray]
    provenance: Provenance
    fresh: bool = False
    recorded: bool = False


class Damaged(Exception):
    """An entry whose checksum or contents are wrong."""


def key(experiment: Experiment, config: Any, device_type: str) -> str:
    """What a result depends on, as a name: config, sources, data, torch's minor version and kind of device."""
    import torch

    parts = {
        "config": dataclasses.asdict(config),
        "sources": sources.fingerprint(experiment.module),
        "data": experiment.data_fingerprint(),
        "torch": ".".join(torch.__version__.split(".")[:2]),
        "device": device_type,
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
    return f"{experiment.stem}-{digest[:20]}"


class Store:
    """The cache folder: ``results/`` (finished), ``steps/`` (of runs under way) and ``locks/``."""

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = Path(folder).expanduser().resolve() if folder else cache_folder()

    def check_writable(self) -> None:
        """Raise unless a file can be made here. Called before anything is trained, so that nothing is lost."""
        try:
            for part in ("results", "steps", "locks"):
                (self.folder / part).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder) as probe:
                probe.write(b"\0" * 4096)
        except OSError as error:
            raise self._unwritable(error) from None

    def lock(self, name: str) -> FileLock:
        """A lock between processes on one entry; freed by the operating system when its holder dies."""
        return FileLock(self.folder / "locks" / f"{name}.lock")

    def load(self, name: str) -> Result | None:
        """The stored result, or None. A damaged one raises `Damaged`."""
        path = self._result(name)
        try:
            result = read_result(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise RnnsiteError(f"The stored result {path} cannot be read ({error.strerror}).") from None
        with contextlib.suppress(OSError):  # a cache may be read-only
            os.utime(path)  # `prune` drops the least recently used
        return result

    def save(self, name: str, result: Result) -> None:
        try:
            write_result(self._result(name), result)
        except OSError as error:
            raise self._unwritable(error) from None
        shutil.rmtree(self._steps(name), ignore_errors=True)

    def load_step(self, name: str, item: object) -> dict[str, np.ndarray] | None:
        """A finished step of an unfinished run, or None; a damaged one counts as not done."""
        try:
            return read(self._step(name, item))
        except (FileNotFoundError, Damaged):
            return None

    def save_step(self, name: str, item: object, arrays: Mapping[str, np.ndarray]) -> None:
        try:
            write(self._step(name, item), arrays)
        except OSError as error:
            raise self._unwritable(error) from None

    def forget(self, name: str) -> None:
        """Drop an entry and the steps towards it."""
        try:
            self._result(name).unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from None
        shutil.rmtree(self._steps(name), ignore_errors=True)

    def size(self) -> int:
        """Bytes in the cache."""
        return sum(_bytes(path) for path in self.folder.rglob("*"))

    def prune(self, keep: set[str], limit: int = SIZE_LIMIT) -> int:
        """Delete least recently used results outside `keep` until the rest fit in `limit` bytes; returns how many."""
        entries = sorted((self.folder / "results").glob("*.npz"), key=_age, reverse=True)
        total = sum(map(_bytes, entries))
        dropped = 0
        for path in entries:
            if total <= limit:
                break
            if path.stem not in keep:
                total -= _bytes(path)
                _delete(path)
                dropped += 1
        return dropped

    def clean(self, keep: set[str]) -> None:
        """Delete what no build will read again: results, steps and locks outside `keep`, and outdated drawings.

        Of a drawing and of a demo's output the one used last is kept; of what a build killed while it wrote left
        behind, nothing that is older than an hour.
        """
        self.prune(keep, limit=0)
        for part in ("steps", "locks"):
            for path in (self.folder / part).glob("*"):
                if path.name.removesuffix(".lock") not in keep:
                    _delete(path)
        for part in ("drawings", "demos"):
            newest: dict[str, Path] = {}
            for path in sorted((self.folder / part).glob("*-*"), key=_age, reverse=True):
                newest[path.name.rpartition("-")[0]] = path
            for path in (self.folder / part).glob("*"):
                if path not in newest.values() and _age(path) > 3600:
                    _delete(path)
        for path in (self.folder / "results").glob(f"{_UNFINISHED}*"):
            if _age(path) > 3600:
                _delete(path)

    def clear(self) -> None:
        """Delete everything that builds have put here, and nothing else: the folder may be a user's own."""
        for part in PARTS:
            _delete(self.folder / part)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _result(self, name: str) -> Path:
        return self.folder / "results" / f"{name}.npz"

    def _steps(self, name: str) -> Path:
        return self.folder / "steps" / name

    def _step(self, name: str, item: object) -> Path:
        return self._steps(name) / f"{hashlib.sha256(repr(item).encode()).hexdigest()[:20]}.npz"

    def _unwritable(self, error: OSError) -> RnnsiteError:
        reason = error.strerror or str(error)
        return RnnsiteError(
            f"The cache at {self.folder} cannot be written ({reason}): make room there, or set RNNSITE_CACHE to "
            "a folder that can; what was finished before is kept."
        )


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # another build has just deleted it
        return 0


def _age(path: Path) -> float:
    """Seconds since last use."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _delete(path: Path) -> None:
    """Delete a file or folder, where that is possible."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def write_result(path: Path, result: Result) -> None:
    """Write a result with its provenance, atomically."""
    provenance = json.dumps(dataclasses.asdict(result.provenance), default=str).encode()
    write(path, {**result.arrays, _PROVENANCE: np.frombuffer(provenance, dtype=np.uint8)})


def read_result(path: Path) -> Result:
    """Read it back; `Damaged` when a bit differs from what was written."""
    arrays = read(path)
    return Result(arrays, Provenance(**json.loads(bytes(arrays.pop(_PROVENANCE)).decode())))


def write(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays with their checksum, atomically."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{name: np.asarray(array) for name, array in arrays.items()})
    content = buffer.getvalue()
    header = _MAGIC + hashlib.sha256(content).hexdigest().encode() + b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(header + content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(path: Path) -> dict[str, np.ndarray]:
    """Read arrays back; `Damaged` when a bit differs from what was written."""
    header, _, content = path.read_bytes().partition(b"\n")
    if header != _MAGIC + hashlib.sha256(content).hexdigest().encode():
        raise Damaged(path.name)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise Damaged(path.name) from error
