"""An encoder and a decoder, M pairs of them at once: one cell reads a sentence, another says it in other words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, embedding

from rnnsite.cells.cell import Cell
from rnnsite.errors import RnnsiteError
from rnnsite.training.over_time import states
from rnnsite.training.recurrent import uniform_columns


class EncoderDecoder(nn.Module):
    """P(y_j | y_1 … y_{j−1}, x_1 … x_n) = softmax(V s_j + a), in which s_0 = h_n.

    h_i = encoder(E x_i, h_{i−1}), h_0 = 0            the encoder reads the source
    s_j = decoder(D y_{j−1}, s_{j−1}), s_0 = h_n      the decoder starts from the encoder's last state (for an LSTM
                                                      h and c), and reads the word before; y_0 is a start symbol

    encoder, decoder   cells made with the same `models=M`, H and kind; their I is the size of an embedding
    source, target     words of the two vocabularies; the start symbol is the decoder's own
    generators         one for each model; the cells' own, after these have drawn, keep models independent
    Sutskever, Vinyals & Le 2014, with one layer for four. Raises RnnsiteError for cells that do not fit together.

    >>> from rnnsite.cells.gru import GRU
    >>> g = [torch.Generator().manual_seed(m) for m in range(2)]
    >>> model = EncoderDecoder(GRU(3, 5, 2, generator=g), GRU(3, 5, 2, generator=g), 7, 4, g)
    >>> source, target = torch.zeros(2, 6, 8, dtype=torch.long), torch.zeros(2, 9, 8, dtype=torch.long)
    >>> tuple(model(source, target).shape), tuple(model.translate(source, length=9).shape)
    ((2, 9, 8, 4), (2, 9, 8))
    """

    def __init__(
        self, encoder: Cell, decoder: Cell, source: int, target: int, generators: Sequence[torch.Generator]
    ) -> None:
        super().__init__()
        if type(encoder) is not type(decoder) or (encoder.models, encoder.H) != (decoder.models, decoder.H):
            raise RnnsiteError("The decoder starts from the encoder's state; expected cells of one kind, H and models.")
        if encoder.models != len(generators):
            raise RnnsiteError(f"{len(generators)} generators were given for cells with models={encoder.models}.")
        self.encoder, self.decoder, self.start = encoder, decoder, target
        self.E = nn.Parameter(_normal(source, encoder.I, generators).to(encoder.W))
        self.D = nn.Parameter(_normal(target + 1, decoder.I, generators).to(encoder.W))  # the last row: start
        self.V = nn.Parameter(torch.stack([uniform_columns(target, decoder.H, g) for g in generators]).to(encoder.W))
        self.a = nn.Parameter(self.V.new_zeros(len(generators), target))

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Scores of every target word given the true ones before it: (M, n, B), (M, L, B) → (M, L, B, words)."""
        return self.decode(self.encode(look_up(self.E, source)), target)

    def encode(self, embedded: Tensor) -> Any:
        """The encoder's last state after embedded words (M, n, B, I)."""
        _, last = states(self.encoder, embedded)
        return last

    def decode(self, state: Any, target: Tensor) -> Tensor:
        """Scores (M, L, B, words) of the target's words, each given the true ones before it and the encoder's state."""
        before = torch.cat([torch.full_like(target[:, :1], self.start), target[:, :-1]], 1)
        said, _ = states(self.decoder, look_up(self.D, before), state)
        return self.scores(said)

    def scores(self, said: Tensor) -> Tensor:
        """V s + a, (M, ..., H) → (M, ..., words)."""
        flat = torch.baddbmm(self.a[:, None], said.flatten(1, -2), self.V.mT)
        return flat.unflatten(1, said.shape[1:-1])

    @torch.no_grad()
    def translate(self, source: Tensor, length: int) -> Tensor:
        """So many words, each the likeliest after those it has said itself: (M, n, B) → (M, L, B)."""
        state, word = self.encode(look_up(self.E, source)), torch.full_like(source[:, :1], self.start)
        said = []
        for _ in range(length):
            now, state = states(self.decoder, look_up(self.D, word), state)
            word = self.scores(now).argmax(-1)
            said.append(word)
        return torch.cat(said, 1)


def losses(model: EncoderDecoder, source: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy in nats of every word of the target given the true words before it, (M, L, B)."""
    scores = model(source, target)
    return cross_entropy(scores.flatten(0, -2), target.flatten(), reduction="none").view(target.shape)


def mean_loss(model: EncoderDecoder, source: Tensor, target: Tensor) -> Tensor:
    """The same, averaged over words: (M,)."""
    return losses(model, source, target).mean((1, 2))


def look_up(table: Tensor, words: Tensor) -> Tensor:
    """Each model's own embeddings, table (M, words, I): (M, T, B) → (M, T, B, I)."""
    offsets = torch.arange(len(table), device=words.device) * table.shape[1]
    return embedding(words + offsets[:, None, None], table.flatten(0, 1))


def _normal(rows: int, columns: int, generators: Sequence[torch.Generator]) -> Tensor:
    """N(0, 1), torch.nn.Embedding's start."""
    return torch.stack([torch.randn(rows, columns, generator=g) for g in generators])
