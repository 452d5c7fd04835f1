from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy

from rnnsite.cells.gru import GRU
from rnnsite.training.language_model import LanguageModel

DRAW = torch.Generator().manual_seed(0)
MODEL = LanguageModel(GRU(3, 5, models=2, generator=DRAW, dtype=torch.float64), 7, DRAW)
SYMBOLS = torch.randint(7, (6, 4), generator=DRAW)


def test_each_model_has_its_own_embeddings_and_readout() -> None:
    scores = MODEL(SYMBOLS)
    assert scores.shape == (2, 6, 4, 7)
    for m in range(2):
        states, _ = MODEL.cell.select(m)(MODEL.E[m][SYMBOLS])
        torch.testing.assert_close(scores[m], states @ MODEL.V[m].T + MODEL.a[m])


def test_data_of_its_own_for_each_model() -> None:
    both = torch.stack([SYMBOLS, SYMBOLS.flip(0)])
    torch.testing.assert_close(MODEL(both)[1], MODEL(SYMBOLS.flip(0))[1])


def test_losses_are_cross_entropies_and_skip_minus_one() -> None:
    targets = SYMBOLS.roll(-1, 0).clone()
    targets[-1] = -1
    losses = MODEL.losses(SYMBOLS, targets)
    expected = cross_entropy(MODEL(SYMBOLS)[0, 2], targets[2], reduction="none")
    torch.testing.assert_close(losses[0, 2], expected)
    assert (losses[:, -1] == 0).all()
