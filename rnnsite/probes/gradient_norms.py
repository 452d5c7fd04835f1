"""Gradient flow: how long the gradient of the loss is at every step of a recurrent model."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from rnnsite.errors import RnnsiteError
from rnnsite.probes.private import undisturbed
from rnnsite.probes.record import Loss, Recording, record
from rnnsite.probes.unrolled import Run


def gradient_flow(model: nn.Module, inputs: Any, targets: Any = None, loss: Loss | None = None) -> dict[str, Tensor]:
    """The norm of the loss's gradient with respect to each hidden state, for every step and example.

    ‖∂L/∂h_t‖₂, t = 1 … T, exact: through the later steps, the layers above and the output of step t itself

    model    a torch.nn RNN, LSTM or GRU, one of `rnnsite.cells`, or any model that holds some of them
    inputs   what the model takes: a tensor or PackedSequence, a tuple of arguments, a dict of keyword arguments
    loss     callable of the output, and of `targets` when given → one number. Without it L = Σ v·h_end, over
             examples, with v a fixed random unit vector and h_end the state a top layer ends with: the last step
             then has norm 1, and the curve shows what is left of it further back
    Returns  {"l0.h": (T, B), "l0.c": …, "l1_reverse.h": …}, behind the name of the module inside the model. A module
             called several times has its calls one after the other. NaN past the end of a packed sequence.
    Raises   RnnsiteError when the inputs or the loss do not fit, or the loss does not depend on the states.
    Source   Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks", eq. 5.

    >>> flow = gradient_flow(nn.LSTM(3, 8), torch.randn(20, 4, 3))
    >>> {name: tuple(norms.shape) for name, norms in flow.items()}
    {'l0.h': (20, 4), 'l0.c': (20, 4)}
    """
    with undisturbed():
        recording = record(model, inputs, targets, loss)
        value = end_probe(recording) if recording.loss is None else recording.loss
        runs = [run for runs in recording.runs.values() for run in runs]
        flat = [step for run in runs for part in run.strand.sizes for step in run.steps[part]]
        grads = torch.autograd.grad(value, flat, allow_unused=True)
        if all(grad is None for grad in grads):
            raise RnnsiteError("The loss does not depend on the recurrent states; expected one that does.")
        norms = {
            id(step): torch.zeros_like(step[..., 0]) if grad is None else row_norms(grad)
            for step, grad in zip(flat, grads, strict=True)
        }

        def curves(run: Run) -> dict[str, Tensor]:
            return {part: run.whole([norms[id(h)] for h in run.steps[part]], batch=-1) for part in run.strand.sizes}

        return recording.of_each(curves, dim=-2)


def end_probe(recording: Recording) -> Tensor:
    """Σ v·h_end over the top strands of every recurrent module's last call."""
    ends = [run.last["h"] for calls in recording.calls.values() for run in calls[-1].top]
    return torch.stack([(unit_vectors(end) * end).sum() for end in ends]).sum()


def unit_vectors(like: Tensor) -> Tensor:
    """A random direction of length 1 for each row, the same at every call."""
    v = torch.randn(like.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return (v / v.norm(dim=-1, keepdim=True)).to(like.dtype).to(like.device)


def row_norms(vectors: Tensor) -> Tensor:
    """‖·‖₂ of each row. Rows are scaled first: the squares of a vanishing gradient would underflow before it does."""
    largest = vectors.abs().amax(-1)
    scale = largest.where(largest.isfinite() & (largest > 0), 1)
    return (vectors / scale[..., None]).norm(dim=-1) * scale


def transport(runs: list[Run]) -> Tensor:
    """What is left of a gradient d steps back along one strand: ‖vᵀ ∂h_end/∂s_(end−d)‖ for d = 0, 1, …, (D, B).

    v is a random unit vector for each example, s the part of the state that carries a gradient (c of an LSTM, else
    h), end the last step of each sequence; NaN where a sequence has no step so far back. `runs` are one strand's calls;
    the chain stops where a call did not start from the state that the call before it left.
    """
    run, end = runs[-1], runs[-1].last["h"]
    part, reverse = run.strand.carrier, run.strand.reverse
    chain = [run] if reverse or run.packing is not None else runs
    steps = [step for run in chain for step in run.steps[part] if run.packing or len(step) == len(end)]
    grads = torch.autograd.grad((unit_vectors(end) * end).sum(), steps, allow_unused=True, retain_graph=True)
    rows = [row_norms(grad) for grad in grads if grad is not None]
    if not rows:
        raise RnnsiteError("The recurrent states carry no gradient; expected a model that does not detach them.")
    if run.packing is None:
        return torch.stack(rows if reverse else rows[::-1])
    norms = run.whole(rows, batch=-1)
    if reverse:
        return norms
    # sequences end at different steps: a row of the answer is a distance from the own end
    D, ends = len(norms), run.packing.lengths().to(norms.device)
    d = torch.arange(D, device=norms.device)[:, None]
    return norms.gather(0, (ends - 1 - d).clamp(min=0)).masked_fill(d >= ends, float("nan"))
