"""What the commands that need no site do: list, train, show, claims, clean."""

from __future__ import annotations

import dataclasses
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rnnsite import catalogue, fresh_sets, recordings, runner
from rnnsite.claims import Verdict
from rnnsite.errors import RnnsiteError
from rnnsite.executors import dask
from rnnsite.results import Damaged, Result, Store
from rnnsite.statistics import Estimate, in_words

RESAMPLES = 20
_MARKS = {"holds": "✓", "reproduced": "✓", "fails": "✗", "not reproduced": "≠", "undecided": "?"}


def list_experiments(profile: str, device: str) -> None:
    store = Store()
    rows = [("experiment", "claims", "stored", "page")]
    for job in runner.jobs_for(profile, device):
        experiment = catalogue.experiment(job.stem)
        stored = _stored(store, job)
        state = f"{stored.provenance.date.split()[0]}, {stored.provenance.seconds:.1f} s" if stored else "not trained"
        state = "recorded" if experiment.recorded and not stored else state
        rows.append((job.stem, str(len(experiment.claims)), state, experiment.page))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        print(line[: _width()])


def train_experiments(
    names: Sequence[str],
    *,
    profile: str,
    device: str,
    jobs: int | None,
    force: bool,
    strict: bool,
    record: bool = False,
    cluster: str | None = None,
) -> None:
    wanted = runner.jobs_for(profile, device, names, here=cluster is None)
    everything = not names
    if record and (everything or not all(catalogue.experiment(name).recorded for name in names)):
        raise RnnsiteError("--record needs the names of experiments that are shown from rnnsite/recorded.")
    # who names an experiment wants it trained, be there a recorded result or not
    if cluster is None:
        results = runner.obtain(wanted, Store(), processes=jobs, force=force, recorded=everything)
    else:
        with dask(cluster) as executor:
            results = runner.obtain(wanted, Store(), force=force, executor=executor, recorded=everything)
    for result in results.values() if record else ():
        print(f"Recorded in {recordings.save(result)}.")
    false = [verdict for job, result in results.items() for verdict in _print_verdicts(job.stem, result)]
    fresh = sum(result.fresh for result in results.values())
    recorded = sum(result.recorded for result in results.values())
    stored, as_recorded = len(results) - fresh - recorded, f", {recorded} as recorded" if recorded else ""
    print(f"{fresh} trained, {stored} already stored{as_recorded}.")
    if false and strict:
        sys.exit(1)


def show_experiment(name: str, profile: str, device: str) -> None:
    (job,) = runner.jobs_for(profile, device, [name])
    result = _stored(Store(), job)
    if result is None:
        raise RnnsiteError(f"{name!r} is not trained yet in the {job.profile} profile: `rnnsite train {name}` does it.")
    experiment = catalogue.experiment(name)
    stamp = result.provenance
    _say(experiment.title)
    _say(experiment.summary)
    print()
    _say(f"{stamp.profile} profile, {stamp.hardware}, {stamp.seconds} s, torch {stamp.torch}, {stamp.date}")
    _say("config: " + ", ".join(f"{field}={value}" for field, value in stamp.config.items()))
    print()
    for label, array in result.arrays.items():
        print(f"  {label:<28}{array.dtype!s:<10}{array.shape}")
    print()
    for label, number in experiment.numbers.items():
        print(f"  {label:<28}{_number(number(result.arrays))}")
    print()
    _print_verdicts(name, result)


def check_claims(
    profile: str, device: str, names: Sequence[str], jobs: int | None, resample: bool, record: bool
) -> None:
    if record and not resample:
        raise RnnsiteError("--record keeps what --resample finds: give both.")
    store = Store()
    base = runner.jobs_for(profile, device, names)
    if record and any(job.profile != "quick" for job in base):
        raise RnnsiteError("--record keeps what the quick profile gives: add --profile quick.")
    results = runner.obtain(base, store, processes=jobs)
    false = [verdict for job in base for verdict in _print_verdicts(job.stem, results[job])]
    if resample:
        false += _resample(base, store, jobs, record)
    if false:
        sys.exit(1)


def clean_cache(everything: bool, device: str) -> None:
    store = Store()
    before = store.size()
    if everything:
        store.clear()
        if store.size():
            raise RnnsiteError(f"Not all of {store.folder} could be deleted: is it read-only, or in use?")
    else:
        current = {job.key for profile in catalogue.PROFILES for job in runner.jobs_for(profile, device)}
        store.clean(keep=current)
    print(f"{(before - store.size()) / 2**20:.1f} MiB freed in {store.folder}, {store.size() / 2**20:.1f} MiB kept.")


def _resample(base: list[runner.Job], store: Store, jobs: int | None, record: bool) -> list[Verdict]:
    """Judge every claim on fresh seed sets: a claim must hold on each of them, not on the reported one alone."""
    false: list[Verdict] = []
    print(f"\nOn {RESAMPLES} fresh seed sets:")
    for job in base:
        experiment = catalogue.experiment(job.stem)
        if experiment.recorded:
            print(f"  {job.stem}: recorded, not trained again")
            continue
        again = [
            dataclasses.replace(job, config=dataclasses.replace(job.config, seed_set=seed_set))
            for seed_set in range(1, RESAMPLES + 1)
        ]
        results = runner.obtain(again, store, processes=jobs)
        rows = [experiment.judge(results[fresh].arrays) for fresh in again]
        for verdicts in zip(*rows, strict=True):
            counts = Counter(verdict.status for verdict in verdicts)
            said = ", ".join(f"{status} {count}" for status, count in counts.items())
            print(f"  {job.stem}: {verdicts[0].claim.name}: {said}", flush=True)
            false += [verdict for verdict in verdicts if verdict.status == "fails"]
        if record:
            fresh_sets.record(job.stem, fresh_sets.tried(experiment, rows))
    return false


def _print_verdicts(stem: str, result: Result) -> list[Verdict]:
    """Print each claim with what it measured; returns the false ones."""
    verdicts = catalogue.experiment(stem).judge(result.arrays)
    for verdict in verdicts:
        claim = verdict.claim
        _say(f"{_MARKS[verdict.status]} {stem}: {claim.name}: {verdict.said}, claimed {claim.bound}")
    return [verdict for verdict in verdicts if verdict.status == "fails"]


def _number(value: Any) -> str:
    return str(value) if isinstance(value, str | Estimate) else in_words(float(value), ".4g")


def _say(text: str) -> None:
    """Print a line; on a terminal broken between words, elsewhere (where it may be searched) as it is."""
    width = _width()
    print(textwrap.fill(text, width, subsequent_indent="    ", break_on_hyphens=False) if width else text)


def _width() -> int | None:
    """Columns of the terminal; None where the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _stored(store: Store, job: runner.Job) -> Result | None:
    try:
        return store.load(job.key)
    except Damaged:
        return None
