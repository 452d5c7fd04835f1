"""Notebooks: lessons in demos/*.py that the build runs, and runs again when their code or the library under it changes.

A notebook is a plain Python file in the percent format: `# %% [markdown]` begins a cell of text, `# %%` one of code.
A file in demos/ without such cells is a demo (see demos.py).
"""

from __future__ import annotations

import ast
import concurrent.futures
import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rnnsite import devices, results, sources
from rnnsite.errors import RnnsiteError
from rnnsite.kept import digest
from rnnsite.progress import Progress
from rnnsite.results import Store

AT_ONCE = 2  # processes
SLOWEST = 300  # seconds, after which a notebook is given up
_FIGURE_LINK = re.compile(r"\]\([\w./-]+\.md#fig-(\w+)\)")
_CELL = re.compile(r"^# %%", re.MULTILINE)


@dataclass(frozen=True)
class Notebook:
    """A notebook as it is written.

    cells   (kind, source) of each, kind "markdown" or "code"
    """

    name: str
    cells: tuple[tuple[str, str], ...]

    @property
    def file(self) -> str:
        return f"demos/{self.name}.py"

    @property
    def code(self) -> list[str]:
        return [source for kind, source in self.cells if kind == "code"]

    @property
    def title(self) -> str:
        return self.cells[0][1].splitlines()[0].removeprefix("# ").strip()

    @property
    def plain_title(self) -> str:
        return self.title.replace("`", "")

    @property
    def lesson(self) -> str:
        """What is learnt, in a sentence: the first paragraph under the title."""
        return " ".join(self.cells[0][1].split("\n\n")[1].split())

    @property
    def figures(self) -> set[str]:
        """The experiments whose figures it treats: those that its text links to."""
        return {stem for kind, source in self.cells if kind == "markdown" for stem in _FIGURE_LINK.findall(source)}

    @cached_property
    def trees(self) -> list[ast.Module]:
        trees = []
        for number, code in enumerate(self.code):
            try:
                trees.append(ast.parse(code))
            except SyntaxError as error:
                raise RnnsiteError(_failure(self, number, f"SyntaxError: {error.msg}")) from None
        return trees

    @cached_property
    def meaning(self) -> list[str]:
        return [ast.dump(tree) for tree in self.trees]


@dataclass(frozen=True)
class Ran:
    """A notebook with what running it gave.

    outputs   one entry a code cell: `printed`, and where the cell ends in a value `value`, or `figure` and `alt`;
              None where the notebook was left out of this build
    """

    notebook: Notebook
    outputs: list[dict[str, Any]] | None
    seconds: float = 0.0
    hardware: str = ""
    fresh: bool = False

    @cached_property
    def fingerprint(self) -> str:
        """Changes with all but whether it was run just now."""
        return digest(self.notebook, self.outputs, self.seconds, self.hardware)


def find(project: Path) -> dict[str, Notebook]:
    """Every notebook in demos/, by name. The first cell of each is its title and, below, what is learnt."""
    files = sorted((project / "demos").glob("*.py"))
    texts = {path.stem: path.read_text(encoding="utf-8") for path in files}
    return {name: read(name, text) for name, text in texts.items() if _CELL.search(text)}


@cache
def read(name: str, text: str) -> Notebook:
    """A notebook from its percent format."""
    import jupytext  # here, because a build without notebooks need not wait for it

    cells = jupytext.reads(text, fmt="py:percent").cells
    notebook = Notebook(name, tuple((str(cell.cell_type), str(cell.source).strip()) for cell in cells))
    kind, head = notebook.cells[0] if notebook.cells else ("", "")
    if kind != "markdown" or not head.startswith("# ") or "\n\n" not in head:
        raise RnnsiteError(
            f"The notebook {notebook.file} must begin with a Markdown cell: '# Title', and a paragraph that says what "
            "is learnt."
        )
    return notebook


def key(notebook: Notebook, device: str) -> str:
    """What a run depends on, as a name: the code, the rnnsite modules it uses, torch's minor version, the device.

    Text, comments and layout do not count.
    """
    import torch

    used = {module for tree in notebook.trees for module in sources.used_by(tree)} | {"rnnsite.web.notebook_run"}
    parts = {
        "code": notebook.meaning,
        "sources": {module: sources.fingerprint(module) for module in sorted(used)},
        "torch": ".".join(torch.__version__.split(".")[:2]),
        "device": device,
    }
    return f"{notebook.name}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]}"


