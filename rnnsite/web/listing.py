"""Listings that the build writes: all experiments, the bibliography, how to cite the site, what the build measured."""

from __future__ import annotations

import html
from collections import Counter
from importlib.metadata import version
from typing import TYPE_CHECKING

from rnnsite.errors import RnnsiteError, nearest
from rnnsite.web import costs, gzip_server, notebook_pages

if TYPE_CHECKING:
    from rnnsite.web.assets import Assets
    from rnnsite.web.site import Shown, Site

HEADS = ("experiment", "page", "our claims", "on fresh seeds", "reproduced", "device", "seconds", "when")
NONE = "–"


def experiments(site: Site) -> str:
    """One row an experiment, chapter by chapter: page, claims, status, device, seconds."""
    rows = "".join(_chapter(title, chapter, site) for chapter, title in site.chapters.items())
    head = "".join(f'<th scope="col">{name}</th>' for name in HEADS)
    return (
        '<div class="rs-table-scroll" tabindex="0" role="group" aria-label="All experiments">'
        f'<table class="rs-all rs-stacked"><thead><tr>{head}</tr></thead>{rows}</table></div>'
    )


def _chapter(title: str, chapter: str, site: Site) -> str:
    """The experiments of one chapter, headed by its title and the seconds of all that a build trains."""
    those = [shown for shown in site.shown.values() if shown.experiment.page.startswith(chapter + "/")]
    if not those:
        return ""
    seconds = sum(shown.result.provenance.seconds for shown in those if not shown.result.recorded)
    name = f'<th scope="rowgroup" colspan="6">{html.escape(title)}</th>'
    head = f'{name}<td data-head="seconds">{seconds:,.0f}</td><td></td>'
    rows = "".join(_row(shown, site) for shown in those)
    return f'<tbody><tr class="rs-chapter">{head}</tr>{rows}</tbody>'


def _row(shown: Shown, site: Site) -> str:
    made = shown.result.provenance
    page = shown.experiment.page.rpartition("/")[2].replace("-", " ")
    ours = [v for v in shown.verdicts if not v.claim.published]
    held = sum(v.status == "holds" for v in ours)
    profile = "recorded" if shown.result.recorded else made.profile
    status = "rs-holds" if held == len(ours) else "rs-fails"
    cells = (
        f'<a href="{site.url(shown.experiment.page + "/")}#fig-{shown.experiment.stem}">{page}</a>',
        f'<span class="{status}">{held} of {len(ours)} hold</span>',
        _on_fresh_seeds(shown),
        _published(shown),
        f'<span title="{html.escape(made.hardware)}">{made.device}, {profile}</span>',
        f"{made.seconds:,.1f}",
        f"<!--date {shown.experiment.stem}-->",
    )
    name = f'<a href="{site.url(f"experiments/{shown.experiment.stem}/")}">{shown.experiment.stem}</a>'
    return f'<tr><th scope="row">{name}</th>{_cells(cells)}</tr>'


def _cells(cells: tuple[str, ...]) -> str:
    """With the heads of their columns, which a phone shows beside them."""
    return "".join(
        f'<td data-head="{head}"{" class=rs-none" if cell == NONE else ""}>{cell}</td>'
        for head, cell in zip(HEADS[1:], cells, strict=True)
    )


def _published(shown: Shown) -> str:
    """How many statements of others came out, and how many are open."""
    count = Counter(v.status for v in shown.verdicts if v.claim.published)
    undecided = f", {count['undecided']} undecided" if count["undecided"] else ""
    return f"{count['reproduced']} of {count.total()}{undecided}" if count else NONE


def _on_fresh_seeds(shown: Shown) -> str:
    """How many of our claims hold on every fresh seed set; a dash where none was trained since the last change."""
    if shown.tried is None:
        return NONE
    ours = [shown.tried.of(v.claim) for v in shown.verdicts if not v.claim.published]
    return f"{ours.count(shown.tried.sets)} on all {shown.tried.sets}"


def totals(site: Site) -> str:
    """How much stands behind the site, counted."""
    verdicts = [v for shown in site.shown.values() for v in shown.verdicts if not v.claim.identity]
    ours = sum(not v.claim.published for v in verdicts)
    seconds = sum(shown.result.provenance.seconds for shown in site.shown.values() if not shown.result.recorded)
    hardware = " and ".join(sorted({shown.result.provenance.hardware for shown in site.shown.values()}))
    return (
        f"<p>{len(site.shown)} experiments, {ours} claims about our own runs and {len(verdicts) - ours} published "
        f"statements checked, {seconds:,.0f} seconds of training in all ({site.profile} profile, "
        f"{html.escape(hardware)}).</p>"
    )


def loads(site: Site) -> str:
    """What a browser fetches, and when: the bytes as the files lie, and as a server that compresses sends them."""
    assets = site.assets
    assert assets is not None
    python = (assets.worker, *_named(assets, "pyodide-"), *_named(assets, "python_stdlib-"))
    kinds = {
        "on every page: script and stylesheet": (assets.script, assets.stylesheet),
        "when a figure is touched: Plotly": _named(assets, "plotly-"),
        "when a live cell is edited: the editor": _named(assets, "editor-"),
        "when a live cell is run: Python": python,
    }
    rows = ""
    for said, names in kinds.items():
        contents = [(assets.folder / name).read_bytes() for name in names]
        sizes = (sum(map(len, them)) for them in (contents, map(gzip_server.packed, contents)))
        cells = "".join(f"<td>{costs.size(size)}</td>" for size in sizes)
        rows += f'<tr><th scope="row">{said}</th>{cells}</tr>'
    head = "".join(f'<th scope="col">{name}</th>' for name in ("loaded", "as it lies", "compressed on the way"))
    return (
        '<div class="rs-table-scroll" tabindex="0" role="group" aria-label="What is loaded when">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _named(assets: Assets, prefix: str) -> tuple[str, ...]:
    return tuple(name for name in assets.names if name.startswith(prefix))


def bibliography(site: Site) -> str:
    """Every reference, with an anchor that citations link to."""
    items = "".join(f'<li id="{r.key}">{r.html}</li>' for r in site.bibliography.sorted())
    return f'<ul class="rs-references">{items}</ul>'


def cite(site: Site) -> str:
    """How to cite the site, as BibTeX."""
    release = version("rnnsite")
    entry = (
        "@misc{rnnsite,\n  title = {rnnsite: recurrent networks you can see into},\n"
        f"  author = {{{{The rnnsite authors}}}},\n  version = {{{release}}},\n  year = {{{site.year}}},\n"
        "  note = {Figures, tables and claims computed by the build that published them}\n}"
    )
    return (
        '<details class="rs-cite" open><summary>Cite this</summary>'
        f"<pre><code>{html.escape(entry)}</code></pre></details>"
    )


def notebooks(site: Site) -> str:
    """Every notebook in the order of the menu, with what it teaches and its seconds."""
    places = {url: place for place, url in enumerate(site.order)}
    names = sorted(site.notebooks, key=lambda name: places.get(f"{notebook_pages.FOLDER}/{name}/", len(places)))
    return notebook_pages.gallery_html({name: site.notebooks[name] for name in names})


_LISTINGS = {
    "notebooks": notebooks,
    "experiments": experiments,
    "totals": totals,
    "loads": loads,
    "costs": costs.render,
    "bibliography": bibliography,
    "cite": cite,
}


def render(name: str, site: Site) -> str:
    """The listing of this name."""
    if name not in _LISTINGS:
        raise RnnsiteError(f"there is no listing {name!r}.{nearest(name, _LISTINGS)}")
    return _LISTINGS[name](site)
