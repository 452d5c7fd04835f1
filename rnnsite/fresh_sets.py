"""On how many fresh seed sets each claim held: what `rnnsite claims --resample --record` found, kept with the package.

A claim is written by someone who has seen seed set 0. Other sets say whether it is about networks or about that one.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from rnnsite import sources
from rnnsite.catalogue import Experiment
from rnnsite.claims import Claim, Verdict
from rnnsite.errors import RnnsiteError
from rnnsite.kept import digest

FILE = Path(__file__).parent / "recorded" / "fresh_sets.json"
HELD = ("holds", "reproduced")


@dataclasses.dataclass(frozen=True)
class Tried:
    """What was found for one experiment.

    version  of its configuration and of all source that its arrays depend on
    sets     how many fresh seed sets were trained
    held     claim, with its bound → on how many of them it held, or was reproduced
    """

    version: str
    sets: int
    held: Mapping[str, int]

    def of(self, claim: Claim) -> int | None:
        """On how many sets this claim held; None where it was not there, or had another bound."""
        return self.held.get(_name(claim))


def tried(experiment: Experiment, rows: Sequence[Sequence[Verdict]]) -> Tried:
    """From the verdicts on each fresh set."""
    held = {
        _name(verdicts[0].claim): sum(verdict.status in HELD for verdict in verdicts)
        for verdicts in zip(*rows, strict=True)
    }
    return Tried(version(experiment), len(rows), held)


def version(experiment: Experiment) -> str:
    """Changes when the arrays of the experiment may."""
    config = dataclasses.asdict(experiment.configs["quick"])
    return digest(config, sources.fingerprint(experiment.module), experiment.data_fingerprint())[:16]


def known(experiment: Experiment) -> Tried | None:
    """What was found for the experiment as it is now, or None."""
    found = load().get(experiment.stem)
    return found if found and found.version == version(experiment) else None


def load() -> dict[str, Tried]:
    """All that is kept, by experiment. Raises RnnsiteError where the file cannot be read."""
    return _load(FILE, FILE.stat().st_mtime_ns if FILE.exists() else 0)


@cache
def _load(file: Path, _: int) -> dict[str, Tried]:
    if not file.exists():
        return {}
    try:
        return {stem: Tried(**row) for stem, row in json.loads(file.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        raise RnnsiteError(f"{file} is damaged: take the file of the package again.") from None


def record(stem: str, found: Tried) -> None:
    """Keep it, in place of what was known of this experiment. Raises RnnsiteError where it cannot be written."""
    rows = {name: dataclasses.asdict(row) for name, row in sorted({**load(), stem: found}.items())}
    try:
        FILE.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise RnnsiteError(f"{FILE} cannot be written ({error.strerror or error}).") from None


def _name(claim: Claim) -> str:
    return f"{claim.name}: {claim.bound}"
