# %% [markdown]
# # An IRNN reads digits
#
# See what the start of one matrix does: the same network, the same digits, read pixel by pixel.
#
# An image of 8 × 8 pixels is a sequence of 64 brightnesses. The network sees one pixel at a time and names the digit at
# the end. [Where to start](../remedies/initialization.md#fig-irnn_pixels) has this task with intervals; here is the
# whole of it on one page.

# %%
import torch

from rnnsite.figures.described import described
from rnnsite.figures.style import line, new_figure, reference
from rnnsite.tasks.digits import CLASSES, digits
from rnnsite.training.fleet import train_fleet
from rnnsite.training.losses import cross_entropy
from rnnsite.training.optimisers import Adam
from rnnsite.training.starts import started

device = "cuda" if torch.cuda.is_available() else "cpu"
data = digits()
print(f"{len(data.train.y)} images to learn from, {len(data.dev.y)} to choose by")
image = data.train.x[:, 0, 0].view(8, 8)
print(
    "\n".join(
        "".join(" ·▒█"[int(3.99 * p)] * 2 for p in row) for row in image.tolist()
    )
)
print("is a", data.train.y[0].item())

# %% [markdown]
# ## Three networks
#
# All have 32 units in one layer. Two are of tanh units: one starts as PyTorch would start it, one with an orthogonal
# matrix. The IRNN has ReLU units, and its recurrent matrix starts as the identity: untrained, it simply adds up what it
# sees.
#
# $$h_t = \mathrm{relu}(U x_t + W h_{t-1} + b), \qquad W = \mathbf 1$$

# %%
SEEDS, BATCH, UPDATES, EVERY = 3, 32, 300, 50


def draw(g, updates):
    chosen = torch.randint(len(data.train.y), (len(updates), BATCH), generator=g)
    return [(data.train.x[:, one], data.train.y[one]) for one in chosen]


@torch.no_grad()
def accuracy(model, _):
    x = data.dev.x.to(device).expand(len(model.V), *data.dev.x.shape)
    return (model.last(x).argmax(-1) == data.dev.y.to(device)).double().mean(1)


def learn(name):
    return train_fleet(
        [("digits", seed) for seed in range(SEEDS)],
        lambda g: started(name, 1, 32, CLASSES, g),
        draw,
        lambda model, x, y: cross_entropy(model.last(x), y),
        updates=UPDATES,
        rate=0.003,
        clip=1.0,
        optimiser=Adam(),
        evaluate=accuracy,
        check_every=EVERY,
        record_every=EVERY,
        ahead=32,
        device=device,
    ).scores


# %%
NAMES = ("tanh, orthogonal", "tanh RNN", "IRNN")
scores = {name: learn(name) for name in NAMES}
figure = new_figure(
    x_title="update", y_title="share of images named right", height=380
)
updates = [EVERY * (k + 1) for k in range(UPDATES // EVERY)]
for (name, runs), colour in zip(
    scores.items(), ("tanh", "tanh", "relu"), strict=True
):
    for seed in range(SEEDS):
        label = name if seed == int(runs[-1].argmax()) else None
        line(
            figure,
            updates,
            runs[:, seed].tolist(),
            colour,
            label=label,
            width=1.6,
            dash="dash" if name == NAMES[0] else None,
        )
reference(figure, y=1 / CLASSES, label="guessing")
figure.update_yaxes(range=[0, 1])
ends = {name: runs[-1].mean().item() for name, runs in scores.items()}
said = ", ".join(f"{name} {end:.0%}" for name, end in ends.items())
described(
    figure,
    f"Share of 300 images named right while {SEEDS} networks of each kind learn. On average at the end: {said}.",
)

# %% [markdown]
# Le, Jaitly and Hinton proposed the IRNN for images of 28 × 28 pixels and trained it far longer; there it won. Here it
# is behind. An untrained sum knows one number of an image, its brightness, and it takes long to make more of it. An
# orthogonal matrix keeps what it is given too, but turns it, so that early and late pixels do not fall on top of each
# other.
#
# ## Things to try
#
# - Scale the identity: `cell.W.mul_(0.9)` after `started`. Does a little forgetting help or hurt?
# - Read the pixels in a random order, the same for every image. It makes the task harder; for which network more?
# - Let an LSTM try: `"LSTM"`, with 16 units and a rate of 0.02.
# - Set `clip=None` for the IRNN, with several seeds.
