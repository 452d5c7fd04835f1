"""Classifiers of sentences, M of them at once, trained for some epochs and stopped by a development set.

Each word's vector is learned, and a batch holds a few hundred of many thousand words. So only the rows of the words
that were read are fetched, given a gradient and put back; a fleet (rnnsite.training.fleet) would go through all of
them at every update. With AdaGrad it is the same: a row without gradient does not move, and nothing decays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from rnnsite.cells.lstm import LSTM
from rnnsite.errors import RnnsiteError
from rnnsite.tasks.sentiment import PAD, Corpus, Part
from rnnsite.training.backward_gated import last_state
from rnnsite.training.losses import cross_entropy
from rnnsite.training.optimisers import AdaGrad
from rnnsite.training.recurrent import uniform_columns


class SentenceClassifier(nn.Module):
    """Scores of two classes: V h_T + a, in which h_T is a cell's state after the last word.

    cell        an LSTM with `models=M`, any gates; its I is the size of a word vector
    words       size of the vocabulary; number 0 is padding and is never read
    generators  one a model, after the cell has drawn from them
    spread      standard deviation of the word vectors at the start
    given       (words, I) vectors to start from, with NaN where there is none

    >>> g = [torch.Generator().manual_seed(m) for m in range(2)]
    >>> model = SentenceClassifier(LSTM(3, 5, 2, generator=g, gates="o"), 9, g)
    >>> tuple(model(torch.ones(2, 7, 4, dtype=torch.long)).shape)
    (2, 4, 2)
    """

    def __init__(
        self,
        cell: LSTM,
        words: int,
        generators: Sequence[torch.Generator],
        *,
        spread: float = 0.1,
        given: Tensor | None = None,
    ) -> None:
        super().__init__()
        if cell.models != len(generators):
            raise RnnsiteError(f"{len(generators)} generators were given for a cell with models={cell.models}.")
        if given is not None and given.shape != (words, cell.I):
            raise RnnsiteError(f"The given vectors have shape {tuple(given.shape)}; expected {(words, cell.I)}.")
        self.cell = cell
        drawn = spread * torch.stack([torch.randn(words, cell.I, generator=g) for g in generators])
        if given is not None:
            drawn = torch.where(given.isnan(), drawn, given)
        self.E = nn.Parameter(drawn.to(cell.W))
        self.V = nn.Parameter(torch.stack([uniform_columns(2, cell.H, g) for g in generators]).to(cell.W))
        self.a = nn.Parameter(self.V.new_zeros(len(generators), 2))

    def numbered(self, words: Tensor) -> Tensor:
        """Words (M, T, B) as rows of all models' vectors together."""
        offsets = torch.arange(len(self.E), device=words.device) * self.E.shape[1]
        return words + offsets[:, None, None]

    def score(self, vectors: Tensor, mask: Tensor) -> Tensor:
        """(M, T, B, I) word vectors and (M, T, B) where there is a word → (M, B, 2)."""
        return torch.baddbmm(self.a[:, None], last_state(self.cell, vectors, mask), self.V.mT)

    def forward(self, words: Tensor) -> Tensor:
        """(M, T, B) words, padded at the front → (M, B, 2)."""
        return self.score(embedding(self.numbered(words), self.E.flatten(0, 1)), words != PAD)


@dataclass(frozen=True)
class Learned:
    """What became of M models.

    module        all of them, each as it was after its best epoch
    losses        (epochs, M) mean cross-entropy in nats over the batches of an epoch
    dev, test     (epochs, M) accuracy after each epoch
    best          (M,) the epoch, from 0, with the highest accuracy on the development set (the first of equals)
    first_losses  (updates, M) cross-entropy of each of the first updates
    """

    module: SentenceClassifier
    losses: Tensor
    dev: Tensor
    test: Tensor
    best: Tensor
    first_losses: Tensor


