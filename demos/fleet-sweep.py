# %% [markdown]
# # A sweep in one call
#
# Train a whole grid of settings as one fleet, on a processor or a GPU, and read the answer off a map.
#
# Small recurrent networks leave most of a machine idle: each step is a product of tiny matrices. A fleet stacks the
# models, so that one large product does the work of all. Rates and clipping thresholds may differ from model to model.

# %%
import time

import torch

from rnnsite.cells import GRU
from rnnsite.figures.described import described
from rnnsite.figures.palette import SEQUENTIAL
from rnnsite.figures.style import new_figure
from rnnsite.figures.template import COLORBAR
from rnnsite.tasks.delayed_recall import delayed_recall
from rnnsite.training.fleet import train_fleet
from rnnsite.training.optimisers import Adam
from rnnsite.training.recurrent import Recurrent

device = "cuda" if torch.cuda.is_available() else "cpu"
SEEDS = 32 if device == "cuda" else 3
RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
CLIPS = [0.01, 0.1, 1.0, 10.0]
T, BATCH, UPDATES = 15, 16, 300

# %% [markdown]
# ## The grid
#
# Every model gets a seed, a rate and a threshold. Models with the same seed start with the same weights and see the
# same data, so a row of the map differs in nothing but the setting. What each function is given and returns stands on
# [Train a fleet](../fleet.md).

# %%
grid = [
    (rate, clip, seed)
    for clip in CLIPS
    for rate in RATES
    for seed in range(SEEDS)
]


def draw(g, updates):
    x, y = delayed_recall(T, BATCH * len(updates), g)
    return list(zip(x.split(BATCH, 1), y.split(BATCH), strict=True))


started = time.perf_counter()
trained = train_fleet(
    [("sweep", seed) for _, _, seed in grid],
    lambda g: Recurrent(GRU(2, 16, len(g), generator=g), 1, generator=g),
    draw,
    lambda model, x, y: (model.last(x)[..., 0] - y).square().mean(1),
    updates=UPDATES,
    rate=[rate for rate, _, _ in grid],
    clip=[clip for _, clip, _ in grid],
    optimiser=Adam(),
    record_every=50,
    device=device,
)
seconds = time.perf_counter() - started
print(
    f"{len(grid)} models, {UPDATES} updates each, on {device}, {trained.chunk} at a time:"
)
print(f"{1000 * seconds / len(grid) / UPDATES:.2f} ms for an update of one model")

# %% [markdown]
# ## The map
#
# The mean squared error over the last 50 updates; always answering 0 has an error of 1.

# %%
ends = trained.losses[-1].view(len(CLIPS), len(RATES), SEEDS).median(-1).values
ends = ends.nan_to_num(float("inf")).clamp(max=10)
figure = new_figure(
    x_title="learning rate (Adam)", y_title="clipping threshold", height=340
)
figure.add_heatmap(
    x=[f"{rate:g}" for rate in RATES],
    y=[f"{clip:g}" for clip in CLIPS],
    z=ends.log10().clamp(-3, 0).tolist(),
    zmin=-3,
    zmax=0,
    colorscale=SEQUENTIAL,
    colorbar={
        **COLORBAR,
        "tickvals": [-3, -2, -1, 0],
        "ticktext": ["0.001", "0.01", "0.1", "1"],
    },
)
figure.update_xaxes(type="category")
figure.update_yaxes(type="category")
place = divmod(int(ends.argmin()), len(RATES))
best = f"rate {RATES[place[1]]:g} and threshold {CLIPS[place[0]]:g}"
described(
    figure,
    f"Error by learning rate and clipping threshold, as a map. The lowest is {ends.min():.3f}, at {best}.",
)

# %%
by_rate, by_clip = ends.min(0).values, ends.min(1).values
print("best at", best)
print(
    "by rate:     ",
    ", ".join(f"{r:g}: {e:.3f}" for r, e in zip(RATES, by_rate, strict=True)),
)
print(
    "by threshold:",
    ", ".join(f"{c:g}: {e:.3f}" for c, e in zip(CLIPS, by_clip, strict=True)),
)

# %% [markdown]
# Read the map by columns and by rows. Adam divides by the size of the gradients it has seen: one that is always scaled
# down to the same length looks the same to it, so there is less to see along a column than along a row.
#
# A grid like this chooses; it does not prove. To compare two settings, train them again on other seeds, with enough of
# them for an interval, as [the figure on three cells](../gates/lstm-or-gru.md#fig-lstm_or_gru) does.
#
# ## Things to try
#
# - `optimiser=SGD()` in place of `Adam()`, with rates ten times as high. Now the threshold matters. Why?
# - Start the update gate open, `build` with `cell.block("b", "u").data.fill_(2)`. Which rates work then?
# - Raise `SEEDS` until the time for an update of one model no longer falls. That is what your machine holds.
# - Sweep the forget bias: `LSTM(2, 16, len(g), forget_bias=[...], generator=g)` takes one number a model.
# - Stop early: `evaluate=` and `enough=` end each model as soon as it has solved the task.
