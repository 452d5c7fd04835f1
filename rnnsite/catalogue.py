"""The experiments there are: every module of `rnnsite.experiments`, read as an `Experiment`."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from rnnsite.claims import Arrays, Claim, Published, Verdict
from rnnsite.errors import RnnsiteError, nearest

PROFILES = ("quick", "paper")


@dataclasses.dataclass(frozen=True)
class Experiment:
    """One module of `rnnsite.experiments`: its configurations, its `run`, and what it claims."""

    stem: str
    title: str
    page: str
    summary: str
    configs: Mapping[str, Any]
    run: Callable[..., dict[str, Any]]
    claims: Sequence[Claim]
    published: Sequence[Published]
    numbers: Mapping[str, Callable[[Arrays], Any]]
    data_fingerprint: Callable[[], str]
    seconds: float  # about how long a run takes
    recorded: bool  # shown from rnnsite/recorded, since not every build can train it

    @property
    def module(self) -> str:
        return f"rnnsite.experiments.{self.stem}"

    def config(self, profile: str) -> Any:
        """The configuration of a profile, or of the nearest there is."""
        return self.configs[profile]

    def judge(self, arrays: Arrays) -> list[Verdict]:
        return [claim.check(arrays) for claim in self.claims]


@cache
def stems() -> tuple[str, ...]:
    """The names of all experiments, sorted."""
    package = importlib.import_module("rnnsite.experiments")
    return tuple(sorted(module.name for module in pkgutil.iter_modules(package.__path__)))


@cache
def experiment(stem: str) -> Experiment:
    """The experiment of this name. Unknown names raise, and suggest the nearest."""
    if stem not in stems():
        raise RnnsiteError(f"There is no experiment {stem!r}.{nearest(stem, stems())} `rnnsite list` names them all.")
    module = importlib.import_module(f"rnnsite.experiments.{stem}")
    missing = [name for name in ("TITLE", "PAGE", "CONFIGS", "run", "CLAIMS") if not hasattr(module, name)]
    if missing:
        lacks = ", ".join(missing)
        raise RnnsiteError(f"The experiment {stem!r} lacks {lacks}: see CONTRIBUTING, 'Add an experiment'.")
    if set(module.CONFIGS) != set(PROFILES):
        raise RnnsiteError(f"The experiment {stem!r} needs a configuration for each of {', '.join(PROFILES)}.")
    return Experiment(
        stem=stem,
        title=module.TITLE,
        page=module.PAGE,
        summary=(module.__doc__ or "").strip().split("\n\n")[0].replace("\n", " "),
        configs=module.CONFIGS,
        run=module.run,
        claims=tuple(module.CLAIMS),
        published=tuple(getattr(module, "PUBLISHED", ())),
        numbers=getattr(module, "NUMBERS", {}),
        data_fingerprint=getattr(module, "data_fingerprint", lambda: ""),
        seconds=getattr(module, "SECONDS", 1.0),
        recorded=getattr(module, "RECORDED", False),
    )


def chosen(only: Sequence[str] = ()) -> list[Experiment]:
    """The named experiments, or all of them."""
    return [experiment(stem) for stem in (only or stems())]
