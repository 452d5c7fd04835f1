"""The pages that the tests of the site go through."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

DOCS = Path(__file__).parents[2] / "docs"


def pages() -> list[str]:
    """The path of every page in docs/, as the reader's browser asks for it."""
    files = sorted(DOCS.rglob("*.md"))
    names = [file.relative_to(DOCS).with_suffix("").as_posix() for file in files]
    return ["" if name == "index" else name.removesuffix("index").rstrip("/") + "/" for name in names]


def read_through(page: Page) -> None:
    """Scroll down the page as a reader does, so that what waits for being near comes to life, and back up.

    The pauses are taken here: a browser may put off a page's own timers for minutes.
    """
    for step in range(60):
        height = page.evaluate(f"() => {{ scrollTo(0, {700 * step}); return document.body.scrollHeight; }}")
        page.wait_for_timeout(60)
        if 700 * step >= height:
            break
    page.evaluate("scrollTo(0, 0)")
