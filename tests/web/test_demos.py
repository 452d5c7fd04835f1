"""A demo's output is what running it printed, whatever has happened to the copy that was kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnsite.errors import RnnsiteError
from rnnsite.results import Store
from rnnsite.web.demos import code_and_output


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose one demo leaves a mark each time it is run."""
    (tmp_path / "demos").mkdir()
    (tmp_path / "demos" / "marks.py").write_text(
        "import rnnsite\nfrom pathlib import Path\nPath('mark').open('a').write('x')\nprint('λ = 1')\n",
        encoding="utf-8",
    )
    return tmp_path


def runs(project: Path) -> int:
    return len((project / "mark").read_text())


def test_it_is_run_once(project: Path, store: Store) -> None:
    assert code_and_output(project, "marks")[1] == "λ = 1\n"
    assert code_and_output(project, "marks")[1] == "λ = 1\n"
    assert runs(project) == 1


def test_a_damaged_copy_is_not_shown(project: Path, store: Store) -> None:
    code_and_output(project, "marks")
    (kept,) = (store.folder / "demos").iterdir()
    content = bytearray(kept.read_bytes())
    for damaged in (content[: len(content) // 2], content[:-40] + b"?" + content[-39:]):
        kept.write_bytes(damaged)
        assert code_and_output(project, "marks")[1] == "λ = 1\n"
    assert runs(project) == 3


def test_a_demo_that_fails_is_one_sentence(project: Path, store: Store) -> None:
    (project / "demos" / "marks.py").write_text("1 / 0\n")
    with pytest.raises(RnnsiteError, match=r"demos/marks\.py fails: ZeroDivisionError"):
        code_and_output(project, "marks")
