"""Shared fixtures: a store of its own for each test, and the trained quick results that several tests read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"  # before anything imports triton: the GPU's kernels run in its interpreter

from rnnsite import runner
from rnnsite.results import Result, Store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store, also the default one of whatever runs inside the test."""
    monkeypatch.setenv("RNNSITE_CACHE", str(tmp_path / "cache"))
    store = Store()
    store.check_writable()
    return store


@pytest.fixture(scope="session")
def quick_results(request: pytest.FixtureRequest) -> dict[str, Result]:
    """The quick results that the chosen tests read, from the user's cache where they are there, else trained now."""
    chosen = [item for item in request.session.items if "quick_results" in getattr(item, "fixturenames", ())]
    jobs = runner.jobs_for("quick", "cpu", sorted({item.callspec.params["stem"] for item in chosen}))
    return {job.stem: result for job, result in runner.obtain(jobs, Store()).items()}
