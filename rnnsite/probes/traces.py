"""Gate traces: every state, gate and pre-activation at every step, also of modules that hide them."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from rnnsite.probes.private import undisturbed
from rnnsite.probes.record import record


def gate_traces(model: nn.Module, inputs: Any) -> dict[str, Tensor]:
    """Every state, gate and pre-activation, recomputed from the module's weights.

    model, inputs  as in `gradient_flow`
    Returns  {"l0.h": (T, B, H), "l0.f": …, "l0.a_f": …}; a_· is the pre-activation. LSTM: i f o g c h; GRU: r u g h,
             u = 1 keeps the state (torch's z); RNN: h. NaN past the end of a packed sequence.
    Raises   RnnsiteError when the inputs do not fit, or the recomputed states differ from what the module itself
             returns by more than rounding, as for a module whose weights are changed while it runs.

    >>> import torch
    >>> traces = gate_traces(nn.LSTM(3, 8), torch.randn(20, 4, 3))
    >>> sorted(traces)[:5], tuple(traces["l0.f"].shape)
    (['l0.a_f', 'l0.a_g', 'l0.a_i', 'l0.a_o', 'l0.c'], (20, 4, 8))
    """
    with undisturbed():
        recording = record(model, inputs, verified=True)
        return recording.of_each(lambda run: {name: run.stacked(name).detach() for name in run.steps}, dim=-3)
