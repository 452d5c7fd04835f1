"""Run the live cells of a page, and say in plain values what came of it. Standard library alone: Pyodide loads it.

The worker calls `Cells.run`; pytest calls it too, in CPython, with the cells of every page.
"""

from __future__ import annotations

import ast
import json
import linecache
import math
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

TEXT = 20_000  # characters of a value's repr
ROWS, COLUMNS = 200, 40  # of a table
POINTS = 300_000  # numbers and words in a figure
FRAMES = 6  # of a traceback
OURS = "rnnsite/scratch/"  # frames that a reader can make sense of, beside those of the cells


class Cells:
    """The cells of one page. They share their variables, as the cells of a notebook do."""

    def __init__(self, write: Callable[[str], Any], limit: str = "") -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.out, self.limit = _Writer(write), limit

    def run(self, code: str, number: int, above: Sequence[tuple[int, str]] = ()) -> dict[str, Any]:
        """Run a cell. `above` holds (number, code) of the cells before it that have not been run.

        Returns a dict with "kind": nothing, text, table, figure or error. An error has "line", in this cell, or None.
        """
        name = f"cell {number}"
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
        before, last = (sys.stdout, sys.stderr), None
        sys.stdout = sys.stderr = self.out
        try:
            body = ast.parse(code, name)
            if body.body and isinstance(body.body[-1], ast.Expr):
                last = body.body.pop()
            exec(compile(body, name, "exec"), self.names)
            if not isinstance(last, ast.Expr):
                return {"kind": "nothing"}
            return shown(eval(compile(ast.Expression(last.value), name, "eval"), self.names))
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: the page goes on
            said = fault(error, name, self.limit, above)
            return {**said, "line": said["line"] or (last.lineno if last else None)}
        finally:
            sys.stdout, sys.stderr = before

    def run_json(self, code: str, number: int, above: str) -> str:
        """The same for the worker, which exchanges JSON."""
        return json.dumps(self.run(code, number, json.loads(above)))


class _Writer:
    """What `print` writes to."""

    encoding = "utf-8"

    def __init__(self, write: Callable[[str], Any]) -> None:
        self.write_text = write

    def write(self, text: str) -> int:
        self.write_text(str(text))
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        return False


def shown(value: Any) -> dict[str, Any]:
    """How a cell's last value is shown.

    >>> shown([{"step": 1, "loss": 0.5}])
    {'kind': 'table', 'columns': ['step', 'loss'], 'rows': [['1', '0.5']], 'more': 0}
    >>> shown({"data": [{"y": (1, math.inf)}], "layout": {}})["figure"]["data"]
    [{'y': [1, None]}]
    >>> shown(2 ** 0.5), shown(None)
    ({'kind': 'text', 'text': '1.4142135623730951'}, {'kind': 'nothing'})
    """
    if value is None:
        return {"kind": "nothing"}
    if isinstance(value, dict) and {"data", "layout"} <= value.keys():
        left = [POINTS]
        figure = {key: _plain(value[key], left) for key in ("data", "layout")}
        if not isinstance(figure["data"], list):
            raise TypeError(f"a figure's data is a list of traces, not of type {type(value['data']).__name__}")
        return {"kind": "figure", "figure": figure}
    if hasattr(value, "columns") and hasattr(value, "rows"):
        return _table(list(value.columns)[:COLUMNS], [list(row)[:COLUMNS] for row in value.rows])
    if isinstance(value, list) and value and all(isinstance(row, dict) and row for row in value):
        columns = list(value[0])
        if len(columns) <= COLUMNS and all(list(row) == columns for row in value):
            return _table(columns, [list(row.values()) for row in value])
    return {"kind": "text", "text": _cut(repr(value))}


def fault(error: BaseException, name: str, limit: str = "", above: Sequence[tuple[int, str]] = ()) -> dict[str, Any]:
    """An error in words: where in the reader's own lines, what, and what may help."""
    line: int | None = None
    places: list[str] = []
    if isinstance(error, SyntaxError) and error.filename == name:
        line = error.lineno
        marked = [error.text.rstrip("\n"), " " * max((error.offset or 1) - 1, 0) + "^"] if error.text else []
        places = [f"line {line}", *(f"    {text}" for text in marked)]
    else:
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename == name:
                line = frame.lineno
            if frame.filename.startswith("cell ") or OURS in frame.filename:
                places.append(_place(frame, name))
        if len(places) > FRAMES:
            half = FRAMES // 2
            places[half:-half] = [f"… {len(places) - FRAMES} more …"]
    what = "".join(traceback.format_exception_only(type(error), error)).strip()
    if isinstance(error, SyntaxError):
        what = what.splitlines()[-1]  # the lines before it show the place, which stands in `places`
    return {"kind": "error", "line": line, "text": "\n".join([*places, what]), "help": _help(error, limit, above)}


def assigned(code: str) -> set[str]:
    """The names that a cell's code gives a value to; none when it does not parse."""
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except SyntaxError:
        return set()
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    aliases = [alias for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom)) for alias in node.names]
    return names | {(alias.asname or alias.name).partition(".")[0] for alias in aliases}


def _help(error: BaseException, limit: str, above: Sequence[tuple[int, str]]) -> str:
    if isinstance(error, NameError):
        for number, code in above:
            if error.name in assigned(code):
                return f"Cell {number} gives {error.name} its value: run that one first."
    if isinstance(error, ModuleNotFoundError):
        return "Cells have Python's standard library and rnnsite.scratch, and no other package."
    if isinstance(error, MemoryError) and limit:
        return f"Python has {limit} in this page, and the cell asked for more."
    return ""


def _place(frame: traceback.FrameSummary, name: str) -> str:
    where = f"line {frame.lineno}"
    if frame.filename != name:
        where = f"{frame.filename[max(frame.filename.find(OURS), 0) :]}, {where}"
    if frame.name != "<module>":
        where += f", in {frame.name}"
    return f"{where}: {frame.line}" if frame.line else where


def _table(columns: list[Any], rows: list[list[Any]]) -> dict[str, Any]:
    wide = [column if isinstance(column, str) and column.strip() else f"{column!r}" for column in columns]
    return {
        "kind": "table",
        "columns": wide,
        "rows": [[_word(value) for value in row] for row in rows[:ROWS]],
        "more": max(len(rows) - ROWS, 0),
    }


def _word(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.5g}"
    return value if isinstance(value, str) else _cut(repr(value), 200)


def _plain(value: Any, left: list[int]) -> Any:
    """Lists, dicts, words and numbers; what JSON has no word for becomes null or a string."""
    left[0] -= 1
    if left[0] < 0:
        raise ValueError(f"a figure of more than {POINTS} values is too much for a page: draw fewer points")
    if isinstance(value, dict):
        return {str(key): _plain(item, left) for key, item in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (str, int)):
        return value
    if hasattr(value, "__iter__"):
        return [_plain(item, left) for item in value]
    return str(value)


def _cut(text: str, most: int = TEXT) -> str:
    return text if len(text) <= most else f"{text[:most]} … {len(text) - most} characters more"
