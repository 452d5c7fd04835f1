"""The site's files beside its pages: figures, explorers, scripts and fonts, of which an edit of a page changes none.

mkdocs empties the site's folder before every build, but for what is hidden. Under `serve` these files therefore lie in
a hidden folder, each written once, and the site's folder has links to them.
"""

from __future__ import annotations

import os
from pathlib import Path

KEPT = ".kept"
FOLDERS = ("assets/rnnsite", "explorers", "figures")  # where nothing but these files lies


class Outputs:
    """Writes them.

    lasting   whether one that is unchanged may be left as it stands, which only a live server asks for
    kept      the folder that stands for the site's own where FOLDERS are meant, from `begin` on
    """

    def __init__(self, lasting: bool) -> None:
        self._lasting = lasting
        self._stands: dict[str, str | None] = {}  # address → text, None while it is being written
        self._wanted: set[str] = set()

    def begin(self, out: Path) -> None:
        """To be called once a build, after mkdocs has emptied `out`."""
        linked = self._lasting and _linked(out)
        self._out, self.kept = out, out / KEPT if linked else out
        self._wanted = set()
        if not linked:
            self._stands = {}

    def write(self, address: str, text: str) -> None:
        """Give the site this file; its address is from the site's root."""
        if not address.startswith(FOLDERS):
            _write(self._out / address, text)
            return
        self._wanted.add(address)
        file = self.kept / address
        if self._stands.get(address) != text or not file.is_file():
            self._stands[address] = None
            _write(file, text)
            self._stands[address] = text

    def finish(self) -> None:
        """Remove what an earlier build wrote and this one did not."""
        for address in self._stands.keys() - self._wanted:
            (self.kept / address).unlink(missing_ok=True)
            del self._stands[address]


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _linked(out: Path) -> bool:
    """Whether `out` has its links: not every system and disk lets a user make them."""
    try:
        for name in FOLDERS:
            link, kept = out / name, out / KEPT / name
            kept.mkdir(parents=True, exist_ok=True)
            if not link.is_symlink():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(os.path.relpath(kept, link.parent), target_is_directory=True)
    except OSError:
        return False
    return True
