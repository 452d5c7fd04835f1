"""The mkdocs plugin: trains what is missing, then gives the pages their figures, numbers, math and assets."""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink

from rnnsite.errors import RnnsiteError
from rnnsite.results import Store
from rnnsite.web import costs, csp, experiment_pages, links, live, markup, notebook_pages, settings
from rnnsite.web.assets import Assets, build_assets
from rnnsite.web.blocks import SiteMarkdown
from rnnsite.web.math import Math
from rnnsite.web.outputs import Outputs
from rnnsite.web.rendered import Rendered
from rnnsite.web.site import Site
from rnnsite.web.templates import Templates, past_icons

log = logging.getLogger("mkdocs.plugins.rnnsite")
# what the theme has and no page loads: source maps, its stylesheets (they are in ours), languages
_UNREAD = re.compile(r"assets/(.*\.map|stylesheets/[^/]*\.css|javascripts/lunr/.*|images/favicon\.png)")


class RnnsitePlugin(BasePlugin):
    """One object for the whole of `mkdocs serve`: results, drawings and assets are made once, pages each time."""

    site: Site
    assets: Assets
    math: Math
    rendered: Rendered
    outputs: Outputs
    experiment_pages: dict[str, str]
    templates: Templates
    serving = False

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Start afresh. That this method is there makes mkdocs keep the object between the rebuilds of `serve`."""
        self.__dict__.pop("site", None)
        self.serving = command == "serve"
        self.templates = Templates()
        logging.getLogger("mkdocs.commands.build").addFilter(_said_better_by_us)

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        try:
            if not hasattr(self, "site"):
                project = Path(config.config_file_path).parent
                cache = Store()
                self.rendered = Rendered(cache.folder / "kept" / _kept_name(self.serving))
                self.assets = build_assets(project, cache.folder / "assets")
                self.math = Math(self.assets.katex, cache.folder / "math")
                self.site = Site(settings.current, Path(config.docs_dir))
                self.outputs = Outputs(lasting=self.serving)
                self.experiment_pages = experiment_pages.pages(self.site)
            elif self.serving:
                self.site.run_notebooks()  # those that were edited
            self.site.repo_url, self.site.assets = config.repo_url, self.assets
            self.site.chapters = _chapters(config.nav or [])
        except RnnsiteError as error:
            raise PluginError(str(error)) from None
        config.markdown_extensions.append(SiteMarkdown(self.site))
        fences = config.mdx_configs.setdefault("pymdownx.superfences", {}).setdefault("custom_fences", [])
        fences.append(live.custom_fence(self.site, self.assets, self.serving))
        config.extra["rnnsite"] = {"assets": self.assets.urls}
        past_icons(config.theme)
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        for file in list(files):
            if _UNREAD.fullmatch(file.src_uri) and file.src_uri != config.theme["favicon"]:
                files.remove(file)
        for path, text in self.experiment_pages.items():
            files.append(File.generated(config, path, content=text))
        for name, ran in self.site.notebooks.items():
            files.append(File.generated(config, f"{notebook_pages.FOLDER}/{name}.md", content=notebook_pages.page(ran)))
        return files

    def on_serve(self, server: LiveReloadServer, /, *, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
        server.watch(str(self.site.project / "demos"))
        gc.freeze()  # what the first build made stays; collections between edits need not look at it again
        return server

    def on_nav(self, nav: Navigation, /, *, config: MkDocsConfig, files: Files) -> Navigation:
        self.site.order = [page.url for page in nav.pages]
        self.site.explorers = {}
        self.rendered.begin(self.site, config, files, self.assets.urls, self.assets.live_sizes, self.serving)
        return nav

    def on_env(self, env: Environment, /, *, config: MkDocsConfig, files: Files) -> Environment:
        # mkdocstrings asks every page to wait for a stylesheet that only dresses what ours dresses already
        config.extra_css = [path for path in config.extra_css if "mkdocstrings" not in str(path)]
        self.rendered.index(config)
        if self.serving:
            self.templates.serve(env, config, files)
        return env

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        self.site.page = page
        self.rendered.attach(page)
        line = front_line(page.meta, f"docs/{page.file.src_uri}")
        if not line:
            return markdown
        head, title, body = markdown.partition(f"# {page.meta.get('title', '')}\n")
        return f"{head}{title}\n{line}\n{body}" if title else f"{line}\n{markdown}"

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        try:
            name = f"docs/{page.file.src_uri}"
            for heading in _headings(page.toc):
                heading.title = self.math.render_text(heading.title, name)
            return markup.say_where(self.math.render_html(html, name), self.site)
        except RnnsiteError as error:
            raise PluginError(str(error)) from None

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        out = Path(config.site_dir)
        (out / "assets" / "_mkdocstrings.css").unlink(missing_ok=True)  # its plugin writes it, and no page loads it
        self.outputs.begin(out)
        self.assets.write(self.outputs.kept)
        self.site.write_figures(self.outputs, self.assets)
        self.site.write_explorers(self.outputs, self.assets)
        self.site.write_notebooks(self.outputs, self.assets, config.site_url or "/")
        self.outputs.finish()
        if not self.serving:  # the live server adds a script of its own to each page
            csp.protect(out)
            self.assets.write_offline(out)
        costs.fill(out, self.site, self.assets, whole=not (self.serving or self.site.settings.only))
        faults = links.broken(out, urlsplit(config.site_url or "/").path)
        if faults and self.serving:  # an author who is typing wants to see the page all the same
            log.warning("%s.", "; ".join(faults))
        elif faults:
            raise PluginError("; ".join(faults) + ".")

    def on_shutdown(self) -> None:
        if hasattr(self, "math"):
            self.math.close()
        if hasattr(self, "site"):
            self.rendered.save()

    def on_build_error(self, *, error: Exception) -> None:
        """End with one sentence that names the page and the fault, instead of mkdocs' log line and 'Aborted'."""
        if isinstance(error, PluginError):
            raise error
        if isinstance(error, UnicodeDecodeError):
            strange = ", ".join(self.site.not_utf8()) or "A file of the site"
            raise PluginError(f"{strange} cannot be read as UTF-8 text ({error.reason}).") from None
        if isinstance(error, RnnsiteError):
            page: Any = getattr(getattr(self, "site", None), "page", None)
            where = f"docs/{page.file.src_uri}: " if page else ""
            raise PluginError(f"{where}{error}") from None


