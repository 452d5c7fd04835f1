# %% [markdown]
# # Gradient flow
#
# Measure how much of a gradient arrives how far back, in three kinds of network, and see what sets the rate.
#
# A loss at the last step can only teach the network about step $t$ if $\partial L / \partial h_t$ is not zero there.
# So we measure exactly that: the norm of the gradient at every step.

# %%
import torch
from torch import nn

import rnnsite
from rnnsite.figures.described import described
from rnnsite.figures.style import line, new_figure, reference

T, B, H = 100, 16, 64
device = "cuda" if torch.cuda.is_available() else "cpu"
torch.manual_seed(0)
x = torch.randn(T, B, 8, device=device)

# %% [markdown]
# ## The three of `torch.nn`, as they start
#
# Without a loss of its own, `gradient_flow` sends back a gradient of length 1 from the last state. The names of what it
# returns are those of the layers: `l0.h` is the state of layer 0.

# %%
figure = new_figure(
    x_title="steps back", y_title="gradient norm, 1 at the last step", log_y=True
)
left = {}
for name, module in (("rnn", nn.RNN), ("gru", nn.GRU), ("lstm", nn.LSTM)):
    flow = rnnsite.gradient_flow(module(8, H).to(device), x)[
        "l0.c" if name == "lstm" else "l0.h"
    ]
    norms = flow.mean(1).flip(0).cpu()  # over the batch; last step first
    if name == "lstm":
        norms = norms / norms[0]
    line(figure, list(range(T)), norms.tolist(), name, label=name.upper())
    left[name] = norms[50].item()
said = ", ".join(f"{name.upper()} {share:.1g}" for name, share in left.items())
described(
    figure,
    f"Gradient norms of untrained networks fall as straight lines on a log axis. Left 50 steps back: {said}.",
)

# %% [markdown]
# All three fall along straight lines: each step multiplies the gradient by about the same factor. PyTorch draws the
# weights from $U(-1/\sqrt H, 1/\sqrt H)$, which makes the matrix of the plain network a strong contraction. In a gated
# network about half of the state is kept at each step, because the gates start half open; that is a better factor, but
# one half to the power of fifty is nothing either.
#
# ## What sets the factor
#
# Take a plain network and scale its matrix $W$ to a chosen spectral radius $\rho$, the largest modulus of an
# eigenvalue.

# %%
figure = new_figure(
    x_title="steps back", y_title="gradient norm, 1 at the last step", log_y=True
)
rates = []
for rho, colour in (
    (0.6, "vanish"),
    (0.9, "accent"),
    (1.1, "lstm"),
    (1.5, "explode"),
):
    g = torch.Generator().manual_seed(1)
    cell = rnnsite.Elman(
        8, H, activation="linear", spectral_radius=rho, generator=g
    ).to(device)
    norms = rnnsite.gradient_flow(cell, x)["h"].mean(1).flip(0).cpu()
    line(figure, list(range(T)), norms.tolist(), colour, label=f"ρ = {rho}")
    rates.append(f"{(norms[90] / norms[50]).item() ** (1 / 40):.2f} at ρ = {rho}")
reference(figure, y=1)
print("factor a step:", ", ".join(rates))
described(
    figure,
    f"Gradient norms of linear networks by spectral radius. The factor a step is {', '.join(rates)}.",
)

# %% [markdown]
# In a linear network the factor is ρ itself, far enough back. Below 1 the gradient vanishes, above 1 it explodes.
# [Repeated multiplication](../gradients/repeated-multiplication.md#fig-repeated_multiplication) has this with one
# number instead of a matrix.
#
# ## With a tanh
#
# A saturating nonlinearity multiplies by its slope, which is at most 1. The same matrix then carries less, and how much
# less depends on the inputs.

# %%
for strength in (0.1, 1.0, 3.0):
    g = torch.Generator().manual_seed(1)
    cell = rnnsite.Elman(8, H, spectral_radius=1.1, generator=g).to(device)
    norms = rnnsite.gradient_flow(cell, strength * x)["h"].mean(1).flip(0)
    flat = rnnsite.saturation(cell, strength * x)["h"]
    print(
        f"inputs × {strength}: left 50 steps back {norms[50].item():.1e}, saturated {flat.share:.0%}"
    )

# %% [markdown]
# ## Things to try
#
# - Give the LSTM a forget gate that is open: `model.bias_hh_l0.data[H:2 * H] = 2`. How much is left now?
# - Replace the end of the sequence by a loss at every step: `loss=lambda output: output[0].square().mean()`. Why is the
#   curve no longer straight?
# - Use `recurrent=rnnsite.cells.orthogonal` in place of `spectral_radius`. Which factor do you get, and how far does it
#   vary from seed to seed?
# - Train the networks and measure again. Which rates change? Two figures of this site answer with many seeds: [before
#   training](../gradients/jacobian-products.md#fig-gradient_by_distance) and
#   [after](../gradients/jacobian-products.md#fig-gradient_after_training).
# - Change ρ with the mouse in [the explorer](../gradients/jacobian-products.md).
