"""Learning rates on a loss whose largest good rate is known, and what must not be mistaken for a bad one."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rnnsite.errors import RnnsiteError
from rnnsite.probes.learning_rate import sharpness, try_learning_rate

from .zoo import plain, problem, train


class Bowl(nn.Module):
    """Its loss is ½ Σ λ_k w_k², whatever the input; gradient descent diverges from rate 2/λ_max on."""

    def __init__(self, curvatures: list[float]) -> None:
        super().__init__()
        self.rnn = nn.RNN(1, 1)
        for parameter in self.rnn.parameters():
            parameter.requires_grad_(False)
        self.w = nn.Parameter(torch.ones(len(curvatures)))
        self.curvatures = torch.tensor(curvatures)

    def forward(self, x: Tensor) -> Tensor:
        return 0.5 * (self.curvatures * self.w**2).sum() + 0 * self.rnn(x)[0].sum()


def bowl_loss(output: Tensor) -> Tensor:
    return output


BOWL, X = Bowl([10.0, 1.0]), torch.zeros(3, 1, 1)


@pytest.mark.parametrize(("rate", "too_high"), [(0.01, False), (0.19, False), (0.21, True), (5.0, True)])
def test_gradient_descent_in_a_bowl(rate: float, too_high: bool) -> None:
    trial = try_learning_rate(BOWL, X, loss=bowl_loss, learning_rate=rate)
    assert trial.too_high is too_high
    assert len(trial.losses) == 11
    if too_high:
        assert trial.stable is not None
        assert trial.stable < 0.2
        assert trial.sharpness == pytest.approx(10, rel=1e-3)


def test_sharpness_is_the_largest_eigenvalue_of_the_hessian() -> None:
    torch.manual_seed(0)
    rnn, x = nn.LSTM(2, 3).double(), torch.randn(5, 4, 2, dtype=torch.float64)
    names = [name for name, _ in rnn.named_parameters()]

    def loss_at(*weights: Tensor) -> Tensor:
        output = torch.func.functional_call(rnn, dict(zip(names, weights, strict=True)), (x,))
        return output[0].square().mean()

    blocks = torch.autograd.functional.hessian(loss_at, tuple(rnn.parameters()))
    hessian = torch.cat([torch.cat([b.flatten(p.ndim).flatten(0, p.ndim - 1) for b in row], 1)
                         for row, p in zip(blocks, rnn.parameters(), strict=True)])  # fmt: skip
    expected = torch.linalg.eigvalsh(hessian).abs().max()
    found = sharpness(rnn, x, None, lambda output: output[0].square().mean(), iterations=100)
    assert found == pytest.approx(float(expected), rel=1e-6)


def test_jitter_around_a_minimum_is_not_too_high() -> None:
    """Adam near a minimum multiplies a tiny loss, which stays tiny beside that of an untrained model."""
    model, given = train(problem(1003, plain(nn.GRU), (8, 8), (32, 32), ("class",)), 300, 1e-2)
    trial = try_learning_rate(model, **{**given, "optimizer": torch.optim.Adam(model.parameters(), lr=3e-3)})
    assert not trial.too_high


def test_the_optimizers_own_state_takes_part() -> None:
    """Momentum that points uphill makes the first steps worse; a fresh optimizer would not."""
    bowl = Bowl([1.0])
    optimizer = torch.optim.SGD([bowl.w], lr=0.1, momentum=0.99)
    optimizer.state[bowl.w]["momentum_buffer"] = torch.tensor([-20.0])
    assert try_learning_rate(bowl, X, loss=bowl_loss, optimizer=optimizer).too_high
    fresh = torch.optim.SGD([bowl.w], lr=0.1, momentum=0.99)
    assert not try_learning_rate(bowl, X, loss=bowl_loss, optimizer=fresh).too_high
    assert optimizer.state[bowl.w]["momentum_buffer"].equal(torch.tensor([-20.0]))
    assert optimizer.param_groups[0]["lr"] == 0.1


def test_clipping_as_in_training_saves_a_high_rate() -> None:
    assert try_learning_rate(BOWL, X, loss=bowl_loss, learning_rate=1.0).too_high
    assert not try_learning_rate(BOWL, X, loss=bowl_loss, learning_rate=1.0, clip=0.1).too_high


@pytest.mark.parametrize("kind", ["Adam", "RMSprop", "Adagrad", "LBFGS", "AdamW", "Adadelta"])
def test_any_optimizer(kind: str) -> None:
    torch.manual_seed(0)
    rnn, x = nn.GRU(2, 8), torch.randn(6, 4, 2)
    optimizer = getattr(torch.optim, kind)(rnn.parameters(), lr=1e-3)
    y = torch.randn(6, 4, 8)
    trial = try_learning_rate(rnn, x, y, lambda out, y: F.mse_loss(out[0], y), optimizer=optimizer)
    assert not trial.too_high
    assert len(trial.losses) == 11


def test_groups_keep_the_ratio_of_their_rates() -> None:
    bowl = Bowl([1.0, 1.0])
    other = nn.Parameter(torch.ones(1))
    bowl.other = other
    groups: list[dict[str, Any]] = [{"params": [bowl.w], "lr": 0.2}, {"params": [other], "lr": 0.02}]
    trial = try_learning_rate(bowl, X, loss=bowl_loss, optimizer=torch.optim.SGD(groups), learning_rate=0.1)
    assert trial.losses[1] == pytest.approx(0.9**2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"learning_rate": 0.1}, "came without a loss"),
        ({"loss": bowl_loss}, "learning rate is None"),
        ({"loss": bowl_loss, "learning_rate": -1.0}, "learning rate is -1.0"),
        ({"loss": bowl_loss, "learning_rate": 0.1, "clip": 0.0}, "clip is 0.0"),
        ({"loss": bowl_loss, "optimizer": torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1)}, "none of the model's"),
        ({"loss": bowl_loss, "optimizer": "adam"}, "optimizer is a str"),
    ],
)
def test_what_does_not_fit(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RnnsiteError, match=message):
        try_learning_rate(BOWL, X, **arguments)


def test_a_frozen_model() -> None:
    rnn = nn.RNN(1, 1)
    for parameter in rnn.parameters():
        parameter.requires_grad_(False)
    with pytest.raises(RnnsiteError, match="Every parameter of the model is frozen"):
        try_learning_rate(rnn, X, loss=lambda out: out[0].sum(), learning_rate=0.1)
