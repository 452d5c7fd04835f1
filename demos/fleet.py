import torch

from rnnsite import LSTM, Recurrent, train_fleet
from rnnsite.rates import success
from rnnsite.tasks.adding import adding
from rnnsite.training.optimisers import Adam

RATES, SEEDS = [0.003, 0.03, 0.3], 20
grid = [(rate, seed) for rate in RATES for seed in range(SEEDS)]  # 60 models


def build(generators):  # one generator a model
    cell = LSTM(2, 10, len(generators), generator=generators)
    return Recurrent(cell, 1, generator=generators)


def draw(generator, updates):  # for one model, a batch for each of these updates
    return [adding(10, 16, generator) for _ in updates]


def loss(models, x, y):  # x (M, T, B, 2), y (M, B) → a loss for each model, (M,)
    return (models.last(x)[..., 0] - y).square().mean(1)


def error(models, generators):  # on 500 fresh sequences
    x, y = zip(*[adding(10, 500, g) for g in generators], strict=True)
    return loss(models, torch.stack(x), torch.stack(y))


trained = train_fleet(
    [("adding", seed) for _, seed in grid],
    build,
    draw,
    loss,
    updates=500,
    rate=[rate for rate, _ in grid],  # one number a model, or one for all
    optimiser=Adam(),
    clip=1.0,
    evaluate=error,
    enough=0.02,  # always answering 1 has an error of 1/6
    check_every=50,
)

solved = (trained.solved_at >= 0).view(len(RATES), SEEDS)
for rate, row in zip(RATES, solved, strict=True):
    print(f"rate {rate:<5}  solved {success(row)}")
