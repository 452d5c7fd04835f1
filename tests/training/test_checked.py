"""`rnnsite.train_fleet` trains what the trainer itself would, and tells each mistake in one sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import rnnsite
from rnnsite.cells.elman import Elman
from rnnsite.errors import RnnsiteError
from rnnsite.tasks.delayed_recall import delayed_recall
from rnnsite.training import fleet
from rnnsite.training.checked import train_fleet
from rnnsite.training.optimisers import Adam
from rnnsite.training.recurrent import Recurrent

SEEDS = [("test checked", seed) for seed in range(3)]


def build(g):
    return Recurrent(Elman(2, 4, len(g), generator=g), 1, generator=g)


def draw(g, updates):
    return [delayed_recall(4, 5, g) for _ in updates]


def loss(model, x, y):
    return (model.last(x)[..., 0] - y).square().mean(1)


def scores(model, generators):
    x, y = (torch.stack(parts) for parts in zip(*[delayed_recall(4, 50, g) for g in generators], strict=True))
    return loss(model, x, y)


GOOD: dict[str, Any] = {"seeds": SEEDS, "build": build, "draw": draw, "loss": loss, "updates": 4, "rate": 0.1}
FULL = {**GOOD, "clip": [1, 2.0, torch.inf], "evaluate": scores, "enough": 0.0, "check_every": 2, "optimiser": Adam()}


@pytest.mark.parametrize("settings", [GOOD, FULL], ids=["few", "many"])
def test_it_trains_the_same(settings: dict[str, Any]) -> None:
    ours, plain = train_fleet(**settings), fleet.train_fleet(**settings)
    assert ours.losses.equal(plain.losses)
    assert ours.module.cell.W.equal(plain.module.cell.W)
    assert ours.scores.equal(plain.scores)


@pytest.mark.parametrize("array", [np.array, torch.tensor], ids=["numpy", "torch"])
def test_numbers_may_come_in_an_array(array: Any) -> None:
    """As from numpy.logspace."""
    rate, updates = [0.01, 0.1, 0.2], [4, 3, 2]
    ours = train_fleet(**{**GOOD, "rate": array(rate), "clip": array(1.0), "updates": array(updates)})
    assert ours.losses.equal(fleet.train_fleet(**{**GOOD, "rate": rate, "clip": 1.0, "updates": updates}).losses)
    assert ours.updates.tolist() == updates
    assert train_fleet(**{**GOOD, "updates": array(2)}).updates.tolist() == [2, 2, 2]


def test_it_is_the_one_at_the_top_and_has_the_trainers_words() -> None:
    assert rnnsite.train_fleet is train_fleet
    assert train_fleet.__doc__ == fleet.train_fleet.__doc__


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"seeds": range(3)}, r'Seed 0 is 0; expected a tuple of names and numbers: ("my sweep", 0).'),
        ({"seeds": ["a"]}, "Seed 0 is 'a'; expected a tuple"),
        ({"rate": None}, "`rate` is missing; expected a learning rate"),
        ({"rate": "fast"}, "`rate` is 'fast'; expected a number of at least 0, or one a model."),
        ({"rate": [0.1, -0.1, 0.1]}, "`rate` is [0.1, -0.1, 0.1]; expected a number of at least 0"),
        ({"clip": -1.0}, "`clip` is -1.0; expected a number of at least 0"),
        ({"clip": float("nan")}, "`clip` is nan; expected a number of at least 0"),
        ({"updates": 10.0}, "`updates` is 10.0; expected a whole number of at least 1"),
        ({"updates": [1, 0, 1]}, "`updates` is [1, 0, 1]; expected a whole number of at least 1"),
        ({"check_every": 0}, "`check_every` is 0; expected a whole number of at least 1."),
        ({"record_every": 0}, "`record_every` is 0; expected a whole number of at least 1."),
        ({"chunk": 0}, "`chunk` is 0; expected a whole number of at least 1."),
        ({"enough": 0.1}, "`enough` came without `evaluate`"),
        ({"evaluate": scores}, "`evaluate` is asked every 100 updates, but no model trains so long; expected"),
        ({"optimiser": Adam}, "`optimiser` is the class Adam; expected one of rnnsite.training.optimisers: SGD()"),
        ({"optimiser": torch.optim.SGD([torch.zeros(1)])}, "`optimiser` is a SGD; expected one of rnnsite.training"),
        ({"device": "gpu"}, "torch has no device 'gpu' here; expected such as 'cpu' or 'cuda'."),
        ({"build": lambda g: None}, "`build` returned a NoneType; expected a torch.nn.Module of all models."),
        ({"build": lambda g: nn.RNN(2, 4)}, "`build` made 4 models; expected 3: one a seed."),
        ({"draw": lambda g, u: None}, "`draw` returned a NoneType; expected a list of batches"),
        ({"draw": lambda g, u: [x for x, _ in draw(g, u)]}, "A batch of `draw` is a Tensor; expected a tuple"),
        ({"draw": lambda g, u: [(x, 1) for x, _ in draw(g, u)]}, "A batch of `draw` is (a Tensor, a int); expected"),
        ({"loss": lambda *a: 0.1}, "`loss` returned a float; expected a tensor (m,): one loss a model."),
        ({"loss": lambda *a: loss(*a).detach()}, "What `loss` returned has no gradient; expected losses computed"),
        ({"loss": lambda m, x, y: m.V.flatten(1).sum(1)}, "`loss` does not use every parameter of the module"),
        ({"check_every": 2, "evaluate": lambda m, g: 0.1}, "`evaluate` returned a float; expected (3,): one score"),
        ({"check_every": 2, "evaluate": lambda m, g: torch.zeros(())}, "`evaluate` returned the shape (); expected"),
    ],
)
def test_each_mistake_is_one_sentence(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RnnsiteError) as caught:
        train_fleet(**{**GOOD, **wrong})
    message = str(caught.value)
    assert message.startswith(sentence)
    assert message.endswith(".")
    assert "\n" not in message


def test_an_error_of_your_own_code_stays_what_it_was() -> None:
    def broken(model, x, y):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        train_fleet(**{**GOOD, "loss": broken})
