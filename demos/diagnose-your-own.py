# %% [markdown]
# # Diagnose your own RNN
#
# Find out why a network does not learn, mend it in one line, and see that it was that line.
#
# We take delayed recall: a number comes first, then fifty steps of noise, and after the last one the network is to give
# the number back. A network that always answers 0 has a mean squared error of 1.

# %%
import torch
from torch import nn

import rnnsite
from rnnsite.tasks.delayed_recall import delayed_recall

T = 50
device = "cuda" if torch.cuda.is_available() else "cpu"


class Recaller(nn.Module):
    """Any model of yours will do: what counts is that it holds an RNN, an LSTM or a GRU."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(2, 32)
        self.head = nn.Linear(32, 1)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.head(states[-1])[:, 0]


def train(model, updates=400):
    g = torch.Generator().manual_seed(1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(updates):
        x, y = delayed_recall(T, 32, g)
        loss = nn.functional.mse_loss(model(x.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return model


def error(model):
    x, y = delayed_recall(T, 1000, torch.Generator().manual_seed(2))
    with torch.no_grad():
        return nn.functional.mse_loss(model(x.to(device)), y.to(device)).item()


# %% [markdown]
# Train it as it comes, and look at the error on fresh sequences.

# %%
torch.manual_seed(0)
plain = train(Recaller().to(device))
print(f"error {error(plain):.3f}; always answering 0 has 1")

# %% [markdown]
# ## Ask
#
# `rnnsite.diagnose` takes the model, one batch, and the loss. It needs no change in your code: it runs the recurrent
# layers again, step by step, from their own weights. Ask about the network as it *starts*, before it has learned to
# live with its fault.

# %%
torch.manual_seed(0)
fresh = Recaller().to(device)
x, y = (
    part.to(device)
    for part in delayed_recall(T, 32, torch.Generator().manual_seed(3))
)
print(rnnsite.diagnose(fresh, x, y, loss=nn.functional.mse_loss))

# %% [markdown]
# The loss hardly feels the steps it would have to learn from. The reason is in
# [Jacobian products](../gradients/jacobian-products.md#fig-gradient_by_distance): a gradient that goes back $k$ steps
# is multiplied by $k$ matrices, and each of these shrinks it.
#
# ## Do the first thing it says
#
# An orthogonal $W$ neither stretches nor shrinks. Only the tanh still does.

# %%
nn.init.orthogonal_(fresh.rnn.weight_hh_l0)
print(rnnsite.diagnose(fresh, x, y, loss=nn.functional.mse_loss))

# %%
mended = train(fresh)
print(
    f"error as it came {error(plain):.3f}, started orthogonal {error(mended):.3f}"
)

# %% [markdown]
# ## Things to try
#
# - Put `nn.GRU` in the place of `nn.RNN`. What does the report say before training, and what is the error after?
# - Make `T` 20, then 200. Where does the plain network begin to fail, and where the orthogonal one?
# - Give `diagnose` your optimiser as well (`optimizer=`), with a learning rate of 1. Which verdict is new?
# - Use a batch and a model of your own. [Your own RNN](../diagnose.md) says what each verdict means.
