"""Small tasks for the zoo: (T, B, I) → inputs and targets, time first.

Three of each form: a class or a number from the last step, numbers or tokens at every step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F


def cross_entropy(output: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(output.flatten(0, -2), targets.flatten())


def sum_sign(T: int, B: int, I: int) -> tuple[Tensor, Tensor]:
    x = torch.randn(T, B, I)
    return x, (x[..., 0].sum(0) > 0).long()


def adding(T: int, B: int, I: int) -> tuple[Tensor, Tensor]:
    x = torch.zeros(T, B, 2)
    x[..., 0] = torch.rand(T, B)
    rows = torch.arange(B)
    for low, high in ((0, T // 2), (T // 2, T)):
        x[torch.randint(low, high, (B,)), rows, 1] = 1
    return x, x.prod(-1).sum(0)[:, None]


def sine(T: int, B: int, I: int) -> tuple[Tensor, Tensor]:
    t = torch.arange(T + 1.0)[:, None] * (0.2 + 0.3 * torch.rand(B)) + 6.3 * torch.rand(B)
    wave = (t.sin() + 0.1 * torch.randn(T + 1, B))[..., None]
    return wave[:-1], wave[1:]


def markov(T: int, B: int, I: int) -> tuple[Tensor, Tensor]:
    table = torch.softmax(2 * torch.randn(12, 12), -1)
    tokens = [torch.randint(12, (B,))]
    for _ in range(T):
        tokens.append(torch.multinomial(table[tokens[-1]], 1)[:, 0])
    whole = torch.stack(tokens)
    return whole[:-1], whole[1:]


def first_sign(T: int, B: int, I: int) -> tuple[Tensor, Tensor]:
    x = torch.randn(T, B, I)
    return x, (x[0, :, 0] > 0).long()


def largest(T: int, B: int, I: int) -> tuple[Tensor, Tensor]:
    x = torch.rand(T, B, 2)
    return x, x[..., 0].amax(0)[:, None]


def autoregression(T: int, B: int, I: int) -> tuple[Tensor, Tensor]:
    x = [torch.randn(B), torch.randn(B)]
    while len(x) < T + 1:
        x.append(1.5 * x[-1] - 0.8 * x[-2] + 0.4 * torch.randn(B))
    whole = torch.stack(x)[..., None]
    return whole[:-1], whole[1:]


def echo(T: int, B: int, I: int) -> tuple[Tensor, Tensor]:
    tokens = torch.randint(12, (T, B))
    return tokens, tokens.roll(2, 0)


def order(T: int, B: int, I: int) -> tuple[Tensor, Tensor]:
    x = torch.randn(T, B, I)
    return x, (x[..., 0].argmax(0) < T // 2).long()


def middle(T: int, B: int, I: int) -> tuple[Tensor, Tensor]:
    x = torch.rand(T, B, 2)
    return x, x[T // 2, :, :1]


def running_mean(T: int, B: int, I: int) -> tuple[Tensor, Tensor]:
    x = torch.randn(T, B, 1)
    return x, x.cumsum(0) / torch.arange(1, T + 1)[:, None, None] ** 0.5


def running_sum(T: int, B: int, I: int) -> tuple[Tensor, Tensor]:
    tokens = torch.randint(12, (T, B))
    return tokens, tokens.cumsum(0) % 12


class Task(NamedTuple):
    draw: Callable[[int, int, int], tuple[Tensor, Tensor]]
    loss: Callable[..., Tensor]
    inputs: int | None
    outputs: int
    every_step: bool


# two tasks of each form, on which thresholds were set, and one that was not looked at while setting them
TASKS = {
    "class": [Task(f, cross_entropy, None, 2, False) for f in (sum_sign, first_sign, order)],
    "number": [Task(f, F.mse_loss, 2, 1, False) for f in (adding, largest, middle)],
    "numbers": [Task(f, F.mse_loss, 1, 1, True) for f in (sine, autoregression, running_mean)],
    "tokens": [Task(f, cross_entropy, None, 12, True) for f in (markov, echo, running_sum)],
}
HELD_OUT = 2
