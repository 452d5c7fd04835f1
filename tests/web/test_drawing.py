"""What a figure's module gives becomes drawings, markup and files; what a browser would misdraw is refused."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from rnnsite import sources
from rnnsite.errors import RnnsiteError
from rnnsite.figures.palette import SEQUENTIAL
from rnnsite.figures.style import band, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.figures.template import COLORBAR
from rnnsite.web import drawing
from rnnsite.web.chrome import NO_CHROME, Chrome
from rnnsite.web.drawing import Drawings
from rnnsite.web.drawn import Drawn

ARRAYS = {"x": np.arange(5), "y": np.array([1.0, 0.5, 0.25, 0.1, np.nan])}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><path d="M0,0" style="fill: rgb(33, 31, 27)"/></svg>'
)


def figures(**changes: Any) -> Any:
    """A stand-in for a module of rnnsite.figures."""

    def figure(arrays: Any) -> go.Figure:
        made = new_figure(x_title="x", y_title="y", log_y=True)
        band(made, arrays["x"], arrays["y"] / 2, arrays["y"] * 2, "lstm")
        line(made, arrays["x"], arrays["y"], "lstm", label="LSTM")
        return made

    parts = {"figure": figure, "alt": lambda a: f'It falls to {a["y"][3]}, "fast"\n', "table": table}
    return SimpleNamespace(**{**parts, **changes})


def table(arrays: Any) -> Table:
    return Table(["x", "y"], list(zip(arrays["x"], arrays["y"], strict=True)))


def heatmap(_: Any) -> go.Figure:
    made = new_figure()
    made.add_heatmap(z=[[0.0, 1.0], [2.0, 3.0]], colorscale=SEQUENTIAL, colorbar=COLORBAR)
    return made


def shows(trace: Any) -> dict[str, Any]:
    return {"figure": lambda _: new_figure().add_trace(trace)}


class Pencil(Chrome):
    """Draws the same dot whatever it is asked, and counts."""

    drawn = 0

    def svg(self, figure: dict[str, Any]) -> str | None:
        self.drawn += 1
        return SVG


class Nothing(Chrome):
    def svg(self, figure: dict[str, Any]) -> str | None:
        return None


@pytest.fixture
def drawn(tmp_path: Path) -> Drawn:
    return Drawings(tmp_path, Pencil()).draw("halving", ARRAYS, figures())


def test_a_module_may_add_files_and_weights_are_only_there(tmp_path: Path) -> None:
    module = figures(files=lambda arrays: {"net.json": json.dumps(arrays["weights_net"].tolist())})
    files = dict(Drawings(tmp_path, Pencil()).draw("net", {**ARRAYS, "weights_net": np.ones(2)}, module).files())
    assert files["figures/net/net.json"] == "[1.0, 1.0]"
    assert list(json.loads(files["figures/net/data.json"])) == ["x", "y"]


def test_files_stand_at_their_addresses(drawn: Drawn) -> None:
    files = dict(drawn.files())
    assert set(files) == {
        f"figures/halving/{name}"
        for name in (
            "figure.svg", "figure-dark.svg", "figure-phone.svg", "figure-phone-dark.svg",
            "figure.json", "figure-phone.json", "data.csv", "data.json",
        )
    }  # fmt: skip
    assert json.loads(files["figures/halving/data.json"]) == {"x": [0, 1, 2, 3, 4], "y": [1, 0.5, 0.25, 0.1, None]}
    assert files["figures/halving/data.csv"].startswith("x,y\n0,1.0\n")
    form = json.loads(files["figures/halving/figure.json"])
    assert form["layout"]["meta"]["dark"]["#2445ba"] == "#75acfc"
    assert len(go.Figure(form).data) == 2, "the download opens in Plotly as it is"


def test_markup_keeps_its_size_and_says_what_is_seen(drawn: Drawn) -> None:
    html = drawn.plot_html("../../")
    for image in re.findall(r"<img [^>]*>", html):
        assert 'width="680" height="400"' in image
        assert 'loading="lazy" decoding="async"' in image
        assert 'alt="It falls to 0.1, &quot;fast&quot;"' in image
    assert html.count('src="../../figures/halving/figure') == 3  # light, dark, and data-src
    assert 'srcset="../../figures/halving/figure-phone-dark.svg" width="360"' in html
    assert drawn.plot_html(".") == drawn.plot_html("") == drawn.plot_html("./")
    assert 'href="figures/halving/data.csv"' in drawn.data_html("")
    page = drawn.page_html(title="A & B", stylesheet="a.css", script="b.js", page="x/")
    assert '<link rel="stylesheet" href="../../a.css">' in page
    assert '<a href="../../x/">A &amp; B</a>' in page


def test_a_second_build_draws_nothing(tmp_path: Path) -> None:
    first, second, third = Pencil(), Pencil(), Pencil()
    one = Drawings(tmp_path, first).draw("halving", ARRAYS, figures())
    two = Drawings(tmp_path, second).draw("halving", ARRAYS, figures())
    assert (first.drawn, second.drawn) == (2, 0)  # dark ones are recoloured, not drawn
    assert dict(one.files()) == dict(two.files())
    Drawings(tmp_path, third).draw("halving", {**ARRAYS, "y": ARRAYS["y"] * 1.1}, figures())
    assert third.drawn == 2


@pytest.mark.parametrize("damage", [lambda t: t[: len(t) // 2], lambda t: t.replace("M0,0", "M9,9"), lambda t: ""])
def test_a_damaged_drawing_is_drawn_again(tmp_path: Path, damage: Any) -> None:
    Drawings(tmp_path, Pencil()).draw("halving", ARRAYS, figures())
    (kept,) = tmp_path.glob("*.json")
    kept.write_text(damage(kept.read_text()))
    again = Pencil()
    drawn = Drawings(tmp_path, again).draw("halving", ARRAYS, figures())
    assert again.drawn == 2
    assert "M0,0" in drawn.texts["figure.svg"]


def test_a_warm_build_does_not_import_plotly(tmp_path: Path) -> None:
    arrays = {
        "w": np.array([0.9, 1.1]),
        "steps": np.arange(101),
        "gradient": np.array([[0.9], [1.1]]) ** np.arange(101),
    }
    np.savez(tmp_path / "arrays.npz", **arrays)
    Drawings(tmp_path / "kept", Pencil()).draw("repeated_multiplication", arrays)
    script = f"""
