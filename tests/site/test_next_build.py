"""A build sees what was edited in the package since the last one, though it keeps pages and drawings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .test_faults import PAGE, STEM, project  # noqa: F401

PACKAGE = Path(__file__).parents[2] / "rnnsite"
NEW_ALT = '\n_before = alt\n\n\ndef alt(arrays):\n    return _before(arrays) + " Seen anew."\n'


def page(project: Path) -> str:  # noqa: F811
    """The page with the experiment, built by a process of its own."""
    command = [sys.executable, "-m", "rnnsite", "build", "--profile", "quick", "--device", "cpu", "--only", STEM]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return (project / "site" / PAGE.removeprefix("docs/").removesuffix(".md") / "index.html").read_text(
        encoding="utf-8"
    )


def test_an_edit_of_a_figure_and_of_a_claim(project: Path) -> None:  # noqa: F811
    package = project / "rnnsite"
    package.unlink()
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    first = page(project)
    claim, figure = package / "experiments" / f"{STEM}.py", package / "figures" / f"{STEM}.py"
    text = claim.read_text(encoding="utf-8")
    claim.write_text(text.replace("fifty multiplications: {measured}", "fifty of them: {measured}"), encoding="utf-8")
    figure.write_text(figure.read_text(encoding="utf-8") + NEW_ALT, encoding="utf-8")
    second = page(project)
    for said in ("fifty of them: ", "Seen anew."):
        assert said not in first
        assert said in second
    assert "Seen anew." in (project / "site" / "figures" / STEM / "index.html").read_text(encoding="utf-8")
