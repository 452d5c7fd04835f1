"""Every internal link, image and anchor of the built site must lead somewhere."""

from __future__ import annotations

import html
import posixpath
import re
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
    pages = {}
    for path in sorted(site.rglob("*.html")):
        pages[path.relative_to(site).as_posix()] = _read(path.read_text(encoding="utf-8"))
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    faults: dict[str, list[str]] = {}
    for name, page in pages.items():
        for target in dict.fromkeys(page.targets):
            found = _missing(name, target, files, pages, base_path)
            if found:
                faults.setdefault(found, []).append(f"{_source(name)} links to {target!r}, but {found}")
    return [first[0] + (f" (so do {len(first) - 1} more pages)" if len(first) > 1 else "") for first in faults.values()]


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


def _missing(name: str, target: str, files: set[str], pages: dict[str, _Page], base_path: str) -> str | None:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return None
    path, anchor = unquote(parts.path), unquote(parts.fragment)
    if name == "404.html" and path.startswith("/"):
        path = path.removeprefix(base_path.rstrip("/"))
    place = posixpath.normpath(posixpath.join("/", posixpath.dirname(name), path)).lstrip("/") if path else name
    found = place if not path or place in files else posixpath.join(place, "index.html").lstrip("/")
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
