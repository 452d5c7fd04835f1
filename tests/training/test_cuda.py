"""A fleet on a GPU: the same training as on a CPU, chunks that fit its memory, and no end when they do not."""

from __future__ import annotations

import pytest
import torch

from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM
from rnnsite.tasks.delayed_recall import delayed_recall
from rnnsite.training.fleet import train_fleet
from rnnsite.training.optimisers import Adam
from rnnsite.training.recurrent import Recurrent

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU")


def train(device, kind=Elman, dtype=torch.float32, updates=100, models=6, delay=5, **more):
    return train_fleet(
        [("cuda", m) for m in range(models)],
        lambda g: Recurrent(kind(2, 12, len(g), generator=g, dtype=dtype), 1, generator=g),
        lambda g, numbers: [delayed_recall(delay, 20, g) for _ in numbers],
        lambda model, x, y: (model.last(x)[..., 0] - y).square().mean(1),
        updates=updates,
        rate=1e-3,
        optimiser=Adam(),
        record_every=10,
        device=device,
        **more,
    )


@pytest.mark.parametrize("kind", [Elman, GRU, LSTM])
@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-9), (torch.float32, 1e-3)])
def test_trains_as_on_a_cpu(kind, dtype, bound):
    here, there = train("cpu", kind, dtype), train("cuda", kind, dtype)
    assert (here.losses - there.losses).abs().max() <= bound * here.losses.max()


def test_the_regulariser_and_clipping_work_there():
    options = {"regulariser": [0.0, 0.0, 0.0, 1.0, 2.0, 4.0], "clip": 0.1}
    here, there = train("cpu", dtype=torch.float64, **options), train("cuda", dtype=torch.float64, **options)
    assert (here.losses - there.losses).abs().max() <= 1e-9 * here.losses.max()
    fused = train("cuda", **options)
    assert (here.losses - fused.losses).abs().max() <= 1e-3 * here.losses.max()


def test_too_little_memory_halves_the_chunk_and_goes_on():
    said: list[str] = []
    torch.cuda.empty_cache()
    held = torch.cuda.memory_reserved()
    models, wanted = 512, train("cpu", updates=5, models=8, delay=100)
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((held + 60e6) / total)
    try:
        found = train("cuda", updates=5, models=models, delay=100, chunk=models, say=said.append)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert said
    assert "going on with" in said[0]
    assert found.chunk < models
    assert (found.losses[:, :8] - wanted.losses).abs().max() <= 1e-3 * wanted.losses.max()
