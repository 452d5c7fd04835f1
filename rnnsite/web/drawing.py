"""From arrays to all that a page shows of a figure: drawings, data, markup, and the files at its stable addresses.

figures/<stem>/               the figure alone, for an iframe
figures/<stem>/figure.svg     the drawing; also -dark, -phone and -phone-dark
figures/<stem>/figure.json    Plotly's form of it, fetched when a reader wants to look closer; also -phone
figures/<stem>/data.csv       the table under it
figures/<stem>/data.json      the arrays it was made from
"""

from __future__ import annotations

import hashlib
import html
import importlib
import importlib.util
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from rnnsite import sources
from rnnsite.errors import RnnsiteError
from rnnsite.figures.palette import LIGHT_TO_DARK, to_dark
from rnnsite.figures.panels import fit
from rnnsite.figures.table import Table
from rnnsite.web import svg as drawing
from rnnsite.web.chrome import Chrome
from rnnsite.web.figure_json import plain, used_colours

# What plotly's cartesian bundle can draw; it would turn any other silently into a scatter.
TRACES = (
    "scatter", "bar", "box", "violin", "histogram", "heatmap", "contour", "histogram2d", "histogram2dcontour", "image"
)  # fmt: skip
KEPT_DAYS = 60


@dataclass(frozen=True)
class Drawn:
    """One figure, ready for pages. `svgs` is empty where no browser could draw it."""

    stem: str
    alt: str
    figure: dict[str, Any]
    phone: dict[str, Any]
    svgs: Mapping[str, str]
    table: Table
    arrays: Mapping[str, np.ndarray]

    def files(self) -> Iterator[tuple[str, str]]:
        """(address from the site's root, text) of every file of this figure but its page."""
        folder = f"figures/{self.stem}"
        for name, svg in self.svgs.items():
            yield f"{folder}/{name}.svg", svg
        yield f"{folder}/figure.json", _json(self.figure)
        yield f"{folder}/figure-phone.json", _json(self.phone)
        yield f"{folder}/data.csv", self.table.to_csv()
        yield f"{folder}/data.json", _json({name: plain(np.asarray(array), 9) for name, array in self.arrays.items()})

    def plot_html(self, root: str) -> str:
        """The drawing and its button; `root` is the way from the page to the site's root ('' or '../../')."""
        folder = f"{_root(root)}figures/{self.stem}"
        width, height = self.figure["layout"]["width"], self.figure["layout"]["height"]
        narrow, tall = self.phone["layout"]["width"], self.phone["layout"]["height"]
        if self.svgs:
            alt = html.escape(self.alt)
            shown = "".join(
                f'<picture class="rs-{mode}">'
                f'<source media="(max-width: 30em)" srcset="{folder}/figure-phone{suffix}.svg" '
                f'width="{narrow}" height="{tall}">'
                f'<img src="{folder}/figure{suffix}.svg" width="{width}" height="{height}" alt="{alt}" '
                'loading="lazy" decoding="async"></picture>'
                for mode, suffix in (("light", ""), ("dark", "-dark"))
            )
        else:
            shown = self._table_html()
        return (
            f'<div class="rs-plot" data-src="{folder}/figure" data-label="{html.escape(self.alt)}">'
            f'<div class="rs-stage" style="--w:{width};--h:{height};--nw:{narrow};--nh:{tall}">{shown}</div>'
            '<button type="button" class="rs-interact">Interact</button></div>'
        )

    def data_html(self, root: str) -> str:
        """The data table, folded, and the downloads."""
        folder = f"{_root(root)}figures/{self.stem}"
        links = [("data.csv", "CSV"), ("data.json", "JSON")]
        links += [("figure.svg", "SVG")] if self.svgs else []
        links += [("figure.json", "Plotly JSON")]
        downloads = " ".join(
            f'<a href="{folder}/{name}" download="{self.stem}-{name}">{said}</a>' for name, said in links
        )
        alone = f'<a href="{folder}/">this figure alone</a>'
        return (
            f'<details class="rs-data"><summary>Data</summary>{self._table_html()}'
            f'<p class="rs-downloads">Download {downloads} · embed {alone}</p></details>'
        )

    def _table_html(self) -> str:
        return f'<div class="rs-table-scroll" tabindex="0" role="group" aria-label="Data">{self.table.to_html()}</div>'

    def page_html(self, *, title: str, stylesheet: str, script: str, page: str) -> str:
        """figures/<stem>/index.html: the figure alone, linked to its page. Addresses are from the site's root."""
        head = (
            '<!doctype html><html lang="en" class="no-js"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f'<title>{html.escape(title)}</title><meta name="description" content="{html.escape(self.alt)}">'
            f'<link rel="stylesheet" href="../../{stylesheet}">'
            f'<script type="module" src="../../{script}"></script></head>'
        )
        link = f'<a href="../../{page}">{html.escape(title)}</a>'
        return (
            f'{head}<body class="rs-embed"><main><figure class="rs-figure">{self.plot_html("../../")}'
            f"<figcaption>{link}</figcaption></figure></main></body></html>\n"
        )


