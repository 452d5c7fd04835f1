"""Run as a program, by an interpreter that can import nothing but Python and `rnnsite.scratch`.

Reads a page's cells as JSON, runs them one after the other in one namespace, and prints as JSON what each ends in and
how long it took.
"""

from __future__ import annotations

import ast
import json
import sys
import time


def kind(value: object) -> str:
    """What the page would show. Raises ValueError for a figure that is not valid JSON."""
    if value is None:
        return "nothing"
    if isinstance(value, dict) and {"data", "layout"} <= value.keys():
        json.dumps(value, allow_nan=False)
        return "figure"
    if hasattr(value, "rows") and hasattr(value, "columns"):
        return "table"
    if (
        isinstance(value, list)
        and value
        and all(isinstance(row, dict) and row.keys() == value[0].keys() for row in value)
    ):
        return "table"
    return "text"


def run(code: str, namespace: dict[str, object]) -> object:
    """The value of the last expression, or None when the last statement is none."""
    body = ast.parse(code)
    last = ast.Expression(body.body.pop().value) if isinstance(body.body[-1], ast.Expr) else None
    exec(compile(body, "cell", "exec"), namespace)
    return eval(compile(last, "cell", "eval"), namespace) if last else None


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    namespace: dict[str, object] = {"__name__": "__main__"}
    done = []
    for code in json.load(sys.stdin):
        began = time.process_time()
        value = run(code, namespace)
        done.append({"kind": kind(value), "seconds": time.process_time() - began, "shown": repr(value)[:2000]})
    print("\n" + json.dumps(done))
