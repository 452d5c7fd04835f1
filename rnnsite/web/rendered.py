"""What `serve` keeps of each page's rendering, so that an edit renders the edited page and no other."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

_MADE = ("content", "toc", "_title_from_render", "present_anchor_ids")  # by Page.render


class Rendered:
    """Pages as they were last rendered. One is used again while its text, the set of files and mkdocs.yml stay."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, dict[str, Any]]] = {}

    def attach(self, page: Page) -> None:
        """Let `page.render` look here first."""
        page.render = functools.partial(self._render, page, page.render)  # type: ignore[method-assign]

    def _render(self, page: Page, render: Any, config: MkDocsConfig, files: Files) -> None:
        changed = Path(config.config_file_path).stat().st_mtime_ns
        key = (page.markdown, page.meta, changed, frozenset(file.src_uri for file in files))
        kept_key, made = self._kept.get(page.file.src_uri, (None, {}))
        if key != kept_key:
            render(config, files)
            made = {name: getattr(page, name) for name in _MADE}
            self._kept[page.file.src_uri] = key, made
        for name, value in made.items():
            setattr(page, name, value)
