"""A fault in a page fails the build with one sentence that names the page and the fault."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import plotly.graph_objects as go
import pytest

from rnnsite import catalogue
from rnnsite.claims import Claim
from rnnsite.errors import RnnsiteError
from rnnsite.figures.style import new_figure
from rnnsite.statistics import exact
from rnnsite.web import building
from rnnsite.web.drawing import Drawings

STEM = "repeated_multiplication"
PAGE = f"docs/gradients/{STEM.replace('_', '-')}.md"
CONFIG = """
site_name: test
theme: {name: material, custom_dir: rnnsite/web/theme, font: false, favicon: assets/images/favicon.svg}
plugins: [rnnsite]
markdown_extensions: [attr_list, tables, {pymdownx.arithmatex: {generic: true}}, pymdownx.superfences]
validation: {links: {anchors: info}}
"""


@pytest.fixture
def project(small_project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project: one page with one experiment. Building it is quick; what is wrong with it is up to the test."""
    (small_project / "mkdocs.yml").write_text(CONFIG)
    (small_project / "docs" / "index.md").write_text("# Home\n")
    (small_project / "docs" / "bibliography.md").write_text("# References\n\n/// listing | bibliography\n///\n")
    (small_project / PAGE).write_text(f"# A page\n\n$x^2$\n\n/// experiment | {STEM}\nA caption.\n///\n")
    monkeypatch.chdir(small_project)
    return small_project


def build(*, strict: bool = False) -> None:
    building.build_site(profile="quick", device="cpu", only=(STEM,), jobs=None, force=False, strict=strict)


def add(project: Path, text: str) -> None:
    with (project / PAGE).open("a", encoding="utf-8") as page:
        page.write(f"\n{text}\n")


def test_a_live_cell_that_is_not_python(project: Path) -> None:
    add(project, "```py-live\nx = 1\ny = = 2\n```")
    with pytest.raises(RnnsiteError, match=rf"^{PAGE}: a live cell is not valid Python \(invalid syntax, line 2\)$"):
        build()


def test_a_sound_page_builds(project: Path) -> None:
    build(strict=True)
    assert (project / "site" / "gradients" / STEM.replace("_", "-") / "index.html").is_file()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (r"$\frac{1}{$", "frac"),
        ("/// experiment | repeated_multiplicatio\n///", "Did you mean 'repeated_multiplication'?"),
        ("/// explorer | gradient-flo\n///", "Did you mean 'gradient-flow'?"),
        ("/// source | rnnsite.cells.elman.nothing\n///", "nothing"),
        ("`=repeated_multiplication.up_5`", "Did you mean 'up_50'?"),
        ("`=repeated_multiplication.up_50:pct`", "no way 'pct' of printing a number"),
        ("[@pascanu2023]", "Did you mean 'pascanu2013'?"),
        ("[gone](gone.md)", "gone.md"),
        ("[gone](#no-such-anchor)", "no-such-anchor"),
        ("![gone](gone.svg)", "gone.svg"),
    ],
)
def test_a_fault_names_the_page(project: Path, text: str, fault: str) -> None:
    add(project, text)
    with pytest.raises(RnnsiteError) as raised:
        build()
    assert PAGE in str(raised.value)
    assert fault in str(raised.value)
    assert "\n" not in str(raised.value).strip()


NOTEBOOK = "# %% [markdown]\n# # Title\n#\n# A lesson with $x^2$.\n\n# %%\nprint(6 * 7)\n"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("print(6 * 7)", "6 / 0", "The notebook demos/broken.py fails in code cell 1 ('6 / 0'): ZeroDivisionError"),
        ("A lesson", "[gone](gone.md)", "demos/broken.py links to 'gone.md'"),
        ("x^2", "x^{", "notebooks/broken"),
    ],
)
def test_a_faulty_notebook_is_named(project: Path, old: str, new: str, fault: str) -> None:
    (project / "demos").mkdir()
    (project / "demos" / "broken.py").write_text(NOTEBOOK.replace(old, new))
    with pytest.raises(RnnsiteError) as raised:
        building.build_site(profile="quick", device="cpu", only=("broken",), jobs=None, force=False, strict=False)
    assert fault in str(raised.value)
    assert "\n" not in str(raised.value).strip()


