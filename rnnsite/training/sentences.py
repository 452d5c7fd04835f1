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
    dev           (epochs, M) accuracy on the development set after each epoch
    best          (M,) the epoch, from 0, with the highest accuracy on the development set (the first of equals)
    first_losses  (updates, M) cross-entropy of each of the first updates
    """

    module: SentenceClassifier
    losses: Tensor
    dev: Tensor
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
    device = model.E.device
    words, y, lengths = (t.to(device) for t in _stacked([corpus.train for corpus in corpora]))
    steps = _Steps(model, rate)
    M, every = len(model.E), N // batch
    losses, firsts, dev = [], [], []
    kept = [p.detach().clone() for p in model.parameters()]
    best, best_epoch = torch.full((M,), -1.0, dtype=torch.float64), torch.zeros(M, dtype=torch.long)
    for epoch in range(epochs):
        key = lengths + torch.stack([torch.rand(N, generator=g) for g in ties]).to(device)
        batches = key.argsort(1).view(M, every, batch)
        total = torch.zeros(M, device=device)
        for place in torch.randperm(every, generator=order).tolist():
            chosen = batches[:, place]
            loss = steps.update(_read(words, lengths, chosen), y.gather(1, chosen))
            total += loss
            if steps.done <= first:
                firsts.append(loss.cpu())
            if steps.done == updates:
                break
        losses.append(total.cpu() / every)
        dev.append(right(model, [corpus.dev for corpus in corpora]).double().mean(1))
        better = dev[-1] > best
        best, best_epoch = torch.where(better, dev[-1], best), torch.where(better, epoch, best_epoch)
        for place_of_best, p in zip(kept, model.parameters(), strict=True):
            place_of_best[better] = p.detach()[better]
        if watch is not None:
            watch((epoch + 1) / epochs)
        if steps.done == updates:
            break
    with torch.no_grad():
        for place_of_best, p in zip(kept, model.parameters(), strict=True):
            p.copy_(place_of_best)
    return Learned(model, torch.stack(losses), torch.stack(dev), best_epoch, torch.stack(firsts))


class _Steps:
    """Updates of AdaGrad: of every weight, and of the vectors of the words that were read."""

    def __init__(self, model: SentenceClassifier, rate: float) -> None:
        self.model, self.done, self.optimiser = model, 0, AdaGrad()
        self.dense = [p for name, p in model.named_parameters() if name != "E" and p.requires_grad]
        self.memory = self.optimiser.start(self.dense)
        self.vectors = model.E.data.flatten(0, 1)
        self.squares = torch.zeros_like(self.vectors)
        self.rate = model.a.new_full((len(model.E),), rate)

    def update(self, read: Tensor, y: Tensor) -> Tensor:
        """One update by a batch of words (M, T, B) and labels (M, B); the losses (M,) before it."""
        self.done += 1
        used, where = self.model.numbered(read).unique(return_inverse=True)
        rows = self.vectors[used].requires_grad_()
        loss = cross_entropy(self.model.score(embedding(where, rows), read != PAD), y)
        gradients = torch.autograd.grad(loss.sum(), [*self.dense, rows])
        with torch.no_grad():
            self.optimiser.step([p.data for p in self.dense], gradients[:-1], self.memory, self.rate, self.done)
            moved, squares = rows.detach(), self.squares[used]
            self.optimiser.step([moved], gradients[-1:], [squares], self.rate[:1].expand(len(used)), self.done)
            self.vectors[used], self.squares[used] = moved, squares
        return loss.detach()


def _read(words: Tensor, lengths: Tensor, chosen: Tensor) -> Tensor:
    """The chosen sentences (M, B) of words (M, T, N), without the padding that all of them share: (M, longest, B)."""
    T = int(lengths.gather(1, chosen).max())
    return torch.stack([w[-T:, one] for w, one in zip(words, chosen, strict=True)])


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
def right(model: SentenceClassifier, parts: Sequence[Part], batch: int = 50) -> Tensor:
    """Which sentences of its part each model puts in the right class, (M, N) bool. The test set is looked at once, so
    this is called on it after training only.
    """
    words, y, lengths = (t.to(model.E.device) for t in _stacked(parts))
    found = torch.zeros(y.shape, dtype=torch.bool, device=y.device)
    for chosen in lengths.argsort(1).split(batch, 1):
        answers = model(_read(words, lengths, chosen)).argmax(-1)
        found.scatter_(1, chosen, answers == y.gather(1, chosen))
    return found.cpu()
