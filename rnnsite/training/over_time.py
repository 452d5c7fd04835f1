"""The states of a fleet's cell over time, by the hand-written backward pass where there is one."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.leaky import Leaky
from rnnsite.cells.lstm import LSTM
from rnnsite.errors import RnnsiteError
from rnnsite.training.backward_elman import ElmanStates
from rnnsite.training.backward_gru import GRUStates
from rnnsite.training.backward_lstm import LSTMStates
from rnnsite.training.fused import fits
from rnnsite.training.omega import InformationFlow


def states(cell: Cell, x: Tensor, state: Any = None, flow: InformationFlow | None = None) -> tuple[Tensor, Any]:
    """What `cell(x, state)` returns, its gradients computed by hand: the same numbers, sooner.

    cell   made with `models=M`. Elman and Leaky, GRU with the reset after the product, LSTM with all gates and no
           peepholes have a backward pass of their own, on a GPU in one kernel (see fused.py); any other cell is
           simply called
    x      (M, T, B, I), or (T, B, I) shared by all models
    flow   Pascanu's regulariser, whose gradient is added to that of W (Elman and Leaky only)

    The states are not to be changed in place. Raises RnnsiteError for shapes as the cell does, and for a regulariser
    of another cell.
    """
    if flow is not None and not isinstance(cell, Elman):
        raise RnnsiteError(f"The regulariser Ω is written for Elman and Leaky; got a {type(cell).__name__}.")
    gru = isinstance(cell, GRU) and not cell.reset_before
    lstm = isinstance(cell, LSTM) and cell.gates == "ifo" and cell.p is None
    if cell.models is None or not (isinstance(cell, Elman) or gru or lstm):
        return cell(x, state)
    x = cell._time_first(x)
    given = [None] * len(cell.state_names) if state is None else list(cell._initial(state, x).values())
    x = x.expand(cell.models, *x.shape[-3:])
    elman_states, gru_states, lstm_states = _passes(fits(x, cell.H, len(cell.blocks)))
    if isinstance(cell, Elman):
        leak = cell.leak if isinstance(cell, Leaky) else None
        hs, last = elman_states.apply(x, *given, cell.U, cell.W, cell.b, cell.activation, leak, flow)
    elif isinstance(cell, GRU):
        hs, last = gru_states.apply(x, *given, cell.U, cell.W, cell.b, cell.b_h)
    else:
        hs, h, c = lstm_states.apply(x, *given, cell.U, cell.W, cell.b)
        last = (h, c)
    return hs.transpose(-3, -2) if cell.batch_first else hs, last


def _passes(fused: bool) -> tuple[Any, Any, Any]:
    """The passes through time of Elman, GRU and LSTM."""
    if not fused:
        return ElmanStates, GRUStates, LSTMStates
    from rnnsite.training.fused_elman import FusedElmanStates  # needs triton
    from rnnsite.training.fused_gru import FusedGRUStates
    from rnnsite.training.fused_lstm import FusedLSTMStates

    return FusedElmanStates, FusedGRUStates, FusedLSTMStates
