"""The cells that readers run in the page run here, in CPython, with nothing but `rnnsite.scratch` to import."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnnsite import scratch

DOCS = Path(__file__).parents[2] / "docs"
CELL = re.compile(r"^```py-live\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGES = {
    str(path.relative_to(DOCS)): CELL.findall(path.read_text(encoding="utf-8")) for path in sorted(DOCS.rglob("*.md"))
}
WITH_A_CELL = [name for name, cells in PAGES.items() if cells]
CONCEPTS = [
    name for name in PAGES if name.startswith(("gradients/", "remedies/", "gates/")) and not name.endswith("index.md")
]


@pytest.fixture(scope="session")
def only_scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds `rnnsite/scratch` and nothing else, as the page's worker does."""
    folder = tmp_path_factory.mktemp("worker")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(scratch.__file__).parent, folder / "rnnsite" / "scratch", ignore=ignore)
    return folder


@pytest.mark.parametrize("page", WITH_A_CELL)
def test_the_cells_of_a_page(page: str, only_scratch: Path) -> None:
    command = [sys.executable, "-S", "-E", str(Path(__file__).with_name("run_cells.py")), str(only_scratch)]
    done = subprocess.run(
        command, input=json.dumps(PAGES[page]), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{page}\n{done.stderr}"
    printed, _, results = done.stdout.rstrip().rpartition("\n")
    for result in json.loads(results):
        assert result["kind"] in ("figure", "table") or printed.strip(), f"{page}: a cell that shows nothing"
        assert result["seconds"] < 10  # a quiet core needs less than 2


@pytest.mark.parametrize("page", CONCEPTS)
def test_a_concept_page_has_a_cell_worth_running(page: str) -> None:
    """Short enough to read, and with something to try."""
    assert PAGES[page], f"{page} has no cell to run"
    for cell in PAGES[page]:
        assert len(cell.splitlines()) <= 30
        assert max(map(len, cell.splitlines())) <= 80, "a phone scrolls"
    assert re.search(r"^# try: ", "".join(PAGES[page]), re.MULTILINE)
