"""Models with a known fault, and healthy ones, drawn from a seed: what `diagnose` is judged on.

Each entry of FAULTY and HEALTHY is `f(seed) → (model, arguments of diagnose)`. Kinds, sizes, lengths and tasks differ
from seed to seed. Thresholds were set on seeds from 1000 up; the tests judge seeds below 1000, which also get tasks
and sizes that were never looked at while setting them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from .tasks import HELD_OUT, TASKS

Case = tuple[nn.Module, dict[str, Any]]
Make = Callable[[int, int], nn.Module]
Range = tuple[int, int]


class Model(nn.Module):
    """[embedding →] recurrent module → linear head on the last step, or on every step."""

    def __init__(self, rnn: nn.Module, width: int, outputs: int, every_step: bool, vocabulary: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, rnn.input_size) if vocabulary else None
        self.rnn, self.every_step = rnn, every_step
        self.head = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        states = self.rnn(x if self.embed is None else self.embed(x))[0]
        return self.head(states if self.every_step else states.select(int(self.rnn.batch_first), -1))


def problem(seed: int, make: Make, T: Range, H: Range, tasks: tuple[str, ...] = tuple(TASKS), scale: float = 1) -> Case:
    """A model around make(I, H) and the data of a task; what is not given is drawn from the seed."""
    choose = random.Random(seed)
    torch.manual_seed(seed)
    form = TASKS[choose.choice(tasks)]
    task = choose.choice(form[:HELD_OUT]) if seed >= 1000 else form[HELD_OUT]
    I = task.inputs or choose.randint(2, 10)
    x, y = task.draw(choose.randint(*T), choose.randint(8, 32), I)
    rnn = make(I, choose.randint(*H) + (0 if seed >= 1000 else 24))
    width = (rnn.proj_size or rnn.hidden_size) * (2 if rnn.bidirectional else 1)
    model = Model(rnn, width, task.outputs, task.every_step, 0 if x.is_floating_point() else 12)
    if rnn.batch_first:
        x, y = x.transpose(0, 1), (y.transpose(0, 1) if task.every_step else y)
    return model, {"inputs": x * scale if x.is_floating_point() else x, "targets": y, "loss": task.loss}


def train(case: Case, steps: int, rate: float) -> Case:
    """A brief training on the case's own batch with Adam, clipped at 1."""
    model, given = case
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        given["loss"](model(given["inputs"]), given["targets"]).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return model, {**given, "optimizer": optimizer, "clip": 1.0}


# --- makers of recurrent modules


def plain(kind: type[nn.Module], **options: Any) -> Make:
    return lambda I, H: kind(I, H, **options)


def with_W(draw: Callable[[Tensor], Any], **options: Any) -> Make:
    """A torch.nn.RNN whose W is filled by `draw`, in every layer."""

    def make(I: int, H: int) -> nn.Module:
        rnn = nn.RNN(I, H, **options)
        for name, weight in rnn.named_parameters():
            if "weight_hh" in name:
                draw(weight)
        return rnn

    return make


def gain(g: float) -> Callable[[Tensor], Tensor]:
    """N(0, g²/H): spectral radius near g."""
    return lambda W: nn.init.normal_(W, std=g / len(W) ** 0.5)


def radius(rho: float) -> Callable[[Tensor], None]:
    def draw(W: Tensor) -> None:
        with torch.no_grad():
            W.mul_(rho / torch.linalg.eigvals(W).abs().max())

    return draw


def irnn(I: int, H: int) -> nn.Module:
    """Le, Jaitly & Hinton 2015: ReLU, W the identity, b = 0."""
    rnn = nn.RNN(I, H, nonlinearity="relu")
    nn.init.eye_(rnn.weight_hh_l0)
    for bias in (rnn.bias_ih_l0, rnn.bias_hh_l0):
        nn.init.zeros_(bias)
    return rnn


def scaled(make: Make, factor: float) -> Make:
    def scale(I: int, H: int) -> nn.Module:
        rnn = make(I, H)
        with torch.no_grad():
            for parameter in rnn.parameters():
                parameter.mul_(factor)
        return rnn

    return scale


def gate_bias(kind: type[nn.Module], block: int, bias: float) -> Make:
    """Block 1 is an LSTM's forget gate and a GRU's update gate, block 0 an LSTM's input gate."""

    def make(I: int, H: int) -> nn.Module:
        rnn = kind(I, H)
        with torch.no_grad():
            rnn.bias_ih_l0[block * H : (block + 1) * H] = bias
        return rnn

    return make


# --- models with a fault

LAST = ("class", "number")


def vanishing(seed: int) -> Case:
    choose = random.Random(seed)
    make, T = choose.choice(
        [
            (with_W(radius(choose.uniform(0.1, 0.5))), (40, 100)),
            (with_W(radius(choose.uniform(0.1, 0.4)), num_layers=2), (40, 80)),
            (plain(nn.RNN), (60, 120)),
            (plain(nn.RNN, nonlinearity="relu", batch_first=True), (40, 100)),
            (scaled(plain(nn.RNN, bidirectional=True), choose.uniform(0.1, 0.5)), (30, 100)),
            (gate_bias(nn.LSTM, 1, choose.uniform(-6, -2)), (30, 80)),
            (plain(nn.GRU), (200, 240)),
        ]
    )
    return problem(seed, make, T, (8, 64), LAST)


