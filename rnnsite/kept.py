"""What one process has worked out and the next need not: small values in the user's cache, by what they depend on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import platformdirs


def cache_folder() -> Path:
    """Where results, drawings and all else that can be made again lie: RNNSITE_CACHE, or the user's cache."""
    chosen = os.environ.get("RNNSITE_CACHE") or platformdirs.user_cache_dir("rnnsite", appauthor=False)
    return Path(chosen).expanduser().resolve()


def digest(*parts: Any) -> str:
    """SHA-256 over these parts; bytes and text as they are, all else as its repr."""
    made = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else (part if isinstance(part, str) else repr(part)).encode()
        made.update(f"{type(part).__name__} {len(content)} ".encode() + content)
    return made.hexdigest()


def write(file: Path, content: bytes) -> None:
    """Write `content` under a line with its digest, at once or not at all.

    A disk that cannot be written only costs time later.
    """
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(digest(content).encode() + b"\n" + content)
            os.replace(temporary, file)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def read(file: Path) -> bytes | None:
    """What `write` has written, or None where it is not there or no longer whole."""
    with contextlib.suppress(OSError):
        said, _, content = file.read_bytes().partition(b"\n")
        if said.decode(errors="replace") == digest(content):
            return content
    return None


class Kept:
    """Values in one file, each under a name and with a key: what it depends on. A name has the last value alone.

    A file that is damaged, or that cannot be written, only costs time.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._entries: dict[str, tuple[str, Any]] | None = None
        self._changed = False

    def get(self, name: str, key: str) -> Any:
        """The value of this name, or None where there is none that was made for this key."""
        found = self._load().get(name)
        return found[1] if found and found[0] == key else None

    def put(self, name: str, key: str, value: Any) -> None:
        self._load()[name] = (key, value)
        self._changed = True

    def save(self) -> None:
        """Write what is new, at once or not at all."""
        if self._changed:
            write(self._file, json.dumps(self._entries, separators=(",", ":")).encode())
            self._changed = False

    def _load(self) -> dict[str, tuple[str, Any]]:
        if self._entries is None:
            self._entries = json.loads(read(self._file) or b"{}")
        return self._entries
