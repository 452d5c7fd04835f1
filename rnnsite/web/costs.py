"""`/// listing | costs`: what each kind of demo costs a reader, as the build measured it on the finished site.

A page is written before the site is finished, so the listing keeps a place in it, and `fill` puts the table there at
the end. The times are kept until a script of the site changes; the bytes are those of this build's files.
"""

from __future__ import annotations

import datetime
import hashlib
import html
import json
import logging
import os
import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnsite import devices, results
from rnnsite.results import Store
from rnnsite.web import gzip_server, measuring

if TYPE_CHECKING:
    from rnnsite.web.assets import Assets
    from rnnsite.web.site import Site

log = logging.getLogger("mkdocs.plugins.rnnsite")
PLACE = '<p class="rs-costs">Not measured in this build.</p>'
NOT_WHOLE = "Not measured: a build of the whole site does that, and neither --only nor a live server."
NO_CHROME = "Not measured: this build found no Chrome or Chromium."
HEADS = ("demo", "time", "from → to", "fetched by then", "compressed on the way")


def render(_: Site) -> str:
    """The place of the table in a page."""
    return f"<div data-search-exclude>{PLACE}</div>"


def fill(out: Path, site: Site, assets: Assets, whole: bool) -> None:
    """Put the table, or why there is none, into the page of the finished site that keeps a place for it.

    whole    whether this build may measure: it made all of the site, and for readers
    """
    pages = {url: gzip_server.file_of(out, url) for url in site.order}
    texts = {url: file.read_text(encoding="utf-8") for url, file in pages.items() if file.is_file()}
    here = next((url for url, text in texts.items() if PLACE in text), None)  # a page kept from before has one as well
    if here is None:
        return
    opened = _openings(texts, here, home=site.order[0])
    kept = Store().folder / "demos" / f"costs-{_key(assets, opened)}.npz"
    measured = None if whole and site.settings.force else _load(kept, out)
    said = NOT_WHOLE
    if measured is None and whole:
        measured, said = _measure(out, opened)
        if measured is not None:
            _save(kept, measured)
    shown = f"<p>{html.escape(said)}</p>" if measured is None else _table(measured, out, opened, pages[here].parent)
    pages[here].write_text(texts[here].replace(PLACE, shown), encoding="utf-8")


def _openings(texts: Mapping[str, str], here: str, home: str) -> dict[str, str]:
    """Kind → the address of the first page, as the menu has them, with such a demo. The home page borrows its own."""
    own = {url: text for url, text in texts.items() if url != home}
    found = {kind.name: [url for url, text in own.items() if kind.marker in text] for kind in measuring.KINDS}
    found |= {kind.name: [here] for kind in measuring.KINDS if not kind.marker}
    return {name: urls[0] for name, urls in found.items() if urls}


def _key(assets: Assets, pages: Mapping[str, str]) -> str:
    own = Path(measuring.__file__).read_text(encoding="utf-8")
    return hashlib.sha256(json.dumps([assets.names, pages, own]).encode()).hexdigest()[:20]


def _measure(out: Path, pages: Mapping[str, str]) -> tuple[dict[str, Any] | None, str]:
    """What was measured, under which conditions; or None, and why."""
    log.info("Measuring in Chrome how long each kind of demo takes…")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    try:
        measured = measuring.measure(out, pages)
    except measuring.NoBrowser:
        return None, NO_CHROME
    except Exception as error:  # whatever befell the browser: a site without this table is a site all the same
        reason = str(error) if isinstance(error, measuring.NotMeasured) else type(error).__name__
        log.info("The demos could not be measured (%s).", reason)
        return None, f"Not measured: {reason}."
    processor = devices.hardware("cpu").partition(",")[0]
    where = f"{processor}, {os.cpu_count()} cores" + ("" if load is None else f", load {load:.1f} before")
    return {**measured, "where": where, "date": f"{datetime.date.today()}"}, ""


def _load(kept: Path, out: Path) -> dict[str, Any] | None:
    """What an earlier build measured, if every file that was fetched then is still there."""
    try:
        measured: dict[str, Any] = json.loads(results.read(kept)["costs"].tobytes().decode())
    except (OSError, results.Damaged):
        return None
    fetched = {address for files in measured["files"].values() for address in files}
    return measured if all(gzip_server.file_of(out, address).is_file() for address in fetched) else None


def _save(kept: Path, measured: Mapping[str, Any]) -> None:
    """Keep it. A disk that cannot be written only costs time later."""
    try:
        results.write(kept, {"costs": np.frombuffer(json.dumps(measured).encode(), dtype=np.uint8)})
    except OSError:
        log.info("What the demos cost cannot be kept in %s.", kept.parent)


def _table(measured: Mapping[str, Any], out: Path, pages: Mapping[str, str], here: Path) -> str:
    rows = ""
    for kind in measuring.KINDS:
        if kind.name not in measured["ms"]:
            continue
        ms = measured["ms"][kind.name]
        time = f"{_time(statistics.median(ms))} ({_time(min(ms))} to {_time(max(ms))})"
        sizes = ["nothing more", "nothing more"] if kind.again else _sizes(out, measured["files"][kind.name])
        name, page = html.escape(kind.name), out / pages[kind.name]
        if page != here:
            name = f'<a href="{os.path.relpath(page, here).replace(os.sep, "/")}/">{name}</a>'
        told = zip(HEADS[1:], (time, html.escape(kind.span), *sizes), strict=True)
        cells = "".join(f'<td data-head="{head}">{cell}</td>' for head, cell in told)
        rows += f'<tr><th scope="row">{name}</th>{cells}</tr>'
    head = "".join(f'<th scope="col">{name}</th>' for name in HEADS)
    browser = measured["browser"].replace("/", " ").partition(".")[0]
    said = (
        f"Median of {len(ms)} runs (fastest to slowest) on {measured['date']}, in {browser} on "
        f"{html.escape(measured['where'])}; the server was on the same machine, so the way there takes no time."
    )
    return (
        '<div class="rs-table-scroll" tabindex="0" role="group" aria-label="What each kind of demo costs">'
        f'<table class="rs-stacked"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div><p>{said}</p>'
    )


def _sizes(out: Path, addresses: Iterable[str]) -> list[str]:
    contents = [gzip_server.file_of(out, address).read_bytes() for address in addresses]
    return [size(sum(map(len, them))) for them in (contents, [gzip_server.packed(content) for content in contents])]


def size(count: int) -> str:
    """A number of bytes as a reader takes it in.

    >>> size(12_345), size(7_200_000)
    ('12 kB', '7.2 MB')
    """
    return f"{count / 1e3:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def _time(ms: float) -> str:
    return f"{ms / 1e3:.1f} s" if ms >= 1000 else f"{ms:.0f} ms" if ms >= 10 else f"{ms:.1f} ms"
