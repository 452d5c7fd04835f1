"""The figures of a notebook's cells, drawn and served as those of the experiments are."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace
from typing import Any

import numpy as np

from rnnsite.figures.table import Table
from rnnsite.web.drawing import Drawings
from rnnsite.web.drawn import Drawn
from rnnsite.web.notebooks import Ran

SHOWN = 60  # rows of the table in the page; the CSV has them all


def draw(ran: Ran, drawings: Drawings) -> dict[int, Drawn]:
    """Code cell → its figure, under the stem notebook-<name>-<cell>."""
    return {
        number: _draw(f"notebook-{ran.notebook.name}-{number + 1}", output, drawings)
        for number, output in enumerate(ran.outputs or ())
        if "figure" in output
    }


def _draw(stem: str, output: dict[str, Any], drawings: Drawings) -> Drawn:
    form = output["figure"]
    rows = table_rows(form)

    def made(_: Any) -> Any:
        import plotly.graph_objects as go

        return go.Figure(form)

    module = SimpleNamespace(figure=made, alt=lambda _: output["alt"], table=lambda _: Table(COLUMNS, rows))
    said = json.dumps([form, output["alt"]], sort_keys=True)
    drawn = drawings.draw(stem, {"form": np.array(said)}, module)
    texts = {name: text for name, text in drawn.texts.items() if name != "data.json"}
    step = -(-len(rows) // SHOWN)
    caption = f"Every {step}th row; the CSV has all." if step > 3 else None
    shown = rows[::step] if step > 3 else rows
    return dataclasses.replace(drawn, texts=texts, table_html=Table(COLUMNS, shown).to_html(caption))


COLUMNS = ("curve", "x", "y", "z")


def table_rows(form: dict[str, Any]) -> list[list[Any]]:
    """(curve, x, y, z) of every point of a figure in Plotly's JSON form; z only in maps.

    >>> table_rows({"data": [{"name": "LSTM", "x": [0, 1], "y": [2, 3]}]})
    [['LSTM', 0, 2, ''], ['LSTM', 1, 3, '']]
    """
    rows: list[list[Any]] = []
    for number, trace in enumerate(form["data"]):
        name = trace.get("name") or f"curve {number + 1}"
        if "z" in trace:
            xs = trace.get("x") or range(len(trace["z"][0]))
            ys = trace.get("y") or range(len(trace["z"]))
            for y, line in zip(ys, trace["z"], strict=True):
                rows += [[name, x, y, _value(z)] for x, z in zip(xs, line, strict=True)]
        elif trace.get("fill") != "toself":
            ys = trace.get("y") or []
            xs = trace.get("x") or range(len(ys))
            rows += [[name, _value(x), _value(y), ""] for x, y in zip(xs, ys, strict=True)]
    return rows or [["nothing", "", "", ""]]


def _value(value: Any) -> Any:
    return float("nan") if value is None else value
