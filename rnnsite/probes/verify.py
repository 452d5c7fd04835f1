"""Is the unrolled run what the module itself computes?"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnsite.errors import RnnsiteError
from rnnsite.probes.check import tensors_in
from rnnsite.probes.unrolled import Unrolled, unroll


@torch.no_grad()
def verify(module: nn.RNNBase | nn.RNNCellBase, x: Any, state: Any, unrolled: Unrolled) -> None:
    """RnnsiteError when the module's own output differs from the unrolled one by more than rounding explains.

    Rounding explains 1e-5 of the largest entry in float32 (1e-12 in float64), and in a chaotic network, which
    amplifies it at every step, as much as a change of the input in its last digits makes.
    """
    ours = tensors_in(unrolled.output)
    with torch.backends.cudnn.flags(enabled=False):  # its TF32 products keep three digits only
        theirs = tensors_in(type(module).forward(module, x, state))
    eps = torch.finfo(ours[0].dtype).eps
    allowed = 100 * eps if eps < 1e-3 else 4 * eps
    apart = _apart(ours, theirs)
    if apart <= allowed:
        return
    data = x.data if isinstance(x, PackedSequence) else x
    noise = 1 + 8 * eps * torch.randn(data.shape, generator=torch.Generator().manual_seed(0)).to(data)
    nudged = x._replace(data=data * noise) if isinstance(x, PackedSequence) else x * noise
    if apart > allowed + 100 * _apart(ours, tensors_in(unroll(module, nudged, state).output)):
        raise RnnsiteError(
            f"The unrolled {type(module).__name__} differs from the module's own output by {apart:.1e} of its largest "
            "entry; expected rounding errors only, as from a module whose weights stay put while it runs."
        )


def _apart(ours: list[Tensor], theirs: list[Tensor]) -> float:
    """The largest difference relative to the largest entry; infinities and NaN at the same places agree."""
    worst = 0.0
    for a, b in zip(ours, theirs, strict=True):
        both = a.isfinite() & b.isfinite()
        if bool(both.any()):
            worst = max(worst, float((a - b)[both].abs().max() / b[both].abs().max().clamp(min=1e-30)))
    return worst
