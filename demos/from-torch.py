# %% [markdown]
# # From `torch.nn.LSTM` to its gates
#
# See every gate, state and Jacobian of a module that PyTorch keeps shut, without changing a line of your model.
#
# `torch.nn.LSTM` is one fused call. It returns $h_t$ for every step and the last $c$; the gates never leave it.
# `rnnsite` runs the same network again from the module's own weights, one step at a time, and checks that it gets the
# same output before it tells you anything.

# %%
import torch
from torch import nn

import rnnsite
from rnnsite.figures.described import described
from rnnsite.figures.style import line, new_figure, reference

device = "cuda" if torch.cuda.is_available() else "cpu"
torch.manual_seed(0)
model = nn.LSTM(4, 32, num_layers=2, bidirectional=True).to(device)
x = torch.randn(50, 8, 4, device=device)  # 50 steps, 8 sequences

# %% [markdown]
# ## Every gate
#
# The names say the layer and, with `_reverse`, the direction.

# %%
traces = rnnsite.gate_traces(model, x)
for name in ("l0.i", "l0.c", "l1.f", "l1_reverse.h"):
    print(f"{name:<13}", tuple(traces[name].shape))
output, _ = model(x)
both = torch.cat([traces["l1.h"], traces["l1_reverse.h"]], -1)
print(
    "largest difference from the module's own output:",
    f"{(both - output).abs().max().item():.1e}",
)

# %% [markdown]
# ## What a fresh LSTM keeps
#
# PyTorch starts the forget gate's bias near 0. So about half of the cell is kept at each step, in every layer, and a
# memory halves with every step. Compare it with a bias of 2.

# %%
figure = new_figure(x_title="step", y_title="mean of the forget gate", height=340)
means = {}
for label, bias, colour in (
    ("as it starts", None, "muted"),
    ("bias 2", 2.0, "lstm"),
):
    if bias is not None:
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if name.startswith("bias_ih"):
                    parameter[32:64] = (
                        bias  # torch's order of blocks is i, f, g, o
                    )
    f = rnnsite.gate_traces(model, x)["l0.f"].mean((1, 2))
    line(figure, list(range(len(f))), f.tolist(), colour, label=label)
    means[label] = f.mean().item()
figure.update_yaxes(range=[0, 1])
reference(figure, y=0.5)
said = " and ".join(f"{mean:.2f} with {label}" for label, mean in means.items())
described(figure, f"The mean of the forget gate over 50 steps: {said}.")

# %% [markdown]
# ## The same network as a cell
#
# For one layer and one direction there is more: a cell whose step reads as its equations, with the same weights. It can
# be trained, changed (a peephole, a missing gate), and turned back into a module.

# %%
single = nn.LSTM(4, 32).to(device)
cell = rnnsite.LSTM.from_torch(single)
states, (h, c) = cell(x)
expected, _ = single(x)
print(
    cell.block("W", "f").shape,
    f"difference {(states - expected).abs().max().item():.1e}",
)
again = cell.to_torch()
print("and back:", torch.equal(again.weight_hh_l0, single.weight_hh_l0))

# %% [markdown]
# ## Jacobians
#
# $\partial s_t / \partial s_{t-1}$ says what one step does to a small change of the state. Of an LSTM the state is $h$
# and $c$ together; the part that matters for memory is $\partial c_t / \partial c_{t-1}$.

# %%
J = rnnsite.jacobians(single, x)
print({name: tuple(value.shape) for name, value in J.items()})
stretch = rnnsite.singular_values(J["l0.c"])[..., 0]
print(
    f"largest stretch of the cell in one step: {stretch.mean().item():.2f} on average"
)
rates = rnnsite.lyapunov_exponents(J["l0.hc"])[:, 0]
print(
    f"slowest direction: {rates.mean().exp().item():.3f} of itself is left after a step"
)

# %% [markdown]
# ## Things to try
#
# - Use a packed sequence (`nn.utils.rnn.pack_padded_sequence`) of different lengths. What stands in the traces past the
#   end of a short one?
# - The same with `nn.GRU`: which names do its traces have?
# - Look at a trained model of yours: which layer's forget gate is the most open? [Watch a trained
#   LSTM](watch-an-lstm.md) goes on from there.
# - Compare the stretch of one step with that of twenty. [Jacobian
#   products](../gradients/jacobian-products.md#fig-jacobian_spectra) shows the spectra of both.
# - Ask for `rnnsite.spectral_radius(model)`. Why does an LSTM have four numbers for each layer?
