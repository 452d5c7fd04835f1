"""From arrays to a figure's drawings and files, made once: a build with nothing changed starts no Chrome, no Plotly."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from rnnsite import kept, sources
from rnnsite.errors import RnnsiteError
from rnnsite.figures.palette import LIGHT_TO_DARK, to_dark
from rnnsite.figures.table import Table
from rnnsite.web import svg
from rnnsite.web.chrome import Chrome
from rnnsite.web.drawn import Drawn
from rnnsite.web.figure_json import plain, used_colours

# What plotly's cartesian bundle can draw; it would turn any other silently into a scatter.
TRACES = (
    "scatter", "bar", "box", "violin", "histogram", "heatmap", "contour", "histogram2d", "histogram2dcontour", "image"
)  # fmt: skip
KEPT_DAYS = 60
DIGITS = 6  # of the arrays, in data.json
WEIGHTS = "weights_"  # arrays that are not in data.json: a figure's own `files` give them in a form of their own


class Drawings:
    """Draws figures, and keeps them in `folder` under what they depend on: arrays, sources, Plotly and Kaleido."""

    def __init__(self, folder: Path, chrome: Chrome | None = None) -> None:
        self.folder = folder
        self.chrome = chrome or Chrome()

    def draw(self, stem: str, arrays: Mapping[str, np.ndarray], figures: Any = None) -> Drawn:
        """The figure of this stem on these arrays. `figures` stands in for the module `rnnsite.figures.<stem>`."""
        path = self.folder / f"{stem}-{_key(stem, arrays)}.json"
        drawn = _load(path)
        if drawn is not None:
            return drawn
        drawn = self._make(stem, arrays, figures or _figures_of(stem))
        if "figure.svg" in drawn.texts:  # without a browser nothing is kept, so that a later build draws
            kept.write(path, _json(asdict(drawn)).encode())
        return drawn

    def close(self) -> None:
        """Stop the browser and forget figures that no build has used for two months."""
        self.chrome.close()
        oldest = time.time() - KEPT_DAYS * 24 * 3600
        for path in self.folder.glob("*.json") if self.folder.is_dir() else ():
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _make(self, stem: str, arrays: Mapping[str, np.ndarray], module: Any) -> Drawn:
        from rnnsite.figures.panels import fit  # here, because Plotly takes most of a second to import

        made, alt, table = module.figure(arrays), module.alt(arrays), module.table(arrays)
        if not isinstance(table, Table):
            raise RnnsiteError(f"table(arrays) of figure {stem!r} must give a Table, not {type(table).__name__}.")
        if not (isinstance(alt, str) and alt.strip()):
            raise RnnsiteError(f"alt(arrays) of figure {stem!r} must give a sentence.")
        alt = " ".join(alt.split())
        forms = {"figure": _checked(stem, fit(made)), "figure-phone": _checked(stem, fit(made, phone=True))}
        texts = {f"{name}.json": _json(form) for name, form in forms.items()}
        texts["data.csv"] = table.to_csv()
        shown = {name: array for name, array in arrays.items() if not name.startswith(WEIGHTS)}
        texts["data.json"] = _json({name: plain(np.asarray(array), DIGITS) for name, array in shown.items()})
        texts |= module.files(arrays) if hasattr(module, "files") else {}
        texts |= self._svgs(forms, alt)
        size, phone_size = ((form["layout"]["width"], form["layout"]["height"]) for form in forms.values())
        return Drawn(stem, alt, size, phone_size, table.to_html(), texts)

    def _svgs(self, forms: Mapping[str, dict[str, Any]], alt: str) -> dict[str, str]:
        svgs: dict[str, str] = {}
        for name, form in forms.items():
            light = self.chrome.svg(form)
            if light is None:
                return {}
            svgs[f"{name}.svg"] = tidied = svg.tidy(light, alt)
            svgs[f"{name}-dark.svg"] = svg.darkened(tidied) or svg.tidy(self.chrome.svg(to_dark(form)) or "", alt)
        return svgs


def _key(stem: str, arrays: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for module in (f"rnnsite.figures.{stem}", "rnnsite.figures.panels", "rnnsite.web.svg", "rnnsite.web.figure_json"):
        digest.update(sources.fingerprint(module).encode())
    digest.update(_versions().encode())
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()[:20]


@cache
def _versions() -> str:
    return f"{version('plotly')} {version('kaleido')}"


def _figures_of(stem: str) -> Any:
    name = f"rnnsite.figures.{stem}"
    if importlib.util.find_spec(name) is None:
        raise RnnsiteError(f"The experiment {stem!r} has no figure: write rnnsite/figures/{stem}.py.")
    return importlib.import_module(name)


def _checked(stem: str, figure: Any) -> dict[str, Any]:
    """The figure in Plotly's JSON form, refused where the browser would draw something else or could not darken it."""
    form: dict[str, Any] = plain(figure.to_plotly_json())
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


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _load(path: Path) -> Drawn | None:
    """A kept figure; None when it is not there or not what was written."""
    content = kept.read(path)
    if content is None:
        return None
    with contextlib.suppress(OSError):  # a cache may be read-only
        os.utime(path)
    fields = json.loads(content)
    try:
        return Drawn(**{**fields, "size": tuple(fields["size"]), "phone_size": tuple(fields["phone_size"])})
    except (TypeError, KeyError):  # kept by an rnnsite whose Drawn had other fields
        return None
