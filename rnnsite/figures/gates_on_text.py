"""Every unit of small character models ranked by what it follows; and the trained weights, for the reader's browser."""

from __future__ import annotations

import base64
import json

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap

CELLS = ("LSTM", "GRU", "RNN")
SHADES = ("lstm", "gru", "rnn")
FEATURES = ("place in the word", "inside quotes", "place in the line", "inside brackets")
ORDER = (1, 2, 0, 3)  # of the features in the arrays
BLOCKS = {"LSTM": (0, 1, 3, 2), "GRU": (0, 1, 2), "RNN": (0,)}  # ours i f o g → the kernel's i f g o


def _ranks(arrays: Arrays, feature: int, labels: int, cell: int) -> list[Estimate]:
    return [bootstrap(unit) for unit in arrays["r"][cell, labels, feature].T]


def figure(arrays: Arrays) -> go.Figure:
    drawn = new_figure(
        rows=2,
        cols=2,
        x_title=["", "", "units, best first", ""],
        y_title=["|r| with it", "", "", ""],
        panel_titles=FEATURES,
        height=560,
        share_y=True,
        log_x=True,
    )
    rank = np.arange(1, arrays["r"].shape[4] + 1)
    for place, feature in enumerate(ORDER):
        row, col = place // 2 + 1, place % 2 + 1
        for labels, name, dash in ((2, "beside another text", "dot"), (1, "untrained", None)):
            highest = arrays["r"][:, labels, feature].mean(1).max(0)  # of the three networks
            line(drawn, rank, highest, "muted", name=name, width=1.5, dash=dash, row=row, col=col)
        for cell in (2, 1, 0):
            ranks = _ranks(arrays, feature, 0, cell)
            band(
                drawn,
                rank,
                [r.low for r in ranks],
                [r.high for r in ranks],
                SHADES[cell],
                opacity=0.13,
                row=row,
                col=col,
            )
            line(drawn, rank, [r.value for r in ranks], SHADES[cell], name=CELLS[cell], row=row, col=col)
        drawn.update_xaxes(range=[-0.06, np.log10(len(rank)) + 0.03], row=row, col=col)
        drawn.update_xaxes(tickvals=[1, 2, 5, 10, 20, 50], ticktext=["1", "2", "5", "10", "20", "50"], row=row, col=col)
    drawn.update_yaxes(range=[-0.02, 0.85], tickvals=[0, 0.25, 0.5, 0.75])
    quotes = arrays["r"][:, 0, 2].mean(1)
    label_line(drawn, 1, quotes[1, 0], "GRU", "gru", shift=(12, 4), col=2)
    label_line(drawn, 5, quotes[0, 4], "LSTM", "lstm", position="above", shift=(12, 2), col=2)
    label_line(drawn, 1, quotes[2, 0], "RNN", "rnn", position="below", shift=(14, 0), col=2)
    word = arrays["r"][:, :, 1].mean(2).max(0)
    label_line(drawn, 20, word[1, 19], "untrained", "muted", position="above", shift=(14, 4))
    label_line(drawn, 5, word[2, 4], "beside another text", "muted", position="above", shift=(10, 2))
    return drawn


def alt(arrays: Arrays) -> str:
    parts = []
    for name, feature in zip(FEATURES, ORDER, strict=True):
        best = arrays["r"][..., feature, :, 0].mean(-1)  # (cell, labels)
        said = ", ".join(f"{cell} {best[k, 0]:.2f} (untrained {best[k, 1]:.2f})" for k, cell in enumerate(CELLS))
        parts.append(f"{name}: {said}, beside another text {best[:, 2].max():.2f} at most")
    return f"Strongest |r| of a unit, of {int(arrays['H'])}, with what the network reads. " + "; ".join(parts) + "."


def table(arrays: Arrays) -> Table:
    rows = []
    for k, cell in enumerate(CELLS):
        for name, feature in zip(FEATURES, ORDER, strict=True):
            best = [_ranks(arrays, feature, labels, k)[0] for labels in range(3)]
            rows.append([f"{cell}, {name}", best[0].value, best[0].low, best[0].high, best[1].value, best[2].value])
    return Table(["network and feature", "best |r|", "low", "high", "untrained", "beside another text"], rows)


def files(arrays: Arrays) -> dict[str, str]:
    """lstm.json, gru.json and rnn.json: the first seed's weights, float32 in base64, as the text explorer reads them.

    Rows of U, W and b stand in the kernel's order (torch's): i f g o, r u g. follows: of each feature the unit that
    goes with it most closely, and its r, c for the LSTM and h for the others.
    """
    return {f"{cell.lower()}.json": _weights(arrays, k, cell) for k, cell in enumerate(CELLS)}


def _weights(arrays: Arrays, k: int, cell: str) -> str:
    H = int(arrays["H"])

    def packed(name: str) -> str:
        values = np.asarray(arrays[f"weights_{cell}_{name}"], dtype="<f4")
        if name in ("U", "W", "b"):
            values = np.concatenate([values[block * H : (block + 1) * H] for block in BLOCKS[cell]])
        return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()

    named = {"b_h": "bh"}
    names = [name.removeprefix(f"weights_{cell}_") for name in arrays if name.startswith(f"weights_{cell}_")]
    return json.dumps(
        {
            "cell": cell.lower(),
            "inputs": int(arrays[f"weights_{cell}_U"].shape[-1]),
            "units": H,
            "bits": round(float(arrays["bits"][k, 0]), 3),
            "follows": [
                {"what": name, "unit": int(arrays["guides"][k, f]), "r": round(float(arrays["guides_r"][k, f]), 2)}
                for name, f in zip(FEATURES, ORDER, strict=True)
            ],
            **{named.get(name, name): packed(name) for name in names},
        },
        separators=(",", ":"),
    )
