"""The same weights in three readings of the GRU: which value of the update gate keeps, and where the reset stands.

Page: docs/gates/gru.md

With random weights, untrained. An update gate that overwrites becomes one that keeps when its weights and bias are
negated, exactly. A reset before the product, W(r∘h), and one after it, r∘(W h), differ in unit k by
Σ_j W_kj (r_j − r_k) h_j: by as much as the units' gates differ from one another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rnnsite.cells.gru import GRU, gru_step
from rnnsite.claims import Arrays, Claim, swap_entries, swap_names
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, exact

TITLE = "Three readings of the GRU"
PAGE = "gates/gru"


@dataclass(frozen=True)
class Config:
    I: int = 4
    H: int = 16
    T: int = 20
    B: int = 10
    scales: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # times torch's start, U(−1/√H, 1/√H)
    networks: int = 40
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(H=128, T=50, networks=100)}


class OverwritingGRU(GRU):
    """The GRU of OX and UN: h_t = (1 − u_t)∘h_{t−1} + u_t∘g_t, so that an update gate of 1 overwrites the state."""

    def step(self, Ux: tuple[Tensor, Tensor], state: dict[str, Tensor], **weights: Any) -> dict[str, Tensor]:
        now = gru_step(*Ux, state["h"], **weights)
        return {**now, "h": (1 - now["u"]) * state["h"] + now["u"] * now["g"]}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (scale, network), everything in float64.

    order       mean distance of the states of a reset before from those of a reset after, relative to their length
    one_step    the same where each step starts from the same state
    spread      standard deviation of the reset gate over the units, averaged over steps and sequences
    shared      as order, when all units of a network share one reset gate
    negated     largest difference of any state of the overwriting GRU, its update gate negated, from ours, each step
                from the same state; negated_run, from the same start
    forgotten   as order, for the overwriting GRU given our weights as they are
    And parameters of torch.nn's modules of one size: rnn, gru, lstm.
    """

    def at(scale: float) -> dict[str, np.ndarray]:
        g = [generator("gru_conventions", config.seed_set, n) for n in range(config.networks)]  # same at every scale
        before, after, overwriting = (
            kind(config.I, config.H, config.networks, reset_before=first, dtype=torch.float64)
            for kind, first in ((GRU, True), (GRU, False), (OverwritingGRU, True))
        )
        draw_weights(before, g, scale)
        x = torch.stack([torch.randn(config.T, config.B, config.I, generator=one) for one in g]).double()
        give(before, after, overwriting)
        trace = before.trace(x)
        states = trace["h"]
        found = {
            "order": relative(after(x)[0], states),
            "one_step": relative(steps(after, x, states), states),
            "spread": trace["r"].std(-1).mean((1, 2)),
            "forgotten": relative(overwriting(x)[0], states),
        }
        negate(overwriting)
        found["negated"] = (steps(overwriting, x, states) - states).abs().amax((1, 2, 3))
        found["negated_run"] = (overwriting(x)[0] - states).abs().amax((1, 2, 3))
        share_reset(before)
        give(before, after)
        found["shared"] = relative(after(x)[0], before(x)[0])
        return {name: value.numpy() for name, value in found.items()}

    with torch.no_grad():
        arrays = context.stack(at, config.scales)
    counts = {kind.__name__.lower(): kind(config.I, config.H) for kind in (nn.RNN, nn.GRU, nn.LSTM)}
    return {
        **arrays,
        **{name: np.array(sum(p.numel() for p in module.parameters())) for name, module in counts.items()},
        "scales": np.array(config.scales),
        "I": np.array(config.I),
        "H": np.array(config.H),
        "T": np.array(config.T),
    }


def draw_weights(cell: GRU, generators: list[torch.Generator], scale: float) -> None:
    """Everything from U(−scale/√H, scale/√H), the biases too."""
    for n, g in enumerate(generators):
        for parameter in (cell.U, cell.W, cell.b):
            uniform = 2 * torch.rand(parameter[n].shape, generator=g, dtype=torch.float64) - 1
            parameter[n].copy_(uniform * scale / cell.H**0.5)


def give(cell: GRU, *others: GRU) -> None:
    """Give the others the weights of `cell`; a b_h stays 0, so that nothing but the order differs."""
    for other in others:
        for name in ("U", "W", "b"):
            getattr(other, name).copy_(getattr(cell, name))


def negate(cell: GRU) -> None:
    """Negate all that makes the update gate, in place: σ(−a) = 1 − σ(a)."""
    for name in ("U", "W", "b"):
        cell.block(name, "u").neg_()


