"""An empty page that can import the kernel from its sources."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from ..unbundled import serve, watched_page


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with serve() as address, watched_page(browser) as page:
        page.goto(address + "blank.html")
        yield page
