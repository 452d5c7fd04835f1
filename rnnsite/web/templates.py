"""What `serve` keeps of the theme's work, so that an edit of one page does not make the theme write all the others."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, Template
from jinja2.bccache import Bucket
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.theme import Theme

from rnnsite.kept import digest


class Templates:
    """The theme's templates as compiled, and each page as they last wrote it."""

    def __init__(self) -> None:
        self._compiled = _Compiled()
        self._pages: dict[str, tuple[str, str]] = {}

    def serve(self, env: Environment, config: MkDocsConfig, files: Files) -> None:
        """Let this build's templates look here first. To be called when all pages have been read."""
        env.bytecode_cache = self._compiled
        pages = [file.page for file in files.documentation_pages() if file.page]
        rest = digest(
            Path(config.config_file_path).read_bytes(),
            [(str(place), place.read_bytes()) for place in _files(config.theme.dirs[0])],
            (
                config.site_url,
                config.repo_url,
                config.copyright,
                config.extra,
                config.extra_css,
                config.extra_javascript,
            ),
            [(page.title, page.url, page.is_homepage) for page in pages],  # the menu, and the links to both sides
        )
        original = env.get_template

        def get_template(name: Any, parent: str | None = None, globals: Any = None) -> Any:
            found = original(name, parent, globals)
            return found if parent else _Page(found, rest, self._pages)

        env.get_template = get_template  # type: ignore[method-assign]


class _Page:
    """A template that a page as a whole is written by."""

    def __init__(self, template: Template, rest: str, kept: dict[str, tuple[str, str]]) -> None:
        self._template, self._rest, self._kept = template, rest, kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._template, name)

    def render(self, context: Mapping[str, Any]) -> str:
        page = context.get("page")
        if page is None:  # 404.html
            return self._template.render(context)
        key = digest(self._rest, self._template.name, page.content, str(page.toc), page.meta, page.title)
        if self._kept.get(page.url, ("", ""))[0] != key:
            self._kept[page.url] = key, self._template.render(context)
        return self._kept[page.url][1]


class _Compiled(BytecodeCache):
    """Compiled templates by name; Jinja gives each the checksum of its source, and looks at it."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def past_icons(theme: Theme) -> None:
    """Let mkdocs look for the theme's files past hidden folders: it copies none of the 14,000 icons that lie there."""
    original = theme.get_env

    def get_env() -> Environment:
        env = original()
        env.loader = _PastHidden(theme.dirs)
        return env

    theme.get_env = get_env  # type: ignore[method-assign]


class _PastHidden(FileSystemLoader):
    """Jinja's loader; what is hidden is loaded when it is asked for, and not listed."""

    def list_templates(self) -> list[str]:
        found = set()
        for place in self.searchpath:
            for folder, folders, names in os.walk(place):
                folders[:] = [name for name in folders if not name.startswith(".")]
                within = os.path.relpath(folder, place).replace(os.sep, "/")
                found |= {name if within == "." else f"{within}/{name}" for name in names if not name.startswith(".")}
        return sorted(found)


def _files(folder: str) -> list[Path]:
    return [place for place in sorted(Path(folder).rglob("*")) if place.is_file()]
