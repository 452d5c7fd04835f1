"""What `diagnose` measures on each strand before it judges."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnnsite.probes.gradient_norms import row_norms, transport
from rnnsite.probes.record import Recording, join
from rnnsite.probes.saturated import Saturation, measure
from rnnsite.probes.strand import Strand
from rnnsite.probes.unrolled import Run, Unrolled

FAINT = 1e-3  # averaging N updates shrinks noise by √N: a share of 1/1000 takes a million updates to be heard
NEARBY = 20  # steps that a loss at every step needs: where truncated backpropagation is usually cut


@dataclass(frozen=True)
class Evidence:
    """Numbers of one strand.

    left     share of a gradient that is left d steps back, d = 0 … D, root mean square over examples; left[0] = 1
    span     the distance over which the loss needs it
    reach    the largest d ≤ span at which at least FAINT is left
    rate     what it is multiplied by each step: left[d]^(1/d) at the largest d ≤ span with a normal number
    growth   the largest left[d]
    finite   False when states or gradients overflowed
    flat     Saturation of each gate and state
    """

    module: str
    strand: Strand
    left: Tensor
    span: int
    reach: int
    rate: float
    growth: float
    finite: bool
    flat: dict[str, Saturation]

    @property
    def name(self) -> str:
        return join(self.module, self.strand.name) or "the cell"

    def path(self, attribute: str) -> str:
        """Where the model keeps something of this strand's module: "model.encoder.weight_hh_l0"."""
        steps = [f"[{step}]" if step.isdigit() else f".{step}" for step in self.module.split(".") if step]
        return f"model{''.join(steps)}.{attribute}"


def gather(recording: Recording, span: int | None) -> list[Evidence]:
    """The evidence of every strand of a recorded run. `span` replaces the one read off the loss."""
    found = []
    flat = measure(recording)
    for module, calls in recording.calls.items():
        dense = recording.loss is not None and _is_asked_at_many_steps(recording.loss, calls)
        for k, last in enumerate(calls[-1].runs):
            runs = [call.runs[k] for call in calls]
            name = join(module, last.strand.name)
            its_flat = {part: flat[join(name, part)] for part in last.steps if join(name, part) in flat}
            found.append(_of_strand(module, runs, dense, span, its_flat))
    return found


def _of_strand(module: str, runs: list[Run], dense: bool, span: int | None, flat: dict[str, Saturation]) -> Evidence:
    norms = transport(runs).cpu().double()
    # up to where half of the sequences reach, so that a single long one does not speak for all
    enough = (~norms.isnan()).sum(1) * 2 >= norms.shape[1] if runs[-1].packing is not None else slice(None)
    left = norms[enough].square().nanmean(1).sqrt()
    left = left / left[0]
    farthest = len(left) - 1
    needed = min(farthest, span if span is not None else NEARBY if dense else farthest)
    finite = bool(left.isfinite().all()) and all(bool(s.isfinite().all()) for s in runs[-1].last.values())
    seen = left[: needed + 1]
    normal = (seen > torch.finfo(torch.float32).tiny).nonzero()
    d = int(normal.max()) if len(normal) else 0
    loud = (seen >= FAINT).nonzero()
    return Evidence(
        module,
        runs[-1].strand,
        left,
        needed,
        int(loud.max()) if len(loud) else 0,
        float(seen[d]) ** (1 / d) if d else 0.0,
        float(left.nan_to_num(math.inf, math.inf).max()),
        finite,
        flat,
    )


def _is_asked_at_many_steps(loss: Tensor, calls: list[Unrolled]) -> bool:
    """Whether the loss reads the module's output at more steps than the last, so that much of it is close at hand.

    Participation ratio (Σ g)² / Σ g² of the gradients g that reach an example's outputs, averaged over examples:
    the number of steps that are read.
    """
    outputs = [(call.output[0], call.time) for call in calls if call.time is not None]
    data = [output.data if isinstance(output, PackedSequence) else output for output, _ in outputs]
    grads = torch.autograd.grad(loss, data, allow_unused=True, retain_graph=True) if data else ()
    norms = []
    for (output, time), grad in zip(outputs, grads, strict=True):
        if grad is None:
            continue
        if isinstance(output, PackedSequence):
            grad = pad_packed_sequence(output._replace(data=grad))[0]
        elif time is not None:
            grad = grad.movedim(time, 0)
        norms.append(row_norms(grad))
    if not norms:
        return False
    g = torch.cat(norms).cpu().double()
    read = g.sum(0).square() / g.square().sum(0).clamp(min=1e-300)
    return float(read.mean()) > 2
