"""Results that came with the package: of runs that not every build can make, because their data must be fetched.

A file `rnnsite/recorded/<stem>.npz` is an entry of the results store (rnnsite.results), provenance and checksum inside.
It is shown with its date and device, beside what a build trains and never instead of it. `rnnsite train --profile paper
NAME --record` makes it anew.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from rnnsite.errors import RnnsiteError
from rnnsite.results import Damaged, Result, read_result, write_result

FOLDER = Path(__file__).parent / "recorded"


def load(stem: str) -> Result:
    """The recorded result of an experiment. Raises RnnsiteError where it is missing or damaged."""
    path = FOLDER / f"{stem}.npz"
    try:
        return dataclasses.replace(read_result(path), recorded=True)
    except FileNotFoundError:
        raise RnnsiteError(
            f"There is no recorded result {path}: `rnnsite train --profile paper {stem} --record` makes it."
        ) from None
    except (Damaged, OSError):
        raise RnnsiteError(f"The recorded result {path} is damaged: take the file of the package again.") from None


def save(result: Result) -> Path:
    """Record a result, in place of the one that was there. Raises RnnsiteError where the folder cannot be written."""
    path = FOLDER / f"{result.provenance.experiment}.npz"
    try:
        write_result(path, result)
    except OSError as error:
        raise RnnsiteError(f"{path} cannot be written ({error.strerror or error}).") from None
    return path