def _kept_name(serving: bool) -> str:
    """The file of kept pages. Each kind of build has its own, so that none makes another render everything again."""
    return f"pages{'-only' if settings.current.only else ''}{'-serve' if serving else ''}.json"


def _chapters(nav: list[Any]) -> dict[str, str]:
    """Folder → title of every part of the menu that has an index page."""
    parts = {title: pages for entry in nav for title, pages in entry.items() if isinstance(pages, list)}
    return {pages[0].removesuffix("/index.md"): title for title, pages in parts.items() if isinstance(pages[0], str)}


def _said_better_by_us(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(("Error reading page", "Encoding error reading file"))


def _headings(toc: Iterable[AnchorLink]) -> Iterator[AnchorLink]:
    for heading in toc:
        yield heading
        yield from _headings(heading.children)


def front_line(meta: Mapping[str, Any], page: str) -> str:
    """The line under a page's title: minutes, prerequisites, lectures."""
    needs, lectures = (_listed(meta, name, page) for name in ("prerequisites", "lectures"))
    parts = [
        f"{meta['minutes']} minutes" if "minutes" in meta else "",
        f"needs {', '.join(needs)}" if needs else "",
        f"lectures {', '.join(lectures)}" if lectures else "",
    ]
    said = " · ".join(part for part in parts if part)
    return f"\n/// frontline\n{said}\n///\n" if said else ""


def _listed(meta: Mapping[str, Any], name: str, page: str) -> list[str]:
    listed = meta.get(name) or []
    if not isinstance(listed, list):
        raise PluginError(f"{page}: expected a list as {name!r} in the front matter, not {listed!r}.")
    return [str(item) for item in listed]
