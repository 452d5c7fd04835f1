"""`rnnsite.scratch` needs nothing but Python: it is put into a browser's worker as a folder, and must run there."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from rnnsite import scratch
from rnnsite.figures import palette

FOLDER = Path(scratch.__file__).parent
STANDARD = {"__future__", "collections", "math", "operator", "random", "sys", "typing"}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.name)
def test_imports(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= STANDARD
        if isinstance(node, ast.ImportFrom):
            assert node.level == 1 or (node.level == 0 and str(node.module).split(".")[0] in STANDARD)


def test_it_runs_with_only_its_folder_on_the_path(tmp_path: Path) -> None:
    """Without site packages, and without the rest of rnnsite, whose folder then has no __init__.py."""
    shutil.copytree(FOLDER, tmp_path / "rnnsite" / "scratch", ignore=shutil.ignore_patterns("__pycache__"))
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from random import Random\n"
        "from rnnsite.scratch import LSTM, Network, delayed_recall, train\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules\n"
        "random = Random(0)\n"
        "print(len(train(Network(LSTM(2, 4)), lambda: delayed_recall(5, random), 3)))\n"
    )
    done = subprocess.run([sys.executable, "-S", "-E", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "3\n", done.stderr


def test_each_cell_is_one_page() -> None:
    for name in ("rnn", "lstm", "gru"):
        assert len((FOLDER / f"{name}.py").read_text(encoding="utf-8").splitlines()) <= 80, name


def test_everything_public_is_named() -> None:
    assert sorted(scratch.__all__) == sorted(set(scratch.__all__))
    for name in scratch.__all__:
        assert hasattr(scratch, name)


def test_the_colours_are_the_sites() -> None:
    light = {colour for colour, _ in palette.PALETTE.values()}
    assert set(scratch.figure.COLOURS.values()) | set(scratch.figure.OTHERS) <= light
    for name, colour in scratch.figure.COLOURS.items():
        assert palette.PALETTE[name][0] == colour
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in scratch.figure.SEQUENTIAL)


def test_a_training_step_is_fast_enough_to_watch() -> None:
    """LSTM-16 over 30 steps: a few ms of a core. The bound is loose: cores differ, and Python 3.11 has no `sumprod`."""
    random, network, optimiser = Random(0), scratch.Network(scratch.LSTM(2, 16)), scratch.Adam(0.01)
    fastest = float("inf")
    for _ in range(40):
        xs, ys = scratch.delayed_recall(30, random)
        began = time.thread_time()  # of this thread, however busy the machine
        _, gradients = network.gradients(xs, ys)
        optimiser.step(network.parameters(), gradients)
        fastest = min(fastest, time.thread_time() - began)
    assert fastest < 0.02
