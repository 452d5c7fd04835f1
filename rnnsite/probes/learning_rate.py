"""Is a learning rate too high? Real steps are taken on a copy, and the loss is watched."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rnnsite.errors import RnnsiteError
from rnnsite.probes.check import check_inputs, check_loss
from rnnsite.probes.private import Carried, detached, private_copy, quiet, same_noise, uncompiled, undisturbed
from rnnsite.probes.record import Loss, call, evaluate, find_recurrent, run_unrolled

STEPS = 10
RISE = 0.1  # of the first loss: less is jitter
UNDONE = 0.25  # of what was learned: a trained model's loss has spikes of a tenth of it at rates that suit


@dataclass(frozen=True)
class RateTrial:
    """What a learning rate did to the loss.

    rate      the learning rate
    losses    the loss on the same batch before the first step and after each one
    too_high  the steps made it worse, and not by jitter
    stable    when too high: the largest of rate/4, rate/16, … that does not, or None
    sharpness  when too high: λ, the curvature of the loss in its sharpest direction (8 power iterations from the
              gradient); plain gradient descent overshoots when rate·λ > 2. None where it cannot be computed.
    """

    rate: float
    losses: tuple[float, ...]
    too_high: bool
    stable: float | None
    sharpness: float | None

    @property
    def late(self) -> float:
        """The median loss over the second half of the steps; infinite when one of them was no number."""
        return _late(list(self.losses))


def try_learning_rate(
    model: nn.Module,
    inputs: Any,
    targets: Any = None,
    loss: Loss | None = None,
    *,
    optimizer: torch.optim.Optimizer | None = None,
    learning_rate: float | None = None,
    clip: float | None = None,
) -> RateTrial:
    """Take ten steps on a copy of the model, always on this batch, and see what they do to the loss.

    A rate is too high when the median loss over the last five steps is no number, or exceeds the first loss both by a
    tenth and by a quarter of what the model has learned, which is how far it lies below the loss of the model started
    afresh. On one and the same batch a rate that suits takes the loss down, apart from jitter and from spikes, which
    undo little of what was learned.

    model, inputs, targets, loss  as in `gradient_flow`; the loss is required
    optimizer      the model's own, state and all (its copy takes the steps); without it plain gradient descent
    learning_rate  replaces the optimizer's
    clip           the norm to which the training loop clips gradients
    Raises         RnnsiteError for a missing loss or rate, and an optimizer of another model.
    """
    model = uncompiled(model)
    recurrent = find_recurrent(model)
    check_inputs(model, recurrent, inputs)
    check_loss(targets, loss)
    if loss is None:
        raise RnnsiteError("A learning rate came without a loss; expected loss=, a function such as nn.MSELoss().")
    rate = _rate(model, optimizer, learning_rate)
    if clip is not None and not clip > 0:
        raise RnnsiteError(f"clip is {clip}; expected a gradient norm above 0.")
    inputs, targets = detached(inputs), detached(targets)

    def losses_at(rate: float) -> list[float]:
        copied, its_optimizer = private_copy(model, optimizer)
        quiet(copied)
        return _descend(copied, inputs, targets, loss, its_optimizer, rate, clip)

    with undisturbed():
        losses = losses_at(rate)
        learned = _untrained_loss(model, inputs, targets, loss) - losses[0]
        worse = losses[0] + max(RISE * abs(losses[0]), UNDONE * learned)
        too_high = math.isfinite(losses[0]) and _late(losses) > worse  # no rate mends a loss that is no number at once
        smaller = (rate / 4**k for k in range(1, 9)) if too_high else ()
        stable = next((r for r in smaller if _late(losses_at(r)) <= worse), None)
        curvature = sharpness(model, inputs, targets, loss) if too_high else None
        return RateTrial(rate, tuple(losses), too_high, stable, curvature)


def sharpness(model: nn.Module, inputs: Any, targets: Any, loss: Loss, iterations: int = 8) -> float | None:
    """|λ| of the loss's Hessian by power iteration from the gradient; None when it has no second derivative.

    λ = max_v vᵀ∇²L v / vᵀv, v in the space of the trained parameters
    """
    (copied,) = private_copy(model)
    quiet(copied)
    run_unrolled(copied, verified=False)  # fused modules have no second derivative on a GPU
    parameters = [p for p in copied.parameters() if p.requires_grad]
    value = evaluate(loss, call(copied, inputs), targets)
    try:
        gradient = _flat(torch.autograd.grad(value, parameters, create_graph=True, allow_unused=True), parameters)
        v, size = gradient.detach(), 0.0
        for _ in range(iterations):
            norm = v.norm()
            if not bool(torch.isfinite(norm)) or float(norm) == 0:
                return None
            v = v / norm
            product = torch.autograd.grad(gradient @ v, parameters, retain_graph=True, allow_unused=True)
            v_next = _flat(product, parameters)
            size, v = abs(float(v @ v_next)), v_next
        return size if math.isfinite(size) else None
    except RuntimeError:
        return None


def _descend(
    model: nn.Module,
    inputs: Any,
    targets: Any,
    loss: Loss,
    optimizer: torch.optim.Optimizer | None,
    rate: float,
    clip: float | None,
) -> list[float]:
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = optimizer or torch.optim.SGD(parameters, lr=rate)
    losses: list[float] = []
    carried = Carried(model)

    def closure() -> float:
        same_noise()
        carried.restore()
        with torch.backends.cudnn.flags(enabled=model.training):  # cuDNN has no backward in evaluation mode
            value = evaluate(loss, call(model, inputs), targets, differentiable=True)
            # not backward(): it would leave gradients on other parameters that the user's loss holds
            grads = torch.autograd.grad(value, parameters, allow_unused=True)
        for parameter, grad in zip(parameters, grads, strict=True):
            parameter.grad = grad
        if clip is not None:
            nn.utils.clip_grad_norm_(parameters, clip)
        losses.append(float(value.detach()))
        return losses[-1]

    first = float(optimizer.param_groups[0]["lr"])
    for group in optimizer.param_groups:  # rates of groups keep their ratios
        group["lr"] = rate * float(group["lr"]) / first if first else rate
    for _ in range(STEPS):
        count = len(losses)
        optimizer.step(closure)
        del losses[count + 1 :]  # LBFGS evaluates several times in a step
        if not math.isfinite(losses[-1]):
            return losses
    closure()
    return losses


def _untrained_loss(model: nn.Module, inputs: Any, targets: Any, loss: Loss) -> float:
    """The loss of the model started afresh, as far as its modules know how to; −∞ when it is no number."""
    (copied,) = private_copy(model)
    quiet(copied)
    same_noise()
    for module in copied.modules():
        if callable(reset := getattr(module, "reset_parameters", None)):
            reset()
    with torch.no_grad():
        value = float(evaluate(loss, call(copied, inputs), targets))
    return value if math.isfinite(value) else -math.inf


def _late(losses: list[float]) -> float:
    if len(losses) <= STEPS or not all(map(math.isfinite, losses)):
        return math.inf
    return statistics.median(losses[-STEPS // 2 :])


def _rate(model: nn.Module, optimizer: torch.optim.Optimizer | None, learning_rate: float | None) -> float:
    trained = {id(p) for p in model.parameters() if p.requires_grad}
    if not trained:
        raise RnnsiteError("Every parameter of the model is frozen; expected one with requires_grad to step along.")
    if optimizer is not None:
        if not isinstance(optimizer, torch.optim.Optimizer):
            raise RnnsiteError(f"The optimizer is a {type(optimizer).__name__}; expected one of torch.optim.")
        if not any(id(p) in trained for group in optimizer.param_groups for p in group["params"]):
            raise RnnsiteError("The optimizer steps none of the model's parameters; expected the model's own.")
    rate = learning_rate
    if rate is None and optimizer is not None:
        rate = float(optimizer.param_groups[0].get("lr", math.nan))
    if rate is None or not (math.isfinite(rate) and rate >= 0):
        raise RnnsiteError(f"The learning rate is {rate}; expected a finite number, or an optimizer that has one.")
    return float(rate)


def _flat(grads: Sequence[Tensor | None], parameters: list[nn.Parameter]) -> Tensor:
    return torch.cat(
        [(p.new_zeros(p.numel()) if g is None else g.flatten()) for g, p in zip(grads, parameters, strict=True)]
    )
