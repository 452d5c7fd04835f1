"""Which units follow something that can be read off the input: a count, a depth, a place in the line."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError


def correlations(states: Tensor, feature: Tensor) -> Tensor:
    """Pearson's r of each unit with a feature of the input, over all steps and sequences.

    states   (M, T, B, H), of M models that read the same sequences
    feature  (T, B), a number for each step
    Returns  (M, H), from −1 to 1; 0 for a unit that never moves. Raises RnnsiteError for other shapes, and for a
             feature that is everywhere the same.

    >>> feature = torch.tensor([[0.0], [1.0], [2.0]])
    >>> states = torch.stack([feature, 5 - feature, (feature - 1) ** 2, 0 * feature], -1)
    >>> correlations(states[None], feature).round(decimals=3).tolist()
    [[1.0, -1.0, 0.0, 0.0]]
    """
    if states.ndim != 4 or states.shape[1:3] != feature.shape:
        raise RnnsiteError(
            f"States {tuple(states.shape)} and a feature {tuple(feature.shape)} do not fit; expected (M, T, B, H) and "
            "(T, B)."
        )
    wanted = feature.flatten().double()
    wanted = wanted - wanted.mean()
    if not bool(wanted.any()):
        raise RnnsiteError("The feature is the same at every step; expected one that varies.")
    units = states.flatten(1, 2).double()
    units = units - units.mean(1, keepdim=True)
    sizes = units.norm(dim=1) * wanted.norm()
    r = torch.einsum("mnh,n->mh", units, wanted) / sizes.clamp_min(1e-300)
    return torch.where(sizes > 1e-12, r, 0).clamp(-1, 1)


def ranking(states: Tensor, feature: Tensor) -> Tensor:
    """|r| of all units of each model with the feature, the strongest first: (M, H)."""
    return correlations(states, feature).abs().sort(1, descending=True).values


def read_from_all(states: Tensor, feature: Tensor) -> Tensor:
    """r of a feature with what a linear readout of *all* units says it is: (M,).

    The readout is fitted by least squares on the first half of the sequences, and r is measured on the others, so that
    fitting chance does not count. Arguments and errors as in `correlations`; at least two sequences.

    >>> noise, number = torch.randn(2, 50, 8, generator=torch.Generator().manual_seed(0))
    >>> states = torch.stack([10 * noise + number, 10 * noise - number], -1)[None]
    >>> bool(correlations(states, number).abs().max() < 0.3), round(read_from_all(states, number).item(), 3)
    (True, 1.0)
    """
    half = feature.shape[1] // 2
    if half < 1:
        raise RnnsiteError("A readout is fitted on half of the sequences; expected at least two.")
    units = torch.cat([states.double(), torch.ones_like(states[..., :1]).double()], -1)
    fitted = units[:, :, :half].flatten(1, 2)
    wanted = feature[:, :half].flatten().double().expand(len(fitted), -1)[..., None]
    weights = torch.linalg.lstsq(fitted, wanted).solution
    said = units[:, :, half:].flatten(1, 2) @ weights
    return correlations(said[:, None], feature[:, half:].flatten()[None])[:, 0]
