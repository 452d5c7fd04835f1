"""A figure as pages show it: the drawing, the data under it, and the files behind its stable addresses.

figures/<stem>/               the figure alone, for an iframe
figures/<stem>/figure.svg     the drawing; also -dark, -phone and -phone-dark
figures/<stem>/figure.json    Plotly's form of it, fetched when a reader wants to look closer; also -phone
figures/<stem>/data.csv       the table under it
figures/<stem>/data.json      the arrays it was made from

and what `files(arrays)` of rnnsite.figures.<stem> gives, if it has one: trained weights that an explorer loads.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Drawn:
    """One figure, ready for pages.

    size, phone_size   width and height of its two layouts, in px
    texts              file name → content; without figure.svg and its kin where no browser could draw
    """

    stem: str
    alt: str
    size: tuple[int, int]
    phone_size: tuple[int, int]
    table_html: str
    texts: Mapping[str, str]

    def files(self) -> Iterator[tuple[str, str]]:
        """(address from the site's root, text) of every file of this figure but its page."""
        return ((f"figures/{self.stem}/{name}", text) for name, text in self.texts.items())

    def plot_html(self, root: str) -> str:
        """The drawing and its button; `root` is the way from the page to the site's root ('' or '../../')."""
        folder = f"{_root(root)}figures/{self.stem}"
        alt = html.escape(self.alt)
        (width, height), (narrow, tall) = self.size, self.phone_size
        if "figure.svg" in self.texts:
            shown = "".join(
                f'<picture class="rs-{mode}">'
                f'<source media="(max-width: 30em)" srcset="{folder}/figure-phone{suffix}.svg" '
                f'width="{narrow}" height="{tall}">'
                f'<img src="{folder}/figure{suffix}.svg" width="{width}" height="{height}" alt="{alt}" '
                'loading="lazy" decoding="async"></picture>'
                for mode, suffix in (("light", ""), ("dark", "-dark"))
            )
        else:
            shown = self._scrolling_table()
        return (
            f'<div class="rs-plot" data-src="{folder}/figure" data-label="{alt}">'
            f'<div class="rs-stage" style="--w:{width};--h:{height};--nw:{narrow};--nh:{tall}">{shown}</div>'
            '<button type="button" class="rs-interact">Interact</button></div>'
        )

    def data_html(self, root: str) -> str:
        """The data table, folded, and the downloads."""
        folder = f"{_root(root)}figures/{self.stem}"
        names = {"data.csv": "CSV", "data.json": "JSON", "figure.svg": "SVG", "figure.json": "Plotly JSON"}
        downloads = " ".join(
            f'<a href="{folder}/{name}" download="{self.stem}-{name}">{said}</a>'
            for name, said in names.items()
            if name in self.texts
        )
        alone = f'<a href="{folder}/">this figure alone</a>'
        return (
            f'<details class="rs-data"><summary>Data</summary>{self._scrolling_table()}'
            f'<p class="rs-downloads">Download {downloads} · embed {alone}</p></details>'
        )

    def page_html(self, *, title: str, stylesheet: str, script: str, page: str) -> str:
        """figures/<stem>/index.html: the figure alone, linked to its page. Addresses are from the site's root."""
        head = (
            '<!doctype html><html lang="en" class="no-js"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f'<title>{html.escape(title)}</title><meta name="description" content="{html.escape(self.alt)}">'
            '<link rel="icon" href="../../assets/images/favicon.svg">'
            f'<link rel="stylesheet" href="../../{stylesheet}">'
            f'<script type="module" src="../../{script}"></script></head>'
        )
        link = f'<a href="../../{page}">{html.escape(title)}</a>'
        return (
            f'{head}<body class="rs-embed"><main><figure class="rs-figure">{self.plot_html("../../")}'
            f"<figcaption><h1>{link}</h1></figcaption></figure></main></body></html>\n"
        )

    def _scrolling_table(self) -> str:
        return f'<div class="rs-table-scroll" tabindex="0" role="group" aria-label="Data">{self.table_html}</div>'


def _root(root: str) -> str:
    return "" if root in ("", ".", "./") else root.rstrip("/") + "/"
