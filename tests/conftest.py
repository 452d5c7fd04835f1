"""Shared fixtures: a store of its own for each test, and the trained quick results that several tests read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import torch

if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"  # before anything imports triton: the GPU's kernels run in its interpreter

from rnnsite import runner
from rnnsite.results import Result, Store

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store, also the default one of whatever runs inside the test."""
    monkeypatch.setenv("RNNSITE_CACHE", str(tmp_path / "cache"))
    store = Store()
    store.check_writable()
    return store


@pytest.fixture
def small_project(tmp_path: Path) -> Path:
    """A folder to build a small site in: this package, what its browser code needs, the references, and empty docs."""
    (tmp_path / "docs" / "gradients").mkdir(parents=True)
    (tmp_path / "rnnsite").symlink_to(PROJECT / "rnnsite")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(PROJECT / name, tmp_path)
    shutil.copy(PROJECT / "docs" / "references.bib", tmp_path / "docs")
    return tmp_path


@pytest.fixture(scope="session")
def quick_results(request: pytest.FixtureRequest) -> dict[str, Result]:
    """The quick results that the chosen tests read, from the user's cache where they are there, else trained now."""
    chosen = [item for item in request.session.items if "quick_results" in getattr(item, "fixturenames", ())]
    jobs = runner.jobs_for("quick", "cpu", sorted({item.callspec.params["stem"] for item in chosen}))
    return {job.stem: result for job, result in runner.obtain(jobs, Store()).items()}
