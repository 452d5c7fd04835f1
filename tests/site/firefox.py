"""Firefox, driven by Playwright over WebDriver BiDi, the protocol that an unpatched Firefox speaks.

with sync_playwright() as playwright, launched(playwright, tmp_path) as browser:
    browser.new_page().goto(address)

Run as a script it is what Playwright starts in Firefox's place: it starts Firefox with the same arguments and passes
all messages on, but answers itself those commands that Playwright sends to every page and Firefox knows only from
version 159. Once no older Firefox is about, `executable_path=find_firefox()` will do.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

UNKNOWN = {"emulation.setMediaFeaturesOverride"}  # https://bugzilla.mozilla.org/show_bug.cgi?id=2064354
LONGEST = 2**28  # bytes of a message, which may hold a screenshot
PREFERENCES: dict[str, str | float | bool] = {
    "layout.css.prefers-color-scheme.content-override": 1,  # light, whatever the desktop says
    "app.normandy.enabled": False,  # experiments of Mozilla's, asked for over the network
}


def find_firefox() -> str:
    """The browser's path; without one the test is skipped."""
    if os.name != "posix":
        pytest.skip("Firefox is started through a shell script, which this system cannot run.")
    for name in ("firefox-esr", "firefox"):
        if path := shutil.which(name):
            return path
    pytest.skip("No Firefox was found on PATH; install Debian's `firefox-esr` to run the tests in it.")


@contextmanager
def launched(playwright: Playwright, folder: Path, **preferences: str | float | bool) -> Iterator[Browser]:
    """A headless Firefox with a new profile, and this script between it and Playwright."""
    script = folder / "firefox.sh"
    script.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, __file__, find_firefox()])} "$@"\n')
    script.chmod(0o755)
    browser = playwright.firefox.launch(
        channel="moz-firefox", executable_path=script, firefox_user_prefs={**PREFERENCES, **preferences}
    )
    yield browser
    browser.close()


class Between(WebSocketHandler):
    """One connection of Playwright's, and its twin to Firefox."""

    def check_origin(self, origin: str) -> bool:
        return True

    async def open(self, *args: str, **kwargs: str) -> None:
        self.twin = asyncio.ensure_future(
            websocket_connect(f"{self.settings['firefox']}/{args[0]}", max_message_size=LONGEST)
        )
        self.task = asyncio.ensure_future(self.answers())  # awaited here, it would keep messages from coming in

    async def answers(self) -> None:
        firefox = await self.twin
        while (said := await firefox.read_message()) is not None:
            await self.write_message(said)
        self.close()

    async def on_message(self, message: str | bytes) -> None:
        asked: dict[str, Any] = json.loads(message)
        if asked["method"] in UNKNOWN:
            await self.write_message({"type": "success", "id": asked["id"], "result": {}})
        else:
            await (await self.twin).write_message(message)

    def on_close(self) -> None:
        if self.twin.done():
            self.twin.result().close()


async def stand_between(command: list[str]) -> int:
    """Start Firefox; where it says at which address it listens, say another one."""
    firefox = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, limit=2**20)
    assert firefox.stderr is not None
    async for line in firefox.stderr:
        text = line.decode(errors="replace")
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", text):
            sockets = bind_sockets(0, "127.0.0.1")
            handlers = [(r"/(.*)", Between)]
            HTTPServer(Application(handlers, firefox=found[1], websocket_max_message_size=LONGEST)).add_sockets(sockets)
            text = text.replace(found[1], f"ws://127.0.0.1:{sockets[0].getsockname()[1]}")
        print(text, end="", file=sys.stderr, flush=True)
    return await firefox.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(stand_between(sys.argv[1:])))
