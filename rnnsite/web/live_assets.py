"""What live cells load, made ready for the bundler: Python itself, packed, `rnnsite.scratch`, and the look of figures.

Everything comes from the npm package `pyodide` and from this repository. WebAssembly is kept gzipped, and the worker
unpacks it: what travels is then as small from a server that compresses nothing.
"""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

from rnnsite.figures import palette, template

SCRATCH = Path(__file__).parents[1] / "scratch"
DRIVER = Path(__file__).parent / "live_driver.py"
RUNTIME = ("pyodide.bin", "python_stdlib.zip")  # as the worker imports them


def generated_files(modules: Path, out: Path) -> None:
    """Write into `out` what browser/live imports as `generated/<name>`."""
    pyodide = modules / "pyodide"
    wasm = gzip.compress((pyodide / "pyodide.asm.wasm").read_bytes(), compresslevel=6, mtime=0)
    (out / RUNTIME[0]).write_bytes(wasm)
    shutil.copyfile(pyodide / "python_stdlib.zip", out / RUNTIME[1])
    shutil.copyfile(DRIVER, out / "live_driver.py")
    lock = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))
    no_packages = {**lock, "packages": {}}  # those would come from another host
    for name, value in {"scratch": scratch_files(), "plot_style": plot_style(), "pyodide_lock": no_packages}.items():
        (out / f"{name}.json").write_text(json.dumps(value, sort_keys=True), encoding="utf-8")


def sources() -> list[Path]:
    """The files that these depend on, beside the npm packages."""
    return [Path(__file__), DRIVER, Path(palette.__file__), Path(template.__file__), *_scratch()]


def scratch_files() -> dict[str, str]:
    """`rnnsite.scratch` as path → text; empty where there is no such package."""
    return {f"rnnsite/scratch/{path.relative_to(SCRATCH).as_posix()}": path.read_text("utf-8") for path in _scratch()}


def plot_style() -> dict[str, Any]:
    """The site's template for Plotly, the palette by name, and the dark partner of each light colour."""
    return {
        "template": template.TEMPLATE.to_plotly_json(),
        "names": {name: light for name, (light, _) in palette.PALETTE.items()},
        "dark": palette.LIGHT_TO_DARK,
    }


def notice(modules: Path) -> str:
    """Pyodide's licence: its package names it and holds no file of it."""
    about = json.loads((modules / "pyodide" / "package.json").read_text(encoding="utf-8"))
    return (
        f"Pyodide {about['version']}, licence {about['license']}. Its source: "
        f"{about.get('homepage') or about['repository']['url']}\n"
        "It contains CPython and its standard library, under the Python Software Foundation licence, and Emscripten's "
        "runtime, under the MIT licence.\n"
    )


def _scratch() -> list[Path]:
    return sorted(SCRATCH.rglob("*.py")) if SCRATCH.is_dir() else []
