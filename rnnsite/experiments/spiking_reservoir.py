"""A liquid of spiking units listens to bits: how many past bits can be read from it, by the strength of its synapses.

Page: docs/remedies/reservoirs.md
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.spiking import spikes
from rnnsite.claims import Arrays, Claim, swap_entries
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.training.ridge import ridge, with_bias

TITLE = "A reservoir of spikes"
PAGE = "remedies/reservoirs"


@dataclass(frozen=True)
class Config:
    gains: tuple[float, ...] = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0)  # of all recurrent synapses
    H: int = 300
    inhibitory: float = 0.2  # share of units whose spikes hold others back
    partners: int = 15  # synapses that a unit receives
    lines: int = 10  # input spike trains, half of them busy for a 1, the other half for a 0
    busy: float = 0.5  # probability of an input spike on a busy line, a step
    idle: float = 0.05
    length: int = 3  # steps a bit lasts
    leak: float = 0.8
    trace: float = 0.5
    bits: int = 60  # in a stream, the first `delays` of them not asked about
    streams: int = 60  # half to learn from, half unseen
    delays: int = 6
    penalty: float = 1e-3
    networks: int = 10
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(H=1000, bits=200, streams=200, delays=12, networks=20)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (gain, network).

    recall   (…, delays + 1) r² between the bit k back and its best linear reading of the traces, on unseen streams
    both     r² of the exclusive or of the last two bits
    rate     spikes a unit and step
    """

    def one(n: int) -> dict[str, np.ndarray]:
        g = generator("spiking_reservoir", config.seed_set, n)
        U, W = (part.to(context.device) for part in liquid(config, g))
        bits = torch.randint(2, (config.bits, config.streams), generator=g) * 2 - 1
        x = trains(bits, config, g).to(context.device)
        gains = torch.tensor(config.gains, device=context.device)
        fired, traces = spikes(x, U.expand(len(gains), -1, -1), gains[:, None, None] * W, config.leak, config.trace)
        heard = traces[:, config.length - 1 :: config.length].transpose(1, 2)  # (M, stream, bit, H)
        asked = torch.stack([bits.roll(k, 0) for k in range(config.delays + 1)], -1).transpose(0, 1)
        asked = torch.cat([asked, (asked[..., 0] * asked[..., 1])[..., None]], -1)[:, config.delays :]
        found = readings(heard[:, :, config.delays :], asked.to(context.device).double(), config.penalty)
        return {
            "recall": found[:, :-1].cpu().numpy(),
            "both": found[:, -1].cpu().numpy(),
            "rate": fired.mean((1, 2, 3)).cpu().numpy(),
        }

    return {
        **context.stack(one, range(config.networks), axis=1),
        "gains": np.array(config.gains),
        "H": np.array(config.H),
    }


def liquid(config: Config, g: torch.Generator) -> tuple[Tensor, Tensor]:
    """Input weights (H, lines) and recurrent weights (H, H): each unit has `partners`, a fifth of which inhibit."""
    H = config.H
    U = torch.rand(H, config.lines, generator=g) * (torch.rand(H, config.lines, generator=g) < 0.3)
    order = torch.rand(H, H, generator=g).argsort(1) < config.partners  # who listens to whom
    sign = torch.where(torch.arange(H) < config.inhibitory * H, -4.0, 1.0)  # the few inhibitory ones are the stronger
    W = order * torch.rand(H, H, generator=g) * sign / config.partners**0.5
    return U, W.fill_diagonal_(0)


def trains(bits: Tensor, config: Config, g: torch.Generator) -> Tensor:
    """Input spikes (bits · length, streams, lines) of bits (bits, streams) in {−1, 1}."""
    side = torch.where(torch.arange(config.lines) < config.lines // 2, 1, -1)
    probability = torch.where(bits[..., None] == side, config.busy, config.idle).repeat_interleave(config.length, 0)
    return (torch.rand(probability.shape, generator=g) < probability).float()


def readings(heard: Tensor, asked: Tensor, penalty: float) -> Tensor:
    """r² of ridge readings (M, K), of `asked` (streams, bits, K) from `heard` (M, streams, bits, H).

    Learned on the first half of the streams and judged on the second; 0 where the reading is worse than the mean.
    """
    half = heard.shape[1] // 2
    hs, y = (heard[:, :half].flatten(1, 2), asked[:half].flatten(0, 1).expand(len(heard), -1, -1))
    said = with_bias(heard[:, half:].flatten(1, 2)) @ ridge(hs, y, penalty)
    wrong = (said - asked[half:].flatten(0, 1)).square().mean(1)
    return (1 - wrong / asked[half:].flatten(0, 1).var(0, correction=0)).clamp(min=0)


def at(a: Arrays, gain: float) -> int:
    return int(np.flatnonzero(a["gains"] == gain)[0])


def recalled(gain: float, back: int) -> Callable[[Arrays], Estimate]:
    """r² of the bit so far back."""
    return lambda a: bootstrap(a["recall"][at(a, gain), :, back])


def both(gain: float) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(a["both"][at(a, gain)])


def _more(one: float, other: float, back: int | None = None) -> Callable[[Arrays], Estimate]:
    """r² at the gain `one` minus that at `other`, network by network: of a bit, or of the exclusive or."""

    def measure(a: Arrays) -> Estimate:
        r2 = a["both"] if back is None else a["recall"][..., back]
        return bootstrap(r2[at(a, one)] - r2[at(a, other)])

    return measure


NAMES = ("recall", "both", "rate")
NONE, UNIT, STRONG = 0, 3, 6  # places of gains 0, 1 and 3
none_and_unit = swap_entries(0, NONE, UNIT, *NAMES)

CLAIMS = [
    Claim(
        "synapses-hold-a-bit",
        "Synapses hold the bit before the present one: with them its r² is {measured} higher than without.",
        _more(1.0, 0.0, 1),
        above=0.2,
        swap=none_and_unit,
    ),
    Claim(
        "and-mix-two",
        "They mix: the exclusive or of the last two bits, which no sum of the two can give, is read with an r² that is "
        "{measured} higher.",
        _more(1.0, 0.0),
        above=0.08,
        swap=none_and_unit,
    ),
    Claim(
        "not-for-long",
        "It is a short memory: of the bit three back an r² of {measured} is left.",
        recalled(1.0, 3),
        below=0.05,
        swap=swap_entries(2, 0, 3, "recall"),
    ),
    Claim(
        "too-strong-drowns",
        "Synapses that are too strong drown the input: at a gain of 3 the r² of the *present* bit is {measured} lower "
        "than at 1.",
        _more(1.0, 3.0, 0),
        above=0.03,
        swap=swap_entries(0, UNIT, STRONG, *NAMES),
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "H": lambda a: int(a["H"]),
    "networks": lambda a: int(a["both"].shape[1]),
    "rate": lambda a: bootstrap(a["rate"][at(a, 1.0)]),
    "none_1": recalled(0.0, 1),
    "unit_0": recalled(1.0, 0),
    "unit_1": recalled(1.0, 1),
    "unit_2": recalled(1.0, 2),
    "none_both": both(0.0),
    "unit_both": both(1.0),
}
