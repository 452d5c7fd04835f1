"""The browser modules as they are written, served on 127.0.0.1 to a headless Chromium: no build step in between.

with serve() as address, watched_page(browser) as page:
    page.goto(address + "?gf.rho=1.1")
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from . import serving

HERE = Path(__file__).parent
BROWSER = Path(__file__).parents[2] / "rnnsite" / "web" / "browser"
# The policy that the published site is read under, so that a module which needs more fails here first.
POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:"


class Handler(serving.Quiet):
    """`/browser/…` is rnnsite/web/browser, `/models/…` an untrained text model, everything else this folder; `/` is
    explorers.html."""

    def do_GET(self) -> None:
        name = self.path.split("?")[0].removeprefix("/models/")
        if name == self.path or name not in text_models():
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(text_models()[name].encode())

    def guess_type(self, path: Any) -> str:
        """Windows may have registered another type for .js, and modules are refused under any other."""
        return "text/javascript" if str(path).endswith(".js") else super().guess_type(path)

    def translate_path(self, path: str) -> str:
        path = path.split("?")[0].split("#")[0]
        if path.startswith("/browser/"):
            return str(BROWSER / path.removeprefix("/browser/"))
        return str(HERE / ("explorers.html" if path == "/" else path.lstrip("/")))

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


@cache
def text_models() -> dict[str, str]:
    """What the build exports for the text explorer, of networks with random weights: lstm.json, gru.json, rnn.json."""
    from rnnsite.experiments import gates_on_text
    from rnnsite.figures.gates_on_text import files

    config = replace(gates_on_text.Config(), seeds=1, seed_set=1000)
    arrays = {"H": np.array(config.H), "bits": np.full((3, 1), 6.6)}
    arrays |= {"guides": np.arange(12).reshape(3, 4), "guides_r": np.linspace(-0.9, 0.9, 12).reshape(3, 4)}
    for name in gates_on_text.CELLS:
        model, _ = gates_on_text.fresh(name, config)
        parts = {"E": model.E, "V": 4 * model.V, "a": model.a, **dict(model.cell.named_parameters())}
        arrays |= {f"weights_{name}_{part}": w[0].detach().numpy() for part, w in parts.items()}
    return files(arrays)


def serve() -> AbstractContextManager[str]:
    """The address of a server that lives as long as the `with` block."""
    return serving.serve(HERE, handler=Handler)


def find_chromium() -> str:
    """The browser's path; without one the test is skipped, or fails where CI says that it must run."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if path := shutil.which(name):
            return path
    sentence = "No Chromium was found on PATH; install Debian's `chromium` to run the browser tests."
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


@contextmanager
def watched_page(browser: Browser, **context: Any) -> Iterator[Page]:
    """A page whose console messages of fault, page errors and failed requests fail the block when it ends."""
    page = browser.new_context(**context).new_page()
    faults: list[str] = []
    page.on("console", lambda message: message.type in ("error", "warning") and faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(f"{request.url} failed"))
    yield page
    page.context.close()
    assert not faults, faults


def open_explorer(page: Page, address: str, which: str) -> None:
    """Go to explorers.html and scroll until the explorer with this id is live."""
    page.goto(address)
    page.locator(f"#{which}").scroll_into_view_if_needed()
    page.wait_for_selector(f"#{which}[data-live]")


def finding(page: Page, which: str) -> str:
    """The explorer's sentence, once the frame that draws a change has passed and no training is under way."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_selector(f"#{which} .rs-x:not([aria-busy=true])")
    return page.locator(f"#{which} .rs-x-finding").inner_text()


def settled_address(page: Page) -> str:
    """The query of the address, once an explorer has written its setting there: it waits for a pause in the changes."""
    page.wait_for_timeout(350)
    return page.url.partition("?")[2]
