"""How every figure looks: `new_figure` for the frame, then `line`, `band`, `bars`, `label_line`, `reference`.

    figure = new_figure(x_title="steps back in time", y_title="gradient norm", log_y=True)
    band(figure, steps, low, high, "lstm")
    line(figure, steps, median, "lstm", label="LSTM")

Colours are names of rnnsite.figures.palette. `row` and `col` count from 1 and choose the panel. A drawing for phones is
derived from the same figure by rnnsite.figures.panels, which stacks the panels; write for about 680 px only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnsite.errors import RnnsiteError
from rnnsite.figures.palette import colour, tint
from rnnsite.figures.panels import place_panels
from rnnsite.figures.template import LOG, TEMPLATE, TICK_SIZE
from rnnsite.figures.whiskers import from_to


def new_figure(
    *,
    x_title: str | Sequence[str] = "",
    y_title: str | Sequence[str] = "",
    title: str | None = None,
    log_x: bool | Sequence[bool] = False,
    log_y: bool | Sequence[bool] = False,
    height: int | None = None,
    width: int = 680,
    rows: int = 1,
    cols: int = 1,
    panel_titles: Sequence[str] | None = None,
    share_x: bool = False,
    share_y: bool = False,
    hover: str = "closest",
) -> go.Figure:
    """An empty figure of rows × cols panels in the site's style.

    The y title stands above its panel, level, where it is read first. Titles and `log_*` may be one value for every
    panel or a list, row by row. `height` defaults to 400 px for one row and 300 px for each row of several.
    """
    panels = rows * cols
    height = height or (400 if rows == 1 else 300 * rows)
    x_titles, y_titles = _each(x_title, panels, "x_title"), _each(y_title, panels, "y_title")
    x_logs, y_logs = _each(log_x, panels, "log_x"), _each(log_y, panels, "log_y")
    heads = _each(panel_titles or "", panels, "panel_titles")
    figure = make_subplots(rows=rows, cols=cols)
    head_lines = max(bool(head) + bool(y) for head, y in zip(heads, y_titles, strict=True))
    figure.update_layout(
        template=TEMPLATE,
        width=width,
        height=height,
        hovermode=hover,
        margin={"l": 58, "r": 18, "t": 12 + 21 * head_lines + (30 if title else 0), "b": 54, "pad": 2},
        meta={"rows": rows, "cols": cols, "head": head_lines},
    )
    if title:
        figure.update_layout(title={"text": title, "x": 0, "xref": "paper", "y": 0.98, "yanchor": "top"})
    place_panels(figure, rows, cols)
    for i in range(panels):
        row, col = i // cols + 1, i % cols + 1
        suffix = str(i + 1) if i else ""
        x_axis: dict[str, Any] = dict(LOG) if x_logs[i] else {}
        y_axis: dict[str, Any] = dict(LOG) if y_logs[i] else {}
        last_row = row == rows
        if x_titles[i] and (last_row or not share_x):
            x_axis["title"] = {"text": x_titles[i]}
        if share_x and panels > 1:
            x_axis |= {"matches": "x"} if i else {}
            x_axis |= {} if last_row else {"showticklabels": False}
        if share_y and panels > 1:
            y_axis |= {"matches": "y"} if i else {}
            y_axis |= {} if col == 1 else {"showticklabels": False}
        figure.update_xaxes(x_axis, row=row, col=col)
        figure.update_yaxes(y_axis, row=row, col=col)
        head = "<br>".join([f"<b>{heads[i]}</b>"] * bool(heads[i]) + [y_titles[i]] * bool(y_titles[i]))
        if head:
            figure.add_annotation(
                text=head,
                xref=f"x{suffix} domain",
                yref=f"y{suffix} domain",
                x=0,
                y=1,
                xanchor="left",
                yanchor="bottom",
                align="left",
                yshift=8,
            )
    return figure


def line(
    figure: go.Figure,
    x: Any,
    y: Any,
    color: str,
    *,
    name: str | None = None,
    label: str | None = None,
    dash: str | None = None,
    width: float = 2.5,
    markers: bool = False,
    row: int = 1,
    col: int = 1,
    **more: Any,
) -> None:
    """A curve in a named colour; `label` is written at its right end, `name` shows on hover."""
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines+markers" if markers else "lines",
        name=name or label or "",
        line={"color": colour(color), "width": width, **({"dash": dash} if dash else {})},
        **({"marker": {"color": colour(color), "size": 7}} if markers else {}),
        **more,
        row=row,
        col=col,
    )
    if label:
        xs, ys = np.asarray(x), np.asarray(y, dtype=float)
        last = np.flatnonzero(np.isfinite(ys))[-1]
        label_line(figure, xs[last], ys[last], label, color, row=row, col=col)


def band(
    figure: go.Figure, x: Any, low: Any, high: Any, color: str, *, opacity: float = 0.18, row: int = 1, col: int = 1
) -> None:
    """The interval from `low` to `high` as a tinted area. On a log axis it is cut at the smallest positive value."""
    x, low, high = np.asarray(x), np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    if _axis(figure, "y", row, col).type == "log":
        ends = np.concatenate([low, high])
        low = np.maximum(low, ends[ends > 0].min(initial=np.inf))
    drawn = np.isfinite(low) & np.isfinite(high)
    x, low, high = x[drawn], low[drawn], high[drawn]
    figure.add_scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        mode="lines",
        line={"width": 0, "color": colour(color)},
        fill="toself",
        fillcolor=tint(color, opacity),
        hoverinfo="skip",
        row=row,
        col=col,
    )


def bars(
    figure: go.Figure,
    x: Any,
    y: Any,
    color: str | Sequence[str],
    *,
    low: Any = None,
    high: Any = None,
    name: str = "",
    row: int = 1,
    col: int = 1,
    **more: Any,
) -> None:
    """Bars in one or several named colours, with the interval low…high drawn on each where given."""
    shades = colour(color) if isinstance(color, str) else [colour(one) for one in color]
    y = np.asarray(y, dtype=float)
    error = None
    if low is not None and high is not None:
        error = from_to(y, low, high, "ink")
    figure.add_bar(x=x, y=y, marker={"color": shades}, name=name, error_y=error, **more, row=row, col=col)


def label_line(
    figure: go.Figure,
    x: float,
    y: float,
    text: str,
    color: str = "ink",
    *,
    position: str = "right",
    shift: tuple[int, int] = (0, 0),
    row: int = 1,
    col: int = 1,
) -> None:
    """Write `text` beside the data point (x, y): to the `right`, to the `left`, `above` or `below`.

    The margin grows as the text needs, and labels at the right that would touch are parted, when the figure is drawn.
    `shift` moves the text by pixels, right and up.
    """
    places = {
        "right": ("left", "middle", 7, 0),
        "left": ("right", "middle", -7, 0),
        "above": ("center", "bottom", 0, 5),
        "below": ("center", "top", 0, -5),
    }
    if position not in places:
        raise RnnsiteError(f"A label's position is one of {', '.join(places)}, not {position!r}.")
    x_anchor, y_anchor, x_shift, y_shift = places[position]
    x_axis, y_axis = _axis(figure, "x", row, col), _axis(figure, "y", row, col)
    figure.add_annotation(
        text=text,
        x=_on_axis(x_axis, x),
        y=_on_axis(y_axis, y),
        xanchor=x_anchor,
        yanchor=y_anchor,
        xshift=x_shift + shift[0],
        yshift=y_shift + shift[1],
        align="left",
        font={"color": colour(color)},
        # within the panel, curves may pass behind it
        bgcolor=None if position == "right" else tint("ink" if color == "paper" else "paper", 0.75),
        row=row,
        col=col,
    )


def reference(
    figure: go.Figure,
    *,
    x: float | None = None,
    y: float | None = None,
    label: str | None = None,
    row: int = 1,
    col: int = 1,
) -> None:
    """A thin dotted line across the panel at `x` or at `y`, such as chance level, labelled at its end."""
    look = {"line": {"color": colour("muted"), "width": 1.5, "dash": "dot"}, "layer": "below"}
    if (x is None) == (y is None):
        raise RnnsiteError("A reference line is given by x or by y.")
    index = (row - 1) * figure.layout.meta["cols"] + col
    suffix = str(index) if index > 1 else ""
    x_ref, y_ref = f"x{suffix}", f"y{suffix}"
    text: dict[str, Any] = {"text": label, "font": {"color": colour("muted"), "size": TICK_SIZE}}
    if y is not None:
        figure.add_shape(type="line", x0=0, x1=1, y0=y, y1=y, xref=f"{x_ref} domain", yref=y_ref, **look)
        place = {"x": 1, "xref": f"{x_ref} domain", "xanchor": "right", "yanchor": "bottom", "yref": y_ref}
        place["y"] = _on_axis(_axis(figure, "y", row, col), y)
    else:
        assert x is not None
        figure.add_shape(type="line", x0=x, x1=x, y0=0, y1=1, xref=x_ref, yref=f"{y_ref} domain", **look)
        place = {"y": 1, "yref": f"{y_ref} domain", "xanchor": "left", "yanchor": "top", "xshift": 4, "xref": x_ref}
        place["x"] = _on_axis(_axis(figure, "x", row, col), x)
    if label:
        figure.add_annotation(**text, **place)


def power_ticks(
    figure: go.Figure, axis: str, low: int, high: int, *, count: int = 6, row: int = 1, col: int = 1
) -> None:
    """Ticks of a log axis ("x" or "y") at whole powers of ten from 10^low to 10^high, written 10⁻⁴, and that range."""
    step = max(1, -(-(high - low) // count))
    powers = [p for p in range(low, high + 1) if p % step == 0]
    _axis(figure, axis, row, col).update(
        range=[low, high],
        tickvals=[10.0**p for p in powers],
        tickfont={"size": TICK_SIZE},
        ticktext=[{0: "1", 1: "10"}.get(p, f"10<sup>{p}</sup>".replace("-", "−")) for p in powers],
    )


def _axis(figure: go.Figure, letter: str, row: int, col: int) -> Any:
    meta = figure.layout.meta
    if not (meta and 1 <= row <= meta["rows"] and 1 <= col <= meta["cols"]):
        raise RnnsiteError(
            f"The figure has no panel in row {row}, column {col}: make it with new_figure(rows=, cols=)."
        )
    index = (row - 1) * meta["cols"] + col
    return figure.layout[f"{letter}axis{index if index > 1 else ''}"]


def _on_axis(axis: Any, value: Any) -> Any:
    """Annotations, unlike shapes and traces, take the logarithm on a log axis."""
    return float(np.log10(value)) if axis.type == "log" else value


def _each(value: Any, panels: int, what: str) -> list[Any]:
    if isinstance(value, (str, bool)):
        return [value] * panels
    if len(value) != panels:
        raise RnnsiteError(f"{what} needs one value or one for each of {panels} panels, got {len(value)}.")
    return list(value)
