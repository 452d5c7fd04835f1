"""The networks of Le, Jaitly & Hinton 2015 side by side, and the same units started in other ways.

Only W differs between the starts; U and V are U(−1/√H, 1/√H) everywhere but in "all identity", where they are the
identity's first columns and rows. The paper draws U and V from N(0, 0.001²).
"""

from __future__ import annotations

from typing import Any

import torch

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.initial import identity, orthogonal
from rnnsite.cells.lstm import LSTM
from rnnsite.training.recurrent import Recurrent, uniform_columns

STARTS: dict[str, tuple[type[Cell], dict[str, Any]]] = {
    "IRNN": (Elman, {"activation": "relu", "recurrent": identity}),
    "tanh RNN": (Elman, {"activation": "tanh"}),
    "LSTM": (LSTM, {"forget_bias": 1.0}),
    "ReLU RNN": (Elman, {"activation": "relu"}),
    "tanh, orthogonal": (Elman, {"activation": "tanh", "recurrent": orthogonal}),
    "all identity": (Elman, {"activation": "relu", "recurrent": identity, "inputs": identity}),
}


def started(name: str, I: int, H: int, O: int, generators: list[torch.Generator]) -> Recurrent:
    """A fleet of the network of this name: I inputs, H units, O outputs.

    >>> net = started("IRNN", 2, 3, 1, [torch.Generator()])
    >>> net.cell.W[0].tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    cell, options = STARTS[name]
    outputs = identity if name == "all identity" else uniform_columns
    return Recurrent(
        cell(I, H, len(generators), generator=generators, **options), O, generator=generators, outputs=outputs
    )
