"""What one build knows while it renders: results and their verdicts, drawings, references, the page under way."""

from __future__ import annotations

import dataclasses
import datetime
import posixpath
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from rnnsite import catalogue, fresh_sets, runner, sources
from rnnsite.catalogue import Experiment
from rnnsite.claims import Verdict
from rnnsite.errors import RnnsiteError, nearest
from rnnsite.fresh_sets import Tried
from rnnsite.kept import digest
from rnnsite.results import Result, Store
from rnnsite.web import embeds, notebook_figures, notebook_pages, notebooks
from rnnsite.web.assets import Assets
from rnnsite.web.bibliography import Bibliography
from rnnsite.web.drawing import Drawings
from rnnsite.web.drawn import Drawn
from rnnsite.web.outputs import Outputs
from rnnsite.web.settings import Settings
from rnnsite.wording import refuse_unknown, say


@dataclasses.dataclass
class Shown:
    """An experiment as this build shows it."""

    experiment: Experiment
    result: Result
    verdicts: Sequence[Verdict]
    drawn: Drawn
    tried: Tried | None = None  # on fresh seed sets, in the profile that is shown

    @cached_property
    def fingerprint(self) -> str:
        """Changes with all that a page can show of it, but for what `markup.say_where` adds to every page.

        The claims are code, and code is looked at elsewhere.
        """
        result = self.result
        arrays = [(name, array.dtype.str, array.shape, array.tobytes()) for name, array in result.arrays.items()]
        return digest(result.provenance, result.recorded, arrays, _fingerprint(self.drawn), self.tried)


