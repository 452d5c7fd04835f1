"""The HTML of stamps, measured values and pulled-in source."""

from __future__ import annotations

import html
import inspect
import pkgutil
import re
from pathlib import Path
from typing import TYPE_CHECKING

from markdown import Markdown
from pymdownx.highlight import Highlight

from rnnsite import sources
from rnnsite.claims import Verdict
from rnnsite.errors import RnnsiteError
from rnnsite.fresh_sets import Tried
from rnnsite.web.narrow import narrow

if TYPE_CHECKING:
    from rnnsite.web.site import Shown, Site

_WHERE = re.compile(r"<!--(made|date) (\w+)-->")
_WORDS = {
    "holds": "",
    "fails": "does not hold: ",
    "reproduced": "reproduced: ",
    "not reproduced": "not reproduced: ",
    "undecided": "undecided: ",
}


def measured(verdict: Verdict, tried: Tried | None = None) -> str:
    """What was measured, what the claim needs of it, and on how many fresh seed sets it has that."""
    claim, how = verdict.claim, "" if verdict.measured.how == "exact" else verdict.measured.how
    value = "" if claim.specs else f"measured {verdict.said}"
    parts = [value, how, f"{'would be' if claim.published else 'must be'} {claim.bound}"]
    return _WORDS[verdict.status] + ", ".join(part for part in parts if part) + _on_fresh_sets(verdict, tried)


def _on_fresh_sets(verdict: Verdict, tried: Tried | None) -> str:
    held = tried.of(verdict.claim) if tried and verdict.measured.how != "exact" else None
    if tried is None or held is None:
        return ""
    return f"; {'reproduced' if verdict.claim.published else 'holds'} on {held} of {tried.sets} fresh sets of seeds"


def stamp(shown: Shown, site: Site) -> str:
    """Where the figure comes from: one line under it."""
    made, stem = shown.result.provenance, shown.experiment.stem
    seeds = made.config.get("seeds")
    parts = [
        f"{made.profile} profile",
        f"{len(seeds) if isinstance(seeds, list | tuple) else seeds} seeds" if seeds else "",
        made.hardware,
        f"{made.seconds:.1f} s",
        f"torch {made.torch}",
        made.date,
    ]
    again = f"rnnsite train --profile paper {stem}" if shown.result.recorded else f"rnnsite train {stem} --force"
    said = " · ".join([*(html.escape(part) for part in parts if part), f"<!--made {stem}-->"])
    link = f'<a href="{site.url(f"experiments/{stem}/")}">source</a>'
    lessons = [ran.notebook for ran in site.notebooks.values() if stem in ran.notebook.figures]
    links = [f'<a href="{site.url(f"notebooks/{it.name}/")}">{html.escape(it.plain_title)}</a>' for it in lessons]
    treated = f" · in the notebook{'s' * (len(links) > 1)} {', '.join(links)}" if links else ""
    return f'<p class="rs-stamp">{said} · {link}{treated} · <code>{again}</code></p>'


def say_where(page_html: str, site: Site) -> str:
    """A page's HTML with what holds for this build alone: which results it trained. The rest is kept for the next."""

    def said(match: re.Match[str]) -> str:
        result = site.shown[match[2]].result
        if match[1] == "date":
            return "this build" if result.fresh else result.provenance.date.split()[0]
        if result.recorded:
            return "recorded, not trained in this build"
        return "trained in this build" if result.fresh else "from this machine’s cache"

    return _WHERE.sub(said, page_html)


def source(path: str, site: Site, md: Markdown) -> str:
    """The highlighted source of `rnnsite.module.object`, its words wrapped for the page, under the name of its file."""
    try:
        found = inspect.unwrap(pkgutil.resolve_name(path))  # past decorators such as torch.no_grad()
        lines, first = inspect.getsourcelines(found)
        file = inspect.getsourcefile(found) or ""
    except (ImportError, AttributeError, ValueError):
        raise RnnsiteError(f"there is no {path!r} to show the source of") from None
    except (OSError, TypeError):
        raise RnnsiteError(f"the source of {path!r} cannot be read: name a function, class or module") from None
    relative = Path(file).relative_to(sources.PACKAGE.parent).as_posix()
    name = f"<code>{html.escape(relative)}</code>"
    if site.repo_url:
        name = f'<a href="{site.repo_url.rstrip("/")}/blob/main/{relative}#L{max(first, 1)}">{name}</a>'
    return f'<p class="rs-source-file">{name}</p>{highlight(narrow("".join(lines)), md)}'


def highlight(code: str, md: Markdown) -> str:
    """Python, highlighted as fenced code is."""
    block: str = Highlight(md, use_pygments=True).highlight(code, "python")
    return block
