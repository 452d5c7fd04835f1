"""Recurrent networks you can see into: cells, tasks, and probes that diagnose your own RNN.

    import rnnsite
    print(rnnsite.diagnose(model, inputs))

Everything public is one of the names below. Each is imported when it is first used, so that `import rnnsite` costs
nothing and needs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

CATALOGUE = {
    # what is wrong with a model: yours, torch.nn's or one of these cells
    "diagnose": "probes.diagnosis",  # a report in words, with the numbers behind it and what to try
    "try_learning_rate": "probes.learning_rate",  # real steps on a copy: is the rate too high?
    # what happens inside it
    "gradient_flow": "probes.gradient_norms",  # ‖∂L/∂h_t‖ at every step
    "jacobians": "probes.jacobian",  # ∂s_t/∂s_{t−1}, exact, for every step and example
    "singular_values": "probes.jacobian",  # of each Jacobian: how much a step stretches
    "eigenvalues": "probes.jacobian",  # of each Jacobian, largest modulus first
    "log_norms": "probes.products",  # log ‖J_T ⋯ J_t‖: the most a gradient can grow, without overflow
    "lyapunov_exponents": "probes.products",  # growth rates of all directions
    "spectral_radius": "probes.spectrum",  # ρ of every recurrent block, and of the mean Jacobian
    "gate_traces": "probes.traces",  # every state, gate and pre-activation at every step
    "saturation": "probes.saturated",  # share of values on the flat part of a nonlinearity; dead ReLU units
    "unroll": "probes.unrolled",  # any recurrent module step by step, every tensor in the graph
    # many models of your own at once
    "train_fleet": "training.checked",  # each its own seed, data, rate, clip and end; hand-written backward passes
    "Recurrent": "training.recurrent",  # what a fleet most often trains: a cell of M models and a linear output
    # cells whose step reads as its equation
    "Elman": "cells.elman",  # h = φ(U x + W h + b), φ one of tanh, sigmoid, relu, linear
    "Leaky": "cells.leaky",  # h = αh + (1−α)φ(U x + W h + b): a share of the state stays
    "Skip": "cells.skip",  # h = φ(U x + W h + S h_{t−d} + b): a second connection jumps d steps
    "Clockwork": "cells.clockwork",  # groups of units, each with a period at which it takes a step
    "LSTM": "cells.lstm",  # gated memory; peepholes; any gate switchable off
    "GRU": "cells.gru",  # update and reset gates; reset after (torch) or before (Cho 2014) the product
    # the one exception that a user's mistake raises
    "RnnsiteError": "errors",
}
__all__ = list(CATALOGUE)

if TYPE_CHECKING:
    from rnnsite.cells.clockwork import Clockwork as Clockwork
    from rnnsite.cells.elman import Elman as Elman
    from rnnsite.cells.gru import GRU as GRU
    from rnnsite.cells.leaky import Leaky as Leaky
    from rnnsite.cells.lstm import LSTM as LSTM
    from rnnsite.cells.skip import Skip as Skip
    from rnnsite.errors import RnnsiteError as RnnsiteError
    from rnnsite.probes.diagnosis import diagnose as diagnose
    from rnnsite.probes.gradient_norms import gradient_flow as gradient_flow
    from rnnsite.probes.jacobian import eigenvalues as eigenvalues
    from rnnsite.probes.jacobian import jacobians as jacobians
    from rnnsite.probes.jacobian import singular_values as singular_values
    from rnnsite.probes.learning_rate import try_learning_rate as try_learning_rate
    from rnnsite.probes.products import log_norms as log_norms
    from rnnsite.probes.products import lyapunov_exponents as lyapunov_exponents
    from rnnsite.probes.saturated import saturation as saturation
    from rnnsite.probes.spectrum import spectral_radius as spectral_radius
    from rnnsite.probes.traces import gate_traces as gate_traces
    from rnnsite.probes.unrolled import unroll as unroll
    from rnnsite.training.checked import train_fleet as train_fleet
    from rnnsite.training.recurrent import Recurrent as Recurrent


def __getattr__(name: str) -> Any:
    if name not in CATALOGUE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{CATALOGUE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