def obtain(
    notebooks: Iterable[Notebook],
    store: Store,
    device: str = "auto",
    *,
    processes: int | None = None,
    force: bool = False,
    progress: bool = True,
) -> dict[str, Ran]:
    """Every notebook's run: the one kept where there is one and it is whole, else one made now.

    Raises RnnsiteError with the file, the cell and the error when a cell fails.
    """
    device = devices.resolve(device)
    ran: dict[str, Ran] = {}
    todo: list[tuple[Notebook, Path]] = []
    for notebook in notebooks:
        path = store.folder / "demos" / f"{key(notebook, device)}.npz"
        kept = None if force else _kept(notebook, path)
        if kept is None:
            todo.append((notebook, path))
        else:
            ran[notebook.name] = kept
    if todo:
        with (
            Progress([n.name for n, _ in todo], visible=progress, what="notebooks", done="ran") as bar,
            concurrent.futures.ThreadPoolExecutor(min(AT_ONCE, processes or AT_ONCE)) as pool,
        ):
            futures = [pool.submit(_run, notebook, device, path) for notebook, path in todo]
            try:
                for future in concurrent.futures.as_completed(futures):
                    made = future.result()
                    ran[made.notebook.name] = made
                    bar.finish(made.notebook.name, made.seconds)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)  # those under way end, and are kept
                raise
    return dict(sorted(ran.items()))


def _run(notebook: Notebook, device: str, path: Path) -> Ran:
    """Run it in a process of its own, and keep what it gave at `path`."""
    places = os.pathsep.join([str(sources.PACKAGE.parent), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    environment = {**os.environ, "PYTHONPATH": places, "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"}
    if device == "cpu":
        environment["CUDA_VISIBLE_DEVICES"] = ""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:  # where the notebook may write what it likes
        place = Path(folder) / "answer.json"
        try:
            done = subprocess.run(
                [sys.executable, "-m", "rnnsite.web.notebook_run", str(place)],
                input=json.dumps(notebook.code),
                cwd=folder,
                capture_output=True,
                text=True,
                encoding="utf-8",
                env=environment,
                check=False,
                timeout=SLOWEST,
            )
        except subprocess.TimeoutExpired:
            raise RnnsiteError(f"The notebook {notebook.file} was given up after {SLOWEST} seconds.") from None
        if not place.is_file():
            said = done.stderr.strip().splitlines()
            reason = said[-1] if said else f"it ended with status {done.returncode}, often for want of memory"
            raise RnnsiteError(f"The notebook {notebook.file} could not be run: {reason}.")
        answer = json.loads(place.read_text(encoding="utf-8"))
    if "failed" in answer:
        raise RnnsiteError(_failure(notebook, answer["failed"]["cell"], answer["failed"]["error"]))
    seconds = round(time.perf_counter() - started, 1)
    ran = Ran(notebook, answer["outputs"], seconds, devices.hardware(device), fresh=True)
    _keep(ran, path)
    return ran


def _failure(notebook: Notebook, number: int, error: str) -> str:
    first = notebook.code[number].strip().splitlines()[0]
    return f"The notebook {notebook.file} fails in code cell {number + 1} ({first!r}): {error.rstrip('.')}."


def _kept(notebook: Notebook, path: Path) -> Ran | None:
    try:
        made = json.loads(results.read(path)["ran"].tobytes().decode())
    except results.Damaged:
        print(f"The stored run of {notebook.file} is damaged: running it again.")
        return None
    except OSError:
        return None
    with contextlib.suppress(OSError):  # a cache may be read-only
        os.utime(path)
    return Ran(notebook, made["outputs"], made["seconds"], made["hardware"])


def _keep(ran: Ran, path: Path) -> None:
    """Keep a run. A disk that cannot be written only costs time later."""
    made = {"outputs": ran.outputs, "seconds": ran.seconds, "hardware": ran.hardware}
    try:
        results.write(path, {"ran": np.frombuffer(json.dumps(made).encode(), dtype=np.uint8)})
    except OSError:
        print(f"The run of {ran.notebook.file} cannot be kept in {path.parent}.")
