"""The whole site, built once, served on 127.0.0.1 and read in a headless Chromium that reports every fault."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, Request, sync_playwright

from .serving import serve
from .unbundled import find_chromium

PROJECT = Path(__file__).parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
LONGEST = 240  # seconds of a test; on a busy machine the longest takes about a minute


@pytest.fixture(scope="session")
def port() -> int:
    """A free port, chosen before the build: instant navigation goes by the address the site was built for."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, port: int) -> Path:
    """The site's folder, built as a reader of the README would build it."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "rnnsite", "build", "--profile", "quick", "--device", "cpu", "--out", str(out)]
    environment = {**os.environ, "RNNSITE_URL": f"http://127.0.0.1:{port}/"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="session")
def address(site: Path, port: int) -> Iterator[str]:
    with serve(site, port) as address:
        yield address


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """`open_page(path, **context)`: a page of the site; console errors and requests to other hosts fail the test."""
    faults: list[str] = []
    contexts = []

    def open_(path: str = "", turns_pages: bool = False, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: faults.append(f"{path}: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(f"{path}: {error}"))
        page.on("request", lambda asked: None if _ours(asked.url, address) else faults.append(f"{path}: {asked.url}"))
        page.on("requestfailed", lambda asked: _lost(asked, path, faults, turns_pages))
        page.goto(address + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


def _lost(asked: Request, path: str, faults: list[str], turns_pages: bool) -> None:
    """A request that failed is a fault, unless a test that turns pages did so before it was answered."""
    if not (turns_pages and asked.failure == "net::ERR_ABORTED"):
        faults.append(f"{path}: {asked.url} failed ({asked.failure})")


def _ours(url: str, address: str) -> bool:
    return url.startswith((address, "data:", "blob:"))


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, from the packages that the build installed."""
    from rnnsite.results import Store

    found = sorted((Store().folder / "assets" / "npm").glob("*/node_modules/axe-core/axe.min.js"), key=os.path.getmtime)
    assert found, "axe-core is not installed: package.json names it among the development packages"
    return found[-1].read_text(encoding="utf-8")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker takes all tests of the site, so that it is built once.

    On a busy machine about one page in a thousand, another each time, stops answering headless Chromium and its
    debugger: the page's main thread waits for ever while every process is idle. Such a test is given up after LONGEST
    and tried once more. A page that stops its browser does so twice; what fails otherwise is not repeated.
    """
    for item in items:
        if PROJECT / "tests" / "site" in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("site"))
            item.get_closest_marker("timeout") or item.add_marker(pytest.mark.timeout(LONGEST, func_only=True))
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun="from pytest-timeout"))
