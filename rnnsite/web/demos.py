"""A demo's code with the output of really running it, kept until the code or the library under it changes."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import html
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from rnnsite import results, sources
from rnnsite.errors import RnnsiteError, nearest
from rnnsite.results import Store


def code_and_output(project: Path, name: str) -> tuple[str, str]:
    """The source of demos/<name>.py and what it prints. A demo that fails fails the build."""
    place = project / "demos" / f"{name}.py"
    if not place.is_file():
        known = [path.stem for path in (project / "demos").glob("*.py")]
        raise RnnsiteError(f"there is no demo {name!r} in demos/.{nearest(name, known)}")
    code = place.read_text(encoding="utf-8")
    try:
        used = sources.used_by(ast.parse(code))
    except SyntaxError as error:
        raise RnnsiteError(f"the demo demos/{place.name} fails: SyntaxError: {error.msg}") from None
    parts = [code, *(sources.fingerprint(module) for module in used)]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
    kept = Store().folder / "demos" / f"{name}-{digest}.npz"
    output = _kept(kept)
    if output is None:
        output = _run(place, project)
        with contextlib.suppress(OSError):  # a disk that cannot be written only costs time later
            results.write(kept, {"output": np.frombuffer(output.encode(), dtype=np.uint8)})
    return code, output


def _kept(path: Path) -> str | None:
    try:
        return results.read(path)["output"].tobytes().decode()
    except (OSError, results.Damaged):
        return None


def _run(place: Path, project: Path) -> str:
    path = os.pathsep.join([str(sources.PACKAGE.parent), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(place)],
        cwd=project,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no message"
        raise RnnsiteError(f"the demo demos/{place.name} fails: {last}")
    return done.stdout


def output_html(output: str) -> str:
    """What the demo printed."""
    return f'<pre class="rs-output"><code>{html.escape(output.rstrip())}</code></pre>'
