"""While `serve` runs, an edit renders the edited page and no other; and nothing that a build shows is an old one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.structure.pages import Page

from rnnsite.web import settings

from .test_faults import PAGE, STEM, project  # noqa: F401

HERE = f"{PAGE.removeprefix('docs/').removesuffix('.md')}/index.html"


class Served:
    """A project under `mkdocs serve`, without the server.

    rendered   the pages that the last build rendered
    """

    def __init__(self, project: Path) -> None:  # noqa: F811
        self._settings, self.out = project / "mkdocs.yml", project / "served"
        self.rendered: list[str] = []
        self._started = False

    def rebuild(self) -> None:
        self.rendered.clear()
        config = load_config(config_file=str(self._settings), site_dir=str(self.out))
        if not self._started:
            config.plugins.on_startup(command="serve", dirty=False)
        self._started = True
        build(config, serve_url="http://127.0.0.1:8000/")

    def read(self, address: str) -> str:
        return (self.out / address).read_text(encoding="utf-8")

    def has(self, address: str) -> bool:
        return (self.out / address).exists()


@pytest.fixture
def served(project: Path, monkeypatch: pytest.MonkeyPatch) -> Served:  # noqa: F811
    made = Served(project)
    text = (project / "mkdocs.yml").read_text()
    (project / "mkdocs.yml").write_text(text.replace("plugins: [rnnsite]", "plugins: [search, rnnsite]"))
    original = Page.render

    def render(page: Page, *rest: Any) -> None:
        made.rendered.append(page.file.src_uri)
        original(page, *rest)

    monkeypatch.setattr(Page, "render", render)
    monkeypatch.setattr(settings, "current", settings.Settings(profile="quick", device="cpu", only=(STEM,)))
    made.rebuild()
    return made


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_only_the_edited_page_is_rendered(project: Path, served: Served) -> None:  # noqa: F811
    before = served.read(HERE)
    assert len(served.rendered) > 2
    served.rebuild()
    assert served.rendered == []
    assert served.read(HERE) == before
    edit(project / PAGE, "A caption", "A new sentence about $y^3$. A caption")
    served.rebuild()
    assert "A new sentence" in served.read(HERE)
    assert "A new sentence" in served.read("search/search_index.json")
    assert [f"docs/{name}" for name in served.rendered] == [PAGE]


def test_an_edit_writes_no_figure_and_no_script_again(project: Path, served: Served) -> None:  # noqa: F811
    def written() -> dict[str, int]:
        files = [*served.out.glob("figures/*/*"), *served.out.glob("assets/rnnsite/*")]
        return {str(file): file.stat().st_mtime_ns for file in files}

    before = written()
    assert len(before) > 20
    edit(project / PAGE, "A caption", "Another caption")
    served.rebuild()
    assert written() == before
    assert served.has(f"figures/{STEM}/index.html")


def test_an_edit_of_the_settings_is_seen_on_every_page(project: Path, served: Served) -> None:  # noqa: F811
    edit(project / "mkdocs.yml", "site_name: test", "site_name: Renamed\ncopyright: Nobody in particular")
    served.rebuild()
    for address in ("index.html", HERE, f"experiments/{STEM}/index.html"):
        assert "Nobody in particular" in served.read(address)
        assert "Renamed" in served.read(address)


def test_a_page_that_is_renamed_or_removed_is_gone(
    project: Path,  # noqa: F811
    served: Served,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = project / "docs" / "first.md", project / "docs" / "second.md"
    first.write_text("# A title of its own\n\n/// explorer | cliff\nTry.\n///\n")
    served.rebuild()
    assert "A title of its own" in served.read(HERE), "the menu has it"
    assert '"first/' in served.read("search/search_index.json")
    assert "../../first/" in served.read("explorers/cliff/index.html")
    first.rename(second)
    served.rebuild()
    assert not served.has("first")
    assert "second/" in served.read(HERE)
    assert '"first/' not in served.read("search/search_index.json")
    assert "../../second/" in served.read("explorers/cliff/index.html")
    edit(project / PAGE, "A caption", "[It](../second.md). A caption")
    served.rebuild()
    assert "second" not in caplog.text
    second.unlink()
    served.rebuild()
    assert not served.has("second")
    assert not served.has("explorers/cliff/index.html")
    assert "second.md" in caplog.text, "a link to it is a fault"
    assert "A title of its own" not in served.read(HERE)
