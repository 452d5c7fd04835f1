"""The README tells the truth: its example prints what it shows, its files and commands exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from rnnsite.cli import cli

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def test_the_example_is_the_demo_and_prints_what_it_shows() -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    shown = re.search(r"```text\n(.*?)```", README, re.DOTALL)
    assert code
    assert shown
    assert code[1] == (PROJECT / "demos" / "diagnose.py").read_text(encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", code[1]], capture_output=True, text=True, check=True)
    assert done.stdout == shown[1]


def test_every_file_it_names_is_there() -> None:
    for target in re.findall(r"\]\(((?!http)[^)#]+)\)", README):
        assert (PROJECT / target).exists(), target


def test_every_command_it_names_is_there() -> None:
    for command in re.findall(r"`(?:python -m )?rnnsite (\w+)", README.replace("\n", " ")):
        assert command in cli.commands, command