def test_a_notebook_builds_alone_and_is_left_out_of_another_build(project: Path) -> None:
    (project / "demos").mkdir()
    (project / "demos" / "sound.py").write_text(NOTEBOOK)
    building.build_site(profile="quick", device="cpu", only=("sound",), jobs=None, force=False, strict=True)
    page = project / "site" / "notebooks" / "sound" / "index.html"
    assert "42" in page.read_text(encoding="utf-8")
    assert (project / "site" / "notebooks" / "sound.ipynb").is_file()
    build()
    assert "Left out of this build" in page.read_text(encoding="utf-8")


@pytest.fixture
def false_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """The experiment with a claim that its run contradicts."""
    claim = Claim("planted", "Two is more than three.", lambda _: exact(2), above=3)
    false = dataclasses.replace(catalogue.experiment(STEM), claims=[claim])
    monkeypatch.setattr(catalogue, "experiment", lambda stem: false)


@pytest.mark.usefixtures("false_claim")
def test_a_false_claim_fails_a_strict_build(project: Path) -> None:
    with pytest.raises(
        RnnsiteError, match=r"repeated-multiplication\.md: the claim 'planted' .* is false \(measured 2"
    ):
        build(strict=True)


@pytest.mark.usefixtures("false_claim")
def test_a_false_claim_is_shown_red_otherwise(project: Path) -> None:
    build()
    page = (project / "site" / "gradients" / "repeated-multiplication" / "index.html").read_text(encoding="utf-8")
    assert 'class="rs-claim rs-fails"' in page
    assert "does not hold: measured 2, must be above 3" in page


def test_an_unsupported_trace_names_the_page(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from rnnsite.figures import repeated_multiplication as figures

    monkeypatch.setattr(Drawings, "__init__", _elsewhere(tmp_path / "drawings"))
    monkeypatch.setattr(figures, "figure", lambda arrays: new_figure().add_trace(go.Pie(values=[1, 2])))
    with pytest.raises(RnnsiteError, match=r"gradients/repeated-multiplication.*'pie'"):
        build()


@pytest.mark.parametrize(
    ("front", "fault"),
    [
        (b"---\nprerequisites: 3\n---\n", r"expected a list as 'prerequisites' .* not 3"),
        (b"---\nlectures: T1\n---\n", r"expected a list as 'lectures' .* not 'T1'"),
        (b"\xff\xfe", "cannot be read as UTF-8"),
    ],
)
def test_what_stands_before_the_text_names_the_page(project: Path, front: bytes, fault: str) -> None:
    page = project / PAGE
    page.write_bytes(front + page.read_bytes())
    with pytest.raises(RnnsiteError, match=fault) as raised:
        build()
    assert PAGE in str(raised.value)


def test_a_site_that_cannot_be_written_is_one_sentence(project: Path) -> None:
    (project / "site").touch()
    with pytest.raises(RnnsiteError, match=r"The site cannot be written to .*: --out names another"):
        build()


def test_a_build_without_a_chrome_says_so_and_stands(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))
    monkeypatch.setattr(Drawings, "__init__", _elsewhere(tmp_path / "drawings"))
    build()
    assert [record.getMessage()[:18] for record in caplog.records].count("No Chrome or Chrom") == 1
    page = (project / "site" / "gradients" / "repeated-multiplication" / "index.html").read_text(encoding="utf-8")
    assert "<img" not in page.partition('class="rs-stage"')[2].partition("Interact")[0]


def _elsewhere(folder: Path) -> Callable[..., None]:
    """`Drawings` in a folder where nothing is drawn yet."""
    made = Drawings.__init__
    return lambda self, _: made(self, folder)
