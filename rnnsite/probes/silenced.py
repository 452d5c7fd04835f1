"""What each unit of a language model is worth: hold its state at 0, and see how many bits more the text costs."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rnnsite.training.language_model import LanguageModel


def bits(model: LanguageModel, states: Tensor, targets: Tensor) -> Tensor:
    """(M, T, B) bits that each target costs after the states (M, T, B, H); targets (T, B)."""
    scores = model.scores(states)
    flat = cross_entropy(scores.flatten(0, -2), targets.expand(scores.shape[:-1]).flatten(), reduction="none")
    return flat.view(scores.shape[:-1]) / math.log(2)


@torch.no_grad()
def cost_of_silence(model: LanguageModel, inputs: Tensor, targets: Tensor) -> Tensor:
    """(M, T, H) bits more that the targets cost with unit k held at 0 throughout (c as well as h), mean over sequences.

    inputs, targets  (T, B), read from a blank state. Every sequence is read H times at once, each time with another
    unit silent.
    """
    H, B = model.cell.H, inputs.shape[1]
    alive = 1 - torch.eye(H).repeat_interleave(B, 0).to(model.V)  # (H B, H)
    now = model.cell._initial(None, model.embed(inputs).repeat(1, 1, H, 1))
    costs = []
    for t in range(len(inputs)):  # one step at a time: all copies of all steps would take gigabytes
        steps, weights = model.cell.prepare(model.embed(inputs[t : t + 1]).repeat(1, 1, H, 1))
        now = model.cell.step(steps[0], now, **weights)
        now = {name: now[name] * alive for name in model.cell.state_names}
        costs.append(bits(model, now["h"][:, None], targets[t : t + 1].repeat(1, H)).unflatten(2, (H, B)))
    whole = bits(model, model.cell(model.embed(inputs))[0], targets)
    return (torch.cat(costs, 1) - whole[:, :, None]).mean(3)