def share_reset(cell: GRU) -> None:
    """Give every unit the reset gate of the first unit, in place."""
    for name in ("U", "W", "b"):
        block = cell.block(name, "r")
        block.copy_(block[:, :1].clone().expand_as(block))


def steps(cell: GRU, x: Tensor, states: Tensor) -> Tensor:
    """Where `cell` goes in a single step from each of the states, and from 0: (M, T, B, H) like `states`."""
    before = torch.cat([torch.zeros_like(states[:, :1]), states[:, :-1]], 1)
    return cell(x.flatten(1, 2)[:, None], before.flatten(1, 2))[1].view_as(states)


def relative(states: Tensor, reference: Tensor) -> Tensor:
    """‖states − reference‖ / ‖reference‖ of each network, over all steps, sequences and units, (M,)."""
    return (states - reference).flatten(1).norm(dim=1) / reference.flatten(1).norm(dim=1)


def _place(a: Arrays, scale: float) -> int:
    return int(np.flatnonzero(a["scales"] == scale)[0])


def typical(name: str, scale: float) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(a[name][_place(a, scale)])


STANDARD, LARGE, SMALL = 2, 4, 0  # places of scales 1, 4 and ¼

CLAIMS = [
    Claim(
        "negation-is-exact",
        "Where an update gate of 1 overwrites, negating its weights and bias makes one that keeps: after a step "
        "no state differs by more than {measured}.",
        lambda a: exact(float(a["negated"].max())),
        below=1e-12,
        identity=True,
    ),
    Claim(
        "one-gate-for-all-and-the-order-is-nothing",
        "Where all units share one reset gate, before and after are the same: they differ by {measured} at most.",
        lambda a: exact(float(a["shared"].max())),
        below=1e-12,
        identity=True,
    ),
    Claim(
        "three-quarters",
        "A torch.nn.GRU has {measured:.0%} of the parameters of a torch.nn.LSTM of the same size.",
        lambda a: exact(float(a["gru"] / a["lstm"])),
        above=0.7499,
        below=0.7501,
        identity=True,
    ),
    Claim(
        "weights-carried-over-as-they-are",
        "Weights carried over without the negation give another network: at PyTorch's scale its states are off by "
        "{measured:.0%} of their length.",
        typical("forgotten", 1.0),
        above=0.15,
        swap=swap_names("forgotten", "order"),
    ),
    Claim(
        "order-hardly-shows-at-first",
        "At PyTorch's scale reset before and reset after differ by {measured:.1%} of the state's length.",
        typical("order", 1.0),
        below=0.08,
        swap=swap_entries(0, STANDARD, LARGE, "order"),
    ),
    Claim(
        "order-shows-in-large-weights",
        "With weights four times as large they differ by {measured:.0%}.",
        typical("order", 4.0),
        above=0.3,
        swap=swap_entries(0, STANDARD, LARGE, "order"),
    ),
    Claim(
        "steeper-than-the-weights",
        "From a quarter of PyTorch's scale to PyTorch's, four times the weights, the difference is {10^measured} times "
        "as large.",
        lambda a: bootstrap(np.log10(a["order"][STANDARD] / a["order"][SMALL])),
        above=1.0,
        swap=swap_entries(0, SMALL, STANDARD, "order"),
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "networks": lambda a: int(a["order"].shape[1]),
    "H": lambda a: int(a["H"]),
    "I": lambda a: int(a["I"]),
    "T": lambda a: int(a["T"]),
    "rnn": lambda a: int(a["rnn"]),
    "gru": lambda a: int(a["gru"]),
    "lstm": lambda a: int(a["lstm"]),
    "share_of_lstm": lambda a: float(a["gru"] / a["lstm"]),
    "negated": lambda a: float(a["negated"].max()),
    "negated_run": lambda a: float(a["negated_run"].max()),
    "negated_run_1": lambda a: float(a["negated_run"][STANDARD].max()),
    "shared": lambda a: float(a["shared"].max()),
    "largest_scale": lambda a: float(a["scales"][-1]),
    "forgotten_1": typical("forgotten", 1.0),
    "growth": lambda a: bootstrap(a["order"][STANDARD] / a["order"][SMALL], np.median),
    **{f"order_{s:g}".replace(".", ""): typical("order", s) for s in (0.25, 1.0, 4.0, 8.0)},
    **{f"one_step_{s:g}".replace(".", ""): typical("one_step", s) for s in (0.25, 1.0, 4.0, 8.0)},
    **{f"spread_{s:g}".replace(".", ""): typical("spread", s) for s in (0.25, 1.0, 4.0, 8.0)},
}
