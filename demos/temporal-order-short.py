# %% [markdown]
# # Temporal order, with short lags
#
# Train twenty networks at once on a task that needs memory, and see at which length a plain network gives up.
#
# Among distractors c, d, e, f stand two symbols that are A or B. After the last step the network says in which order
# they came: AA, AB, BA or BB. The task is described in [Regularising the information
# flow](../remedies/information-flow-regularizer.md#fig-temporal_order); here the sequences are short, so that all of it
# trains in seconds.

# %%
import torch

from rnnsite.cells import LSTM, Elman
from rnnsite.figures.described import described
from rnnsite.figures.style import band, line, new_figure
from rnnsite.rates import success
from rnnsite.tasks.temporal_order import SYMBOLS, temporal_order
from rnnsite.training.fleet import train_fleet
from rnnsite.training.losses import cross_entropy
from rnnsite.training.optimisers import Adam
from rnnsite.training.recurrent import Recurrent
from rnnsite.wording import say

device = "cuda" if torch.cuda.is_available() else "cpu"
x, y = temporal_order(20, 3, torch.Generator().manual_seed(0))
for b in range(3):
    print(
        "".join(SYMBOLS[s] for s in x[:, b].argmax(-1)),
        "→",
        ("AA", "AB", "BA", "BB")[y[b]],
    )

# %% [markdown]
# ## A fleet
#
# `train_fleet` trains many models as one. Every tensor has the number of models as its first dimension. `build` makes
# the models, `draw` the data of one of them, and `loss` gives one number a model. Each model has a seed of its own, and
# is the same model whoever trains beside it.

# %%
MODELS, BATCH, UPDATES = 20, 20, 300
CELLS = {
    "rnn": lambda g: Elman(6, 24, len(g), generator=g),
    "lstm": lambda g: LSTM(6, 12, len(g), generator=g),
}


def solve(kind, T):
    """Whether each model is right on at least 99 of 100 fresh sequences."""

    def draw(g, updates):
        x, y = temporal_order(T, BATCH * len(updates), g)
        return list(zip(x.split(BATCH, 1), y.split(BATCH), strict=True))

    def wrong(model, generators):
        sets = [temporal_order(T, 200, g) for g in generators]
        x, y = (torch.stack(part).to(device) for part in zip(*sets, strict=True))
        return (model.last(x).argmax(-1) != y).double().mean(1)

    trained = train_fleet(
        [("notebook", kind, T, seed) for seed in range(MODELS)],
        lambda g: Recurrent(CELLS[kind](g), 4, generator=g),
        draw,
        lambda model, x, y: cross_entropy(model.last(x), y),
        updates=UPDATES,
        rate=0.01,
        clip=1.0,
        optimiser=Adam(),
        evaluate=wrong,
        enough=0.01,
        check_every=50,
        device=device,
    )
    return (trained.solved_at > 0).tolist()


# %% [markdown]
# ## How often it is learned
#
# A share of twenty runs is an uncertain number. `success` gives it with Wilson's 95 % interval.

# %%
lengths = (10, 20, 30)
rates = {kind: [success(solve(kind, T)) for T in lengths] for kind in CELLS}
figure = new_figure(
    x_title="length of the sequences",
    y_title="share of the networks that solve it",
)
for kind, row in rates.items():
    band(figure, lengths, [e.low for e in row], [e.high for e in row], kind)
    line(
        figure,
        lengths,
        [e.value for e in row],
        kind,
        label={"rnn": "tanh", "lstm": "LSTM"}[kind],
        markers=True,
    )
    print(
        f"{kind:<5}",
        "   ".join(
            f"T = {T}: {say(e, '.0%')}" for T, e in zip(lengths, row, strict=True)
        ),
    )
figure.update_yaxes(range=[-0.03, 1.05])
said = "; ".join(
    f"{kind}: " + ", ".join(f"{e.value:.0%}" for e in row)
    for kind, row in rates.items()
)
described(
    figure,
    f"Share of 20 networks that solve the task at lengths 10, 20 and 30, with intervals. {said}.",
)

# %% [markdown]
# ## Things to try
#
# - Give the plain networks an orthogonal start (`recurrent=orthogonal` from `rnnsite.cells`). How far does the curve
#   move?
# - Double `UPDATES`. Do the failures need more time, or do they not learn at all?
# - Let `forget_bias=1.0` start the LSTM with its memory half open.
# - Set `clip=None`. Which of the two needs the clipping?
