"""Every kind of recurrent module a user may bring, with input for it; float64, so that rounding hides nothing."""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM

I, H, P, T, B = 3, 5, 2, 7, 4
LENGTHS = (3, 7, 1, 5)


def _modules() -> dict[str, dict[str, Any]]:
    found = {}
    for kind, layers, directions, bias, batch_first in itertools.product(
        ("RNN", "ReLU", "LSTM", "GRU", "projected LSTM"), (1, 2), (1, 2), (True, False), (False, True)
    ):
        name = " ".join(
            [kind]
            + ["two layers"] * (layers == 2)
            + ["bidirectional"] * (directions == 2)
            + ["no bias"] * (not bias)
            + ["batch first"] * batch_first
        )
        options = {"num_layers": layers, "bidirectional": directions == 2, "bias": bias, "batch_first": batch_first}
        extra = {"ReLU": {"nonlinearity": "relu"}, "projected LSTM": {"proj_size": P}}.get(kind, {})
        found[name] = {"kind": {"ReLU": "RNN", "projected LSTM": "LSTM"}.get(kind, kind), **options, **extra}
    return found


MODULES = _modules()


def module(name: str, seed: int = 0) -> nn.RNNBase:
    options = dict(MODULES[name])
    torch.manual_seed(seed)
    return getattr(nn, options.pop("kind"))(I, H, dtype=torch.float64, **options)


def cells() -> dict[str, nn.Module]:
    torch.manual_seed(0)
    g, d = torch.Generator().manual_seed(1), torch.float64
    found = {f"Elman {a}": Elman(I, H, activation=a, generator=g, dtype=d) for a in ("tanh", "sigmoid", "relu")}
    found["LSTM cell"] = LSTM(I, H, generator=g, dtype=d, forget_bias=1.0)
    found["LSTM without i, with peepholes"] = LSTM(I, H, gates="fo", peepholes=True, generator=g, dtype=d)
    found["GRU cell"] = GRU(I, H, generator=g, dtype=d, batch_first=True)
    found["GRU, reset before"] = GRU(I, H, reset_before=True, generator=g, dtype=d)
    return found


CELLS = cells()


def data(batch_first: bool = False, seed: int = 1) -> Tensor:
    x = torch.randn(T, B, I, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return x.transpose(0, 1) if batch_first else x


def packed(x: Tensor, batch_first: bool, in_order: bool) -> PackedSequence:
    lengths = sorted(LENGTHS, reverse=True) if in_order else list(LENGTHS)
    return pack_padded_sequence(x, lengths, batch_first=batch_first, enforce_sorted=in_order)


def initial_state(module: nn.RNNBase, batch: int | None = B) -> Any:
    layers = module.num_layers * (2 if module.bidirectional else 1)
    g = torch.Generator().manual_seed(2)
    middle = () if batch is None else (batch,)
    h = torch.randn(layers, *middle, module.proj_size or H, generator=g, dtype=torch.float64)
    if not isinstance(module, nn.LSTM):
        return h
    return h, torch.randn(layers, *middle, H, generator=g, dtype=torch.float64)
