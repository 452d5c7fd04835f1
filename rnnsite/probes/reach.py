"""How far back a language model reaches: in what it would learn, in what it uses, in what it keeps."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rnnsite.cells.trace import Trace
from rnnsite.training.language_model import LanguageModel


def last_losses(model: LanguageModel, states: Tensor, targets: Tensor) -> Tensor:
    """Loss in nats of the last prediction alone: states (M, T, B, H), targets (T, B) → (M, B)."""
    scores = model.scores(states[:, -1])
    losses = cross_entropy(scores.flatten(0, 1), targets[-1].repeat(len(scores)), reduction="none")
    return losses.view(scores.shape[:2])


def far_share(model: LanguageModel, inputs: Tensor, targets: Tensor, near: Sequence[int]) -> Tensor:
    """‖∂L_T/∂W − near part‖ / ‖∂L_T/∂W‖: what the loss of the last step teaches W about steps further back.

    The near part is the gradient with the graph cut so many steps back, as truncated backpropagation would have it.
    inputs, targets (T, B); near: numbers of steps → (M, len(near))
    """
    embedded = model.embed(inputs).detach()

    def gradient(steps: int) -> Tensor:
        state = None
        if steps < len(inputs):
            with torch.no_grad():
                state = model.cell(embedded[:, :-steps])[1]
        states, _ = model.cell(embedded[:, -steps:], state)
        loss = last_losses(model, states, targets).mean(1).sum()
        return torch.autograd.grad(loss, model.cell.W)[0].flatten(1)

    whole = gradient(len(inputs))
    return torch.stack([(whole - gradient(steps)).norm(dim=1) / whole.norm(dim=1) for steps in near], 1)


@torch.no_grad()
def cost_of_context(model: LanguageModel, inputs: Tensor, targets: Tensor, seen: Sequence[int]) -> Tensor:
    """Bits lost on the last prediction when the model reads only the last few inputs, from a blank state.

    inputs, targets (T, B); seen: numbers of inputs → (M, len(seen))
    """

    def bits(count: int) -> Tensor:
        states, _ = model.cell(model.embed(inputs[-count:]))
        return last_losses(model, states, targets).mean(1) / math.log(2)

    full = bits(len(inputs))
    return torch.stack([bits(count) - full for count in seen], 1)


@torch.no_grad()
def bits_a_symbol(model: LanguageModel, text: Tensor, length: int) -> Tensor:
    """Mean loss in bits on `text`, (N,) symbols, in pieces of `length`, each read from a blank state; every other
    piece. → (M,)"""
    pieces = text[: len(text) // length * length].view(-1, length)[::2].T
    return model.losses(pieces[:-1], pieces[1:]).mean((1, 2)) / math.log(2)


def rewritten(trace: Trace) -> Tensor:
    """Mean of ‖s_t − s_{t−1}‖ / ‖s_t‖ over steps and examples, s what the cell carries on: c if it has one, else h.

    0 keeps everything; √2 is what two unrelated states of one norm have. → (M,)

    >>> from rnnsite.cells.elman import Elman
    >>> keeps = Elman(1, 3, 1, activation="linear", recurrent=lambda *_: torch.eye(3), bias=False)
    >>> x = torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1)
    >>> rewritten(keeps.trace(x)).tolist()
    [0.0]
    """
    carried = trace["c" if "c" in trace else "h"]
    return ((carried[:, 1:] - carried[:, :-1]).norm(dim=-1) / carried[:, 1:].norm(dim=-1)).mean((1, 2))
