"""The pages that the tests of the site go through."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def pages() -> list[str]:
    """The path of every page in docs/, as the reader's browser asks for it."""
    files = sorted(DOCS.rglob("*.md"))
    names = [file.relative_to(DOCS).with_suffix("").as_posix() for file in files]
    return ["" if name == "index" else name.removesuffix("index").rstrip("/") + "/" for name in names]
