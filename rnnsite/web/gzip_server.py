"""A folder served on 127.0.0.1 as a published site is: compressed where that helps, cached for ten minutes."""

from __future__ import annotations

import functools
import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit


@functools.lru_cache(maxsize=256)
def packed(content: bytes) -> bytes:
    """The bytes as they travel: gzipped, unless that makes them longer."""
    return min(content, gzip.compress(content, 6, mtime=0), key=len)


def file_of(folder: Path, address: str) -> Path:
    """The file behind an address, '/gates/' or '/offline.js'."""
    place = folder / unquote(urlsplit(address).path).lstrip("/")
    return place / "index.html" if place.is_dir() else place


class Server:
    """asked: the addresses of files that were sent, in order, each once."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, dict[str, None]()
        handler = functools.partial(_Handler, self)
        self.http = _Http(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.http.server_address[1]}/"

    def wait_for_rest(self, quiet: float = 0.4, most: float = 30) -> None:
        """Return when nothing new has been asked for in that many seconds."""
        end, last, since = time.monotonic() + most, -1, time.monotonic()
        while time.monotonic() < min(end, since + quiet):
            if len(self.asked) != last:
                last, since = len(self.asked), time.monotonic()
            time.sleep(0.02)


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    server = Server(folder)
    Thread(target=server.http.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A browser that closes a page drops its connections."""


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, server: Server, *rest: Any) -> None:
        self.known = server
        super().__init__(*rest, directory=str(server.folder))

    def do_GET(self) -> None:
        file = file_of(self.known.folder, self.path)
        if not file.is_file():
            self.send_error(404)
            return
        self.known.asked[urlsplit(self.path).path] = None
        content = file.read_bytes()
        sent = packed(content)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Length", str(len(sent)))
        self.send_header("Cache-Control", "max-age=600")
        if len(sent) < len(content):
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: Any) -> None:
        """What was asked for is in `asked`."""
