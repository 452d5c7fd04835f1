"""While `serve` runs, an edit renders the edited page and no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.structure.pages import Page

from rnnsite.web import settings

from .test_faults import PAGE, STEM, project  # noqa: F401


def test_only_the_edited_page_is_rendered(
    project: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rendered: list[str] = []
    original = Page.render
    monkeypatch.setattr(
        Page, "render", lambda page, *rest: (rendered.append(page.file.src_uri), original(page, *rest))[1]
    )
    monkeypatch.setattr(settings, "current", settings.Settings(profile="quick", device="cpu", only=(STEM,)))
    out = project / "served" / PAGE.removeprefix("docs/").removesuffix(".md") / "index.html"

    def rebuild() -> str:
        rendered.clear()
        config = load_config(config_file=str(project / "mkdocs.yml"), site_dir=str(project / "served"))
        if not first:
            config.plugins.on_startup(command="serve", dirty=False)
        build(config, serve_url="http://127.0.0.1:8000/")
        first.append(out.read_text(encoding="utf-8"))
        return first[-1]

    first: list[str] = []
    before = rebuild()
    assert len(rendered) > 2
    assert rebuild() == before
    assert rendered == []
    with (project / PAGE).open("a", encoding="utf-8") as page:
        page.write("\nA new sentence about $y^3$.\n")
    assert "A new sentence" in rebuild()
    assert [f"docs/{name}" for name in rendered] == [PAGE]
