"""Where panels and labels go at a given width: `fit` makes the drawing for a page and the one for a phone."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnsite.errors import RnnsiteError

PHONE = 360  # px: a drawing of this width is shown unscaled on a phone, so its text stays readable
COLUMN_GAP, ROW_GAP = 76, 76  # px between panels, for the ticks and titles that stand there
HEAD_LINE = 22  # and for each line of text above a panel
LABEL_MARGIN = 8


def fit(figure: go.Figure, *, phone: bool = False) -> go.Figure:
    """A copy whose margins hold its labels and whose labels do not touch; for a phone, panels stand one above another.

    Only figures of rnnsite.figures.style.new_figure can be fitted: they know their panels.
    """
    fitted = go.Figure(figure)
    layout = fitted.layout
    if not (isinstance(layout.meta, dict) and "rows" in layout.meta):
        raise RnnsiteError("The figure was not made by rnnsite.figures.style.new_figure, so it cannot be laid out.")
    rows, cols = layout.meta["rows"], layout.meta["cols"]
    if phone:
        _stack(layout, rows, cols)
        rows, cols = rows * cols, 1
    _end_axes_at_data(fitted)
    extra_gap = _make_room(fitted, cols)
    place_panels(fitted, rows, cols, extra_gap)
    _part_labels(fitted)
    return fitted


def place_panels(figure: go.Figure, rows: int, cols: int, extra_gap: float = 0) -> None:
    """Give each panel its domain, with gaps of the same number of pixels whatever the size."""
    layout = figure.layout
    inner_width = layout.width - layout.margin.l - layout.margin.r
    inner_height = layout.height - layout.margin.t - layout.margin.b
    gap_x, gap_y = (COLUMN_GAP + extra_gap) / inner_width, _row_gap(layout) / inner_height
    panel_width, panel_height = (1 - gap_x * (cols - 1)) / cols, (1 - gap_y * (rows - 1)) / rows
    if panel_width <= 0 or panel_height <= 0:
        raise RnnsiteError(f"{rows}×{cols} panels do not fit into {layout.width}×{layout.height} px.")
    for i in range(rows * cols):
        row, col = divmod(i, cols)
        left, top = col * (panel_width + gap_x), 1 - row * (panel_height + gap_y)
        layout[_axis_name("x", i)].domain = [round(left, 4), round(min(left + panel_width, 1), 4)]
        layout[_axis_name("y", i)].domain = [round(max(top - panel_height, 0), 4), round(top, 4)]


def _row_gap(layout: Any) -> int:
    return ROW_GAP + HEAD_LINE * int(layout.meta["head"])


def text_width(text: str, size: float) -> float:
    """About how many pixels a label takes, tags left out, for margins that must be known before drawing."""
    lines = re.sub(r"<[^>]*>", "", re.sub(r"<br\s*/?>", "\n", text)).split("\n")
    return size * max(sum(0.75 if letter.isupper() else 0.58 for letter in line) for line in lines)


def _axis_name(letter: str, index: int) -> str:
    return f"{letter}axis{index + 1 if index else ''}"


def _stack(layout: Any, rows: int, cols: int) -> None:
    """One column at phone width, each panel about as high as it was, text one size smaller."""
    panels = rows * cols
    inner = layout.height - layout.margin.t - layout.margin.b
    gap = _row_gap(layout)
    panel = int(np.clip((inner - gap * (rows - 1)) / rows, 180, 260))
    layout.margin.update(l=46, r=12, b=48)
    layout.width, layout.height = PHONE, panel * panels + gap * (panels - 1) + layout.margin.t + layout.margin.b
    template = layout.template.layout
    template.font.size -= 1
    for letter in "xy":
        shared = template[f"{letter}axis"]
        shared.update(tickfont_size=shared.tickfont.size - 1, title_font_size=shared.title.font.size - 1, nticks=6)
        for i in range(panels):
            axis = layout[_axis_name(letter, i)]
            axis.showticklabels = None if axis.showticklabels is False else axis.showticklabels


def _end_axes_at_data(figure: go.Figure) -> None:
    """Stop the x axis of labelled curves where the data stop: plotly would lengthen it to hold the label."""
    labelled = {annotation.xref for annotation in figure.layout.annotations if _at_right(annotation)}
    groups: dict[str, list[str]] = {}
    for reference in labelled:
        groups.setdefault(figure.layout[_long(reference)].matches or reference, []).append(reference)
    for leader in groups:
        members = [
            axis
            for axis in (f"x{i or ''}" for i in [0, *range(2, 40)])
            if _long(axis) in figure.layout and (axis == leader or figure.layout[_long(axis)].matches == leader)
        ]
        axis = figure.layout[_long(leader)]
        traces = [trace for trace in figure.data if (trace.xaxis or "x") in members]
        if axis.range is not None or axis.type == "category" or any(trace.type != "scatter" for trace in traces):
            continue
        values = [np.asarray(trace.x) for trace in traces if trace.x is not None]
        if not values or any(one.dtype.kind not in "iuf" for one in values):
            continue
        low, high = _extent(np.concatenate([one.astype(float) for one in values]), axis.type == "log")
        marked = [np.asarray(trace.x, float) for trace in traces if "markers" in (trace.mode or "")]
        ends = _extent(np.concatenate(marked), axis.type == "log") if marked else (high, low)
        padding = 0.03 * (high - low) if ends[0] == low or ends[1] == high else 0.0  # a marker must not be cut in half
        for member in members:
            figure.layout[_long(member)].range = [low - padding, high + padding]


def _make_room(figure: go.Figure, cols: int) -> float:
    """Widen the right margin for labels of the last column; return how much wider the other gaps must be."""
    layout, gap = figure.layout, 0.0
    size = layout.template.layout.font.size
    for _ in range(3):  # a wider margin narrows the panels, which moves the labels: a few rounds settle it
        panel = (layout.width - layout.margin.l - layout.margin.r - (COLUMN_GAP + gap) * (cols - 1)) / cols
        for annotation in layout.annotations:
            axis = layout[_long(annotation.xref)] if _at_right(annotation) else None
            if axis is None or axis.range is None:
                continue
            fraction = (annotation.x - axis.range[0]) / (axis.range[1] - axis.range[0])
            width = text_width(annotation.text, annotation.font.size or size)
            overflow = (annotation.xshift or 0) + width + LABEL_MARGIN - (1 - fraction) * panel
            if (int(annotation.xref[1:] or 1) - 1) % cols == cols - 1:
                layout.margin.r = max(layout.margin.r, round(overflow))
            else:
                gap = max(gap, round(overflow))
    return gap


def _part_labels(figure: go.Figure) -> None:
    """Shift labels at the right ends of curves apart where they would be drawn on one another."""
    layout = figure.layout
    inner = layout.height - layout.margin.t - layout.margin.b
    by_panel: dict[tuple[str, str, float], list[Any]] = {}
    for annotation in layout.annotations:
        if _at_right(annotation):
            by_panel.setdefault((annotation.xref, annotation.yref, annotation.x), []).append(annotation)
    for (_, reference, _x), labels in by_panel.items():
        axis = layout[_long(reference)]
        low, high = axis.range or _y_extent(figure, reference, axis.type == "log")
        if not high > low:
            continue
        pixels = inner * (axis.domain[1] - axis.domain[0]) / (high - low)
        labels.sort(key=lambda label: label.y)
        wanted = [(label.y - low) * pixels + (label.yshift or 0) for label in labels]
        for label, place, want in zip(
            labels, _spread(wanted, 1.25 * layout.template.layout.font.size), wanted, strict=True
        ):
            label.yshift = round((label.yshift or 0) + place - want)


def _spread(wanted: list[float], gap: float) -> list[float]:
    """The positions nearest to the ascending `wanted` that are at least `gap` apart.

    >>> _spread([0, 4, 100], 10)
    [-3.0, 7.0, 100.0]
    """
    groups: list[tuple[float, int]] = []  # (centre, members); two that overlap merge around their common centre
    for want in wanted:
        groups.append((float(want), 1))
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < gap * (groups[-1][1] + groups[-2][1]) / 2:
            (high, n_high), (low, n_low) = groups.pop(), groups.pop()
            groups.append(((high * n_high + low * n_low) / (n_high + n_low), n_high + n_low))
    return [centre + (i - (n - 1) / 2) * gap for centre, n in groups for i in range(n)]


def _y_extent(figure: go.Figure, reference: str, log: bool) -> tuple[float, float]:
    """About the range plotly will choose for a y axis: its data and 5% beyond."""
    leader = figure.layout[_long(reference)].matches or reference
    values = [
        np.asarray(trace.y, dtype=float)
        for trace in figure.data
        if trace.type in ("scatter", "bar") and trace.y is not None
        if leader in ((trace.yaxis or "y"), figure.layout[_long(trace.yaxis or "y")].matches)
    ]
    if not values:
        return 0.0, 0.0
    low, high = _extent(np.concatenate(values), log)
    return low - 0.055 * (high - low), high + 0.055 * (high - low)


def _extent(values: np.ndarray, log: bool) -> tuple[float, float]:
    values = values[np.isfinite(values)]
    values = np.log10(values[values > 0]) if log else values
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)


def _at_right(annotation: Any) -> bool:
    """Whether an annotation is a label to the right of a point of the data."""
    references = f"{annotation.xref or 'paper'} {annotation.yref or 'paper'}"
    return annotation.xanchor == "left" and not ("domain" in references or "paper" in references)


def _long(reference: str) -> str:
    """'x2' → 'xaxis2'."""
    return f"{reference[0]}axis{reference[1:]}"
