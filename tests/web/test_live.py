"""A live cell is found in its page, stands as highlighted code with buttons, and runs, here in CPython."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from rnnsite.web import live, live_assets
from rnnsite.web.live import CellError, cells
from rnnsite.web.live_driver import FRAMES, ROWS, TEXT, Cells

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [path for path in sorted(DOCS.rglob("*.md")) if cells(path.read_text(encoding="utf-8"))]
DATA = {"worker": "../assets/live-worker.js", "bytes": [1_000_000, 5_200_000]}


def run(code: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return Cells(lambda text: None, "512 MB").run(code, number, **more)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_the_cells_of_a_page_run_one_after_the_other(page: Path) -> None:
    here = Cells(lambda text: None)
    for number, code in enumerate(cells(page.read_text(encoding="utf-8")), 1):
        result = here.run(code, number)
        assert result["kind"] != "error", f"cell {number}: {result['text']}"


def test_a_fence_is_found_within_a_block_and_with_its_margin() -> None:
    inside = "/// exercise | A\n\n  ```py-live\n  if x:\n\n      y\n  ```\n\n///\n"
    assert cells(f"{inside}\n```python\nno\n```\n\n````py-live\n```\n````\n") == ["if x:\n\n    y\n", "```\n"]


def test_it_stands_as_ordinary_highlighted_code() -> None:
    page = live.cell_html("x = 1 < 2\n", DATA, Markdown())
    assert '<div class="highlight"><pre>' in page
    assert "&lt;" in page
    assert "6.2\N{NO-BREAK SPACE}MB" in page
    assert [page.count(f'class="rs-cell-{name}"') for name in ("run", "stop", "edit", "reset")] == [1] * 4


def test_a_cell_that_is_not_python_stops_the_build() -> None:
    with pytest.raises(CellError, match=r"not valid Python \(invalid syntax, line 2\)"):
        live.cell_html("x = 1\ny = = 2\n", DATA, Markdown())


def test_cells_share_their_variables_and_pages_do_not() -> None:
    here = Cells(lambda text: None)
    assert here.run("x = 2\n", 1) == {"kind": "nothing"}
    assert here.run("x + 1", 2) == {"kind": "text", "text": "3"}
    assert run("x")["kind"] == "error"


def test_text_comes_as_it_is_printed_and_the_streams_are_put_back() -> None:
    said: list[str] = []
    before = sys.stdout
    Cells(said.append).run("import sys\nprint('a', 1)\nprint('b', file=sys.stderr)\n", 1)
    assert "".join(said) == "a 1\nb\n"
    assert sys.stdout is before


class Frame:
    columns = ("step", "")
    rows = ((1, 0.123456789),)


def test_the_worker_gets_json() -> None:
    here = Cells(lambda text: None)
    assert json.loads(here.run_json("{'data': [{'y': (1, 2)}], 'layout': {}}", 1, "[]"))["kind"] == "figure"
    assert "Cell 1" in json.loads(here.run_json("v", 2, '[[1, "v = 1"]]'))["help"]


def test_what_is_a_table() -> None:
    table = run("[{'a': 1, 'b': 'x'}, {'a': 2, 'b': None}]")
    assert (table["columns"], table["rows"]) == (["a", "b"], [["1", "x"], ["2", "None"]])
    here = Cells(lambda text: None)
    here.names["frame"] = Frame()
    assert here.run("frame", 1)["rows"] == [["1", "0.12346"]]
    assert all(here.run("frame", 1)["columns"]), "an empty heading says nothing to a screen reader"
    for other in (
        "[dict.fromkeys(range(1000), 1)]",
        "[]",
        "[1]",
        "[{}]",
        "[{'a': 1}, {'b': 1}]",
        "'text'",
        "{'data': []}",
    ):
        assert run(other)["kind"] == "text"
    assert run(f"[{{'a': 1}}] * {ROWS + 5}")["more"] == 5


def test_a_figure_is_plain_values() -> None:
    figure = run("import math\n{'data': [{'y': range(3), 'x': (math.nan, 1, 2.5)}], 'layout': {1: None}}")["figure"]
    assert figure == {"data": [{"y": [0, 1, 2], "x": [None, 1, 2.5]}], "layout": {"1": None}}
    assert "draw fewer points" in run("{'data': [{'y': range(10**6)}], 'layout': {}}")["text"]
    assert "list of traces" in run("{'data': 3, 'layout': {}}")["text"]


def test_an_error_points_at_the_readers_line() -> None:
    error = run("def f(x):\n    return 1 / x\n\nf(0)\n")
    assert error["line"] == 2
    assert error["text"] == "line 4: f(0)\nline 2, in f: return 1 / x\nZeroDivisionError: division by zero"
    error = run("x = 1\ny = = 2\n")
    assert error["line"] == 2
    assert error["text"].startswith("line 2\n    y = = 2\n        ^\nSyntaxError")
    assert run("x = 1\n\n2**10**6")["line"] == 3, "a value that cannot be shown is a fault of the last line"


def test_an_error_of_several_lines_is_shown_whole() -> None:
    assert run("raise ValueError('one\\ntwo')")["text"].endswith("ValueError: one\ntwo")


def test_an_error_in_another_cell_names_it() -> None:
    here = Cells(lambda text: None)
    here.run("def f():\n    raise KeyError('a')\n", 1)
    error = here.run("\nf()\n", 2)
    assert error["line"] == 2
    assert error["text"] == "line 2: f()\ncell 1, line 2, in f: raise KeyError('a')\nKeyError: 'a'"


def test_a_long_traceback_is_cut_in_the_middle() -> None:
    error = run("def f(n):\n    return f(n + 1)\n\nf(0)\n")
    assert len(error["text"].splitlines()) == FRAMES + 2
    assert "more …" in error["text"]


def test_what_may_help_is_said() -> None:
    above = [(1, "w, v = 1, 2\nimport math as m"), (2, "def f(): pass"), (3, "not python")]
    assert run("v", 4, above=above)["help"].startswith("Cell 1 gives v its value")
    assert run("f", 4, above=above)["help"].startswith("Cell 2")
    assert run("nowhere", 4, above=above)["help"] == ""
    assert "standard library" in run("import no_such_package")["help"]
    assert "512 MB" in run("raise MemoryError")["help"]


def test_exit_is_an_error_like_any_other() -> None:
    assert run("raise SystemExit(2)")["text"].endswith("SystemExit: 2")


def test_a_long_value_is_cut() -> None:
    assert len(run(f"'a' * {3 * TEXT}")["text"]) < TEXT + 100


def test_scratch_is_packed_where_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_assets, "SCRATCH", tmp_path / "scratch")
    assert live_assets.scratch_files() == {}
    (tmp_path / "scratch" / "cells").mkdir(parents=True)
    (tmp_path / "scratch" / "cells" / "rnn.py").write_text("x = 1\n", encoding="utf-8")
    assert live_assets.scratch_files() == {"rnnsite/scratch/cells/rnn.py": "x = 1\n"}


def test_every_colour_of_the_template_has_a_dark_partner() -> None:
    style = live_assets.plot_style()
    assert style["names"]["accent"] in style["dark"]
    assert set(style["template"]["layout"]["colorway"]) <= set(style["dark"])
