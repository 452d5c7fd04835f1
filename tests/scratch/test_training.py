"""Losses, optimisers and the loop against torch; the gradient check finds a mistake; networks learn."""

from __future__ import annotations

import copy
from random import Random

import pytest
import torch

from rnnsite import scratch

XS = [[0.3, -1.0], [0.5, 0.2], [-0.7, 0.9]]


@pytest.mark.parametrize("cell", [scratch.RNN(2, 3), scratch.LSTM(2, 3), scratch.GRU(2, 3)])
@pytest.mark.parametrize(
    ("loss", "ys"), [(scratch.squared, [None, [1.0, 0.0], [0.5, 2.0]]), (scratch.cross_entropy, [1, None, 0])]
)
def test_every_gradient_is_what_nudging_says(cell: scratch.Cell, loss: object, ys: list[object]) -> None:
    table = scratch.check(scratch.Network(cell, 2, loss), XS, ys)
    assert {row["parameter"] for row in table} >= {"U", "W", "b", "V", "a"}
    assert max(row["difference"] for row in table) < 1e-7


def test_the_check_finds_a_mistake() -> None:
    class Wrong(scratch.LSTM):
        def back(self, step, last, *d):  # type: ignore[no-untyped-def]
            da, da_W, d_last = super().back(step, last, *d)
            da = [*da[:3], *(1.1 * a for a in da[3:6]), *da[6:]]  # the forget gate's, a tenth too large
            return da, da_W, d_last

    network = scratch.Network(Wrong(2, 3))
    network.cell.b[3:6] = [1.0] * 3
    table = {row["parameter"]: row["difference"] for row in scratch.check(network, XS, [None, None, [1.0]])}
    assert table["U"] > 1e-3
    assert table["W"] < 1e-7


def test_losses_equal_torchs() -> None:
    y_hat = torch.randn(5, dtype=torch.float64, requires_grad=True)
    torch.nn.functional.cross_entropy(y_hat[None], torch.tensor([3])).backward()
    _, gradient = scratch.cross_entropy(y_hat.tolist(), 3)
    assert torch.allclose(torch.tensor(gradient, dtype=torch.float64), y_hat.grad, atol=1e-14)
    assert scratch.cross_entropy([1000.0, 0.0], 0)[0] == 0.0  # nothing overflows


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_optimisers_equal_torchs(name: str) -> None:
    theirs = [torch.randn(3, 2, dtype=torch.float64), torch.randn(4, dtype=torch.float64)]
    ours = {str(k): value.tolist() for k, value in enumerate(theirs)}
    optimiser, reference = getattr(scratch, name)(0.05), getattr(torch.optim, name)(theirs, lr=0.05)
    for step in range(20):
        for value in theirs:
            value.grad = torch.sin(value * 3) * 10.0 ** (step - 10)
        optimiser.step(ours, {str(k): value.grad.tolist() for k, value in enumerate(theirs)})
        reference.step()
    for k, value in enumerate(theirs):
        assert torch.allclose(torch.tensor(ours[str(k)], dtype=torch.float64), value, rtol=1e-10, atol=1e-12)


def test_clipping_equals_torchs() -> None:
    value = torch.randn(3, 2, dtype=torch.float64)
    value.grad = 10 * torch.randn(3, 2, dtype=torch.float64)
    gradients = {"W": value.grad.tolist()}
    norm = torch.nn.utils.clip_grad_norm_([value], 1.0)
    assert scratch.clip(gradients, 1.0) == pytest.approx(norm.item(), rel=1e-12)
    assert torch.allclose(torch.tensor(gradients["W"], dtype=torch.float64), value.grad, rtol=1e-5)  # torch adds 1e-6


def test_a_batch_is_the_mean_of_its_sequences() -> None:
    sequences = [scratch.delayed_recall(4, Random(seed)) for seed in range(3)]
    network = scratch.Network(scratch.GRU(2, 3))
    before = copy.deepcopy(network.parameters())
    mean = {}
    for xs, ys in sequences:
        for name, value in network.gradients(xs, ys)[1].items():
            mean[name] = mean.get(name, 0) + torch.tensor(value) / 3
    left = iter(sequences)
    scratch.train(network, lambda: next(left), 1, scratch.SGD(0.1), batch=3)
    for name, value in network.parameters().items():
        assert torch.allclose(torch.tensor(value), torch.tensor(before[name]) - 0.1 * mean[name], atol=1e-12)


def test_the_threshold_limits_a_step() -> None:
    network = scratch.Network(scratch.RNN(2, 3))
    before = copy.deepcopy(network.parameters())
    scratch.train(network, lambda: (XS, [None, None, [1e6]]), 1, scratch.SGD(1.0), threshold=0.5)
    moved = {name: (torch.tensor(v) - torch.tensor(before[name])).tolist() for name, v in network.parameters().items()}
    assert scratch.length(moved) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "cell", [scratch.RNN(2, 8), scratch.LSTM(2, 8, forget_bias=2), scratch.GRU(2, 8, update_bias=1)]
)
def test_it_learns_to_recall(cell: scratch.Cell) -> None:
    random = Random(0)

    def task() -> tuple[list[list[float]], list[object]]:
        return scratch.delayed_recall(6, random)

    network = scratch.Network(cell)
    scratch.train(network, task, 600)
    assert scratch.error(network, task) < 0.3


def test_it_learns_the_next_character() -> None:
    random, text = Random(0), "hello world " * 5
    letters = scratch.alphabet(text)
    network = scratch.Network(scratch.LSTM(len(letters), 12), len(letters), scratch.cross_entropy)
    losses = scratch.train(network, lambda: scratch.next_character(text, 12, random), 150, scratch.Adam(0.03))
    assert losses[0] > 1.5
    assert losses[-1] < 0.3


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: scratch.RNN(2, 3, "tahn"), "expected one of tanh, sigmoid"),
        (lambda: scratch.RNN(2, 0), "got I = 2 and H = 0"),
        (lambda: scratch.RNN(2, 3).forward([[1.0, 0.0], [1.0]]), "each a list of 2 numbers"),
        (lambda: scratch.RNN(2, 3).forward([1.0, 0.0]), "each a list of 2 numbers"),  # type: ignore[list-item]
        (lambda: scratch.RNN(2, 3).forward([]), "each a list of 2 numbers"),
        (lambda: scratch.Network(scratch.RNN(2, 3)).gradients(XS, [None, None, None]), "not all None"),
        (lambda: scratch.Network(scratch.RNN(2, 3)).gradients(XS, [[1.0]]), "Expected 3 targets"),
        (lambda: scratch.adding(1, Random(0)), "at least 2 steps"),
        (lambda: scratch.next_character("abc", 3, Random(0)), "more than 3"),
    ],
)
def test_a_mistake_is_said_in_a_sentence(call: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()  # type: ignore[operator]
