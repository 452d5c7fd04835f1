"""The judgements of `diagnose`: when a measurement is called a fault, why there, and what to try.

The thresholds were set on seeds from 1000 up of tests/probes/zoo.py; the tests judge other seeds, sizes and tasks. What
learned the adding problem and what did not: 2,000 steps of Adam, H = 32, three seeds from 1000 up each.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rnnsite.probes.evidence import FAINT, Evidence
from rnnsite.probes.learning_rate import RateTrial
from rnnsite.probes.report import Verdict

DEAD = 0.8  # with inputs that are never negative half of the units of a good network may be silent by chance
FLAT = 0.7  # networks trained with success had up to 0.4 of an RNN's and 0.6 of an LSTM's candidate values there
NEARLY = 0.3  # enough to be a cause of vanishing, not enough for a verdict of its own
SHUT = 0.9  # an input or output gate this often below 0.05 lets nothing in or out
GROWN = 100.0  # clipping at the usual norm of 1 would throw away 99 % of such a gradient
CLIPPED = 1.0  # a whole gradient shorter than that never meets the usual clipping, however it grows on its way
# tanh RNNs learned the adding problem over 20 and 30 steps when they reached 0.37 of it, and hardly at 0.32; over 50
# steps they did not at 0.25 (nor in 2,000 steps at 1, so that a long reach is needed but does not suffice)
PLAIN = 1 / 3
# GRUs learned it over 100 steps with a reach of 0.13, LSTMs over 50 at 0.27 but not over 100 at 0.14: gates can open on
# nearby examples first, so a gated cell is called at fault where a plain one would long have been
GATED = 1 / 10
SHUTTING = 0.45  # an untrained gate stands at σ(0) = 0.5 and keeps half: below, gates lean towards forgetting


def dead_relu(strands: Sequence[Evidence]) -> Verdict | None:
    """Units that no step of no example made positive pass no gradient, so no training wakes them."""
    found = {e.name: e.flat["h"].dead for e in strands if "h" in e.flat and e.flat["h"].dead >= DEAD}
    if not found:
        return None
    share = max(found.values())
    return Verdict(
        "dead ReLU",
        ", ".join(found),
        f"{share:.0%} of the units are never positive, at any step of any example. They pass no gradient, so training "
        "cannot wake them.",
        {"dead": share},
        (
            "Start again with biases of 0 and W the identity or orthogonal; check that no bias is far below 0.",
            "Lower the learning rate: one large step kills many units at once.",
            "Use tanh, or a GRU or LSTM.",
        ),
    )


def saturated(strands: Sequence[Evidence]) -> Verdict | None:
    """A unit on the flat part of its nonlinearity passes hardly any gradient.

    Judged are the state of an RNN and the candidate g of a gated cell, and i and o when they are shut. Forget, update
    and reset gates are not: keeping a memory is a forget gate near 1.
    """
    found: dict[str, float] = {}
    for e in strands:
        for part, flat in e.flat.items():
            shut = part in ("i", "o") and flat.low >= SHUT
            if shut or (part in ("h", "g") and flat.share >= FLAT):
                found[f"{e.name}.{part}"] = flat.low if shut else flat.share
    if not found:
        return None
    where, share = max(found.items(), key=lambda item: item[1])
    what = "below 0.05" if where.endswith((".i", ".o")) else "on the flat part of their nonlinearity"
    return Verdict(
        "saturated",
        ", ".join(found),
        f"{share:.0%} of the values of {where} are {what}, where less than a fifth of the slope is left. Their weights "
        "hardly learn, and what passes through them hardly reaches earlier steps.",
        found,
        (
            "Standardise the inputs: mean 0, variance 1.",
            "Start with smaller weights, and biases near 0.",
            "If it came about in training, lower the learning rate and clip the gradient.",
        ),
    )


def exploding(strands: Sequence[Evidence], gradient: float | None) -> Verdict | None:
    """The gradient grows on its way back. `gradient` is the norm of the whole loss gradient, when there is a loss."""
    found = [e for e in strands if not e.finite or e.growth >= GROWN]
    if not found or (gradient is not None and gradient < CLIPPED and all(e.finite for e in found)):
        return None
    worst = max(found, key=lambda e: (not e.finite, e.growth))
    d = int(worst.left.nan_to_num(math.inf).argmax())
    if worst.finite:
        words = (
            f"A gradient of length 1 at the last step has length {worst.growth:.2g} at {d} steps back: it grows by "
            f"{worst.growth ** (1 / d) - 1:.0%} a step."
        )
    else:
        words = "States or gradients overflow: they grow beyond what the number format holds."
    if gradient is not None:
        words += f" The whole gradient of the loss has norm {gradient:.2g}."
    return Verdict(
        "exploding",
        ", ".join(e.name for e in found),
        words,
        {"growth": worst.growth, "steps": d, **({} if gradient is None else {"gradient norm": gradient})},
        (
            "Clip the gradient: torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0) before each step.",
            f"Start W orthogonal: torch.nn.init.orthogonal_({worst.path(worst.strand.W)}).",
            "Use a GRU or LSTM, or train on shorter pieces of the sequence.",
        ),
    )


def vanishing(strands: Sequence[Evidence]) -> Verdict | None:
    """The gradient is gone long before it has gone the distance that the loss needs.

    Reach is how far at least 1/1000 is left. It may fall short of the whole distance, since training extends it from
    nearby examples; how short depends on whether there are gates to open. In a stack, one layer that carries is enough.
    """
    lost = []
    for group in _stacks(strands):
        if all(_vanishes(e) for e in group):
            lost.append(max(group, key=lambda e: (e.reach, e.rate)))
    if not lost:
        return None
    worst = min(lost, key=lambda e: e.reach / e.span)
    left = float(worst.left[worst.span])
    amount = f"{left:.1g}" if left > 1e-45 else "nothing that a number can hold"
    return Verdict(
        "vanishing",
        ", ".join(e.name for e in lost),
        f"Of a gradient at the last step {amount} is left {worst.span} steps back: it shrinks to "
        f"{worst.rate:.2g} of itself at each step, and reaches only {worst.reach} steps with more than a thousandth.",
        {"left": left, "span": worst.span, "reach": worst.reach, "rate": worst.rate},
        tuple(_against_vanishing(worst)),
    )


def _against_vanishing(e: Evidence) -> Iterator[str]:
    flat = max((e.flat[part].share for part in "hg" if part in e.flat), default=0.0)
    if flat > NEARLY:
        yield f"{flat:.0%} of its values are near saturation: standardise the inputs first."
    if e.strand.bias is not None and e.strand.kind != "rnn":
        yield f"Let the cell keep its memory until it learns what to forget: {e.path(e.strand.bias)} = 1, or 2."
    elif e.strand.kind == "rnn":
        yield f"Start W orthogonal: torch.nn.init.orthogonal_({e.path(e.strand.W)})."
        yield "Use a GRU or LSTM with the bias of the gate that keeps the state at 1 or 2."
    yield "Start training on shorter sequences, or ask for an output at more steps."
    yield "If the answer needs only the last few steps, pass their number as span=."


def too_high(trial: RateTrial | None) -> Verdict | None:
    """Ten real steps on a copy made the loss worse."""
    if trial is None or not trial.too_high:
        return None
    end = f"{trial.late:.3g} (the median of the last five)" if math.isfinite(trial.late) else "no number"
    curvature = "" if trial.sharpness is None else f" The sharpest direction has curvature {trial.sharpness:.2g}."
    smaller = (
        f"Try {trial.stable:.2g}: the largest of rate/4, rate/16, … at which the loss does not rise."
        if trial.stable
        else "None of rate/4 … rate/65536 was better: look at the other verdicts, the inputs and the loss first."
    )
    numbers = {"rate": trial.rate, "first loss": trial.losses[0], "late loss": trial.late}
    if trial.sharpness is not None:
        numbers["sharpness"] = trial.sharpness
    return Verdict(
        "too-high learning rate",
        "",
        f"Ten steps on a copy, at {trial.rate:g} and always on this batch, took the loss from "
        f"{trial.losses[0]:.3g} to {end}.{curvature}",
        numbers,
        (smaller, "Warm up: raise the rate to its value over the first few hundred steps."),
    )


def notes(strands: Sequence[Evidence], gradient: float | None, loss: float | None) -> list[str]:
    """Short reaches and growth that are no fault, and a loss that is no number."""
    found = []
    if loss is not None and not math.isfinite(loss):
        found.append("The loss on this batch is no finite number: look at its logarithms and divisions.")
    best = [max(group, key=lambda e: e.reach / max(e.span, 1)) for group in _stacks(strands)]
    short = [e for e in best if not _vanishes(e) and e.reach < e.span / 2]
    if short:
        e = min(short, key=lambda e: e.reach / e.span)
        advice = (
            f"torch.nn.init.orthogonal_({e.path(e.strand.W)})"
            if e.strand.kind == "rnn"
            else ("a bias that keeps the state" if e.strand.bias is None else f"{e.path(e.strand.bias)} = 1, or 2")
        )
        found.append(
            f"{e.name} passes more than a thousandth of a gradient over {e.reach} of {e.span} steps. If the answer "
            f"lies further back, start with {advice}."
        )
    grown = [e for e in strands if e.finite and e.growth >= GROWN / 10 and exploding([e], gradient) is None]
    if grown:
        e = max(grown, key=lambda e: e.growth)
        found.append(f"In {e.name} a gradient grows {e.growth:.2g}-fold on its way back; clip it while training.")
    return found


def _vanishes(e: Evidence) -> bool:
    if e.span < 2 or not e.finite:
        return False
    lenient = e.strand.kind != "rnn" and e.rate >= SHUTTING
    return e.reach < e.span * (GATED if lenient else PLAIN) and float(e.left[e.span]) < FAINT


def _stacks(strands: Sequence[Evidence]) -> list[list[Evidence]]:
    """The layers of each module and direction together."""
    found: dict[tuple[str, bool], list[Evidence]] = {}
    for e in strands:
        found.setdefault((e.module, e.strand.reverse), []).append(e)
    return list(found.values())
