"""Learning curves, gradients at the start and loss by word, with the source read forwards and backwards."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, power_ticks
from rnnsite.figures.table import Table
from rnnsite.multiples import power
from rnnsite.statistics import Estimate, bootstrap

ARMS = (
    "LSTM, forward",
    "LSTM, source reversed",
    "LSTM, target reversed",
    "LSTM, both reversed",
    "LSTM, forward, pause",
    "LSTM, source reversed, pause",
    "GRU, forward",
    "GRU, source reversed",
    "RNN, forward",
    "RNN, source reversed",
)
FORWARD, REVERSED, TARGET_REVERSED, _, _, REVERSED_PAUSE, _, _, RNN_FORWARD, RNN_REVERSED = range(10)
EARLY, END = 120, 5
PANELS = ("How fast an LSTM learns", "Gradient before training", "LSTM, early", "Plain RNN, at the end")


def _rows(values: np.ndarray) -> list[Estimate]:
    return [bootstrap(row) for row in values]


def _curve(fig: go.Figure, x: np.ndarray, rows: list[Estimate], shade: str, name: str, **place: object) -> None:
    where = {"row": place["row"], "col": place["col"]}
    band(fig, x, [r.low for r in rows], [r.high for r in rows], shade, opacity=0.16, **where)  # type: ignore[arg-type]
    line(fig, x, [r.value for r in rows], shade, name=name, **place)  # type: ignore[arg-type]


def _gradient(arrays: Arrays, arm: int) -> list[Estimate]:
    return [power(10, logarithm) for logarithm in _rows(arrays["gradient"][arm])]


def _places(arrays: Arrays, arm: int, *, early: bool) -> np.ndarray:
    """Loss of each word of the longest sentences, (place, seed): after EARLY updates, or mean of the last checks."""
    if early:
        return arrays["places"][arm, int(np.flatnonzero(arrays["updates"] == EARLY)[0])]
    return arrays["places"][arm, -END:].mean(0)


def figure(arrays: Arrays) -> go.Figure:
    updates, words = arrays["updates"], np.arange(1, arrays["places"].shape[2] + 1)
    fig = new_figure(
        rows=2,
        cols=2,
        height=680,
        panel_titles=PANELS,
        x_title=["updates", "word of the translation", "word of the translation", "word of the translation"],
        y_title=["test loss, nats a word", "size", "loss, nats a word", "loss, nats a word"],
        log_y=[True, True, False, False],
    )
    for arm, shade, dash in (
        (FORWARD, "muted", None),
        (REVERSED, "lstm", None),
        (TARGET_REVERSED, "lstm", "dash"),
        (REVERSED_PAUSE, "accent", "dot"),
    ):
        _curve(fig, updates, _rows(arrays["loss"][arm]), shade, ARMS[arm], dash=dash, row=1, col=1)
    labels = (
        (REVERSED_PAUSE, 0.62, "reversed, then a pause", "accent", "above", (0, 30)),
        (FORWARD, 0.78, "forward", "muted", "above", (10, 6)),
        (REVERSED, 0.4, "<b>reversed</b>", "lstm", "below", (-24, -6)),
    )
    for arm, share, text, shade, position, shift in labels:
        k = round(share * (len(updates) - 1))
        value = arrays["loss"][arm, k].mean()
        label_line(fig, updates[k], value, text, shade, position=position, shift=shift, row=1, col=1)
    for arm, shade in ((FORWARD, "muted"), (REVERSED, "lstm")):
        _curve(fig, words, _gradient(arrays, arm), shade, ARMS[arm], markers=True, row=1, col=2)
        rows = _rows(_places(arrays, arm, early=True))
        _curve(fig, words, rows, shade, ARMS[arm], markers=True, row=2, col=1)
    for arm, shade in ((RNN_FORWARD, "muted"), (RNN_REVERSED, "rnn")):
        _curve(fig, words, _rows(_places(arrays, arm, early=False)), shade, ARMS[arm], markers=True, row=2, col=2)
    label_line(fig, 2, _gradient(arrays, REVERSED)[1].value, "<b>reversed</b>", "lstm", row=1, col=2)
    label_line(fig, 7, _gradient(arrays, FORWARD)[6].value, "forward", "muted", position="above", row=1, col=2)
    for col, (arm, early, shade) in enumerate(((FORWARD, True, "lstm"), (RNN_FORWARD, False, "rnn")), start=1):
        above, below = (_places(arrays, one, early=early).mean(-1) for one in (arm, arm + 1))
        label_line(fig, 4, above[3], "forward", "muted", position="above", shift=(0, 3), row=2, col=col)
        label_line(fig, 3, below[2], "<b>reversed</b>", shade, shift=(4, -12), row=2, col=col)
        fig.update_yaxes(range=[0, 2.7], row=2, col=col)
    for row, col in ((1, 2), (2, 1), (2, 2)):
        fig.update_xaxes(tickvals=words, row=row, col=col)
    ticks = [0.2, 0.5, 1, 2]
    fig.update_yaxes(
        range=[-0.9, 0.42], tickvals=ticks, ticktext=[f"{t:g}" for t in ticks], tickfont={"size": 14}, row=1, col=1
    )
    lowest, highest = np.floor(arrays["gradient"][[0, 1]].min()), np.ceil(arrays["gradient"][[0, 1]].max())
    power_ticks(fig, "y", int(lowest), int(highest), row=1, col=2)
    return fig


def alt(arrays: Arrays) -> str:
    ends = ", ".join(f"{ARMS[arm][6:]} {arrays['loss'][arm, -END:].mean():.2f}" for arm in (0, 1, 2, 3, 5))
    gradients = [_gradient(arrays, arm) for arm in (REVERSED, FORWARD)]
    first, last = (" reversed, ".join(f"{words[k].value:.1g}" for words in gradients) + " forward" for k in (0, -1))
    places = "; ".join(
        f"{ARMS[arm]} {', '.join(f'{value:.1f}' for value in _places(arrays, arm, early=arm < 2).mean(-1))}"
        for arm in (FORWARD, REVERSED, RNN_FORWARD, RNN_REVERSED)
    )
    return (
        f"Learning to translate, source read forwards or backwards. Test loss of LSTMs after {arrays['updates'][-1]} "
        f"updates: {ends}. Gradient before training: first word {first}, last word {last}. Loss by word, LSTM after "
        f"{EARLY} updates, RNN at the end: {places}."
    )


def table(arrays: Arrays) -> Table:
    rows = []
    for arm, name in enumerate(ARMS):
        loss, places = bootstrap(arrays["loss"][arm, -END:].mean(0)), _places(arrays, arm, early=False).mean(-1)
        words, steps = arrays["words"][arm, -END:].mean((0, 2)), arrays["steps"][arm]
        rows.append(
            [name, loss.value, loss.low, loss.high, places[0], places[-1], words[0], words[-1], steps[0], steps[-1]]
        )
    head = "order|loss|low|high|first word's loss|last word's loss|right, short|right, long|steps, first|steps, last"
    return Table(head.split("|"), rows, ("right, short", "right, long"))
