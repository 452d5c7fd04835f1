"""A fleet trains each model as if it were alone, and lets go of those that have ended."""

from __future__ import annotations

import pytest
import torch

from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.leaky import Leaky
from rnnsite.cells.lstm import LSTM
from rnnsite.errors import RnnsiteError
from rnnsite.tasks.delayed_recall import delayed_recall
from rnnsite.training import fleet as fleet_module
from rnnsite.training.fleet import train_fleet
from rnnsite.training.optimisers import SGD, AdaGrad, Adam, Momentum
from rnnsite.training.recurrent import Recurrent

T, B, H = 6, 5, 7
SEEDS = [("test fleet", seed) for seed in range(7)]


def build(kind=Elman, dtype=torch.float64, **options):
    return lambda g: Recurrent(kind(2, H, len(g), generator=g, dtype=dtype, **options), 1, generator=g)


ELMAN = build()


def draw(generator, updates):
    return [delayed_recall(T, B, generator) for _ in updates]


def loss(model, x, y):
    return (model.last(x)[..., 0] - y).square().mean(1)


def train(seeds=SEEDS, build=ELMAN, **options):
    settings = {"updates": 100, "rate": 0.05, "record_every": 1, "optimiser": SGD(), **options}
    return train_fleet(seeds, build, draw, loss, **settings)


@pytest.mark.parametrize("kind", [Elman, Leaky, LSTM, GRU])
@pytest.mark.parametrize(
    ("optimiser", "rate"),
    [(SGD(), 0.01), (Momentum(), 0.001), (Momentum(nesterov=True), 0.001), (Adam(), 0.001), (AdaGrad(), 0.01)],
    ids=str,
)
def test_alone_or_together_the_losses_are_the_same(kind, optimiser, rate):
    """At rates that don't blow up the last digit, which no two sums have in common."""
    each = {"rate": [rate * (k + 1) for k in range(7)], "clip": [0.1, 0.5, 1, 2, 3, 4, torch.inf]}
    together = train(build=build(kind), optimiser=optimiser, chunk=3, **each)
    for m in (0, 4, 6):
        own = {name: values[m] for name, values in each.items()}
        alone = train(SEEDS[m : m + 1], build(kind), optimiser=optimiser, **own)
        torch.testing.assert_close(together.losses[:, m], alone.losses[:, 0], rtol=1e-9, atol=1e-12)
        torch.testing.assert_close(together.norms[:, m], alone.norms[:, 0], rtol=1e-9, atol=1e-12)
        for name, parameter in alone.module.named_parameters():
            torch.testing.assert_close(together.module.get_parameter(name)[m], parameter[0], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("clip", [None, 0.3])
@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (SGD(), torch.optim.SGD, {}),
        (Momentum(), torch.optim.SGD, {"momentum": 0.9}),
        (Momentum(nesterov=True), torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
        (Adam(), torch.optim.Adam, {}),
        (AdaGrad(), torch.optim.Adagrad, {}),
    ],
    ids=["sgd", "momentum", "nesterov", "adam", "adagrad"],
)
def test_equals_torch_optim(ours, theirs, options, clip):
    from rnnsite.seeding import generator

    trained = train(SEEDS[:1], optimiser=ours, clip=clip, rate=0.01)
    model = build()([generator(*SEEDS[0], "weights")])
    optimiser, data = theirs(model.parameters(), lr=0.01, **options), generator(*SEEDS[0], "data")
    for update in range(100):
        x, y = (tensor.double()[None] for tensor in delayed_recall(T, B, data))
        value = (model.read(model.cell(x)[1])[..., 0] - y).square().mean()
        optimiser.zero_grad()
        value.backward()
        if clip is not None:
            # torch adds 1e-6 to the norm, which we don't
            norm = torch.nn.utils.get_total_norm([p.grad for p in model.parameters()])
            for p in model.parameters():
                p.grad *= min(1, clip / norm)
        optimiser.step()
        assert trained.losses[update, 0].item() == pytest.approx(value.item(), rel=1e-9)


def test_each_model_stops_at_its_own_update():
    ends = [3, 50, 100, 7, 100, 12, 1]
    trained = train(updates=ends)
    whole = train()
    assert trained.updates.tolist() == ends
    for m, end in enumerate(ends):
        torch.testing.assert_close(trained.losses[:end, m], whole.losses[:end, m], rtol=1e-9, atol=0)
        assert trained.losses[end:, m].isnan().all()
        alone = train(SEEDS[m : m + 1], updates=end)
        torch.testing.assert_close(trained.module.cell.W[m], alone.module.cell.W[0], rtol=1e-9, atol=1e-12)


def test_models_that_ended_cost_nothing():
    sizes = []

    def counting(model, x, y):
        sizes.append(len(x))
        return loss(model, x, y)

    train_fleet(SEEDS, build(), draw, counting, updates=[1, 2, 2, 3, 3, 3, 4], rate=0.1, record_every=1)
    assert sizes == [7, 6, 4, 1]


def test_a_divergence_is_recorded_and_harms_nobody():
    rates = [0.05, 1e6, 0.05, 1e8, 0.05, 0.05, 0.05]
    build_relu = build(activation="relu")
    trained, calm = train(build=build_relu, rate=rates), train(build=build_relu)
    assert (trained.diverged_at >= 0).tolist() == [rate > 1 for rate in rates]
    for m, rate in enumerate(rates):
        if rate > 1:
            step = int(trained.diverged_at[m])
            assert trained.updates[m] == step
            assert trained.losses[:step, m].isfinite().all()
            assert trained.losses[step:, m].isnan().all()
            assert train(SEEDS[m : m + 1], build_relu, rate=rate).diverged_at.tolist() == [step]
        else:
            torch.testing.assert_close(trained.losses[:, m], calm.losses[:, m], rtol=1e-9, atol=0)


