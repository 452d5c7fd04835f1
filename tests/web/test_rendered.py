"""A page is rendered again when anything it depends on has changed, and only then."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.structure.pages import Page

from rnnsite import runner, sources
from rnnsite.results import Provenance, Result
from rnnsite.web import notebooks, plugin, rendered, settings
from rnnsite.web.drawn import Drawn
from rnnsite.web.site import Shown, Site
from rnnsite.web.templates import Templates

STEM = "repeated_multiplication"
CONFIG = """
site_name: test
theme: {name: material, custom_dir: rnnsite/web/theme, font: false, favicon: assets/images/favicon.svg}
plugins: [search, rnnsite, mkdocstrings: {handlers: {python: {options: {extensions: [rnnsite.web.docstrings]}}}}]
markdown_extensions: [attr_list, tables, {pymdownx.arithmatex: {generic: true}}, pymdownx.superfences]
"""


@pytest.fixture
def project(small_project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (small_project / "mkdocs.yml").write_text(CONFIG)
    for path, text in {
        "index": "# Home\n",
        "bibliography": "# References\n\n/// listing | bibliography\n///\n",
        "gradients/repeated-multiplication": (
            f"# A\n\n$x^2$\n\n/// explorer | cliff\nTry.\n///\n\n/// experiment | {STEM}\n///\n"
        ),
    }.items():
        (small_project / "docs" / f"{path}.md").write_text(text)
    monkeypatch.setattr(settings, "current", settings.Settings(profile="quick", device="cpu", only=(STEM,)))
    original = plugin.Rendered
    monkeypatch.setattr(plugin, "Rendered", lambda _: original(small_project / "kept" / "pages.json"))
    return small_project


@pytest.fixture
def rebuild(project: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Build as a process of its own would, and say which pages were rendered."""
    seen: list[str] = []
    original = Page.render
    monkeypatch.setattr(Page, "render", lambda page, *rest: (seen.append(page.file.src_uri), original(page, *rest))[1])

    def rebuild() -> list[str]:
        seen.clear()
        config = load_config(config_file=str(project / "mkdocs.yml"), site_dir=str(project / "site"))
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
        config.plugins.on_shutdown()
        return sorted(seen)

    return rebuild


ALL = ["bibliography.md", f"experiments/{STEM}.md", "gradients/repeated-multiplication.md", "index.md"]


def built(project: Path) -> dict[str, bytes]:
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in (project / "site").rglob("*")
        if path.is_file() and not path.name.startswith("sitemap")
    }


def test_a_second_build_renders_nothing_and_writes_the_same(project: Path, rebuild: Callable[[], list[str]]) -> None:
    (project / "docs" / "api.md").write_text("# API\n\n::: rnnsite.errors.nearest\n")
    assert rebuild() == ["api.md", *ALL]
    before = built(project)
    assert zlib.decompress(before["site/objects.inv"].split(b"\n", 4)[4]).startswith(b"rnnsite.errors.nearest ")
    assert any("explorers/cliff" in name for name in before)
    assert rebuild() == []
    assert built(project) == before


def test_what_was_edited_is_rendered_again(project: Path, rebuild: Callable[[], list[str]]) -> None:
    rebuild()
    (project / "docs" / "index.md").write_text("# Home\n\nNew.\n")
    assert rebuild() == ["index.md"]
    assert b"New." in built(project)["site/index.html"]
    with (project / "docs" / "references.bib").open("a") as file:
        file.write("\n@misc{brandnew, title = {Brand new}, author = {Someone}, year = {2001}}\n")
    assert rebuild() == ALL
    assert b"Brand new" in built(project)["site/bibliography/index.html"]
    (project / "docs" / "new.md").write_text("# Another\n")  # links to it now resolve
    assert rebuild() == sorted([*ALL, "new.md"])
    (project / "mkdocs.yml").write_text(CONFIG + "copyright: nobody\n")
    assert len(rebuild()) == len(ALL) + 1


