# %% [markdown]
# # Watch a trained LSTM
#
# Train an LSTM on the adding problem, open it up, and find where it keeps the sum.
#
# Numbers go by, two are marked, and at the end the network gives the sum of those two. Nobody tells it how.

# %%
import torch

import rnnsite
from rnnsite.cells import LSTM
from rnnsite.figures.described import described
from rnnsite.figures.palette import DIVERGING, colour
from rnnsite.figures.style import new_figure, reference
from rnnsite.figures.template import COLORBAR
from rnnsite.tasks.adding import BASELINE, adding
from rnnsite.training.fleet import train_fleet
from rnnsite.training.irnn import adding_batches, squared_error
from rnnsite.training.optimisers import Adam
from rnnsite.training.recurrent import Recurrent

device = "cuda" if torch.cuda.is_available() else "cpu"
T, H = 30, 10

# %% [markdown]
# ## Train four, keep one

# %%
trained = train_fleet(
    [("watch", seed) for seed in range(4)],
    lambda g: Recurrent(
        LSTM(2, H, len(g), forget_bias=1.0, generator=g), 1, generator=g
    ),
    lambda g, updates: adding_batches(T, 32, g, updates),
    squared_error,
    updates=1000,
    rate=0.02,
    clip=1.0,
    optimiser=Adam(),
    device=device,
)
losses = trained.losses[-1]
best = int(losses.argmin())
print("losses", [round(loss, 4) for loss in losses.tolist()])
print(f"always answering 1: {BASELINE:.4f}")

# %% [markdown]
# ## Look inside
#
# `select` takes one model out of the fleet, `to_torch` makes a `torch.nn.LSTM` of it, and `gate_traces` shows every
# gate and state of any such module, at every step.

# %%
lstm = trained.module.cell.select(best).to_torch().cpu()
x, y = adding(T, 400, torch.Generator().manual_seed(5))
traces = rnnsite.gate_traces(lstm, x)
print(sorted(traces))

# %% [markdown]
# One sequence: each row is a unit of the cell state, blue below zero and red above, on a scale of its own. The dotted
# lines are the marks. A unit that holds the sum should change there, and little elsewhere. Do you see one?

# %%
example = 3
c = traces["l0.c"][:, example].T
c = c / c.abs().amax(1, keepdim=True)
figure = new_figure(x_title="step", y_title="unit", height=360)
figure.add_heatmap(
    z=c.tolist(),
    colorscale=DIVERGING,
    zmin=-1,
    zmax=1,
    colorbar=COLORBAR,
)
marks = x[:, example, 1].nonzero()[:, 0].tolist()
for mark in marks:
    reference(figure, x=mark)
figure.update_shapes(layer="above", line_color=colour("ink"))
figure.update_yaxes(tickvals=list(range(H)))
described(
    figure,
    f"The cell state of {H} units over {T} steps of one sequence, as a map of colours, each unit on its own scale. "
    f"Marks stand at steps {marks[0]} and {marks[1]}.",
)

# %% [markdown]
# ## Which unit knows?
#
# Ask every unit at every step how well it follows the sum of the marked numbers *so far*, over 400 sequences: that is a
# correlation a unit.

# %%
so_far = (x[..., 0] * x[..., 1]).cumsum(0)


def correlation(a, b):
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / (a.norm() * b.norm()))


found = [
    correlation(traces["l0.c"][T - 1, :, k], so_far[T - 1]) for k in range(H)
]
order = sorted(range(H), key=lambda k: -abs(found[k]))
for k in order[:3]:
    middle = correlation(traces["l0.c"][T // 2, :, k], so_far[T // 2])
    print(f"unit {k}: {found[k]:+.2f} at the end, {middle:+.2f} half way")

# %% [markdown]
# ## What do its gates do at a mark?

# %%
marked = x[..., 1] == 1
knows = order[0]
print(f"unit {knows}, away from the marks → at a mark")
for gate in "ifo":
    values = traces[f"l0.{gate}"][..., knows]
    print(f"{gate}: {values[~marked].mean():.2f} → {values[marked].mean():.2f}")

# %% [markdown]
# What is to be remembered must be written, so the input gate is the one to look at. Compare its two numbers with the
# rule that [the notebook on the gates](lstm-gate-by-gate.md) writes by hand. Training shares a task among many units,
# and none of them needs to be as clear-cut: [Watching gates](../gates/watching-gates.md#fig-gates_on_tasks) ranks the
# units of networks on three other tasks.
#
# ## Things to try
#
# - Set a unit's candidate to zero (its rows of `weight_ih_l0` and `weight_hh_l0`) and measure the error again. Which
#   units can be spared?
# - Train with `H = 2`. Does it still work, and is the picture clearer?
# - Test the network on sequences twice as long as those it learned from.
# - Do the same with a GRU. Where is the sum now?