class Drawings:
    """Draws figures; keeps drawings in `folder` under what they depend on, so that a warm build starts no Chrome."""

    def __init__(self, folder: Path, chrome: Chrome | None = None) -> None:
        self.folder = folder
        self.chrome = chrome or Chrome()

    def draw(self, stem: str, arrays: Mapping[str, np.ndarray], figures: Any = None) -> Drawn:
        """The figure of this stem on these arrays. `figures` replaces the module `rnnsite.figures.<stem>`."""
        module = figures or _figures_of(stem)
        made, alt, table = module.figure(arrays), module.alt(arrays), module.table(arrays)
        if not isinstance(table, Table):
            raise RnnsiteError(f"table(arrays) of figure {stem!r} must give a Table, not {type(table).__name__}.")
        if not (isinstance(alt, str) and alt.strip()):
            raise RnnsiteError(f"alt(arrays) of figure {stem!r} must give a sentence.")
        figure, phone = (_checked(stem, fit(made, phone=small)) for small in (False, True))
        alt = " ".join(alt.split())
        return Drawn(stem, alt, figure, phone, self._svgs(figure, phone, alt), table, arrays)

    def close(self) -> None:
        """Stop the browser and forget drawings that no build has used for two months."""
        self.chrome.close()
        oldest = time.time() - KEPT_DAYS * 24 * 3600
        for path in self.folder.glob("*.json") if self.folder.is_dir() else ():
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _svgs(self, figure: dict[str, Any], phone: dict[str, Any], alt: str) -> Mapping[str, str]:
        parts = [figure, phone, alt, version("plotly"), version("kaleido"), sources.fingerprint("rnnsite.web.svg")]
        path = self.folder / f"{hashlib.sha256(_json(parts).encode()).hexdigest()[:24]}.json"
        kept = _load(path)
        if kept is not None:
            return kept
        svgs: dict[str, str] = {}
        for name, form in (("figure", figure), ("figure-phone", phone)):
            light = self.chrome.svg(form)
            if light is None:
                return {}
            svgs[name] = drawing.tidy(light, alt)
            dark = drawing.darkened(svgs[name]) or drawing.tidy(self.chrome.svg(to_dark(form)) or "", alt)
            svgs[f"{name}-dark"] = dark
        _save(path, svgs)
        return svgs


def _figures_of(stem: str) -> Any:
    name = f"rnnsite.figures.{stem}"
    if importlib.util.find_spec(name) is None:
        raise RnnsiteError(f"The experiment {stem!r} has no figure: write rnnsite/figures/{stem}.py.")
    return importlib.import_module(name)


def _checked(stem: str, figure: Any) -> dict[str, Any]:
    """The figure in Plotly's JSON form, refused where the browser would draw something else or could not darken it."""
    form = plain(figure.to_plotly_json())
    for trace in form["data"]:
        if trace["type"] not in TRACES:
            known = ", ".join(TRACES)
            raise RnnsiteError(f"The figure {stem!r} has a trace of type {trace['type']!r}: expected one of {known}.")
    colours = used_colours(form)
    strange = sorted(colours - LIGHT_TO_DARK.keys())
    if strange:
        named = ", ".join(strange)
        raise RnnsiteError(f"The figure {stem!r} uses {named}: take colours from rnnsite.figures.palette.")
    form["layout"]["meta"] = {"dark": {light: LIGHT_TO_DARK[light] for light in sorted(colours)}}
    return form


def _root(root: str) -> str:
    return "" if root in ("", ".", "./") else root.rstrip("/") + "/"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _load(path: Path) -> dict[str, str] | None:
    """Kept drawings; None when they are not there or not what was written."""
    try:
        digest, _, text = path.read_text(encoding="utf-8").partition("\n")
        if hashlib.sha256(text.encode()).hexdigest() != digest:
            return None
        os.utime(path)
        svgs: dict[str, str] = json.loads(text)
    except (OSError, ValueError):
        return None
    return svgs


def _save(path: Path, svgs: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = _json(svgs)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8", newline="\n") as file:
        file.write(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}")
    os.replace(file.name, path)
