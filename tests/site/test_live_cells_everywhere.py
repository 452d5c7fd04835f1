"""The live cells of every page run in a real browser, so that a page with a broken one cannot be published."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from rnnsite.web.live import cells

from .every_page import DOCS, pages
from .live_pages import follow, run

pytestmark = pytest.mark.site


def test_the_cells_of_every_page_run(open_page: Callable[..., Page], address: str) -> None:
    """One visit goes through all pages, so that Python is loaded once."""
    files = {path: DOCS / f"{path.rstrip('/') or 'index'}.md" for path in pages()}
    chapters = {path: DOCS / path / "index.md" for path, file in files.items() if not file.is_file()}
    with_cells = [path for path, file in {**files, **chapters}.items() if cells(file.read_text(encoding="utf-8"))]
    assert with_cells
    page = open_page(with_cells[0], turns_pages=True)
    failed = []
    for path in with_cells:
        follow(page, address + path)
        for number in range(1, page.locator(".rs-cell").count() + 1):
            errors = run(page, number).locator(".rs-cell-error, .rs-cell-says").all_inner_texts()
            failed += [f"{path}, cell {number}: {error}" for error in errors]
    assert not failed, "\n".join(failed)
