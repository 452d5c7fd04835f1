"""The gradient at the far end of a sequence, before, during and after training on a task that needs it.

Page: docs/gradients/jacobian-products.md

Delayed recall of one number over T steps, squared error at the last step. Every cell starts at three spectral radii;
all seeds and radii of a cell are trained side by side, with the same optimiser and clip. An LSTM and a tanh network
also learn to recall a sign alone, which a network can latch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.initial import gaussian
from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, swap_entries
from rnnsite.context import Context
from rnnsite.probes.by_distance import gradient_by_distance
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, wilson
from rnnsite.tasks.delayed_recall import delayed_recall
from rnnsite.training.fit import fit

TITLE = "The far gradient, before and after training"
PAGE = "gradients/jacobian-products"
ARMS = ("linear", "relu", "tanh", "sigmoid", "GRU", "LSTM", "LSTM, sign")


@dataclass(frozen=True)
class Config:
    radii: tuple[float, ...] = (0.5, 0.9, 1.3)
    seeds: int = 5
    H: int = 24
    T: int = 20
    batch: int = 16
    updates: int = 250
    rate: float = 5e-3  # Adam
    clip: float = 1.0
    probe_every: int = 25
    seed_set: int = 0


CONFIGS = {
    "quick": Config(),
    "paper": Config(seeds=20, H=64, T=50, batch=64, updates=4000, rate=1e-3, probe_every=400),
}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """Arrays (arms, ρ, seeds, …): log_far, log‖∂L/∂h_1‖ at each probe, and the error on fresh sequences at the end."""
    return {
        **context.stack(lambda arm: _train(config, arm, context), ARMS),
        "arm": np.array(ARMS),
        "rho": np.array(config.radii),
        "update": np.arange(0, config.updates + 1, config.probe_every),
        "T": np.array(config.T),
    }


def _train(config: Config, arm: str, context: Context) -> dict[str, np.ndarray]:
    kind, sign = arm.split(",")[0], arm.endswith("sign")
    cell = _cell(config, kind).to(context.device)
    readout = nn.Parameter(torch.zeros(len(config.radii) * config.seeds, config.H, device=context.device))
    path = ("gradient_after_training", config.seed_set)
    train = generator(*path, "train", arm)
    test, answers = _to(context, delayed_recall(config.T, 128, generator(*path, "test"), sign=sign))
    v = torch.randn(len(answers), config.H, generator=generator(*path, "loss"))
    (v,) = _to(context, (v / v.norm(dim=-1, keepdim=True),))
    log_far = []

    def error(x: Tensor, y: Tensor) -> Tensor:
        states, _ = cell(x)
        return ((states[:, -1] @ readout[..., None])[..., 0] - y).square().mean(-1)

    def probe() -> None:
        trace = cell.trace(test)
        far = gradient_by_distance(trace, (v * trace["h"][:, -1]).sum())[:, -1]
        log_far.append(far.clamp_min(1e-30).log().mean(-1).cpu().numpy())

    def loss(update: int) -> Tensor:
        if update % config.probe_every == 0:
            probe()
        return error(*_to(context, delayed_recall(config.T, config.batch, train, sign=sign)))

    fit(
        [*cell.parameters(), readout],
        loss,
        updates=config.updates,
        rate=config.rate,
        clip=config.clip,
        watch=context.within,
    )
    probe()
    with torch.no_grad():
        errors = error(test, answers).cpu().numpy()
    shape = (len(config.radii), config.seeds)
    return {"log_far": np.stack(log_far, -1).reshape(*shape, -1), "error": errors.reshape(shape)}


def _to(context: Context, tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(tensor.to(context.device) for tensor in tensors)


def _cell(config: Config, kind: str) -> Cell:
    """Models by ρ, then by seed; a seed draws the same weights at every ρ, up to their scale."""
    cells: dict[str, type[Cell]] = {"GRU": GRU, "LSTM": LSTM}
    settings: dict[str, dict[str, Any]] = {"LSTM": {"forget_bias": 1.0}, "GRU": {}}
    return cells.get(kind, Elman)(
        2,
        config.H,
        models=len(config.radii) * config.seeds,
        generator=[
            generator("gradient_after_training", config.seed_set, seed)
            for _ in config.radii
            for seed in range(config.seeds)
        ],
        recurrent=gaussian,
        inputs=gaussian,
        spectral_radius=[rho for rho in config.radii for _ in range(config.seeds)],
        **settings.get(kind, {"activation": kind}),
    )


VALUE = slice(0, ARMS.index("LSTM") + 1)  # the arms that recall a number
LEARNED = 0.5  # a mean squared error below this: half of what answering 0 has


def _change(arrays: Arrays, arm: str) -> Estimate:
    """log of the far gradient after training minus before, over all ρ and seeds."""
    log = arrays["log_far"][ARMS.index(arm)]
    return bootstrap((log[..., -1] - log[..., 0]).ravel())


def _learned(arrays: Arrays, low: float, high: float) -> Estimate:
    """Share that learned the number, of the networks whose far gradient at the start lay between two sizes."""
    start = arrays["log_far"][VALUE, :, :, 0]
    chosen = (start >= np.log(low)) & (start < np.log(high))
    return wilson(float((arrays["error"][VALUE][chosen] < LEARNED).sum()), int(chosen.sum()))


def _shuffled_errors(arrays: Arrays) -> Arrays:
    """Errors dealt out to other networks."""
    error = arrays["error"]
    return {**arrays, "error": np.random.default_rng(0).permutation(error.ravel()).reshape(error.shape)}


CLAIMS = [
    Claim(
        "weak-start-rarely-learns",
        "Of the networks whose far gradient starts below $10^{-4}$, {measured:.0%} learned to recall a "
        "number (error below 0.5; always answering 0 has 1).",
        lambda a: _learned(a, 1e-30, 1e-4),
        below=0.45,
        swap=_shuffled_errors,
    ),
    Claim(
        "strong-start-learns",
        "Of those whose far gradient starts above $10^{-4}$, {measured:.0%} did.",
        lambda a: _learned(a, 1e-4, np.inf),
        above=0.65,
        swap=_shuffled_errors,
    ),
    Claim(
        "training-opens-the-lstm",
        "In LSTMs that have learned to recall a number (error below 0.1) the log of the far gradient has risen, "
        "by {measured}.",
        lambda a: bootstrap(
            (a["log_far"][5, ..., -1] - a["log_far"][5, ..., 0])[a["error"][5] < 0.1]  # 5: the LSTM
        ),
        above=1.0,
        swap=swap_entries(0, ARMS.index("LSTM"), ARMS.index("LSTM, sign"), "log_far", "error"),
    ),
    Claim(
        "latching-closes-it",
        "Of two LSTMs with the same start, both with an error below 0.1, the one that recalls a sign has the smaller "
        "far gradient: its log differs by {measured}.",
        lambda a: bootstrap(
            (a["log_far"][6, ..., -1] - a["log_far"][5, ..., -1])[(a["error"][5:7] < 0.1).all(0)]  # 6: the sign
        ),
        below=-1.5,
        swap=swap_entries(0, ARMS.index("LSTM"), ARMS.index("LSTM, sign"), "log_far", "error"),
    ),
]


def _share(arm: str) -> Callable[[Arrays], str]:
    """How many networks of an arm learned, in words."""
    return lambda arrays: (
        f"{int((arrays['error'][ARMS.index(arm)] < LEARNED).sum())} of {arrays['error'][ARMS.index(arm)].size}"
    )


def _factor(arm: str, rho: int, when: int) -> Callable[[Arrays], float]:
    """Typical far gradient of an arm at one ρ, before (0) or after (−1) training."""
    return lambda arrays: float(np.exp(np.median(arrays["log_far"][ARMS.index(arm), rho, :, when])))


NUMBERS = {
    "T": lambda a: int(a["T"]),
    "distance": lambda a: int(a["T"]) - 1,
    "updates": lambda a: int(a["update"][-1]),
    "seeds": lambda a: int(a["error"].shape[2]),
    "weak": lambda a: _learned(a, 1e-30, 1e-4),
    "strong": lambda a: _learned(a, 1e-4, np.inf),
    "sigmoid_learned": _share("sigmoid"),
    "relu_learned": _share("relu"),
    "gru_learned": _share("GRU"),
    "lstm_learned": _share("LSTM"),
    "sign_learned": _share("LSTM, sign"),
    "closed": lambda a: bootstrap(
        (a["log_far"][6, ..., -1] - a["log_far"][5, ..., -1])[(a["error"][5:7] < 0.1).all(0)],
        lambda logs, axis: np.exp(np.median(logs, axis=axis)),
    ),
    "sign_fell": lambda a: f"{int((a['log_far'][6, ..., -1] < a['log_far'][6, ..., 0]).sum())}",
    # 2: tanh; recalling no more than the sign of the number has an error of 1/4
    "tanh_sign": lambda a: int(((a["error"][2] > 0.2) & (a["error"][2] < LEARNED)).sum()),
    "tanh_sign_best": lambda a: float(a["error"][2][abs(a["error"][2] - 0.35) < 0.15].min()),
    "tanh_sign_worst": lambda a: float(a["error"][2][abs(a["error"][2] - 0.35) < 0.15].max()),
    "tanh_sign_far": lambda a: float(np.exp(np.median(a["log_far"][2, ..., -1][abs(a["error"][2] - 0.35) < 0.15]))),
    "tanh_number": lambda a: int((a["error"][2] < 0.1).sum()),
    "tanh_number_far": lambda a: float(np.exp(np.median(a["log_far"][2, ..., -1][a["error"][2] < 0.1]))),
    "sigmoid_before": _factor("sigmoid", 1, 0),
    "sigmoid_after": _factor("sigmoid", 1, -1),
    # 3: sigmoid
    "sigmoid_weak": lambda a: f"{int((a['log_far'][3, ..., -1] < np.log(1e-4)).sum())} of {a['error'][3].size}",
    "lstm_before": _factor("LSTM", 0, 0),
    "lstm_after": _factor("LSTM", 0, -1),
    "gru_before": _factor("GRU", 2, 0),
    "gru_after": _factor("GRU", 2, -1),
    "sign_before": _factor("LSTM, sign", 2, 0),
    "sign_after": _factor("LSTM, sign", 2, -1),
}
