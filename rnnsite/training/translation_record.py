"""What is measured on encoder-decoders that translate: before training, and again and again while it lasts."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rnnsite.training.encoder_decoder import EncoderDecoder, look_up, losses


def gradient_at_counterpart(model: EncoderDecoder, source: Tensor, target: Tensor, reading: Tensor) -> Tensor:
    """Mean log₁₀ norm of ∂ loss of a word / ∂ embedding of its counterpart in the source, (M, L).

    source (n, B), target (L, B); reading (L, B), the step at which the counterpart of each target word is read
    """
    M = len(model.E)
    embedded = look_up(model.E, source.expand(M, *source.shape)).detach().requires_grad_()
    target = target.expand(M, *target.shape)
    scores = model.decode(model.encode(embedded), target)
    each = cross_entropy(scores.flatten(0, -2), target.flatten(), reduction="none").view(target.shape)
    found = []
    for place, loss in enumerate(each.unbind(1)):
        (gradient,) = torch.autograd.grad(loss.sum(), embedded, retain_graph=True)
        found.append(gradient.norm(dim=-1).gather(1, reading[place].expand(M, 1, -1))[:, 0].log10().mean(1))
    return torch.stack(found, 1)


class Record:
    """The `evaluate` of a fleet that keeps what it finds of each model at each check.

    tests   (source (n, B), target (L, B)) for each length of a sentence, the longest last
    The module needs a buffer `number` (M,), so that the record knows whose score it is. What is kept:

    words      share of words right, each said after the model's own words before it, by length
    sentences  share of sentences without an error, by length
    loss       cross-entropy in nats of a word after the true ones before it, mean over the words of all lengths
    places     the same by place in the longest sentences
    """

    def __init__(self, tests: list[tuple[Tensor, Tensor]]) -> None:
        self.tests = tests
        self.found: dict[int, list[dict[str, np.ndarray]]] = {}

    def __call__(self, model: Any, generators: list[torch.Generator]) -> Tensor:
        M, by_length = len(model.E), []
        for source, target in self.tests:
            source, target = source.expand(M, *source.shape), target.expand(M, *target.shape)
            by_length.append((losses(model, source, target), model.translate(source, target.shape[1]) == target))
        found = {
            "words": torch.stack([right.float().mean((1, 2)) for _, right in by_length], 1),
            "sentences": torch.stack([right.all(1).float().mean(1) for _, right in by_length], 1),
            "loss": torch.cat([loss.flatten(1) for loss, _ in by_length], 1).mean(1),
            "places": by_length[-1][0].mean(2),
        }
        for row, number in enumerate(model.number.tolist()):
            self.found.setdefault(number, []).append({name: one[row].cpu().numpy() for name, one in found.items()})
        return found["loss"]

    def arrays(self, models: int, checks: int) -> dict[str, np.ndarray]:
        """Everything by name, (check, ..., model), NaN where a model had ended."""
        whole = {name: np.full((checks, *one.shape, models), np.nan) for name, one in self.found[0][0].items()}
        for number, rows in self.found.items():
            for check, row in enumerate(rows):
                for name, one in row.items():
                    whole[name][check, ..., number] = one
        return whole
