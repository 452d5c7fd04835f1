"""A notebook is run when its code or its library changes and at no other time; a cell that fails is one sentence."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import nbformat
import pytest
import yaml

from rnnsite import catalogue, sources
from rnnsite.errors import RnnsiteError
from rnnsite.results import Store
from rnnsite.web import notebook_figures, notebook_pages, notebooks, settings
from rnnsite.web.notebooks import Notebook, Ran, find, key, obtain, read
from rnnsite.web.site import Site

PROJECT = Path(__file__).parents[2]
TEXT = """# %% [markdown]
# # A title
#
# What is learnt, with $x^2$.

# %%
import rnnsite
from pathlib import Path

Path({mark!r}).open("a").write("x")
x = 2

# %% [markdown]
# Text, and [a page](../gates/lstm.md#gates).

# %%
print("λ =", x)
x + 1
"""
FIGURE = """
# %%
from rnnsite.figures.described import described
from rnnsite.figures.style import line, new_figure

figure = new_figure(x_title="x", y_title="y")
line(figure, [0, 1], [2, 3], "lstm", name="LSTM")
described(figure, "It rises from 2 to 3.")
"""


@pytest.fixture
def text(tmp_path: Path) -> str:
    """A notebook that leaves a mark each time it is run."""
    return TEXT.replace("{mark!r}", repr(str(tmp_path / "mark")))


def run(text: str) -> Ran:
    return obtain([read("marks", text)], Store(), "cpu", progress=False)["marks"]


def runs(tmp_path: Path) -> int:
    return len((tmp_path / "mark").read_text())


def test_a_notebook_is_run_once_and_says_what_its_cells_gave(text: str, tmp_path: Path, store: Store) -> None:
    first, second = run(text), run(text)
    assert first.outputs == second.outputs == [{"printed": ""}, {"printed": "λ = 2\n", "value": "3"}]
    assert (first.fresh, second.fresh) == (True, False)
    assert runs(tmp_path) == 1


def test_a_damaged_run_is_not_shown(text: str, tmp_path: Path, store: Store) -> None:
    outputs = run(text).outputs
    (kept,) = (store.folder / "demos").iterdir()
    content = kept.read_bytes()
    for damaged in (content[: len(content) // 2], content[:-40] + b"?" + content[-39:]):
        kept.write_bytes(damaged)
        assert run(text).outputs == outputs
    assert runs(tmp_path) == 3


def test_text_and_comments_do_not_count_code_does(text: str) -> None:
    before = key(read("marks", text), "cpu")
    assert key(read("marks", text.replace("Text, and", "Other words,")), "cpu") == before
    assert key(read("marks", text.replace("x = 2", "x = 2  # a comment")), "cpu") == before
    assert key(read("marks", text.replace("x = 2", "x = 3")), "cpu") != before
    assert key(read("marks", text.replace("x = 2\n", "x = 2\n\n# %%\n")), "cpu") != before
    assert key(read("marks", text), "cuda") != before


def test_the_library_and_torch_count(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    uses = read("marks", text.replace("x = 2", "x = rnnsite.LSTM"))
    before, was = key(uses, "cpu"), sources.fingerprint
    for module, counts in (("rnnsite.cells.lstm", True), ("rnnsite.cells.gru", False)):
        monkeypatch.setattr(sources, "fingerprint", lambda name, m=module: "other" if name == m else was(name))
        assert (key(uses, "cpu") != before) == counts
    monkeypatch.setattr(sources, "fingerprint", was)
    monkeypatch.setattr("torch.__version__", "99.1.0")
    assert key(uses, "cpu") != before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("x + 1", "x / 0", r"demos/marks\.py fails in code cell 2 \('print\(\"λ =\", x\)'\): ZeroDivisionError: div"),
        ("x + 1", "x +", r"demos/marks\.py fails in code cell 2 .*SyntaxError"),
        ("x + 1", "raise SystemExit", r"demos/marks\.py fails in code cell 2 .*SystemExit"),
        ("x + 1", "__import__('os')._exit(3)", r"demos/marks\.py could not be run: it ended with status 3"),
        ("# # A title", "# A title", r"demos/marks\.py must begin with a Markdown cell"),
    ],
)
def test_a_cell_that_fails_is_one_sentence(text: str, store: Store, old: str, new: str, says: str) -> None:
    with pytest.raises(RnnsiteError, match=says):
        run(text.replace(old, new))
    assert not list((store.folder / "demos").glob("*"))


def test_a_figure_needs_a_description(text: str, store: Store) -> None:
    shown = run(text + FIGURE).outputs
    assert shown
    assert shown[-1]["alt"] == "It rises from 2 to 3."
    assert notebook_figures.table_rows(shown[-1]["figure"]) == [["LSTM", 0, 2, ""], ["LSTM", 1, 3, ""]]
    with pytest.raises(RnnsiteError, match=r"cell 3 .*end the cell with described\(figure, \.\.\.\)"):
        run(text + FIGURE.replace('described(figure, "It rises from 2 to 3.")', "figure"))


def test_the_file_for_jupyter_is_valid_and_leads_to_the_site(text: str, store: Store) -> None:
    ran = run(text + FIGURE)
    written = notebook_pages.ipynb(ran, "https://example.org/rnn/")
    notebook = nbformat.reads(written, as_version=4)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "markdown", "code", "code"]
    assert "(https://example.org/rnn/gates/lstm/#gates)" in notebook.cells[2].source
    assert notebook.cells[3].outputs[0].text == "λ = 2\n"
    assert "application/vnd.plotly.v1+json" in notebook.cells[4].outputs[0].data
    assert written == notebook_pages.ipynb(ran, "https://example.org/rnn/")


def test_colab_is_linked_where_the_repository_is_known(text: str, store: Store) -> None:
    ran = run(text)
    assert "colab" not in notebook_pages.head_html(ran, None)
    assert "colab" not in notebook_pages.head_html(ran, "https://codeberg.org/someone/rnn")
    place = "https://colab.research.google.com/github/someone/rnn/blob/gh-pages/notebooks/marks.ipynb"
    assert f'href="{place}"' in notebook_pages.head_html(ran, "https://github.com/someone/rnn/")
    first = nbformat.reads(notebook_pages.ipynb(ran, "/", "https://github.com/someone/rnn"), as_version=4).cells[0]
    assert "git+https://github.com/someone/rnn" in first.source


def test_a_page_has_its_text_its_code_and_what_the_cells_gave(text: str, store: Store) -> None:
    page = notebook_pages.page(run(text))
    assert 'title: "A title"' in page
    assert "# A title\n\n/// notebook | marks\n///\n\nWhat is learnt, with $x^2$." in page
    assert "/// output | marks 1\n///" in page
    assert "/// output | marks 0" not in page  # it gave nothing
    left_out = notebook_pages.page(Ran(read("marks", text), None))
    assert "/// output | marks 0" in left_out


def test_at_least_ten_lessons_each_with_things_to_try_and_a_place_in_the_menu() -> None:
    found = find(PROJECT)
    assert len(found) >= 10
    menu = (PROJECT / "mkdocs.yml").read_text(encoding="utf-8")
    for name, notebook in found.items():
        kind, last = notebook.cells[-1]
        assert kind == "markdown", name
        assert "## Things to try\n" in last, name
        assert f": {notebook_pages.FOLDER}/{name}.md\n" in menu, name
        assert 40 < len(notebook.lesson) < 160, name
        assert sum(kind == "code" for kind, _ in notebook.cells) >= 3, name


def test_every_notebooks_code_is_known_to_the_key() -> None:
    """A notebook that took names from the library by another way than `import` would not be run again."""
    for notebook in find(PROJECT).values():
        used = {module for tree in notebook.trees for module in sources.used_by(tree)}
        assert used, notebook.name
        for module in used:
            assert module in sources.dependencies(module), module


def test_a_notebook_that_fails_takes_no_other_with_it(text: str, store: Store) -> None:
    bad = read("bad", text.replace("x = 2", "x = 1 / 0"))
    with pytest.raises(RnnsiteError, match=r"demos/bad\.py"):
        obtain([bad, read("marks", text)], Store(), "cpu", progress=False)
    assert not run(text).fresh


def test_the_menu_names_them_by_their_titles() -> None:
    class Loader(yaml.SafeLoader):
        """mkdocs.yml has tags of its own."""

    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    nav = yaml.load((PROJECT / "mkdocs.yml").read_text(encoding="utf-8"), Loader)["nav"]
    (pages,) = (entry["Notebooks"] for entry in nav if "Notebooks" in entry)
    titles = {path: title for entry in pages[1:] for title, path in entry.items()}
    for name, notebook in find(PROJECT).items():
        assert titles[f"notebooks/{name}.md"] == notebook.plain_title


def test_a_notebook_treats_the_figures_that_its_text_links_to() -> None:
    text = TEXT.replace("What is learnt", "What [a figure](../gates/lstm.md#fig-forget_bias) and [a page](../x.md) say")
    assert read("lesson", text).figures == {"forget_bias"}
    treated = {name: notebook.figures for name, notebook in find(PROJECT).items()}
    assert all(treated.values()), "each names a figure of the site that asks the same with more seeds"
    assert set().union(*treated.values()) <= set(catalogue.stems())


def test_under_serve_notebooks_are_looked_at_when_one_or_the_package_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def answer(wanted: list[Notebook], *_: object, **__: object) -> dict[str, Ran]:
        asked.append([notebook.name for notebook in wanted])
        return {notebook.name: Ran(notebook, []) for notebook in wanted}

    monkeypatch.setattr(notebooks, "obtain", answer)
    site = object.__new__(Site)
    site.__dict__ |= {"settings": settings.Settings(), "project": tmp_path, "_seen": ()}
    lesson = tmp_path / "demos" / "marks.py"
    lesson.parent.mkdir()
    lesson.write_text(TEXT)
    site.run_notebooks()
    site.run_notebooks()
    assert asked == [["marks"]]
    lesson.write_text(TEXT.replace("x = 2", "x = 3"))
    site.run_notebooks()
    assert len(asked) == 2
    assert "x = 3" in site.notebooks["marks"].notebook.code[0]
    monkeypatch.setattr(sources, "changed", lambda: {tmp_path: 1})
    site.run_notebooks()
    assert len(asked) == 3
    lesson.unlink()
    site.run_notebooks()
    assert site.notebooks == {}


def test_every_file_of_the_package_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cells").mkdir()
    cell = tmp_path / "cells" / "gru.py"
    cell.write_text("1")
    monkeypatch.setattr(sources, "PACKAGE", tmp_path)
    before = sources.changed()
    assert list(before) == [cell]
    os.utime(cell, (1, 1))
    assert sources.changed() != before


def test_what_a_run_gave_is_in_its_fingerprint(text: str) -> None:
    ran = Ran(read("marks", text), [{"printed": "1"}], 1.0, "a core")
    assert dataclasses.replace(ran, fresh=True).fingerprint == ran.fingerprint
    changes = ({"outputs": []}, {"seconds": 2.0}, {"hardware": "b"}, {"notebook": read("marks", text + "\n# more")})
    for change in changes:
        assert dataclasses.replace(ran, **change).fingerprint != ran.fingerprint  # type: ignore[arg-type]
