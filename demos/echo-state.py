# %% [markdown]
# # An echo state network
#
# Build a recurrent network of which only the last layer is trained, in closed form; let it continue a chaotic series.
#
# If training the recurrent weights is the trouble, do not train them. A large random network turns its input into many
# echoes of the past; a linear readout then picks from them what is needed. [Reservoirs](../remedies/reservoirs.md)
# has the theory.

# %%
import torch

from rnnsite.cells import Leaky
from rnnsite.figures.described import described
from rnnsite.figures.style import line, new_figure, reference
from rnnsite.tasks.mackey_glass import mackey_glass
from rnnsite.training.delay_line import delay_line
from rnnsite.training.echo_state import listen, scale_inputs
from rnnsite.training.ridge import nrmse, ridge, with_bias

x = mackey_glass(4000, torch.Generator().manual_seed(0)).float()
print(f"{len(x)} values between {x.min():.2f} and {x.max():.2f}")

# %% [markdown]
# ## The reservoir
#
# 300 units, a random matrix scaled to the spectral radius 0.9, and a leak: half of each state stays at each step. The
# cells of `rnnsite` hold many models at once, so there is a 1 for one model.

# %%
H = 300
g = torch.Generator().manual_seed(1)
cell = Leaky(1, H, 1, leak=0.5, spectral_radius=0.9, generator=g)
scale_inputs(cell, 1.0)
WASHOUT, TRAIN = 200, 2800
states = listen(cell, x)  # (1, T, H)
print("states", tuple(states.shape))

# %% [markdown]
# ## The readout
#
# At each step the next value of the series is wanted. Ridge regression has one solution and no learning rate. The
# first 200 states still tell of the start from zero; they are left out.
#
# Is the error small? That depends on what costs nothing: repeating the last value, and the same regression on the last
# 30 values, without any network.

# %%
seen, unseen = slice(WASHOUT, WASHOUT + TRAIN), slice(WASHOUT + TRAIN, len(x) - 1)
targets = x[1:].view(1, -1, 1)
readout = ridge(states[:, seen], targets[:, seen], 1e-8)
error = nrmse(with_bias(states[:, unseen]) @ readout, targets[:, unseen])
last = nrmse(x[:-1].double().view(1, -1, 1)[:, unseen], targets[:, unseen])
past = delay_line(x.double(), 30)[None]
weights = ridge(past[:, seen], targets[:, seen], 1e-8)
linear = nrmse(with_bias(past[:, unseen]) @ weights, targets[:, unseen])
print(f"error one step ahead {error.item():.1e} of the standard deviation")
print(f"repeating the last value: {last.item():.1e}")
print(f"a line through the last 30 values: {linear.item():.1e}")

# %% [markdown]
# ## Let go
#
# One step ahead a line does well: over so short a time a smooth series is nearly straight. A harder test is to feed the
# network its own answers. Every error is fed back as well, and the series is chaotic, so the two must part
# in the end. How long does it last?

# %%
start, steps = WASHOUT + TRAIN, 700
h, said = states[:, start - 1 : start], []
for _ in range(steps):
    value = (with_bias(h) @ readout).float()  # (1, 1, 1): of the next step
    said.append(value.item())
    _, h = cell(value[:, None, :, :], h)
truth = x[start : start + steps]
apart = (torch.tensor(said) - truth).abs() > 0.1
parted = int(apart.nonzero()[0]) if apart.any() else steps

figure = new_figure(
    x_title="steps since it was let go", y_title="value of the series", height=340
)
line(figure, list(range(steps)), truth.tolist(), "muted", label="series")
line(figure, list(range(steps)), said, "esn", label="network", width=1.8)
figure.update_yaxes(range=[-0.6, 0.6])
reference(figure, x=parted, label=f"0.1 apart after {parted} steps")
described(
    figure,
    "A chaotic series and an echo state network that continues it from its own answers. "
    f"They are first 0.1 apart after {parted} steps.",
)

# %% [markdown]
# ## Things to try
#
# - Set `spectral_radius` to 0.1, then to 1.5. What happens to the one-step error, and what to the free run? [A
#   figure](../remedies/reservoirs.md#fig-esn_leak) shows both by radius and leak.
# - Let the line through the last 30 values run free as well. How many steps does it last?
# - Make `H` 50, then 1000. Which of the two errors gains more?
# - Raise the penalty from `1e-8` to `1e-3`. The one-step error grows. Does the free run become more stable?
# - Train it on a series of your own: anything with a value a step.