def test_records_are_means():
    fine, coarse = train(), train(record_every=30)
    assert coarse.losses.shape == (4, 7)
    torch.testing.assert_close(coarse.losses[1], fine.losses[30:60].mean(0))
    torch.testing.assert_close(coarse.losses[3], fine.losses[90:].mean(0))


def test_a_model_stops_when_its_task_is_solved():
    def evaluate(model, generators):
        batches = [delayed_recall(T, 50, g) for g in generators]
        x, y = (torch.stack(parts).double() for parts in zip(*batches, strict=True))
        return loss(model, x, y)

    settings = {"evaluate": evaluate, "updates": 400, "check_every": 20, "optimiser": Adam(), "rate": 0.02}
    trained = train(**settings, enough=0.2)
    assert trained.scores.shape == (20, 7)
    assert (trained.solved_at > 0).all()
    for m, at in enumerate(trained.solved_at.tolist()):
        check = at // 20 - 1
        assert trained.updates[m] == at
        assert trained.scores[check, m] <= 0.2
        assert (trained.scores[:check, m] > 0.2).all()
        assert trained.scores[check + 1 :, m].isnan().all()
    alone = train(SEEDS[2:3], **settings, enough=0.2)
    assert alone.solved_at[0] == trained.solved_at[2]


def test_values_are_clipped_one_by_one():
    trained = train(updates=1, clip_value=[0.001 * (m + 1) for m in range(7)], rate=1.0)
    untrained = train(updates=1, rate=0.0)
    for m in range(7):
        step = (trained.module.cell.W[m] - untrained.module.cell.W[m]).abs().max()
        assert step.item() == pytest.approx(0.001 * (m + 1))


class Scarce:
    """A loss in a memory that holds so many models."""

    def __init__(self, room):
        self.room, self.sizes = room, []

    def __call__(self, model, x, y):
        self.sizes.append(len(x))
        if len(x) > self.room:
            raise torch.OutOfMemoryError("out of memory")
        return loss(model, x, y)


def test_out_of_memory_halves_and_goes_on_and_says_so():
    scarce, said = Scarce(2), []
    trained = train_fleet(SEEDS, build(), draw, scarce, updates=30, rate=0.05, record_every=1, say=said.append)
    torch.testing.assert_close(trained.losses, train(updates=30).losses, rtol=1e-9, atol=0)
    assert said == [
        "The memory does not hold 7 models at once; going on with 4.",
        "The memory does not hold 4 models at once; going on with 2.",
    ]
    assert trained.chunk == 2
    assert max(scarce.sizes[-20:]) == 2
    with pytest.raises(RnnsiteError, match="does not hold even one"):
        train_fleet(SEEDS, build(), draw, Scarce(0), updates=30, rate=0.05, say=said.append)


def test_another_error_is_not_taken_for_it():
    def broken(model, x, y):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        train_fleet(SEEDS, build(), draw, broken, updates=3, rate=0.1)


def test_two_cores_train_the_same(monkeypatch):
    alone = train(SEEDS * 2)
    monkeypatch.setattr(fleet_module, "cores", lambda device: 2)
    torch.testing.assert_close(train(SEEDS * 2).losses, alone.losses, rtol=1e-9, atol=0)


def test_float32_starts_like_float64():
    single, double = train(build=build(dtype=torch.float32)), train()
    torch.testing.assert_close(single.losses[:10], double.losses[:10], rtol=1e-4, atol=1e-5)


def test_wrong_settings_are_refused():
    with pytest.raises(RnnsiteError, match="`rate` must be one number, or 7"):
        train(rate=[0.1, 0.2])
    with pytest.raises(RnnsiteError, match="`updates` must be one number of at least 1, or 7"):
        train(updates=[1, 2])
    with pytest.raises(RnnsiteError, match="made 2 models; expected 7"):
        train(build=lambda g: build()(g[:2]))
    with pytest.raises(RnnsiteError, match="`draw` gave 1 batches for 16 updates"):
        train_fleet(SEEDS, build(), lambda g, updates: draw(g, updates[:1]), loss, updates=1, rate=0.1)
    lengths = iter(range(2, 100))
    with pytest.raises(RnnsiteError, match="must have the same shapes for all models"):
        train_fleet(
            SEEDS[:3], build(), lambda g, us: [(torch.zeros(next(lengths)),) for _ in us], loss, updates=1, rate=1
        )
    with pytest.raises(RnnsiteError, match=r"returned the shape \(\); expected \(7,\)"):
        train_fleet(SEEDS, build(), draw, lambda *a: loss(*a).mean(), updates=1, rate=0.1)
    with pytest.raises(RnnsiteError, match="attribute `flow`"):
        train(build=lambda g: build()(g).cell, regulariser=1.0)
    with pytest.raises(RnnsiteError, match="Elman and Leaky; got a LSTM"):
        train(build=build(LSTM), regulariser=1.0)


def test_progress_ends_at_one():
    shares = []
    train(updates=[10, 20, 30, 10, 10, 10, 10], record_every=5, watch=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
