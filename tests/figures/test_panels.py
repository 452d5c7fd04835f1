"""The two layouts of one figure: labels inside the drawing and apart, panels stacked on a phone."""

from __future__ import annotations

import itertools

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnsite.errors import RnnsiteError
from rnnsite.figures.panels import PHONE, _spread, fit, text_width
from rnnsite.figures.style import line, new_figure

X = np.arange(11)


def test_the_axis_ends_where_the_data_end_and_the_margin_holds_the_label() -> None:
    figure = new_figure()
    line(figure, X, X, "lstm", label="a rather long label")
    for phone in (False, True):
        layout = fit(figure, phone=phone).layout
        assert list(layout.xaxis.range) == [0, 10]
        assert layout.margin.r > text_width("a rather long label", 13)
    assert figure.layout.margin.r < 30, "the figure itself is left as it was"


def test_a_log_axis_ends_at_the_data_too() -> None:
    figure = new_figure(log_x=True)
    line(figure, [1, 10, 1000], [1, 2, 3], "lstm", label="L")
    assert list(fit(figure).layout.xaxis.range) == [0, 3]


def test_markers_at_the_end_are_not_cut() -> None:
    figure = new_figure()
    line(figure, X, X, "lstm", label="L", markers=True)
    assert list(fit(figure).layout.xaxis.range) == pytest.approx([-0.3, 10.3])


def test_a_label_between_columns_widens_the_gap() -> None:
    bare, labelled = new_figure(cols=2), new_figure(cols=2)
    line(bare, X, X, "rnn")
    line(labelled, X, X, "rnn", label="label of the first")
    gaps = [fit(f).layout.xaxis2.domain[0] - fit(f).layout.xaxis.domain[1] for f in (bare, labelled)]
    assert gaps[1] > gaps[0] + 0.1


def test_labels_that_would_touch_are_parted() -> None:
    figure = new_figure()
    for end, name in ((1.0, "a"), (1.001, "b"), (1.002, "c"), (5.0, "far")):
        line(figure, [0, 1], [0, end], "rnn", label=name)
    shifts = {a.text: a.yshift for a in fit(figure).layout.annotations}
    assert shifts["a"] <= -15
    assert shifts["c"] >= 15
    assert abs(shifts["b"]) <= 1
    assert shifts["far"] == 0


def test_on_a_phone_panels_stand_one_above_another_and_all_are_labelled() -> None:
    figure = new_figure(rows=2, cols=2, share_y=True, share_x=True)
    layout = fit(figure, phone=True).layout
    axes = [(layout[f"xaxis{i}"], layout[f"yaxis{i}"]) for i in ("", 2, 3, 4)]
    assert layout.width == PHONE
    assert all(list(x.domain) == [0, 1] and x.showticklabels is None and y.showticklabels is None for x, y in axes)
    tops = [y.domain[1] for _, y in axes]
    assert tops == sorted(tops, reverse=True)
    assert all(above.domain[0] > below.domain[1] for (_, above), (_, below) in itertools.pairwise(axes))


def test_a_foreign_figure_is_refused() -> None:
    with pytest.raises(RnnsiteError, match="new_figure"):
        fit(go.Figure())


@given(st.lists(st.floats(-500, 500), max_size=12).map(sorted), st.floats(0, 40))
def test_spread_keeps_order_gap_and_mean(wanted: list[float], gap: float) -> None:
    placed = _spread(wanted, gap)
    assert len(placed) == len(wanted)
    assert all(b - a >= gap - 1e-6 for a, b in itertools.pairwise(placed))
    assert sum(placed) == pytest.approx(sum(wanted), abs=1e-6)
