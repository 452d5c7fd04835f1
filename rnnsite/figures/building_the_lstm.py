"""Accuracy of the eight rows on the generated language, and on reviews joined by each of three words."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.gate_rows import ROWS, dots, name_rows, order, shares
from rnnsite.figures.style import label_line, new_figure, reference
from rnnsite.figures.table import Table
from rnnsite.wording import say

WORDS = ("and", "but", "though")
SHADES = ("linear", "gru", "rnn")


def figure(arrays: Arrays) -> go.Figure:
    whole = shares(arrays["accuracy"])
    rows = order(whole)
    drawn = new_figure(
        cols=2,
        x_title=["accuracy", "accuracy"],
        panel_titles=["all reviews", "two clauses, joined by"],
        height=420,
    )
    dots(drawn, whole, rows, "lstm", "all reviews")
    reference(drawn, x=float(arrays["bayes"]), label="Bayes")
    drawn.layout.annotations[-1].update(y=0.0, yanchor="bottom", xanchor="right", xshift=-4)
    for word, shade, symbol in ((1, "gru", "circle"), (2, "rnn", "diamond")):
        of_word = shares(arrays["joined"][:, :, word])
        dots(drawn, of_word, rows, shade, WORDS[word], symbol=symbol, col=2)
        label_line(drawn, of_word[rows[0]].value, 0, WORDS[word], shade, position="above", shift=(0, 3), col=2)
    name_rows(drawn, rows, 2)
    drawn.update_xaxes(tickformat=".0%", range=[0.7, 0.97], tickvals=[0.7, 0.8, 0.9], row=1, col=1)
    drawn.update_xaxes(tickformat=".0%", range=[0.48, 1.02], tickvals=[0.5, 0.6, 0.7, 0.8, 0.9, 1], row=1, col=2)
    return drawn


def alt(arrays: Arrays) -> str:
    whole, but, though = (
        shares(runs) for runs in (arrays["accuracy"], arrays["joined"][:, :, 1], arrays["joined"][:, :, 2])
    )
    rows = ", ".join(f"{ROWS[row]} {say(whole[row].value, '.1%')}" for row in order(whole))
    return (
        f"Accuracy on the generated language: {rows}; the Bayes rate is {say(float(arrays['bayes']), '.0%')}. Where "
        f"clauses are joined by “but”, the forget gate alone reaches {say(but[4].value, '.0%')} and the input gate "
        f"alone {say(but[2].value, '.0%')}; where by “though”, {say(though[4].value, '.0%')} and "
        f"{say(though[2].value, '.0%')}, both together {say(though[5].value, '.0%')}."
    )


def table(arrays: Arrays) -> Table:
    whole = shares(arrays["accuracy"])
    joined = [shares(arrays["joined"][:, :, word]) for word in range(len(WORDS))]
    rows = [
        [
            ROWS[row],
            *(whole[row].value, whole[row].low, whole[row].high),
            *(float(one[row].value) for one in joined),
            int(arrays["parameters"][row]),
            float(np.mean(arrays["best"][row])),
        ]
        for row in order(whole)
    ]
    columns = ["gates", "accuracy", "low", "high", *(f"with “{word}”" for word in WORDS), "weights", "best epoch"]
    return Table(columns, rows, columns[1:-2])