import sys, pathlib, numpy
from rnnsite.web.drawing import Drawings
drawings = Drawings(pathlib.Path({str(tmp_path / "kept")!r}))
print(drawings.draw("repeated_multiplication", dict(numpy.load({str(tmp_path / "arrays.npz")!r}))).alt)
assert "plotly" not in sys.modules and not drawings.chrome.started
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "w = 1.1 leaves 117" in done.stdout


def test_without_a_browser_the_table_stands_there(tmp_path: Path) -> None:
    drawn = Drawings(tmp_path, Nothing()).draw("halving", ARRAYS, figures())
    assert '<table class="rs-table">' in drawn.plot_html("")
    assert "<img" not in drawn.plot_html("")
    assert "figure.svg" not in drawn.data_html("")
    assert not list(tmp_path.iterdir()), "nothing is kept, so that a later build draws"


def test_a_missing_chrome_is_said_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    chrome = Chrome()
    with caplog.at_level("INFO", logger="mkdocs.plugins.rnnsite"):
        assert chrome.svg({}) is None
        assert chrome.svg({}) is None
    chrome.close()
    assert [record.getMessage() for record in caplog.records] == [NO_CHROME]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (shows(go.Scatter3d(x=[1], y=[1], z=[1])), "'halving' has a trace of type 'scatter3d'"),
        (shows(go.Pie(values=[1])), "type 'pie': expected one of scatter, bar"),
        (shows(go.Bar(x=[1], y=[1], marker_color="#123456")), "'halving' uses #123456"),
        (shows(go.Bar(x=[1], y=[1], marker_color="red")), "uses red: take colours from"),
        ({"figure": lambda a: go.Figure()}, "new_figure"),
        ({"alt": lambda a: "  "}, "must give a sentence"),
        ({"table": lambda a: [[1]]}, "must give a Table, not list"),
    ],
)
def test_what_could_not_be_shown_is_refused(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RnnsiteError, match=sentence):
        Drawings(tmp_path, Pencil()).draw("halving", ARRAYS, figures(**changes))


def test_an_experiment_without_a_figure_is_named(tmp_path: Path) -> None:
    with pytest.raises(RnnsiteError, match=r"write rnnsite/figures/no_such\.py"):
        Drawings(tmp_path, Pencil()).draw("no_such", ARRAYS)


@pytest.mark.site
def test_a_real_chrome_draws_the_same_bytes_twice(tmp_path: Path) -> None:
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))):
        pytest.skip("No Chromium was found on PATH; install Debian's `chromium` to run the browser tests.")
    chrome, kinds = Chrome(), {"lines": figures(), "pixels": figures(figure=heatmap)}
    try:
        once, twice = (
            [Drawings(tmp_path / folder, chrome).draw(stem, ARRAYS, parts).texts for stem, parts in kinds.items()]
            for folder in ("one", "two")
        )
    finally:
        chrome.close()
    assert once == twice
    for texts in once:
        svgs = {name: text for name, text in texts.items() if name.endswith(".svg")}
        assert len(svgs) == 4
        assert all(len(svg) < 40_000 for svg in svgs.values())
        assert svgs["figure.svg"] != svgs["figure-dark.svg"]
    assert 'viewBox="0 0 680 400"' in once[0]["figure.svg"]
    assert "LSTM" in once[0]["figure.svg"]
    assert "data:image/png" in once[1]["figure.svg"]


def test_an_edit_of_a_figures_module_draws_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "figures" / "seen.py"
    module.parent.mkdir()
    monkeypatch.setattr(sources, "PACKAGE", tmp_path)
    keys = set()
    for number, text in enumerate(("height = 1\n", "height = 2\n")):
        module.write_text(text)
        os.utime(module, (number, number))
        keys.add(drawing._key("seen", {"a": np.zeros(1)}))
    assert len(keys) == 2
