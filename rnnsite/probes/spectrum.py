"""Spectral radius: the largest |eigenvalue| of what a strand multiplies its state by."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from rnnsite.cells.cell import Cell
from rnnsite.probes.check import check_weights
from rnnsite.probes.jacobian import eigenvalues, step_jacobians
from rnnsite.probes.private import uncompiled, undisturbed
from rnnsite.probes.record import find_recurrent, join, record
from rnnsite.probes.strand import Strand, of_cell, of_torch
from rnnsite.probes.unrolled import Recurrent, Run


def spectral_radius(model: nn.Module, inputs: Any = None) -> dict[str, Tensor]:
    """ρ of every recurrent matrix and, when inputs are given, of every strand's mean Jacobian.

    ρ(A) = max |eigenvalue of A|

    model, inputs  as in `gradient_flow`
    Returns  {"l0.W": ρ(W)} of an RNN; of gated cells one entry a block, {"l0.W_i": …, "l0.W_f": …} (of an LSTM with
             a projection, of W_i W_hr); with inputs also "l0.J", ρ of ∂s_t/∂s_{t−1} averaged over steps and examples.
             Each is a tensor of shape (), or (M,) for a cell with M models.
    Raises   RnnsiteError when the model holds no recurrent module or the inputs do not fit.

    >>> sorted(spectral_radius(nn.GRU(3, 8)))
    ['l0.W_g', 'l0.W_r', 'l0.W_u']
    """
    recurrent = find_recurrent(uncompiled(model))
    check_weights(model)
    found: dict[str, Tensor] = {}
    for name, module in recurrent.items():
        for strand in strands(module):
            for letter, W in strand.recurrent.items():
                block = "W" if strand.kind == "rnn" else f"W_{letter}"
                found[join(name, strand.name, block)] = radius(W.detach())
    if inputs is not None:
        with undisturbed():
            for name, runs in record(model, inputs).runs.items():
                found[join(name, "J")] = radius(torch.stack([_mean_jacobian(run) for run in runs]).mean(0))
    return found


def radius(matrix: Tensor) -> Tensor:
    """max |eigenvalue| of (…, S, S)."""
    return eigenvalues(matrix)[..., 0].abs()


def strands(module: Recurrent) -> list[Strand]:
    """Every strand of a recurrent module, layer by layer."""
    if isinstance(module, Cell):
        return [of_cell(module)]
    if isinstance(module, nn.RNNCellBase):
        return [of_torch(module)]
    directions = (False, True) if module.bidirectional else (False,)
    return [of_torch(module, layer, reverse) for layer in range(module.num_layers) for reverse in directions]


def _mean_jacobian(run: Run) -> Tensor:
    J = step_jacobians(run)
    if run.packing is None:
        return J.mean((-4, -3))
    lengths = run.packing.lengths()
    return torch.cat([J[:length, b] for b, length in enumerate(lengths.tolist())]).mean(0)
