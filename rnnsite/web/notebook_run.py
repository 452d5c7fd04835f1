"""The process that runs a notebook: its cells in order, in one namespace, and what each prints and shows.

Called by rnnsite.web.notebooks as `python -m rnnsite.web.notebook_run ANSWER` with the code cells as JSON on its
standard input; the answer is written to the file ANSWER.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any


def run(cells: list[str]) -> dict[str, Any]:
    """Run the cells. The answer's `outputs` has one entry a cell, or its `failed` says which one failed and how.

    >>> run(["x = 2", "print(x)\\nx + 1"])["outputs"][1]
    {'printed': '2\\n', 'value': '3'}
    >>> run(["x = 2", "x / 0"])["failed"]
    {'cell': 1, 'error': 'ZeroDivisionError: division by zero'}
    """
    space: dict[str, Any] = {"__name__": "__main__"}
    outputs = []
    for number, code in enumerate(cells):
        try:
            outputs.append(_run_cell(code, f"<cell {number + 1}>", space))
        except (Exception, SystemExit) as error:
            said = [type(error).__name__, " ".join(str(error).split())]
            return {"failed": {"cell": number, "error": ": ".join(part for part in said if part)}}
    return {"outputs": outputs}


def _run_cell(code: str, name: str, space: dict[str, Any]) -> dict[str, Any]:
    tree, value = ast.parse(code, name), None
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, name, "exec"), space)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), name, "eval"), space)
    return {"printed": printed.getvalue(), **_shown(value)}


def _shown(value: Any) -> dict[str, Any]:
    """A cell's last value: a Plotly figure in its JSON form with its words, or what Python says of it."""
    if value is None:
        return {}
    if hasattr(value, "to_plotly_json"):
        from rnnsite.web.figure_json import plain

        form = plain(value.to_plotly_json())
        alt = (form["layout"].get("meta") or {}).pop("alt", "")
        if not alt:
            raise ValueError("the figure has no description: end the cell with described(figure, ...)")
        return {"figure": form, "alt": alt}
    return {"value": repr(value)}


if __name__ == "__main__":
    answer = run(json.load(sys.stdin))
    Path(sys.argv[1]).write_text(json.dumps(answer), encoding="utf-8")
