"""`rnnsite doctor`: what this machine has, and what a build will use."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil

from rnnsite import catalogue, devices, runner
from rnnsite.errors import RnnsiteError
from rnnsite.results import Store


def report() -> None:
    """Print one line for each thing a build uses."""
    device = devices.resolve("auto")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    _line("python", platform.python_version())
    _line("torch", importlib.metadata.version("torch"))
    _line("device", f"{device} ({devices.hardware(device)}), {cores} cores")
    _line("profile", f"{runner.resolve_profile('auto', device)} unless --profile says otherwise")
    _cache()
    jobs = runner.jobs_for("auto", "auto")
    store = Store()
    missing = [
        job.stem
        for job in jobs
        if not catalogue.experiment(job.stem).recorded and not (store.folder / "results" / f"{job.key}.npz").is_file()
    ]
    _line("experiments", f"{len(catalogue.stems())}, {len(missing)} to train")
    _site()


def _cache() -> None:
    store = Store()
    try:
        store.check_writable()
        _line("cache", f"{store.folder}, {store.size() / 2**20:.1f} MiB")
    except RnnsiteError as error:
        _line("cache", str(error))


def _site() -> None:
    needed = ("mkdocs", "material", "mkdocstrings", "pymdownx", "pybtex", "plotly", "kaleido", "jupytext", "nbformat")
    missing = [name for name in (*needed, "sklearn") if importlib.util.find_spec(name) is None]
    if missing:
        _line("site", f"cannot be built here: {', '.join(missing)} missing; pip install 'rnnsite[site]' brings them")
        return
    from choreographer.browsers.chromium import Chromium

    from rnnsite.web.node import find_node

    try:
        node = find_node()
        _line("node", f"{node.version}, {node.executable}")
    except RnnsiteError as error:
        _line("node", str(error))
    chrome = Chromium.find_browser(skip_local=False)
    there = chrome and shutil.which(chrome)
    _line("chrome", there or "none: figures stand as tables until a reader presses Interact")
    _line("disk", f"{shutil.disk_usage('.').free / 2**30:.1f} GiB free")


def _line(name: str, value: str) -> None:
    print(f"{name:<12}{value}")