class Site:
    """The state of one build. Everything is made once; `page` changes as mkdocs goes through the pages."""

    def __init__(self, settings: Settings, docs: Path) -> None:
        self.settings = settings
        self.docs, self.project = docs, docs.parent
        self.bibliography = Bibliography(docs / "references.bib")
        self.page: Page | None = None
        self.repo_url: str | None = None
        self.order: list[str] = []  # addresses of the pages, as the menu has them
        self.explorers: dict[str, dict[str, embeds.Placed]] = {}  # name → page → as it stands there
        self.assets: Assets | None = None
        self.chapters: dict[str, str] = {}  # folder → title, in the order of the menu
        self.year = datetime.date.today().year
        store = Store()
        self.notebooks: dict[str, notebooks.Ran] = {}
        self.notebook_figures: dict[str, dict[int, Drawn]] = {}  # notebook → code cell → its figure
        self._seen: tuple[Any, ...] = ()  # what the notebooks were last run for
        self._ipynb: dict[str, tuple[str, str]] = {}  # name → what its file depends on, and the file
        known = notebooks.find(self.project)
        only = [name for name in settings.only if name not in known]
        alone = bool(settings.only) and not only  # notebooks and no experiment
        jobs = [] if alone else runner.jobs_for(settings.profile, settings.device, only)
        self.profile = runner.resolve_profile(settings.profile, jobs[0].device) if jobs else settings.profile
        results = runner.obtain(jobs, store, processes=settings.jobs, force=settings.force)
        self.drawings = Drawings(store.folder / "drawings")
        self.shown: dict[str, Shown] = {}
        for job in jobs:
            experiment, result = catalogue.experiment(job.stem), results[job]
            try:
                drawn = self.drawings.draw(job.stem, result.arrays)
            except RnnsiteError as error:
                raise RnnsiteError(f"docs/{experiment.page}.md: {error}") from None
            tried = fresh_sets.known(experiment) if result.provenance.profile == "quick" else None
            self.shown[job.stem] = Shown(experiment, result, experiment.judge(result.arrays), drawn, tried)
        self.drawings.close()
        if settings.strict:
            self.refuse_false_claims()
        self.run_notebooks(force=settings.force)
        sources.keep()

    def run_notebooks(self, force: bool = False) -> None:
        """Run the notebooks that changed, or whose library did, and draw their figures."""
        settings, store = self.settings, Store()
        known = notebooks.find(self.project)
        seen = (known, sources.changed())
        if seen == self._seen and not force:
            return
        wanted = [notebook for name, notebook in known.items() if not settings.only or name in settings.only]
        ran = notebooks.obtain(wanted, store, settings.device, processes=settings.jobs, force=force)
        drawings = Drawings(store.folder / "drawings")
        self.notebooks = {name: ran.get(name) or notebooks.Ran(known[name], None) for name in known}
        self.notebook_figures = {name: notebook_figures.draw(one, drawings) for name, one in ran.items()}
        drawings.close()
        self._seen = seen

    def notebook(self, name: str) -> notebooks.Ran:
        """The notebook of this name."""
        if name not in self.notebooks:
            raise RnnsiteError(f"there is no notebook {name!r} in demos/.{nearest(name, self.notebooks)}")
        return self.notebooks[name]

    def write_notebooks(self, outputs: Outputs, assets: Assets, site_url: str) -> None:
        """Put each notebook's .ipynb beside its page, and its figures at their addresses."""
        for name, ran in self.notebooks.items():
            key = digest(ran.fingerprint, site_url, self.repo_url)
            if self._ipynb.get(name, ("", ""))[0] != key:  # the live server asks for them at every edit of a page
                self._ipynb[name] = key, notebook_pages.ipynb(ran, site_url, self.repo_url)
            outputs.write(f"{notebook_pages.FOLDER}/{name}.ipynb", self._ipynb[name][1])
            for drawn in self.notebook_figures.get(name, {}).values():
                page = f"{notebook_pages.FOLDER}/{name}/#{drawn.stem}"
                self._write_figure(drawn, outputs, assets, ran.notebook.plain_title, page)

    def write_figures(self, outputs: Outputs, assets: Assets) -> None:
        """Put each figure's files at its stable addresses."""
        for stem, shown in self.shown.items():
            page = f"{shown.experiment.page}/#fig-{stem}"
            self._write_figure(shown.drawn, outputs, assets, shown.experiment.title, page)

    def _write_figure(self, drawn: Drawn, outputs: Outputs, assets: Assets, title: str, page: str) -> None:
        urls = assets.urls
        alone = drawn.page_html(title=title, stylesheet=urls["stylesheet"], script=urls["script"], page=page)
        for address, text in [*drawn.files(), (f"figures/{drawn.stem}/index.html", alone)]:
            outputs.write(address, text)

    def place(self, explorer: str, start: Mapping[str, Any], files: str | None) -> None:
        """Remember where an explorer stands. The home page only borrows it."""
        page = self.page
        if page is not None and not page.is_homepage:
            placed = embeds.Placed(page.url, str(page.meta.get("title", page.title)), start, files)
            self.explorers.setdefault(explorer, {}).setdefault(page.url, placed)

    def write_explorers(self, outputs: Outputs, assets: Assets) -> None:
        """Put each explorer's bare page, as the menu's first page with it shows it, at its stable address."""
        for name, pages in self.explorers.items():
            placed = min(pages.values(), key=lambda at: self.order.index(at.page) if at.page in self.order else 10**6)
            page = embeds.page_html(name, placed, stylesheet=assets.urls["stylesheet"], script=assets.urls["script"])
            outputs.write(f"{embeds.address(name)}index.html", page)

    def placed_on(self, page: str) -> list[tuple[str, Mapping[str, Any], str | None]]:
        """The explorers of the page at this address, as `place` was told of them."""
        return [(name, at[page].start, at[page].files) for name, at in self.explorers.items() if page in at]

    def fingerprint(self) -> str:
        """Changes with all that a page's blocks, numbers and citations can take from here."""
        figures = [drawn for drawings in self.notebook_figures.values() for drawn in drawings.values()]
        return digest(
            [shown.fingerprint for shown in self.shown.values()],
            [_fingerprint(drawn) for drawn in figures],
            {name: ran.fingerprint for name, ran in self.notebooks.items()},
            self.bibliography.references,
            {path.name: path.read_bytes() for path in sorted((self.project / "demos").glob("*.py"))},
            (self.settings.only, self.profile, self.repo_url, self.order, self.chapters, self.year),
        )

    def refuse_false_claims(self) -> None:
        """Raise when a claim about our own runs is false, naming its page, what was measured and what was claimed."""
        false = [
            f"docs/{shown.experiment.page}.md: the claim {verdict.claim.name!r} of {stem!r} is false "
            f"(measured {verdict.said}, claimed {verdict.claim.bound})"
            for stem, shown in self.shown.items()
            for verdict in shown.verdicts
            if verdict.status == "fails"
        ]
        if false:
            raise RnnsiteError("; ".join(false) + ".")

    def not_utf8(self) -> list[str]:
        """The pages that cannot be read as text."""
        found = []
        for path in sorted(self.docs.rglob("*.md")):
            try:
                path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                found.append(path.relative_to(self.project).as_posix())
        return found

    def find(self, stem: str) -> Shown | None:
        """The experiment of this name; None when it exists and this build left it out (`--only`)."""
        if stem not in catalogue.stems():
            raise RnnsiteError(f"there is no experiment {stem!r}.{nearest(stem, catalogue.stems())}")
        return self.shown.get(stem)

    def number(self, stem: str, name: str, spec: str | None) -> tuple[str, str]:
        """A named number as text, and where it comes from as its tooltip."""
        if spec:
            refuse_unknown(spec)
        value, shown = self.measured(stem, name), self.find(stem)
        if shown is None:
            return "–", f"{stem} is not part of this build"
        return say(value, spec), f"measured by {stem}, {shown.result.provenance.profile} profile"

    def measured(self, stem: str, name: str) -> Any:
        """A named number; None where the build left its experiment out."""
        shown = self.find(stem)
        numbers = catalogue.experiment(stem).numbers
        if name not in numbers:
            raise RnnsiteError(f"the experiment {stem!r} has no number {name!r}.{nearest(name, numbers)}")
        return None if shown is None else numbers[name](shown.result.arrays)

    def url(self, target: str) -> str:
        """A URL within the site, relative to the page under way."""
        return get_relative_url(target, self.page.url if self.page else "")

    def reference_url(self, key: str) -> str:
        """The link to an entry as an author would write it, which mkdocs then checks and turns into a URL."""
        self.bibliography[key]  # an unknown key raises here, while the page is known
        here = posixpath.dirname(self.page.file.src_uri) if self.page else ""
        return f"{posixpath.relpath('bibliography.md', here or '.')}#{key}"


def _fingerprint(drawn: Drawn) -> str:
    return digest(dataclasses.replace(drawn, texts={}), sorted(drawn.texts))
