"""A user's model comes back from every probe as it was given: weights, gradients, buffers, mode, states, generators."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rnnsite.errors import RnnsiteError
from rnnsite.probes.diagnosis import diagnose
from rnnsite.probes.gradient_norms import gradient_flow
from rnnsite.probes.jacobian import jacobians
from rnnsite.probes.learning_rate import try_learning_rate
from rnnsite.probes.saturated import saturation
from rnnsite.probes.spectrum import spectral_radius
from rnnsite.probes.traces import gate_traces


class Stateful(nn.Module):
    """Carries its state from call to call with its graph, draws noise, keeps running statistics, freezes a part."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.rnn = nn.LSTM(3, 6, 2, dropout=0.4)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(6, 2)
        self.head.bias.requires_grad_(False)
        self.state: Any = None
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        x = self.norm(x.flatten(0, 1)).view_as(x) + 0.1 * torch.randn_like(x) * random.random() * np.random.rand()
        states, self.state = self.rnn(x, self.state)
        return self.head(self.drop(states[-1]))


X, Y = torch.randn(12, 5, 3), torch.randint(2, (5,))
LOSS = nn.CrossEntropyLoss()


def fails(model: nn.Module) -> None:
    with pytest.raises(RnnsiteError, match="The model failed on these inputs"):
        gradient_flow(model, X[..., :2])


PROBES: dict[str, Callable[[nn.Module, torch.optim.Optimizer], Any]] = {
    "gradient_flow": lambda model, _: gradient_flow(model, X, Y, LOSS),
    "jacobians": lambda model, _: jacobians(model, X),
    "gate_traces": lambda model, _: gate_traces(model, X),
    "saturation": lambda model, _: saturation(model, X),
    "spectral_radius": lambda model, _: spectral_radius(model, X),
    "try_learning_rate": lambda model, adam: try_learning_rate(model, X, Y, LOSS, optimizer=adam, learning_rate=100.0),
    "diagnose": lambda model, adam: diagnose(model, X, Y, LOSS, optimizer=adam, clip=1.0),
    "a probe that fails": lambda model, _: fails(model),
}


def model_after_a_step() -> tuple[Stateful, torch.optim.Optimizer]:
    torch.manual_seed(0)
    model = Stateful()
    adam = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=1e-3)
    torch.optim.lr_scheduler.StepLR(adam, 100)  # puts a `step` of its own on the optimizer
    LOSS(model(X), Y).backward()
    adam.step()
    model.rnn.eval()
    return model, adam


@pytest.mark.parametrize("name", PROBES)
def test_nothing_changes(name: str) -> None:
    model, adam = model_after_a_step()
    weights = {key: value.clone() for key, value in model.state_dict().items()}
    grads = {key: None if p.grad is None else p.grad.clone() for key, p in model.named_parameters()}
    frozen = [p.requires_grad for p in model.parameters()]
    modes = [module.training for module in model.modules()]
    state, carried = copy.deepcopy(adam.state_dict()), model.state
    generators = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    PROBES[name](model, adam)
    assert all(value.equal(weights[key]) for key, value in model.state_dict().items())
    for key, parameter in model.named_parameters():
        before = grads[key]
        assert parameter.grad is None if before is None else parameter.grad.equal(before)
    assert [p.requires_grad for p in model.parameters()] == frozen
    assert [module.training for module in model.modules()] == modes
    assert model.state is carried
    assert model.calls == 1
    assert model.rnn.dropout == 0.4
    assert "forward" not in model.rnn.__dict__
    torch.testing.assert_close(adam.state_dict(), state)
    assert torch.get_rng_state().equal(generators[0])
    assert random.getstate() == generators[1]
    assert (np.random.get_state()[1] == generators[2]).all()


def test_twice_the_same_answer() -> None:
    model, _ = model_after_a_step()
    first, second = (gradient_flow(model, X, Y, LOSS)["rnn.l0.h"] for _ in range(2))
    assert first.equal(second)


def test_under_no_grad_and_with_frozen_weights() -> None:
    rnn, x = nn.GRU(3, 4), X
    expected = gradient_flow(rnn, x)["l0.h"]
    for parameter in rnn.parameters():
        parameter.requires_grad_(False)
    with torch.no_grad():
        assert gradient_flow(rnn, x)["l0.h"].equal(expected)
    with torch.inference_mode():
        assert gradient_flow(rnn, x)["l0.h"].equal(expected)


def test_gradients_do_not_leak_into_what_made_the_inputs() -> None:
    embedding = nn.Linear(3, 3)
    rnn = nn.GRU(3, 4)
    head = nn.Linear(4, 2)
    loss = lambda output, y: LOSS(head(output[0][-1]), y)  # noqa: E731
    diagnose(rnn, embedding(X), Y, loss, learning_rate=0.1)
    assert all(p.grad is None for module in (embedding, rnn, head) for p in module.parameters())


def test_a_reparametrised_module() -> None:
    """torch.nn.utils.parametrizations changes the module's class and computes W anew at each access."""
    rnn = nn.RNN(3, 6)
    torch.nn.utils.parametrizations.orthogonal(rnn, "weight_hh_l0")
    radius = spectral_radius(rnn, X)
    torch.testing.assert_close(radius["l0.W"], torch.tensor(1.0))
    assert diagnose(rnn, X).healthy