def test_a_warning_is_said_by_every_build(
    project: Path, rebuild: Callable[[], list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    (project / "docs" / "index.md").write_text("# Home\n\n[abs](/gradients/repeated-multiplication/)\n")
    (project / "mkdocs.yml").write_text(CONFIG + "validation: {links: {absolute_links: warn}}\n")
    for _ in range(2):
        caplog.clear()
        assert "index.md" in rebuild()
        assert "absolute link" in caplog.text


def test_a_damaged_file_only_costs_time(project: Path, rebuild: Callable[[], list[str]]) -> None:
    rebuild()
    kept = project / "kept" / "pages.json"
    kept.write_bytes(kept.read_bytes().replace(b"Home", b"Hume"))
    assert rebuild() == ALL
    assert b"Hume" not in built(project)["site/index.html"]


def test_an_edit_of_the_package_under_a_build_leaves_nothing_kept(
    project: Path, rebuild: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["before", "after"])
    monkeypatch.setattr(rendered, "_tools", lambda: next(answers))
    rebuild()
    assert not (project / "kept" / "pages.json").exists()


def test_tools_change_with_every_module_and_every_installed_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "rnnsite"
    (package / "web").mkdir(parents=True)
    (package / "web" / "blocks.py").write_text("1\n")
    monkeypatch.setattr(sources, "PACKAGE", package)
    monkeypatch.syspath_prepend(str(tmp_path))
    seen = {rendered._tools()}
    (package / "web" / "blocks.py").write_text("2\n")
    seen.add(rendered._tools())
    (package / "web" / "more.py").write_text("2\n")
    seen.add(rendered._tools())
    (tmp_path / "markdown-9.dist-info").mkdir()
    seen.add(rendered._tools())
    assert len(seen) == 4


def test_what_this_build_trained_is_said_anew_on_kept_pages(
    project: Path, rebuild: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild()
    page = project / "site" / "gradients" / "repeated-multiplication" / "index.html"
    assert "from this machine’s cache" in page.read_text(encoding="utf-8")
    original = runner.obtain

    def obtain(*given: Any, **options: Any) -> Any:
        results = original(*given, **options)
        return {job: dataclasses.replace(result, fresh=True) for job, result in results.items()}

    monkeypatch.setattr(runner, "obtain", obtain)
    assert rebuild() == []
    assert "· trained in this build ·" in page.read_text(encoding="utf-8")


def _site(tmp_path: Path, **changed: Any) -> Site:
    import numpy as np

    stamp = Provenance("e", "quick", {"seeds": 3}, "cpu", "a core", 1.0, "2.6", "3.11", "today")
    drawn = Drawn("e", "alt", (1, 2), (1, 2), "<table></table>", {"figure.svg": "<svg/>"})
    for name, value in changed.items():
        stamp = dataclasses.replace(stamp, **{name: value}) if hasattr(stamp, name) else stamp
        drawn = dataclasses.replace(drawn, **{name: value}) if hasattr(drawn, name) else drawn
    arrays = {"loss": np.array(changed.get("loss", [1.0, 2.0]))}
    result = Result(arrays, stamp, changed.get("fresh", False), changed.get("recorded", False))
    site = object.__new__(Site)
    ran = notebooks.Ran(notebooks.Notebook("n", (("code", "1"),)), changed.get("outputs", []), 1.0, "a core")
    (tmp_path / "demos").mkdir(exist_ok=True)
    (tmp_path / "demos" / "demo.py").write_text(changed.get("demo", "print(1)\n"))
    site.__dict__ |= {
        "shown": {"e": Shown(SimpleNamespace(), result, [], drawn)},  # type: ignore[arg-type]
        "notebooks": {"n": ran},
        "notebook_figures": {"n": {0: dataclasses.replace(drawn, alt=changed.get("notebook_alt", "alt"))}},
        "bibliography": SimpleNamespace(references=changed.get("references", {})),
        "settings": settings.Settings(only=changed.get("only", ())),
        "project": tmp_path,
    } | {name: changed.get(name) for name in ("profile", "repo_url", "order", "chapters", "year")}
    return site


@pytest.mark.parametrize(
    "changed",
    [
        *({"loss": [1.0, 2.5]}, {"recorded": True}, {"date": "tomorrow"}, {"seconds": 2.0}),
        *({"config": {"seeds": 4}}, {"hardware": "another"}, {"torch": "2.7"}, {"alt": "other"}, {"size": (3, 3)}),
        *({"table_html": "<b>"}, {"texts": {}}, {"outputs": [{"printed": "1"}]}, {"notebook_alt": "other"}),
        *({"references": {"a": 1}}, {"only": ("e",)}, {"demo": "print(2)\n"}, {"profile": "paper"}),
        *({"repo_url": "https://x"}, {"order": ["a/"]}, {"chapters": {"a": "A"}}, {"year": 1999}),
    ],
    ids=str,
)
def test_the_sites_fingerprint_changes_with(tmp_path: Path, changed: dict[str, Any]) -> None:
    before = _site(tmp_path).fingerprint()
    assert _site(tmp_path).fingerprint() == before
    assert _site(tmp_path, **changed).fingerprint() != before


def test_serve_writes_a_page_anew_when_it_or_the_theme_or_the_menu_has_changed(tmp_path: Path) -> None:
    theme, settings_file = tmp_path / "theme", tmp_path / "mkdocs.yml"
    theme.mkdir()
    settings_file.write_text("site_name: a\n")
    page: Any = SimpleNamespace(content="<p>", toc="", meta={}, title="A", url="a/", is_homepage=False)
    other: Any = SimpleNamespace(title="B", url="b/", is_homepage=False)
    config: Any = SimpleNamespace(config_file_path=settings_file, theme=SimpleNamespace(dirs=[theme]))
    config.__dict__.update({"site_url": "", "repo_url": "", "copyright": "", "extra": {}})
    config.__dict__.update({"extra_css": [], "extra_javascript": []})
    files: Any = SimpleNamespace(documentation_pages=lambda: [SimpleNamespace(page=page), SimpleNamespace(page=other)])
    templates, written = Templates(), []

    def write() -> tuple[str, bool]:
        env = Environment(loader=FileSystemLoader(theme), auto_reload=False)
        env.globals["note"] = lambda: written.append(1) or ""
        templates.serve(env, config, files)
        written.clear()
        text = env.get_template("main.html").render({"page": page, "other": other, "config": config})
        return text, bool(written)

    (theme / "base.html").write_text("{{ note() }}[{% block body %}{% endblock %}]{{ other.title }}{{ config.extra }}")
    (theme / "main.html").write_text("{% extends 'base.html' %}{% block body %}{{ page.content }}{% endblock %}")
    assert write() == ("[<p>]B{}", True)
    assert write() == ("[<p>]B{}", False)
    page.content = "<b>"
    assert write() == ("[<b>]B{}", True)
    other.title = "C"
    assert write() == ("[<b>]C{}", True)
    config.extra = {1: 2}
    assert write() == ("[<b>]C{1: 2}", True)
    (theme / "base.html").write_text("{{ note() }}({% block body %}{% endblock %})")
    assert write() == ("(<b>)", True)
    for change in ({"title": "D"}, {"meta": {"x": 1}}, {"toc": "1"}):
        page.__dict__.update(change)
        assert write() == ("(<b>)", True)
    settings_file.write_text("site_name: b\n")
    assert write() == ("(<b>)", True)
    assert write() == ("(<b>)", False)
