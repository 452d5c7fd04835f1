"""Probes: what you measure on a recurrent model, yours or torch.nn's or this package's."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

CATALOGUE = {
    "diagnose": "diagnosis",  # what is wrong with a model, in words, with numbers and what to try
    "Report": "report",  # the answer of diagnose
    "Verdict": "report",  # one finding of a report
    "gradient_flow": "gradient_norms",  # ‖∂L/∂h_t‖ at every step
    "jacobians": "jacobian",  # ∂s_t/∂s_{t−1}, exact, for every step and example
    "singular_values": "jacobian",  # of each Jacobian: how much a step stretches
    "eigenvalues": "jacobian",  # of each Jacobian, complex
    "log_norms": "products",  # log ‖J_T ⋯ J_t‖, which never overflows
    "lyapunov_exponents": "products",  # growth rates of all directions, by running QR
    "spectral_radius": "spectrum",  # ρ of every recurrent block, and of the mean Jacobian
    "gate_traces": "traces",  # every state, gate and pre-activation at every step
    "saturation": "saturated",  # share of unit-steps on the flat part of the nonlinearity; dead ReLU units
    "Saturation": "saturated",  # the answer of saturation
    "try_learning_rate": "learning_rate",  # real steps on a copy: is the rate too high?
    "RateTrial": "learning_rate",  # the answer of try_learning_rate
    "unroll": "unrolled",  # any recurrent module step by step, every tensor in the graph
}
__all__ = list(CATALOGUE)

if TYPE_CHECKING:
    from rnnsite.probes.diagnosis import diagnose as diagnose
    from rnnsite.probes.gradient_norms import gradient_flow as gradient_flow
    from rnnsite.probes.jacobian import eigenvalues as eigenvalues
    from rnnsite.probes.jacobian import jacobians as jacobians
    from rnnsite.probes.jacobian import singular_values as singular_values
    from rnnsite.probes.learning_rate import RateTrial as RateTrial
    from rnnsite.probes.learning_rate import try_learning_rate as try_learning_rate
    from rnnsite.probes.products import log_norms as log_norms
    from rnnsite.probes.products import lyapunov_exponents as lyapunov_exponents
    from rnnsite.probes.report import Report as Report
    from rnnsite.probes.report import Verdict as Verdict
    from rnnsite.probes.saturated import Saturation as Saturation
    from rnnsite.probes.saturated import saturation as saturation
    from rnnsite.probes.spectrum import spectral_radius as spectral_radius
    from rnnsite.probes.traces import gate_traces as gate_traces
    from rnnsite.probes.unrolled import unroll as unroll


# a module is never named like something in it: importing it would put the module in that one's place


def __getattr__(name: str) -> Any:
    if name not in CATALOGUE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{CATALOGUE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
