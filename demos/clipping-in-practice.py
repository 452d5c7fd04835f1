# %% [markdown]
# # Clipping in practice
#
# Choose a clipping threshold from the gradients you see, and learn what one that is too low costs.
#
# Clipping scales a gradient that is longer than a threshold down to it: $g \leftarrow g \cdot \min(1, c / \lVert g
# \rVert)$. That is one line of code. The questions are which $c$, and how you would know.

# %%
from functools import partial

import torch

from rnnsite.figures.described import described
from rnnsite.figures.style import label_line, line, new_figure, reference
from rnnsite.tasks.adding import BASELINE
from rnnsite.training.fleet import train_fleet
from rnnsite.training.irnn import adding_batches, irnn, squared_error

device = "cuda" if torch.cuda.is_available() else "cpu"
SEEDS, UPDATES, RATE = 6, 1000, 0.1

# %% [markdown]
# ## A network that blows up
#
# ReLU units whose recurrent matrix starts as the identity remember well, and nothing bounds them: an eigenvalue that
# training pushes above 1 makes the gradient grow with every step back. We train six of them on the adding problem, 20
# steps long, once for each threshold, all in one call.

# %%
NONE = float("inf")
THRESHOLDS = (0.01, 0.1, 1.0, 10.0, NONE)
arms = [(threshold, seed) for threshold in THRESHOLDS for seed in range(SEEDS)]
trained = train_fleet(
    [("clipping", seed) for _, seed in arms],  # the same six networks for each
    partial(irnn, 24),
    partial(adding_batches, 20, 16),
    squared_error,
    updates=UPDATES,
    rate=RATE,
    clip=[threshold for threshold, _ in arms],
    record_every=10,
    device=device,
)
shape = (-1, len(THRESHOLDS), SEEDS)
norms, losses = trained.norms.view(shape), trained.losses.view(shape)
last = losses[-10:].mean(0)
largest = norms.nan_to_num(0).amax((0, 2))
print(f"always answering 1 has a loss of {BASELINE:.3f}")
for threshold, loss, norm in zip(THRESHOLDS, last, largest, strict=True):
    shown = (
        f"threshold {threshold:<5g} losses {loss.min():.3f} to {loss.max():.3f}"
    )
    print(f"{shown}, largest norm of a gradient {norm:.1g}")

# %%
figure = new_figure(x_title="threshold", y_title="loss at the end", height=340)
names = [
    "none" if threshold == NONE else f"{threshold:g}" for threshold in THRESHOLDS
]
for seed in range(SEEDS):
    line(figure, names, last[:, seed].tolist(), "rnn", width=1, markers=True)
reference(figure, y=BASELINE)
label_line(
    figure, names[1], BASELINE, "always answering 1", "muted", position="above"
)
figure.update_xaxes(type="category")
figure.update_yaxes(range=[0, 0.2])
means = ", ".join(f"{loss:.3f}" for loss in last.mean(1))
described(
    figure,
    f"The loss of {SEEDS} networks by clipping threshold, {', '.join(names)}: on average "
    f"{means}. Always answering 1 has {BASELINE:.3f}.",
)

# %% [markdown]
# Without a threshold nothing is learned, and not because a number became NaN: one enormous step is enough to push every
# ReLU below zero, where no gradient will ever bring it back. The loss curve looks calm afterwards. A log of the norms
# would have shown it.
#
# ## Look at the norms
#
# The norm *before* clipping is what you choose the threshold by. Log it in every training loop; `clip_grad_norm_`
# returns it. Here are the norms of one network under three thresholds.

# %%
figure = new_figure(
    x_title="update",
    y_title="gradient norm before clipping",
    log_y=True,
    height=360,
)
said = []
for threshold, colour in ((10.0, "explode"), (1.0, "good"), (0.01, "muted")):
    curve = norms[:, THRESHOLDS.index(threshold), 0]
    updates = [10 * k for k in range(len(curve))]
    line(
        figure,
        updates,
        curve.tolist(),
        colour,
        label=f"c = {threshold:g}",
        width=1.8,
    )
    said.append(f"{curve.nanmedian():.2g} at {threshold:g}")
described(
    figure,
    "The gradient norm of one network during training, for clipping at 10, 1 and "
    f"0.01. Its median is {', '.join(said)}.",
)

# %% [markdown]
# A rule to begin with: train a few hundred updates, take the *typical* norm of a run that learns, and clip near it. The
# norm depends on the threshold you tried, so try a lower one, too, and compare the losses. A threshold far below the
# typical norm cuts every update. The direction is then all that is left of the gradient, and each step is of the length
# $\eta c$: a slow walk.

# %%
for k, threshold in enumerate(THRESHOLDS[:-1]):
    seen = norms[:, k][norms[:, k].isfinite()]
    cut = (seen > threshold).double().mean()
    print(
        f"threshold {threshold:<5g} typical norm {seen.median():.2g}, cut {cut:4.0%} of the time"
    )

# %% [markdown]
# Do not read the last line as good news. Hardly anything is cut at 10, and the typical norm is small, because most
# networks are dead there: only the bias of the output still has a gradient.
#
# ## Things to try
#
# - Set `RATE` to 0.01. Which thresholds still matter?
# - Clip each entry instead of the norm: `clip_value=` in place of `clip=`. At which value does it do as well?
# - The threshold 0.01 walks slowly. Does it get there with ten times the rate?
# - [Gradient clipping](../remedies/gradient-clipping.md#fig-clipping_threshold) asks the same with more seeds and
#   intervals.
