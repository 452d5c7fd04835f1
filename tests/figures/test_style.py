from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from rnnsite.errors import RnnsiteError
from rnnsite.figures.palette import PALETTE, colour
from rnnsite.figures.style import band, bars, label_line, line, new_figure, power_ticks, reference


def test_the_frame_is_light_in_bytes() -> None:
    """Plotly's own template alone is 6.5 KB."""
    assert len(new_figure(x_title="x", y_title="y").to_json()) < 3000


def test_labels_on_log_axes_stand_at_their_point() -> None:
    figure = new_figure(log_y=True, log_x=True)
    label_line(figure, 100, 1e-4, "here", "rnn")
    assert (figure.layout.annotations[0].x, figure.layout.annotations[0].y) == pytest.approx((2, -4))


def test_label_of_a_line_stands_at_its_last_finite_value() -> None:
    figure = new_figure()
    line(figure, [0, 1, 2], [3.0, 4.0, np.nan], "rnn", label="RNN")
    (label,) = figure.layout.annotations
    assert (label.x, label.y, label.text, label.font.color) == (1, 4, "RNN", colour("rnn"))


def test_band_closes_on_itself_and_is_cut_on_a_log_axis() -> None:
    figure = new_figure(log_y=True)
    band(figure, [0, 1, 2], [0.0, 1e-3, np.nan], [1.0, 2.0, 3.0], "gru")
    (trace,) = figure.data
    assert list(trace.x) == [0, 1, 1, 0]
    assert list(trace.y) == [1, 2, 1e-3, 1e-3]
    assert trace.fillcolor.startswith(PALETTE["gru"][0])


def test_panels_take_their_own_titles_and_traces() -> None:
    figure = new_figure(rows=1, cols=2, y_title=["loss", "norm"], panel_titles=["A", "B"], log_y=[False, True])
    line(figure, [0, 1], [1, 2], "rnn", col=2)
    assert figure.data[0].yaxis == "y2"
    assert [a.text for a in figure.layout.annotations] == ["<b>A</b><br>loss", "<b>B</b><br>norm"]
    assert (figure.layout.yaxis.type, figure.layout.yaxis2.type) == (None, "log")


def test_shared_axes_match_and_are_labelled_once() -> None:
    figure = new_figure(rows=2, cols=2, x_title="step", share_x=True, share_y=True)
    assert figure.layout.xaxis4.matches == "x"
    assert figure.layout.xaxis.title.text is None
    assert figure.layout.xaxis3.title.text == "step"
    assert figure.layout.yaxis2.showticklabels is False


def test_bars_draw_intervals_on_named_categories() -> None:
    figure = new_figure()
    bars(figure, ["tanh", "ReLU"], [1, 2], ["tanh", "relu"], low=[0.5, 1.8], high=[1.5, 2.4])
    (trace,) = figure.data
    assert list(trace.error_y.array) == pytest.approx([0.5, 0.4])
    assert list(trace.error_y.arrayminus) == pytest.approx([0.5, 0.2])
    assert figure.layout.xaxis.type is None


def test_reference_and_power_ticks() -> None:
    figure = new_figure(log_y=True)
    power_ticks(figure, "y", -8, 1, count=3)
    reference(figure, y=1e-3, label="chance")
    assert list(figure.layout.yaxis.ticktext) == ["10<sup>−6</sup>", "10<sup>−3</sup>", "1"]
    assert figure.layout.annotations[0].y == pytest.approx(-3)
    assert figure.layout.shapes[0].y0 == pytest.approx(1e-3)


def test_mistakes_are_answered_in_a_sentence() -> None:
    with pytest.raises(RnnsiteError, match="one for each of 2 panels, got 3"):
        new_figure(cols=2, y_title=["a", "b", "c"])
    with pytest.raises(RnnsiteError, match="no panel in row 1, column 2"):
        label_line(new_figure(), 0, 0, "x", col=2)
    with pytest.raises(RnnsiteError, match="position is one of right"):
        label_line(new_figure(), 0, 0, "x", position="up")
    with pytest.raises(RnnsiteError, match="by x or by y"):
        reference(new_figure())
    with pytest.raises(RnnsiteError, match="do not fit"):
        new_figure(cols=20)
    with pytest.raises(RnnsiteError, match="no panel"):
        label_line(go.Figure(), 0, 0, "x")
