"""Each mistake a user can make gets one sentence that says what was expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from rnnsite.cells.elman import Elman
from rnnsite.errors import RnnsiteError
from rnnsite.probes.diagnosis import diagnose
from rnnsite.probes.gradient_norms import gradient_flow
from rnnsite.probes.jacobian import jacobians
from rnnsite.probes.saturated import saturation
from rnnsite.probes.spectrum import spectral_radius
from rnnsite.probes.traces import gate_traces

RNN, X = nn.RNN(3, 4), torch.randn(5, 2, 3)
ALL: list[Callable[..., Any]] = [diagnose, gradient_flow, jacobians, saturation, spectral_radius, gate_traces]


class OwnForward(nn.LSTM):
    def forward(self, x: torch.Tensor, hx: Any = None) -> Any:
        return super().forward(x * 2, hx)


class Unused(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(3, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def broken(name: str) -> nn.Module:
    rnn = nn.RNN(3, 4)
    with torch.no_grad():
        getattr(rnn, name).fill_(float("nan"))
    return rnn


@pytest.mark.parametrize("probe", ALL)
@pytest.mark.parametrize(
    ("model", "inputs", "sentence"),
    [
        (RNN, torch.randn(5, 2, 7), r"The input has shape (5, 2, 7); expected (T, B, I) with I = 3."),
        (nn.GRU(3, 4, batch_first=True), torch.randn(3), "The input has shape (3,); expected (B, T, I) with I = 3."),
        (RNN, pack_sequence([torch.randn(4, 2)]), "The input has shape (4, 2); expected (T, B, I) with I = 3."),
        (RNN, X.double(), "The input is torch.float64; expected torch.float32, the type of the weights."),
        (RNN, X.where(X > 0, torch.nan), "Input 0 holds NaN or infinity; expected finite numbers."),
        (RNN, X[:0], "Input 0 has shape (0, 2, 3); expected at least one step and example."),
        (
            RNN,
            "text",
            "The inputs are a str without a tensor; expected a tensor, a PackedSequence",
        ),
        (RNN, (X, torch.zeros(1, 3, 4)), "The initial state has shape (1, 3, 4); expected (1, 2, 4) for h."),
        (RNN, (X, None, 1, 2), "The model failed on these inputs (TypeError"),
        (nn.Linear(3, 4), X, "Linear contains no recurrent module; expected a torch.nn RNN, LSTM or GRU"),
        (nn.Transformer, X, "The model is a type; expected a torch.nn.Module."),
        (OwnForward(3, 4), X, "The model is a OwnForward with a forward of its own; expected torch.nn.LSTM's"),
        (Unused(), X, "The model ran without calling its recurrent module; expected inputs that reach it."),
        (broken("weight_hh_l0"), X, "The parameter weight_hh_l0 holds NaN or infinity; expected finite weights"),
        (nn.Sequential(nn.Linear(2, 3), RNN), X, "The model failed on these inputs (RuntimeError: mat1 and mat2"),
        (Elman(3, 4), torch.randn(5, 2, 7), "The input has shape (5, 2, 7); expected (T, B, I) with I = 3."),
    ],
)
def test_models_and_inputs(probe: Callable[..., Any], model: Any, inputs: Any, sentence: str) -> None:
    with pytest.raises(RnnsiteError) as caught:
        probe(model, inputs)
    message = str(caught.value)
    assert message.startswith(sentence)
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize("probe", [diagnose, gradient_flow])
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"targets": X}, "Targets came without a loss; expected loss=, a function such as torch.nn.MSELoss()."),
        ({"loss": 3}, "The loss is a int; expected a function, such as torch.nn.MSELoss()."),
        (
            {"loss": lambda out: out[0]},
            "The loss returned a tensor of shape (5, 2, 4); expected a tensor with one",
        ),
        ({"loss": lambda out: 1.0}, "The loss returned a float; expected a tensor with one number."),
        ({"loss": lambda out: out + 1}, "The loss failed on the model's output (TypeError"),
        ({"loss": lambda out: out[0].sum(), "targets": X}, "The loss failed on the model's output (TypeError"),
        (
            {"loss": nn.MSELoss(), "targets": X * torch.nan},
            "The targets hold NaN or infinity; expected finite",
        ),
        (
            {"loss": lambda out: torch.zeros(())},
            "The loss has no gradient; expected one computed from the model's output",
        ),
    ],
)
def test_losses(probe: Callable[..., Any], arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RnnsiteError) as caught:
        probe(RNN, X, **arguments)
    assert str(caught.value).startswith(sentence)


def test_what_only_diagnose_takes() -> None:
    with pytest.raises(RnnsiteError, match="span is 0; expected at least 1 step"):
        diagnose(RNN, X, span=0)
    with pytest.raises(RnnsiteError, match="holds 3 models; expected one, such as"):
        diagnose(Elman(3, 4, models=3), X)
    with pytest.raises(RnnsiteError, match="A learning rate came without a loss"):
        diagnose(RNN, X, learning_rate=0.1)
