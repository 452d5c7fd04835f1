"""Data that is too large for a package: fetched when asked for, checked, and kept in a folder of the user's.

Nothing is fetched by a build. The folder is `RNNSITE_DATA` where that is set, else the user's data folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from rnnsite.errors import RnnsiteError, nearest

WAIT = 30  # seconds without an answer


@dataclass(frozen=True)
class File:
    """One file: its name in the folder, where it is fetched from, and its checksum: the MD5 its publishers give, or a
    SHA-256 of ours where they give none.
    """

    name: str
    url: str
    md5: str = ""
    sha256: str = ""

    @property
    def kind(self) -> str:
        """The checksum's."""
        return "sha256" if self.sha256 else "md5"

    @property
    def sum(self) -> str:
        return self.sha256 or self.md5


@dataclass(frozen=True)
class Dataset:
    """A set of files, what it is, and about how many megabytes it takes."""

    about: str
    megabytes: int
    files: tuple[File, ...]


_SST2 = "https://raw.githubusercontent.com/clairett/pytorch-sentiment-classification/master/data/SST2/"
_MNIST = "https://ossci-datasets.s3.amazonaws.com/mnist/"  # the mirror that torchvision uses, with the same sums
DATASETS = {
    "mnist": Dataset(
        "70,000 handwritten digits of 28 × 28 pixels (LeCun, Cortes & Burges 1998)",
        12,
        tuple(
            File(f"{name}.gz", f"{_MNIST}{name}.gz", md5)
            for name, md5 in (
                ("train-images-idx3-ubyte", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
                ("train-labels-idx1-ubyte", "d53e105ee54ea40749a09fcbcd1e9432"),
                ("t10k-images-idx3-ubyte", "9fb629c4189551a2d022fa330f9573f3"),
                ("t10k-labels-idx1-ubyte", "ec29112dd5afa0611ce80d1b7f02629c"),
            )
        ),
    ),
    "sst2": Dataset(
        "9,613 sentences of film reviews, favourable or not (Stanford Sentiment Treebank; Socher et al. 2013)",
        1,
        tuple(
            File(name, f"{_SST2}{name}", sha256=digest)
            for name, digest in (
                ("train.tsv", "ec192f833a64da08f475488a77b0d0b47db47acd0f458bd18433fc793b569920"),
                ("dev.tsv", "eddea6b39e601dd4e7a672b53cc40fdf6019fa80522f351206c24340ca5d9359"),
                ("test.tsv", "831169c7e2e429d6026e1bdbb542f33b636e3e596caad9602ebc953c205928b7"),
            )
        ),
    ),
}


def folder(name: str) -> Path:
    """Where a data set lies, or will."""
    chosen = os.environ.get("RNNSITE_DATA") or platformdirs.user_data_dir("rnnsite", appauthor=False)
    return Path(chosen).expanduser().resolve() / name


def find(name: str) -> list[Path]:
    """The files of a data set, each checked. Raises RnnsiteError where one is missing or is another file."""
    paths = [folder(name) / file.name for file in _dataset(name).files]
    for path, file in zip(paths, _dataset(name).files, strict=True):
        if not path.is_file():
            raise RnnsiteError(f"{file.name} is not in {folder(name)}: `rnnsite data get {name}` fetches it.")
        if not _whole(path, file):
            raise RnnsiteError(f"{path} is not the file that {name} needs: delete it, then `rnnsite data get {name}`.")
    return paths


def get(name: str) -> tuple[Path, int]:
    """Fetch what is missing or damaged; the folder, and how many files were fetched.

    A file is put in its place only when its sum is right, so whatever stops the work, nothing half is left. Raises
    RnnsiteError when it cannot be fetched or written, or is not the file that was asked for.
    """
    fetched = 0
    for file in _dataset(name).files:
        place = folder(name) / file.name
        if place.is_file() and _whole(place, file):
            continue
        _fetch(file, place)
        fetched += 1
    return folder(name), fetched


def _fetch(file: File, place: Path) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".fetching-") as beside:
            part = Path(beside) / file.name
            with urllib.request.urlopen(file.url, timeout=WAIT) as answer, part.open("wb") as out:
                shutil.copyfileobj(answer, out)
            if not _whole(part, file):
                kind, found = file.kind.upper(), _sum(part, file.kind)
                raise RnnsiteError(f"{file.url} gave another file than expected ({kind} {found}, expected {file.sum}).")
            part.replace(place)
    except urllib.error.URLError as error:
        raise RnnsiteError(f"{file.url} could not be fetched ({error.reason}).") from None
    except OSError as error:
        raise RnnsiteError(f"{file.name} could not be put into {place.parent} ({error.strerror or error}).") from None


def _dataset(name: str) -> Dataset:
    if name not in DATASETS:
        raise RnnsiteError(f"There is no data set {name!r}.{nearest(name, DATASETS)} Known: {', '.join(DATASETS)}.")
    return DATASETS[name]


def _whole(path: Path, file: File) -> bool:
    return _sum(path, file.kind) == file.sum


def _sum(path: Path, kind: str) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, kind).hexdigest()


def fingerprint(name: str) -> str:
    """The checksums of a data set's files as one, whether they are here or not: what a result depends on."""
    return hashlib.sha256(" ".join(file.sum for file in _dataset(name).files).encode()).hexdigest()


def said() -> list[str]:
    """One line a data set: what it is, and whether it is there."""
    lines = []
    for name, dataset in DATASETS.items():
        state = f"fetch with `rnnsite data get {name}`, {dataset.megabytes} MB"
        with contextlib.suppress(RnnsiteError):
            find(name)
            state = f"in {folder(name)}"
        lines.append(f"{name}: {dataset.about}; {state}")
    return lines
