"""mkdocs takes from the theme what pages load, and the build does not look at the rest."""

from __future__ import annotations

from pathlib import Path

from jinja2 import FileSystemLoader
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files

from rnnsite.web.templates import past_icons

PROJECT = Path(__file__).parents[2]


def config() -> MkDocsConfig:
    return load_config(config_file=str(PROJECT / "mkdocs.yml"))


def test_mkdocs_finds_the_same_files_without_the_icons() -> None:
    found = []
    for passed in (False, True):
        made, files = config(), Files([])
        if passed:
            past_icons(made.theme)
        env = made.theme.get_env()
        files.add_files_from_theme(env, made)
        found.append(set(files.src_uris))
        listed = env.list_templates()
        assert any(name.startswith(".icons/") for name in listed) != passed
        assert isinstance(env.loader, FileSystemLoader)
        icon, _, _ = env.loader.get_source(env, ".icons/rnnsite/search.svg")
        assert icon.startswith("<svg")
    assert found[0] == found[1]
    assert len(found[0]) > 30


def test_the_search_is_set_as_the_theme_would_set_it_and_splits_at_digits() -> None:
    made = config()
    search = made.plugins["material/search"]
    words = made.theme.get_env().get_template("partials/language.html", None, {"config": made}).module
    assert search.config.lang == [words.t("search.config.lang")]  # type: ignore[attr-defined]
    theirs = words.t("search.config.separator")
    assert search.config.separator == theirs.replace("]", r"\d]")  # type: ignore[attr-defined]
    assert search.config.pipeline == words.t("search.config.pipeline").split(", ")  # type: ignore[attr-defined]
