"""Recurrent cells: each returns its states and, on request, every gate and pre-activation at every step."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

CATALOGUE = {
    "Elman": "elman",  # h = φ(U x + W h + b), φ one of tanh, sigmoid, relu, linear
    "Leaky": "leaky",  # h = αh + (1−α)φ(U x + W h + b): a share of the state stays
    "Skip": "skip",  # h = φ(U x + W h + S h_{t−d} + b): a second connection jumps d steps
    "Clockwork": "clockwork",  # groups of units, each with a period at which it takes a step
    "LSTM": "lstm",  # gated memory c = f∘c + i∘g; peepholes; any gate switchable off
    "GRU": "gru",  # h = u∘h + (1−u)∘g; reset after (torch) or before (Cho 2014) the product
    "Cell": "cell",  # what they share: shapes, the loop over time, models side by side
    "Trace": "trace",  # every state, gate and pre-activation of one run, with its graph
    "uniform": "initial",  # U(−1/√H, 1/√H), torch.nn's own start
    "gaussian": "initial",  # N(0, 1/columns): spectral radius near 1 for a square matrix
    "orthogonal": "initial",  # a random rotation: every singular value 1
    "identity": "initial",  # remember by default (Le et al. 2015)
    "scale_to_spectral_radius": "initial",  # W · ρ / ρ(W)
}
__all__ = list(CATALOGUE)

if TYPE_CHECKING:
    from rnnsite.cells.cell import Cell as Cell
    from rnnsite.cells.clockwork import Clockwork as Clockwork
    from rnnsite.cells.elman import Elman as Elman
    from rnnsite.cells.gru import GRU as GRU
    from rnnsite.cells.initial import gaussian as gaussian
    from rnnsite.cells.initial import identity as identity
    from rnnsite.cells.initial import orthogonal as orthogonal
    from rnnsite.cells.initial import scale_to_spectral_radius as scale_to_spectral_radius
    from rnnsite.cells.initial import uniform as uniform
    from rnnsite.cells.leaky import Leaky as Leaky
    from rnnsite.cells.lstm import LSTM as LSTM
    from rnnsite.cells.skip import Skip as Skip
    from rnnsite.cells.trace import Trace as Trace


def __getattr__(name: str) -> Any:
    if name not in CATALOGUE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{CATALOGUE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
