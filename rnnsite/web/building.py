"""`rnnsite build` and `rnnsite serve`: mkdocs, with one sentence for each fault."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rnnsite import catalogue
from rnnsite.errors import RnnsiteError

HOST = "127.0.0.1"


def build_site(out: str | None = None, **options: Any) -> None:
    """Train what is missing and build the site into `out`, or into site/."""
    with _mkdocs(options) as config_file:
        from mkdocs.commands.build import build
        from mkdocs.config import load_config

        config = load_config(config_file=str(config_file), **({"site_dir": str(Path(out).resolve())} if out else {}))
        site = Path(config.site_dir)
        _check_writable(site)
        config.plugins.on_startup(command="build", dirty=False)
        try:
            build(config)
        except OSError as error:
            if error.errno != errno.ENOSPC and not str(error.filename or "").startswith(str(site)):
                raise
            raise RnnsiteError(f"The site cannot be written to {site} ({error.strerror}).") from None
        finally:
            config.plugins.on_shutdown()
        print(f"The site stands in {site}.")


def serve_site(port: int, **options: Any) -> None:
    """Train what is missing and serve the site, rebuilding as pages change."""
    _check_port(port)
    with _mkdocs(options) as config_file:
        from mkdocs.commands.serve import serve

        print(f"The site will be at http://{HOST}:{port}/ once it is built; Ctrl-C stops it.")
        serve(config_file=str(config_file), dev_addr=f"{HOST}:{port}")


@contextlib.contextmanager
def _mkdocs(options: dict[str, Any]) -> Iterator[Path]:
    """Check what a build needs, set the options, and turn mkdocs' own complaints into one sentence."""
    try:
        from mkdocs.exceptions import MkDocsException

        from rnnsite.web import notebooks, settings
    except ModuleNotFoundError as error:
        raise RnnsiteError(
            f"Building the site needs {error.name!r}, which is not installed: pip install 'rnnsite[site]' brings it."
        ) from None
    config_file = Path.cwd() / "mkdocs.yml"
    if not config_file.is_file() or not (Path.cwd() / "docs").is_dir():
        raise RnnsiteError(
            f"There is no mkdocs.yml with a docs/ folder in {Path.cwd()}: run this in a checkout of rnnsite."
        )
    known = notebooks.find(Path.cwd())
    for stem in options["only"]:
        if stem not in known:
            catalogue.experiment(stem)  # an unknown name is refused before anything is trained
    settings.use(settings.Settings(**options))
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")  # the theme's banner is for its own audience
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    logging.getLogger("mkdocs.plugins.rnnsite").setLevel(logging.INFO)  # what this build does without is said
    try:
        yield config_file
    except MkDocsException as error:
        raise RnnsiteError(str(error)) from None


def _check_writable(site: Path) -> None:
    """Raise unless a file can be made in the site's folder. Called before anything is trained."""
    try:
        site.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=site):
            pass
    except OSError as error:
        raise RnnsiteError(
            f"The site cannot be written to {site} ({error.strerror}): --out names another folder."
        ) from None


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise RnnsiteError(f"Port {port} on {HOST} is in use: choose another with --port.") from None
