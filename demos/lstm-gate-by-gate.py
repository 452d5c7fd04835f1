# %% [markdown]
# # The LSTM, gate by gate
#
# Build a memory cell by hand, one gate at a time, and see what each of them is for.
#
# We take an LSTM with a single unit and write its weights ourselves. Its inputs are a value and a mark; it is to keep
# the value that was marked, and nothing else.

# %%
import math

import torch

import rnnsite
from rnnsite.figures.described import described
from rnnsite.figures.style import line, new_figure, reference

T, AT, AGAIN = 60, 8, 40
g = torch.Generator().manual_seed(0)
x = torch.zeros(T, 1, 2)
x[:, 0, 0] = torch.rand(T, generator=g) * 2 - 1
x[AT, 0] = torch.tensor([0.8, 1.0])  # the value to keep, and its mark

# %% [markdown]
# ## No gates at all
#
# With `gates=""` every candidate $g_t = \tanh(U_g x_t)$ is added to the cell: $c_t = c_{t-1} + g_t$. Nothing fades,
# and nothing is kept apart either: the cell is the sum of everything it saw.


# %%
@torch.no_grad()
def cell_with(gates, **weights):
    """One unit; every weight is 0 but those given, as U_i=(w_value, w_mark) or b_i=number."""
    cell = rnnsite.LSTM(2, 1, gates=gates)
    for parameter in (cell.U, cell.W, cell.b):
        parameter.zero_()
    for name, value in weights.items():
        parameter, letter = name.split("_")
        cell.block(parameter, letter).copy_(
            torch.tensor(value).view(1, -1).squeeze(0)
        )
    return cell


@torch.no_grad()
def kept(cell, x=x):
    return cell.trace(x)["c"][:, 0, 0].tolist()


VALUE = (1.0, 0.0)  # the candidate looks at the value alone
print(
    f"kept at the end: {kept(cell_with('', U_g=VALUE))[-1]:.2f}; wanted: {math.tanh(0.8):.2f}"
)

# %% [markdown]
# ## The input gate
#
# $i_t = \sigma(U_i x_t + b_i)$ decides what is written. With a bias of −6 it is shut, and a mark, worth +12, opens it.

# %%
WRITE = {"U_i": (0.0, 12.0), "b_i": -6.0}
with_input = kept(cell_with("i", U_g=VALUE, **WRITE))
print(f"kept at the end: {with_input[-1]:.2f}; wanted: {math.tanh(0.8):.2f}")

# %% [markdown]
# The small difference is what leaks through a gate that is not quite shut: $\sigma(-6)$ of each value.
#
# ## The forget gate
#
# What if a second mark comes? Without a forget gate the second value is *added* to the first. A forget gate that a mark
# shuts clears the cell first: $c_t = f_t c_{t-1} + i_t g_t$.

# %%
twice = x.clone()
twice[AGAIN, 0] = torch.tensor([-0.5, 1.0])
CLEAR = {"U_f": (0.0, -12.0), "b_f": 6.0}
added = kept(cell_with("i", U_g=VALUE, **WRITE), twice)
replaced = kept(cell_with("if", U_g=VALUE, **WRITE, **CLEAR), twice)
leaking = kept(
    cell_with("if", U_g=VALUE, **WRITE, U_f=(0.0, -12.0), b_f=2.0), twice
)

figure = new_figure(x_title="step", y_title="cell state c", height=360)
steps = list(range(T))
line(figure, steps, added, "muted", label="no forget gate")
line(figure, steps, replaced, "lstm", label="with one")
line(figure, steps, leaking, "accent", label="its bias 2, not 6")
figure.update_yaxes(range=[-0.6, 0.95])
for mark in (AT, AGAIN):
    reference(figure, x=mark, label="mark")
described(
    figure,
    f"The cell state after two marks. Without a forget gate it ends at {added[-1]:.2f}, "
    f"the sum; with one at {replaced[-1]:.2f}, the second value; a gate with bias 2 "
    f"lets it fade to {leaking[-1]:.2f}.",
)

# %% [markdown]
# The third curve is the important one. A gate is never quite open: what is left of a value after $k$ steps is $f^k$,
# and so is what is left of a gradient on its way back.

# %%
for bias in (0, 1, 2, 4, 6):
    f = 1 / (1 + math.exp(-bias))
    half = math.log(0.5) / math.log(f)
    print(
        f"bias {bias}: f = {f:.4f}, half of a memory is gone after {half:6.1f} steps"
    )

# %% [markdown]
# That is why a forget gate's bias is often started at 1 or 2: see [how often an LSTM then
# learns](../gates/lstm.md#fig-forget_bias).
#
# ## The output gate
#
# Keeping and telling are two things. The output gate decides when the cell shows itself to the rest of the network, and
# shut it also shields the others from a memory that is of no use yet.

# %%
closed = cell_with("ifo", U_g=VALUE, **WRITE, **CLEAR, b_o=-6.0)
open_ = cell_with("ifo", U_g=VALUE, **WRITE, **CLEAR, b_o=6.0)
for name, cell in (("shut", closed), ("open", open_)):
    trace = cell.trace(twice)
    c, h = trace["c"][-1, 0, 0].item(), trace["h"][-1, 0, 0].item()
    print(f"output gate {name}: c = {c:.2f}, h = {h:.4f}")

# %% [markdown]
# ## Things to try
#
# - Make the cell count: it should grow by about 0.1 at every mark, whatever the value.
# - Show from the weights that $f = 1 - i$ at every step here. A cell that is built so needs one gate less: it is a step
#   towards [the GRU](../gates/gru.md).
# - Give the mark a weight of 4 in place of 12 everywhere, with biases of −2 and 2. How much is left at the end?
# - Let a second unit hold the *first* marked value while this one holds the last.
