"""Train M models at once: one graph, one backward pass, and a clip, a stop and a fate for each model.

The models share no parameter, so the gradient of the *sum* of their losses holds each model's own gradient; SGD and
Adam work entry by entry. Only three things need care: the norm that clipping compares is one model's own, a model
that diverged must not poison the others, and one that has succeeded stands still.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError


@dataclass(frozen=True)
class History:
    """What happened to each model.

    losses        (updates, M) before each update; training ends early when no model moves any more
    norms         (updates, M) gradient norm before clipping
    diverged_at   (M,) the update whose loss or gradient was not finite, −1 for never
    solved_at     (M,) updates done when `solved` first said so, −1 for never
    """

    losses: Tensor
    norms: Tensor
    diverged_at: Tensor
    solved_at: Tensor


def per_model_norm(gradients: Sequence[Tensor]) -> Tensor:
    """‖g‖ over all parameters of each model: tensors (M, ...) → (M,)."""
    return torch.stack([gradient.flatten(1).square().sum(1) for gradient in gradients]).sum(0).sqrt()


def fit(
    parameters: Sequence[Tensor],
    loss: Callable[[int], Tensor],
    *,
    updates: int,
    rate: float,
    optimiser: type[torch.optim.Optimizer] = torch.optim.Adam,
    clip: float | None = None,
    solved: Callable[[], Tensor] | None = None,
    check_every: int = 50,
    watch: Callable[[float], None] | None = None,
) -> History:
    """Descend the M losses that `loss(update)` returns, each on its own parameters.

    parameters   each with leading dimension M
    loss         number of the update → (M,) losses on fresh data
    clip         largest gradient norm of one model; its gradient is scaled down to it (Pascanu et al. 2013)
    solved       () → (M,) booleans, asked every `check_every` updates; models that say yes change no more
    watch        called with the share of the work that is done, for a progress bar

    >>> w = torch.tensor([[4.0], [1.0]], requires_grad=True)
    >>> history = fit([w], lambda update: (w**2).sum(1), updates=50, rate=0.1, optimiser=torch.optim.SGD)
    >>> bool((w.abs() < 1e-3).all()), tuple(history.losses.shape)
    (True, (50, 2))
    """
    parameters = [parameter for parameter in parameters if parameter.requires_grad]
    if len({len(parameter) for parameter in parameters}) != 1:
        raise RnnsiteError("Every parameter must have the number of models as its first dimension.")
    count, device = len(parameters[0]), parameters[0].device
    step = optimiser(parameters, lr=rate)  # type: ignore[call-arg]
    diverged_at = torch.full((count,), -1, device=device)
    solved_at = torch.full((count,), -1, device=device)
    losses, norms = [], []
    for update in range(updates):
        moving = (diverged_at < 0) & (solved_at < 0)
        values = loss(update)
        gradients = torch.autograd.grad(values.sum(), parameters)
        norm = per_model_norm(gradients)
        lost = moving & ~(values.isfinite() & norm.isfinite())
        diverged_at[lost] = update
        moving &= ~lost
        scale = torch.ones_like(norm) if clip is None else (clip / norm).clamp(max=1)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            shape = (-1, *[1] * (gradient.ndim - 1))
            # where, not a product: 0 · NaN is NaN
            parameter.grad = torch.where(moving.view(shape), gradient * scale.view(shape), 0.0)
        still = ~moving
        kept = [parameter[still].detach().clone() for parameter in parameters] if bool(still.any()) else []
        step.step()
        with torch.no_grad():
            for parameter, before in zip(parameters, kept, strict=False):  # Adam's momentum would carry them on
                parameter[still] = before
        losses.append(values.detach())
        norms.append(norm)
        if solved is not None and (update + 1) % check_every == 0:
            solved_at[moving & solved()] = update + 1
        if watch is not None:
            watch((update + 1) / updates)
        if not bool(((diverged_at < 0) & (solved_at < 0)).any()):
            break
    for parameter in parameters:
        parameter.grad = None
    return History(torch.stack(losses), torch.stack(norms), diverged_at, solved_at)
