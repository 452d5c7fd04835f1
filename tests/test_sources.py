"""What counts as a change: code does, comments, docstrings and claims do not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rnnsite import sources

MODULE = "rnnsite.experiments.random_products"
FILE = "experiments/random_products.py"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package whose files a test may edit."""
    copy = tmp_path / "rnnsite"
    shutil.copytree(sources.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "web"))
    monkeypatch.setattr(sources, "PACKAGE", copy)
    return copy


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from __future__ import annotations", "# a comment\nfrom __future__ import annotations"),
        ('"""What happens to a product', '"""What becomes of a product'),
        ("below=-0.5", "below=-0.4"),
        ('paper": Config(runs=4000', 'paper": Config(runs=5000'),
        ('TITLE = "Products of random factors"', 'TITLE = "Other words"'),
    ],
)
def test_words_and_judgements_do_not_retrain(package: Path, old: str, new: str) -> None:
    before = sources.fingerprint(MODULE)
    edit(package / FILE, old, new)
    assert sources.fingerprint(MODULE) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (FILE, "np.sqrt(size)", "np.sqrt(size + 1)"),
        (FILE, "runs: int = 400", "runs: int = 401"),
        ("seeding.py", ">> 1", ">> 2"),
    ],
)
def test_code_retrains_directly_and_through_imports(package: Path, file: str, old: str, new: str) -> None:
    before = sources.fingerprint(MODULE)
    edit(package / file, old, new)
    assert sources.fingerprint(MODULE) != before


def test_what_is_not_imported_does_not_count(package: Path) -> None:
    before = sources.fingerprint(MODULE)
    (package / "cells" / "elman.py").write_text("raise SystemExit\n", encoding="utf-8")
    assert sources.fingerprint(MODULE) == before


def test_dependencies_follow_every_form_of_import(package: Path) -> None:
    (package / "experiments" / "made_up.py").write_text(
        "import rnnsite.seeding\nfrom rnnsite import context\nfrom ..cells import elman\n", encoding="utf-8"
    )
    found = sources.dependencies("rnnsite.experiments.made_up")
    assert {"rnnsite.seeding", "rnnsite.context", "rnnsite.cells.elman"} <= set(found)
    assert "rnnsite.claims" not in found
