"""A recurrent language model, M of them at once: embedding → cell → scores for the next symbol."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, embedding

from rnnsite.cells.cell import Cell


class LanguageModel(nn.Module):
    """P(x_{t+1} | x_1 … x_t) = softmax(V h_t + a), h_t from a cell that reads the embeddings of x_1 … x_t.

    cell      any rnnsite cell with `models=M`; its I is the size of an embedding
    symbols   size of the vocabulary
    """

    def __init__(self, cell: Cell, symbols: int, generator: torch.Generator) -> None:
        super().__init__()
        models, dtype, device = cell.models or 1, cell.U.dtype, cell.U.device
        self.cell, self.symbols = cell, symbols
        bound = cell.H**-0.5
        E = torch.randn(models, symbols, cell.I, generator=generator, dtype=dtype)
        V = (2 * torch.rand(models, symbols, cell.H, generator=generator, dtype=dtype) - 1) * bound
        self.E, self.V = nn.Parameter(E.to(device)), nn.Parameter(V.to(device))
        self.a = nn.Parameter(torch.zeros(models, symbols, dtype=dtype, device=device))

    def embed(self, symbols: Tensor) -> Tensor:
        """Each model's own embeddings of (M, T, B) or (T, B) symbols: (M, T, B, I)."""
        models = len(self.E)
        offsets = torch.arange(models, device=symbols.device) * self.symbols
        return embedding(symbols + offsets[:, None, None], self.E.flatten(0, 1))

    def scores(self, states: Tensor) -> Tensor:
        """Scores of every next symbol, (M, ..., H) → (M, ..., symbols)."""
        flat = torch.baddbmm(self.a[:, None], states.flatten(1, -2), self.V.mT)
        return flat.unflatten(1, states.shape[1:-1])

    def forward(self, symbols: Tensor) -> Tensor:
        """Scores after every symbol: (M, T, B) or (T, B) → (M, T, B, symbols)."""
        states, _ = self.cell(self.embed(symbols))
        return self.scores(states)

    def losses(self, symbols: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy in nats of every prediction, (M, T, B); targets of −1 count 0."""
        scores = self(symbols)
        targets = targets.expand(scores.shape[:-1])
        flat = cross_entropy(scores.flatten(0, -2), targets.flatten(), ignore_index=-1, reduction="none")
        return flat.view(targets.shape)
