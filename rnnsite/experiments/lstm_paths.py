"""The two ways back through an LSTM, along c and along h, in untrained networks, by forget bias and weight size.

Page: docs/gates/lstm.md

The step (h, c)_{t−1} → (h, c)_t has two inputs. Cut one of them off the graph, with all values as they were, and what
is left of ∂L/∂c_t has come along the other alone. Nothing is trained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.cell import PerModel
from rnnsite.cells.initial import gaussian
from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, swap_entries, swap_names
from rnnsite.context import Context
from rnnsite.probes.by_distance import fitted_slope
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, exact

TITLE = "The two ways back through an LSTM"
PAGE = "gates/lstm"
CUTS = {"both": "", "c": "h", "h": "c"}  # the way that is left, and the state that is cut
CLAMPS = ("i0 f1 o0", "i0 f1", "f1 o0", "i0 o0")  # gates held; the others are computed
SHUT = 1000.0  # a bias at which a sigmoid is exactly 0 or 1


@dataclass(frozen=True)
class Config:
    biases: tuple[float, ...] = (0.0, 1.0, 2.0, 4.0)  # of the forget gate, at radius 1
    radii: tuple[float, ...] = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0)  # of each block of W, at bias 2
    networks: int = 24
    H: int = 32
    I: int = 4
    T: int = 60
    near: int = 10  # growth rates are fitted from this distance
    far: int = 50  # to this one
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(networks=100, H=128)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """Arrays by network, its weights the same in all arms.

    log_both, log_c, log_h         (bias, network, distance) log₁₀ ‖∂L/∂c_{T−k}‖ by the ways that are open
    along_c                        (bias, network, distance) share of the whole gradient that came along c alone
    forget                         (bias, network) mean of the forget gates
    rate_both, rate_c, rate_h      (radius, network) growth rate of the gradient, log a step
    changed                        (clamp, network) largest ‖∂L/∂c_t − ∂L/∂c_{t+1}‖ / ‖∂L/∂c_{t+1}‖ over all steps

    L is v·h_T for a random unit vector v; for `changed` it is v·c_T plus a random reading of every h_t.
    """

    def by_bias(item: tuple[str, float]) -> dict[str, np.ndarray]:
        return ways_back(config, item[1], 1.0, context.device)

    def by_radius(item: tuple[str, float]) -> dict[str, np.ndarray]:
        found = ways_back(config, 2.0, item[1], context.device)
        names = {f"rate_{way}": found[f"log_{way}"] * np.log(10) for way in CUTS}
        return {name: fitted_slope(log, config.near, config.far) for name, log in names.items()}

    def by_clamp(held: str) -> dict[str, np.ndarray]:
        return {"changed": change_at_c(config, held, context.device)}

    return {  # a step is kept under its item, so a bias and a radius of 2 need different ones
        **context.stack(by_bias, [("bias", bias) for bias in config.biases]),
        **context.stack(by_radius, [("radius", radius) for radius in config.radii]),
        **context.stack(by_clamp, CLAMPS),
        "biases": np.array(config.biases),
        "radii": np.array(config.radii),
        "clamps": np.array(CLAMPS),
    }


def networks(config: Config, bias: PerModel, radius: float, device: torch.device) -> tuple[LSTM, Tensor, Tensor]:
    """The cells, their inputs x (T, 1, I), and a unit vector v (networks, 1, H) for each."""

    def draws(what: str) -> list[torch.Generator]:
        return [generator("lstm_paths", config.seed_set, n, what) for n in range(config.networks)]

    cell = LSTM(
        config.I,
        config.H,
        config.networks,
        forget_bias=bias,
        generator=draws("weights"),
        recurrent=gaussian,
        inputs=gaussian,
        spectral_radius=radius,
        dtype=torch.float64,
        device=device,
    )
    x = [torch.randn(config.T, 1, config.I, generator=g, dtype=torch.float64) for g in draws("inputs")]
    v = [torch.randn(1, config.H, generator=g, dtype=torch.float64) for g in draws("loss")]
    v = [row / row.norm() for row in v]
    return cell, torch.stack(x).to(device), torch.stack(v).to(device)


def unroll(cell: LSTM, x: Tensor, cut: str = "", c: Tensor | None = None) -> dict[str, list[Tensor]]:
    """Everything the cell computes, by name and step. The states named in `cut` enter each step as constants."""
    inputs, weights = cell.prepare(x)
    now = {name: x.new_zeros(*cell.lead, x.shape[-2], cell.H) for name in cell.state_names}
    if c is not None:
        now["c"] = c
    steps = []
    for Ux in inputs:
        state = {name: now[name].detach() if name in cut else now[name] for name in cell.state_names}
        now = cell.step(Ux, state, **weights)
        steps.append(now)
    return {name: [step[name] for step in steps] for name in steps[0]}


def ways_back(config: Config, bias: float, radius: float, device: torch.device) -> dict[str, np.ndarray]:
    """The gradient at c by distance (network, T), whole and by either way; the share along c; mean forget gate."""
    cell, x, v = networks(config, bias, radius, device)
    found = {}
    for way, cut in CUTS.items():
        steps = unroll(cell, x, cut)
        loss = (v * steps["h"][-1]).sum()
        found[way] = torch.stack(torch.autograd.grad(loss, steps["c"])[::-1], 1)[:, :, 0]  # (network, distance, H)
    whole = found["both"]
    share = (found["c"] * whole).sum(-1) / whole.square().sum(-1)
    logs = {f"log_{way}": g.norm(dim=-1).clamp_min(1e-300).log10() for way, g in found.items()}
    forget = torch.stack(steps["f"]).mean((0, 2, 3))
    return {name: a.detach().cpu().numpy() for name, a in {**logs, "along_c": share, "forget": forget}.items()}


def change_at_c(config: Config, held: str, device: torch.device) -> np.ndarray:
    """The largest relative change of the gradient at c in a step, with gates held, such as "i0 f1": (network,)."""
    cell, x, v = networks(config, 0.0, 1.0, device)
    with torch.no_grad():
        for gate in held.split():
            cell.block("b", gate[0]).fill_(SHUT if gate[1] == "1" else -SHUT)
    steps = unroll(cell, x, c=v * config.H**0.5)  # a memory to keep: with i = 0 nothing would ever be written
    heard = torch.stack([h.detach() for h in steps["h"]])  # every h_t is read, with another weight at each step
    reading = torch.randn(heard.shape, generator=generator("lstm_paths", config.seed_set, "readings"), dtype=v.dtype)
    loss = (v * steps["c"][-1]).sum() + (reading.to(v) * torch.stack(steps["h"])).sum() / config.H**0.5
    g = torch.stack(torch.autograd.grad(loss, steps["c"]))[:, :, 0]
    changes: Tensor = (g[:-1] - g[1:]).norm(dim=-1) / g[1:].norm(dim=-1)
    return changes.amax(0).cpu().numpy()


def _bias(a: Arrays, bias: float) -> int:
    return int(np.flatnonzero(a["biases"] == bias)[0])


def left(a: Arrays, way: str, bias: float, distance: int) -> np.ndarray:
    """log₁₀ of the gradient so far back by one way, over the whole gradient at distance 0: (networks,)."""
    k = _bias(a, bias)
    gone: np.ndarray = a[f"log_{way}"][k, :, distance] - a["log_both"][k, :, 0]
    return gone


def _left(way: str, bias: float, distance: int = 40) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(left(a, way, bias, distance))


def _rate(way: str, radius: float) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(a[f"rate_{way}"][np.flatnonzero(a["radii"] == radius)[0]])


def _changed(held: str) -> Callable[[Arrays], Estimate]:
    return lambda a: exact(a["changed"][CLAMPS.index(held)].max())


def _gain(a: Arrays) -> Estimate:
    """Powers of ten that a forget bias of 2 instead of 0 adds to the gradient 40 steps back, network by network."""
    return bootstrap(left(a, "both", 2.0, 40) - left(a, "both", 0.0, 40))


def _hops(a: Arrays) -> Estimate:
    """Powers of ten by which the whole gradient, 40 steps back at bias 2, exceeds what came along c alone."""
    return bootstrap(left(a, "both", 2.0, 40) - left(a, "c", 2.0, 40))


LOGS = ("log_both", "log_c", "log_h")

CLAIMS = [
    Claim(
        "the-exercise",
        "With $i = 0$, $f = 1$ and $o = 0$ the gradient at $c$ is the same at every step, in every network and "
        "whatever reads $h$: the largest relative change is {measured}.",
        _changed("i0 f1 o0"),
        below=1e-15,
        swap=swap_entries(0, 0, 3, "changed"),
        identity=True,
    ),
    Claim(
        "it-asks-for-more-than-it-needs",
        "So it is with $f = 1$ and $o = 0$ alone, the input gate being free: the largest relative change is "
        "{measured}.",
        _changed("f1 o0"),
        below=1e-15,
        swap=swap_entries(0, 2, 3, "changed"),
        identity=True,
    ),
    Claim(
        "an-open-output-gate-lets-more-in",
        "With $i = 0$ and $f = 1$ but a free output gate the gradient at $c$ changes: in the step that changes it "
        "most by {measured:.0%} of itself.",
        lambda a: bootstrap(a["changed"][CLAMPS.index("i0 f1")]),
        above=0.15,
        swap=swap_entries(0, 0, 1, "changed"),
    ),
    Claim(
        "along-h-alone-nothing-arrives",
        "Along $h$ alone, with $c$ cut, {10^measured} of the gradient is left 40 steps back, at a forget bias of 2.",
        _left("h", 2.0),
        below=-20,
        swap=swap_names("log_h", "log_c"),
    ),
    Claim(
        "the-bias-sets-the-reach",
        "A forget bias of 2 instead of 0 makes the gradient 40 steps back {10^measured} times as large.",
        _gain,
        above=4,
        swap=swap_entries(0, 0, 2, *LOGS),
    ),
    Claim(
        "most-of-it-changes-lanes",
        "The whole gradient, 40 steps back at a forget bias of 2, is {10^measured} times what came along $c$ alone: "
        "most of it has been in $h$ on the way.",
        _hops,
        above=0.5,
        swap=swap_names("log_both", "log_c"),
    ),
    Claim(
        "no-guarantee-below",
        "Gates are no guarantee against vanishing: at a forget bias of 0, {10^measured} of the gradient is left 40 "
        "steps back.",
        _left("both", 0.0),
        below=-6,
        swap=swap_entries(0, 0, 3, *LOGS),
    ),
    Claim(
        "no-guarantee-above",
        "Nor against exploding: with $ρ = 8$ and a forget bias of 2 the gradient's growth rate is {measured} a step.",
        _rate("both", 8.0),
        above=0.05,
        swap=swap_names("rate_both", "rate_c"),
    ),
    Claim(
        "it-grows-at-6-already",
        "At $ρ = 6$ the whole gradient grows too, by {measured} a step.",
        _rate("both", 6.0),
        above=0.02,
        swap=swap_names("rate_both", "rate_h"),
    ),
    Claim(
        "and-not-along-h",
        "But not along $h$ alone: there, at $ρ = 6$, its growth rate is {measured}. At this $ρ$ it takes both ways, in "
        "turn.",
        _rate("h", 6.0),
        below=-0.08,
        swap=swap_names("rate_both", "rate_h"),
    ),
    Claim(
        "along-c-it-cannot-explode",
        "Along $c$ alone no gradient can grow, since no forget gate exceeds 1: over all $ρ$ and networks the largest "
        "growth rate is {measured}.",
        lambda a: exact(a["rate_c"].max()),
        below=1e-9,
        swap=swap_names("rate_both", "rate_c"),
        identity=True,
    ),
]

NUMBERS = {
    "networks": lambda a: int(a["log_c"].shape[1]),
    "gain": _gain,
    "hops": _hops,
    "hops_0": lambda a: bootstrap(left(a, "both", 0.0, 40) - left(a, "c", 0.0, 40)),
    "hops_4": lambda a: bootstrap(left(a, "both", 4.0, 40) - left(a, "c", 4.0, 40)),
    "h_40": _left("h", 2.0),
    "c_40": _left("c", 2.0),
    "both_40": _left("both", 2.0),
    "both_40_at_0": _left("both", 0.0),
    "both_40_at_4": _left("both", 4.0),
    "share_1": lambda a: bootstrap(a["along_c"][_bias(a, 2.0), :, 1]),
    "share_10": lambda a: bootstrap(a["along_c"][_bias(a, 2.0), :, 10]),
    "forget_0": lambda a: float(a["forget"][_bias(a, 0.0)].mean()),
    "forget_2": lambda a: float(a["forget"][_bias(a, 2.0)].mean()),
    "changed": lambda a: bootstrap(a["changed"][CLAMPS.index("i0 f1")]),
    "rate_8": _rate("both", 8.0),
    "rate_6": _rate("both", 6.0),
    "rate_c_6": _rate("c", 6.0),
    "rate_h_6": _rate("h", 6.0),
    "h_grows_8": lambda a: int((a["rate_h"][np.flatnonzero(a["radii"] == 8.0)[0]] > 0).sum()),
}
