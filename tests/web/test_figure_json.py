from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.figures.palette import SEQUENTIAL, colour, tint
from rnnsite.web.figure_json import plain, used_colours


def test_packed_arrays_are_unpacked_and_rounded() -> None:
    figure = go.Figure(go.Heatmap(z=np.array([[1 / 3, np.nan], [np.inf, 2.0]]), x=np.arange(2, dtype=np.int8)))
    trace = plain(figure.to_plotly_json())["data"][0]
    assert trace["z"] == [[0.333333, None], [None, 2]]
    assert trace["x"] == [0, 1]


def test_a_map_of_bytes_stays_packed() -> None:
    figure = go.Figure(go.Heatmap(z=np.array([[1, 2], [3, 4]], dtype=np.int8)))
    assert plain(figure.to_plotly_json())["data"][0]["z"] == {"dtype": "i1", "bdata": "AQIDBA==", "shape": "2, 2"}


def test_large_and_small_numbers_keep_their_size() -> None:
    assert plain([1e300, 1.234567891e-12, 123456789.0, np.float32(0.1), True, "x", None]) == [
        1e300, 1.23457e-12, 123457000.0, 0.1, True, "x", None
    ]  # fmt: skip


def test_colours_are_found_wherever_they_stand() -> None:
    figure = {
        "line": {"color": colour("rnn")},
        "fillcolor": tint("gru", 0.2),
        "colorscale": SEQUENTIAL[:1],
        "text": f"<span style='color:{colour('lstm')}'>x</span>",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "marker": {"color": [0.1, 0.2]},
        "tickcolor": "red",
    }
    expected = {colour("rnn"), colour("gru"), SEQUENTIAL[0][1], colour("lstm"), "red"}
    assert used_colours(figure) == expected


def test_a_named_colour_scale_counts_as_a_colour() -> None:
    assert used_colours({"colorscale": "Viridis"}) == {"Viridis"}
