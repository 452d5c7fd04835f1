"""Each page's HTML as it was last rendered: a page is rendered again when something it depends on has changed.

What that is: the page's own text, and one digest over all else that a block, a number or a citation may show: the
package's source, the results and drawings of this build, the notebooks, the references, the menu, mkdocs.yml and the
installed packages. A change of any of those renders every page again.
"""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents
from mkdocs.utils import CountHandler

from rnnsite import sources
from rnnsite.kept import Kept, digest
from rnnsite.web.site import Site


class Rendered:
    """The pages kept in `file`. What renders them must not change under one object: it is looked at once."""

    def __init__(self, file: Path) -> None:
        self._kept = Kept(file)
        self._tools = _tools()
        self._rest = ""

    def begin(self, site: Site, config: MkDocsConfig, files: Files, *also: Any) -> None:
        """Take stock of what every page of this build depends on; `also` counts too."""
        self._site = site
        self._rest = digest(
            self._tools,
            site.fingerprint(),
            Path(config.config_file_path).read_bytes(),
            config.site_url,
            sorted((file.src_uri, file.url) for file in files),
            also,
        )

    def attach(self, page: Page) -> None:
        """Let `page.render` look here first."""
        page.render = functools.partial(self._render, page, page.render)  # type: ignore[method-assign]

    def index(self, config: MkDocsConfig) -> None:
        """Let the search plugin look here first: it parses each page's HTML anew."""
        plugin: Any = config.plugins.get("material/search")
        if plugin is None:
            return
        index = plugin.search_index
        index.add_entry_from_context = functools.partial(self._index, index, index.add_entry_from_context)

    def save(self) -> None:
        """Keep the pages for the next build, unless the package was edited under this one."""
        if _tools() == self._tools:
            self._kept.save()

    def _render(self, page: Page, render: Any, config: MkDocsConfig, files: Files) -> None:
        name, key = f"page {page.file.src_uri}", digest(self._rest, page.markdown, page.meta)
        made = self._kept.get(name, key)
        if made is None:
            warned = CountHandler(level=logging.WARNING)
            logger = logging.getLogger("mkdocs")
            logger.addHandler(warned)
            try:
                render(config, files)
            finally:
                logger.removeHandler(warned)
            if not warned.get_counts():  # a warning is to be said by every build
                self._kept.put(name, key, _taken(page, self._site, config))
        else:
            _give(made, page, self._site, config)

    def _index(self, index: Any, add: Any, page: Page) -> None:
        name = f"search {page.file.src_uri}"
        key = digest(self._tools, page.content, str(page.toc), page.url, page.title, page.meta, index.config)
        entries, before = self._kept.get(name, key), len(index.entries)
        if entries is None:
            add(page)
            self._kept.put(name, key, index.entries[before:])
        else:
            index.entries += entries


def _tools() -> str:
    """Changes with the package's source, Python and the installed packages."""
    own = ((path.relative_to(sources.PACKAGE), path.read_bytes()) for path in sorted(sources.PACKAGE.rglob("*.py")))
    installed = {path.name for place in sys.path for path in Path(place or ".").glob("*.dist-info")}
    return digest(sys.version, sorted(installed), *(part for pair in own for part in pair))


def _taken(page: Page, site: Site, config: MkDocsConfig) -> dict[str, Any]:
    """What `Page.render` has made, with what it has told others on the way."""
    named = [item for item in _inventory(config).values() if item.uri.startswith(f"{page.url}#")]
    return {
        "content": page.content,
        "toc": _plain(page.toc),
        "title": page._title_from_render,
        "anchors": sorted(page.present_anchor_ids or ()),
        "explorers": site.placed_on(page.url),
        "inventory": [[item.name, item.domain, item.role, item.uri, item.priority, item.dispname] for item in named],
    }


def _give(made: dict[str, Any], page: Page, site: Site, config: MkDocsConfig) -> None:
    page.content, page._title_from_render = made["content"], made["title"]
    page.toc, page.present_anchor_ids = TableOfContents(_toc(made["toc"])), set(made["anchors"])
    for first in page.toc.items[:1]:
        first.active = True  # type: ignore[attr-defined]
    for explorer, start, files in made["explorers"]:
        site.place(explorer, start, files)
    for name, domain, role, uri, priority, shown in made["inventory"]:  # of mkdocstrings, and autorefs beside it
        _inventory(config).register(name, domain, role, uri, priority, shown)
        autorefs: Any = config.plugins["autorefs"]
        autorefs.register_anchor(page, name, uri.partition("#")[2], primary=priority == 1)


def _inventory(config: MkDocsConfig) -> Any:
    """What mkdocstrings has documented so far, by name."""
    plugin: Any = config.plugins.get("mkdocstrings")
    return plugin.handlers.inventory if plugin else {}


def _plain(toc: Iterable[AnchorLink]) -> list[Any]:
    return [[link.title, link.id, link.level, _plain(link.children)] for link in toc]


def _toc(plain: list[Any]) -> list[AnchorLink]:
    links = []
    for title, anchor, level, children in plain:
        links.append(AnchorLink(title, anchor, level))
        links[-1].children = _toc(children)
    return links