def exploding(seed: int) -> Case:
    choose = random.Random(seed)
    make, T = choose.choice(
        [
            (with_W(gain(choose.uniform(2.5, 5))), (40, 80)),
            (with_W(gain(choose.uniform(3, 5)), batch_first=True), (30, 60)),
            (with_W(gain(choose.uniform(3, 5)), nonlinearity="relu"), (30, 80)),
            (with_W(gain(choose.uniform(3, 4)), num_layers=2), (40, 60)),
            (scaled(plain(nn.RNN), choose.uniform(7, 10)), (50, 80)),
            (scaled(plain(nn.GRU), choose.uniform(20, 30)), (50, 80)),
        ]
    )
    return problem(seed, make, T, (24, 64))


def saturated(seed: int) -> Case:
    choose = random.Random(seed)
    kind = choose.choice([nn.RNN, nn.LSTM, nn.GRU])
    way = choose.choice(["inputs", "weights", "bias", "shut"])
    if way == "inputs":  # pixels from 0 to 255, prices, times in seconds
        return problem(seed, plain(kind), (10, 50), (8, 64), ("class",), scale=choose.uniform(60, 300))
    if way == "weights":
        return problem(seed, scaled(plain(kind), choose.uniform(40, 80)), (10, 50), (16, 64), ("class", "numbers"))
    if way == "shut":
        return problem(seed, gate_bias(nn.LSTM, 0, choose.uniform(-10, -6)), (10, 50), (8, 64))

    def biased(I: int, H: int) -> nn.Module:
        rnn = kind(I, H)
        with torch.no_grad():
            rnn.bias_ih_l0.copy_(torch.where(torch.rand(len(rnn.bias_ih_l0)) < 0.5, -1, 1) * choose.uniform(4, 10))
        return rnn

    return problem(seed, biased, (10, 50), (8, 64))


def dead_relu(seed: int) -> Case:
    choose = random.Random(seed)
    way = choose.choice(["bias", "step", "inputs"])

    def make(I: int, H: int) -> nn.Module:
        rnn = nn.RNN(I, H, nonlinearity="relu")
        with torch.no_grad():
            if way == "bias":
                rnn.bias_ih_l0[: int(choose.uniform(0.9, 1) * H) + 1] = -choose.uniform(5, 20)
            elif way == "inputs":  # inputs are never negative, weights never positive
                rnn.weight_ih_l0.abs_().neg_()
                rnn.bias_ih_l0.abs_().neg_()
                rnn.bias_hh_l0.zero_()
        return rnn

    model, given = problem(seed, make, (10, 40), (16, 64), ("number",) if way == "inputs" else tuple(TASKS))
    if way == "step":  # what one much too large step does
        with torch.no_grad():
            for name, parameter in model.rnn.named_parameters():
                parameter.sub_(20 if "bias" in name else 0)
    return model, given


def too_high_rate(seed: int) -> Case:
    choose = random.Random(seed)
    make = choose.choice([plain(nn.RNN), plain(nn.LSTM), plain(nn.GRU, batch_first=True), with_W(nn.init.orthogonal_)])
    model, given = problem(seed, make, (10, 20), (8, 64))
    way = choose.choice(["rate", "sgd", "adam"])
    if way == "rate":
        return model, {**given, "learning_rate": choose.uniform(30, 300)}
    if way == "sgd":
        optimizer: Any = torch.optim.SGD(model.parameters(), lr=choose.uniform(3, 30), momentum=0.9)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=choose.uniform(0.5, 3))
    return model, {**given, "optimizer": optimizer}


FAULTY = {
    "vanishing": vanishing,
    "exploding": exploding,
    "saturated": saturated,
    "dead ReLU": dead_relu,
    "too-high learning rate": too_high_rate,
}

# --- healthy models: maker, lengths, sizes. The lengths of an ungated start without orthogonal W are short with reason

HEALTHY: dict[str, tuple[Make, Range, Range]] = {
    "tanh RNN": (plain(nn.RNN), (5, 20), (12, 64)),
    "two-layer RNN": (plain(nn.RNN, num_layers=2), (5, 20), (12, 64)),
    "ReLU RNN": (plain(nn.RNN, nonlinearity="relu"), (5, 15), (16, 64)),
    "orthogonal RNN": (with_W(nn.init.orthogonal_), (20, 60), (16, 64)),
    "IRNN": (irnn, (10, 50), (16, 64)),
    "LSTM": (plain(nn.LSTM), (10, 100), (8, 64)),
    "LSTM, forget bias 1": (gate_bias(nn.LSTM, 1, 1.0), (20, 100), (8, 64)),
    "LSTM, forget bias 3": (gate_bias(nn.LSTM, 1, 3.0), (20, 60), (8, 64)),
    "GRU": (plain(nn.GRU, batch_first=True), (10, 100), (8, 64)),
    "two-layer LSTM": (plain(nn.LSTM, num_layers=2, dropout=0.3), (10, 60), (8, 48)),
    "bidirectional GRU": (plain(nn.GRU, bidirectional=True), (10, 60), (8, 48)),
    "projected LSTM": (plain(nn.LSTM, proj_size=6, batch_first=True), (10, 60), (8, 48)),
}


def healthy(kind: str, seed: int, steps: int) -> Case:
    """A model of this kind, with the rate it would be trained at; briefly trained when steps > 0."""
    make, T, H = HEALTHY[kind]
    choose = random.Random(seed)
    model, given = problem(seed, make, T, H)
    if steps:
        return train((model, given), steps, choose.choice([1e-3, 3e-3]))
    # the sum of a long past that an IRNN holds makes its loss sharp: its paper went down to 1e-8
    plain_rate, adam_rate = (
        (1e-4, 1e-4) if kind == "IRNN" else (choose.choice([0.01, 0.05]), choose.choice([1e-3, 3e-3]))
    )
    if choose.random() < 0.5:
        return model, {**given, "learning_rate": plain_rate}
    return model, {**given, "optimizer": torch.optim.Adam(model.parameters(), lr=adam_rate)}
