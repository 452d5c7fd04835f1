"""Every internal link, image and anchor of the built site must lead somewhere."""

from __future__ import annotations

import html
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

# A comment, or a tag with its attributes. Python's own parser takes four times as long, on 150 pages in every build.
_TAG = re.compile(r"""<!--.*?-->|<([a-zA-Z][^\s/>]*)((?:[^>"']++|"[^"]*"|'[^']*')*+)>""", re.DOTALL)
_RAW = re.compile(r"(<(script|style)\b[^>]*>).*?(?=</\2>)", re.DOTALL | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")


@dataclass
class _Page:
    """The anchors that a page offers and the places it refers to."""

    anchors: set[str] = field(default_factory=set)
    targets: list[str] = field(default_factory=list)


def broken(site: Path, base_path: str = "/") -> list[str]:
    """One sentence for each target that is not there, naming the first page that links to it.

    `base_path` is the path of `site_url`, which the links of 404.html begin with.
    """
    files = set(_files(site))
    texts = {name: (site / name).read_text(encoding="utf-8") for name in sorted(files) if name.endswith(".html")}
    pages = {name: _read(text) for name, text in texts.items()}
    faults: dict[str, list[str]] = {}
    for name, text in texts.items():
        for target, place, anchor in _targets(name, text, base_path):
            found = _missing(place, anchor, files, pages)
            if found:
                faults.setdefault(found, []).append(f"{_source(name)} links to {target!r}, but {found}")
    return [first[0] + (f" (so do {len(first) - 1} more pages)" if len(first) > 1 else "") for first in faults.values()]


def _files(site: Path) -> Iterator[str]:
    """Every file of the site; a folder may be a link to where the live server keeps what no edit changes."""
    for folder, folders, names in os.walk(site, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        within = os.path.relpath(folder, site).replace(os.sep, "/")
        yield from (name if within == "." else f"{within}/{name}" for name in names)


@lru_cache(maxsize=500)  # the live server checks the same pages again and again
def _read(text: str) -> _Page:
    page = _Page()
    for tag in _TAG.finditer(_RAW.sub(r"\1", text)):
        kind, attributes = tag.groups()
        for name, quoted in _ATTRIBUTE.findall(attributes or ""):
            value = html.unescape(quoted[1:-1] if quoted[0] in "\"'" else quoted)
            name, kind = name.lower(), kind.lower()
            if name == "id" or (name == "name" and kind == "a"):
                page.anchors.add(value)
            elif name in {"href", "src"} and kind != "base":
                page.targets.append(value)
            elif name == "srcset":
                page.targets += [part.split()[0] for part in value.split(",") if part.strip()]
    return page


@lru_cache(maxsize=500)
def _targets(name: str, text: str, base_path: str) -> list[tuple[str, str, str]]:
    """(as it is written, the place in the site that it names, anchor) of each target of this page that is within it."""
    found = []
    for target in dict.fromkeys(_read(text).targets):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        path, anchor = unquote(parts.path), unquote(parts.fragment)
        if name == "404.html" and path.startswith("/"):
            path = path.removeprefix(base_path.rstrip("/"))
        place = posixpath.normpath(posixpath.join("/", posixpath.dirname(name), path)).lstrip("/") if path else name
        found.append((target, place, anchor))
    return found


def _missing(place: str, anchor: str, files: set[str], pages: dict[str, _Page]) -> str | None:
    found = place if place in files else posixpath.join(place, "index.html").lstrip("/")
    if found not in files:
        return f"there is no {found!r} in the site"
    if anchor and found in pages and not anchor.startswith("__") and anchor not in pages[found].anchors:
        return f"{found!r} has no anchor {anchor!r}"
    return None


def _source(name: str) -> str:
    """The file that a built page comes from, as its author knows it."""
    stem = name.removesuffix("index.html").rstrip("/").removesuffix(".html")
    if stem.startswith("notebooks/"):
        return f"demos/{stem.removeprefix('notebooks/')}.py"
    return f"docs/{stem or 'index'}.md"