def learn(
    model: SentenceClassifier,
    corpora: Sequence[Corpus],
    ties: Sequence[torch.Generator],
    order: torch.Generator,
    *,
    epochs: int = 10,
    batch: int = 10,
    rate: float = 0.05,
    first: int = 200,
    updates: int | None = None,
    watch: Callable[[float], None] | None = None,
) -> Learned:
    """Train each model on its own corpus, all of equal sizes.

    ties      one a model: which sentences of equal length share a batch
    order     in which order an epoch goes through the lengths, for all models alike, so that nearly no step is padding
    first     how many losses of single updates to keep
    updates   stop after so many, whatever the epochs; to replay the start of a run
    Raises RnnsiteError where the corpora differ in size, or batches do not come out even.
    """
    N = len(corpora[0].train.y)
    if len(corpora) != len(model.E) or len({tuple(len(part.y) for part in corpus[1:]) for corpus in corpora}) != 1:
        raise RnnsiteError(f"Expected {len(model.E)} corpora of the same sizes, one a model.")
    if N % batch:
        raise RnnsiteError(f"{N} sentences do not go into batches of {batch}; expected a multiple.")
    words, y, lengths = _stacked([corpus.train for corpus in corpora])
    sets = [_stacked([corpus[k] for corpus in corpora]) for k in (2, 3)]
    dense = [p for name, p in model.named_parameters() if name != "E" and p.requires_grad]
    optimiser = AdaGrad()
    memory, seen = optimiser.start(dense), torch.zeros_like(model.E.data).flatten(0, 1)
    rows_of_all, rates = model.E.data.flatten(0, 1), model.a.new_full((len(model.E),), rate)
    M, every, done = len(model.E), N // batch, 0
    losses, firsts, dev, test = [], [], [], []
    best, kept = torch.full((M,), -1.0), [p.detach().clone() for p in model.parameters()]
    best_epoch = torch.zeros(M, dtype=torch.long)
    for epoch in range(epochs):
        key = lengths + torch.stack([torch.rand(N, generator=g) for g in ties])
        batches = key.argsort(1).view(M, every, batch)
        total = torch.zeros(M)
        for place in torch.randperm(every, generator=order).tolist():
            chosen = batches[:, place]
            T = int(lengths.gather(1, chosen).max())
            read = torch.stack([w[-T:, one] for w, one in zip(words, chosen, strict=True)])
            used, where = model.numbered(read).unique(return_inverse=True)
            rows = rows_of_all[used].requires_grad_()
            loss = cross_entropy(model.score(embedding(where, rows), read != PAD), y.gather(1, chosen))
            gradients = torch.autograd.grad(loss.sum(), [*dense, rows])
            with torch.no_grad():
                optimiser.step([p.data for p in dense], gradients[:-1], memory, rates, done + 1)
                squares, moved = seen[used], rows.detach()
                optimiser.step([moved], gradients[-1:], [squares], rates[:1].expand(len(used)), done + 1)
                rows_of_all[used], seen[used] = moved, squares
            total += loss.detach()
            if done < first:
                firsts.append(loss.detach())
            done += 1
            if done == updates:
                break
        losses.append(total / every)
        scores = [accuracy(model, *one) for one in sets]
        dev.append(scores[0])
        test.append(scores[1])
        better = dev[-1] > best
        best, best_epoch = torch.where(better, dev[-1], best), torch.where(better, epoch, best_epoch)
        for place_of_best, p in zip(kept, model.parameters(), strict=True):
            place_of_best[better] = p.detach()[better]
        if watch is not None:
            watch((epoch + 1) / epochs)
        if done == updates:
            break
    with torch.no_grad():
        for place_of_best, p in zip(kept, model.parameters(), strict=True):
            p.copy_(place_of_best)
    return Learned(model, *(torch.stack(x) for x in (losses, dev, test)), best_epoch, torch.stack(firsts))


def _stacked(parts: Sequence[Part]) -> tuple[Tensor, Tensor, Tensor]:
    """Words (M, T, N), labels (M, N), lengths (M, N); not copied where all models share one part."""
    if all(part is parts[0] for part in parts):
        words, y, lengths = (t.expand(len(parts), *t.shape) for t in (*parts[0], parts[0].lengths))
        return words, y, lengths
    T = max(len(part.words) for part in parts)
    pad = torch.nn.functional.pad
    words = torch.stack([pad(part.words, (0, 0, T - len(part.words), 0), value=PAD) for part in parts])
    return words, torch.stack([part.y for part in parts]), torch.stack([part.lengths for part in parts])


@torch.no_grad()
def accuracy(model: SentenceClassifier, words: Tensor, y: Tensor, lengths: Tensor, batch: int = 50) -> Tensor:
    """Share of sentences that each model puts in the right class, (M,) float64; words (M, T, N), y, lengths (M, N)."""
    order = lengths.argsort(1)
    right = torch.zeros(len(y), dtype=torch.float64)
    for chosen in order.split(batch, 1):
        T = int(lengths.gather(1, chosen).max())
        read = torch.stack([w[-T:, one] for w, one in zip(words, chosen, strict=True)])
        right += (model(read).argmax(-1) == y.gather(1, chosen)).sum(1)
    return right / y.shape[1]


def accuracy_on(model: SentenceClassifier, part: Part) -> Tensor:
    """The same on one set for all models."""
    return accuracy(model, *_stacked([part] * len(model.E)))
