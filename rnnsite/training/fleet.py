"""Train hundreds of small models as one: each with its own seed, data, rate, clip, regulariser and end."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from rnnsite.errors import RnnsiteError
from rnnsite.seeding import generator
from rnnsite.training.chunks import models_at_once
from rnnsite.training.clipping import along, clip_values, norm_factor, norms
from rnnsite.training.cores import cores, even, on_cores
from rnnsite.training.omega import InformationFlow
from rnnsite.training.optimisers import SGD, Optimiser
from rnnsite.training.rows import models_of, put, take
from rnnsite.training.stream import Draw, Stream, stack

Each: TypeAlias = float | Sequence[float] | None
Generators: TypeAlias = list[torch.Generator]


@dataclass(frozen=True)
class Trained:
    """What became of M models.

    module       all of them, as they were when each ended; of a Recurrent, `module.cell.select(3)` is the cell of one
    losses       (records, M) mean loss over `record_every` updates, NaN after a model's end
    norms        (records, M) mean gradient norm before clipping, likewise
    scores       (checks, M) what `evaluate` returned after every `check_every` updates, NaN after a model's end
    updates      (M,) updates done
    diverged_at  (M,) number of the update, from 0, whose loss or gradient was not finite; −1 for never
    solved_at    (M,) updates done when the score was first low `enough`; −1 for never
    chunk        the most models that were trained at once on one core or device
    """

    module: nn.Module
    losses: Tensor
    norms: Tensor
    scores: Tensor
    updates: Tensor
    diverged_at: Tensor
    solved_at: Tensor
    chunk: int


def train_fleet(
    seeds: Sequence[tuple[str | int | float, ...]],
    build: Callable[[Generators], nn.Module],
    draw: Draw,
    loss: Callable[..., Tensor],
    *,
    updates: int | Sequence[int],
    rate: Each,
    clip: Each = None,
    clip_value: Each = None,
    regulariser: Each = None,
    optimiser: Optimiser | None = None,
    evaluate: Callable[[Any, Generators], Tensor] | None = None,
    enough: float | None = None,
    check_every: int = 100,
    record_every: int = 100,
    ahead: int = 16,
    device: torch.device | str = "cpu",
    chunk: int | None = None,
    watch: Callable[[float], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> Trained:
    """Train one model for each seed.

    seeds        a tuple of names and numbers for each model, such as ("my sweep", 3); weights, data and tests have
                 their own streams below it, so that a model is the same whoever rides along. Two models with equal
                 seeds start with equal weights and see the same data
    build        (a generator for each model) → the module; all parameters and buffers have a leading M
    draw         (generator, updates) → one batch (x (T, B, I), ...) for each of these updates, for one model
    loss         (module, x (m, T, B, I), ...) → (m,) losses of some of the models. It may run in several threads
    updates      when a model stops; this and the next four are one number, or one for each model
    rate         η
    clip         largest norm of a gradient; None is no limit
    clip_value   largest entry of a gradient, before the norm is looked at
    regulariser  weight of Pascanu's Ω; the module needs an attribute `flow` (see Recurrent)
    optimiser    one of rnnsite.training.optimisers; by default SGD()
    evaluate     (module, a generator for each model) → (m,) scores, without a gradient, asked every `check_every`
                 updates; the generators go on, so that every test is a fresh one
    enough       a model whose score is at most this has solved its task, and stops
    record_every  updates over which `losses` and `norms` are means
    ahead        updates for which `draw` is asked at once, also past a model's end
    device       where the models are. What `draw` makes is moved there; what `evaluate` draws it moves itself
    chunk        models at once; by default as many as fit into cache (CPU) or memory (GPU)
    watch        called with the share of the work done
    say          called with what the reader should know; by default a warning
    Raises       RnnsiteError for settings that do not fit, and when not even one model fits into the memory

    >>> from rnnsite.cells.elman import Elman
    >>> from rnnsite.tasks.delayed_recall import delayed_recall
    >>> from rnnsite.training.recurrent import Recurrent
    >>> trained = train_fleet(
    ...     [("doctest", 0), ("doctest", 1)],
    ...     lambda g: Recurrent(Elman(2, 4, len(g), generator=g), 1, generator=g),
    ...     lambda g, updates: [delayed_recall(3, 20, g) for _ in updates],
    ...     lambda model, x, y: (model.last(x)[..., 0] - y).square().mean(1),
    ...     updates=300, rate=[0.1, 0.2],
    ... )
    >>> tuple(trained.losses.shape), bool((trained.losses[-1] < trained.losses[0]).all())
    ((3, 2), True)
    """
    fleet = _Fleet(seeds, build, draw, ahead, torch.device(device))
    count = len(seeds)
    ends = [updates] * count if isinstance(updates, int) else list(updates)
    if len(ends) != count or min(ends) < 1:
        raise RnnsiteError(f"`updates` must be one number of at least 1, or {count}: one a model.")
    for name, value, absent in (
        ("rate", rate, None),
        ("clip", clip, torch.inf),
        ("clip_value", clip_value, torch.inf),
        ("regulariser", regulariser, 0.0),
    ):
        fleet.set(name, value, absent)
    if regulariser is not None and not hasattr(fleet.module, "flow"):
        raise RnnsiteError("A regulariser needs a module with an attribute `flow`, such as Recurrent.")
    fleet.loss, fleet.optimiser, fleet.say, fleet.chunk = loss, optimiser or SGD(), say or warnings.warn, chunk
    return fleet.train(torch.tensor(ends), evaluate, enough, check_every, record_every, watch)


class _Fleet:
    """The models that still train, and the records of all. Every tensor is cut down to those left after a round."""

    loss: Callable[..., Tensor]
    optimiser: Optimiser
    say: Callable[[str], None]
    chunk: int | None
    stopped = False

    def __init__(
        self,
        seeds: Sequence[tuple[str | int | float, ...]],
        build: Callable[[Generators], nn.Module],
        draw: Draw,
        ahead: int,
        device: torch.device,
    ) -> None:
        self.module = build([generator(*seed, "weights") for seed in seeds]).to(device)
        if not seeds or models_of(self.module) != len(seeds):
            raise RnnsiteError(f"`build` made {models_of(self.module)} models; expected {len(seeds)}: one a seed.")
        self.streams = [Stream(draw, generator(*seed, "data"), ahead) for seed in seeds]
        self.tests = [generator(*seed, "test") for seed in seeds]
        self.places = torch.arange(len(seeds))  # of those left, among all
        self.device, self.cores = device, cores(device)
        self.like = next(self.module.parameters())
        zeros = self.like.new_zeros(len(seeds))
        self.each = {"loss": zeros, "norm": zeros.clone(), "count": zeros.clone()}
        self.diverged_at = torch.full((len(seeds),), -1, device=device)

    def set(self, name: str, value: Each, absent: float | None) -> None:
        """One number for each model. Whether any model has a limit at all is asked once, not at every update."""
        value = absent if value is None else value
        values = torch.as_tensor(value, dtype=torch.float64)
        if values.ndim > 1 or (values.ndim and len(values) != len(self.places)):
            raise RnnsiteError(f"`{name}` must be one number, or {len(self.places)}: one a model.")
        self.each[name] = values.expand(len(self.places)).to(self.like)

    def train(
        self,
        ends: Tensor,
        evaluate: Callable[[Any, Generators], Tensor] | None,
        enough: float | None,
        check_every: int,
        record_every: int,
        watch: Callable[[float], None] | None,
    ) -> Trained:
        M, last = len(ends), int(ends.max())
        whole = take(self.module, torch.arange(M, device=self.device))
        self.memory = self.optimiser.start([p for p in self.module.parameters() if p.requires_grad])
        self.chunk = self.chunk or models_at_once(self.module, self.streams[0].at(0), self.device)
        losses = torch.full((-(-last // record_every), M), torch.nan, dtype=torch.float64)
        norm_records, scores = losses.clone(), torch.full((last // check_every, M), torch.nan, dtype=torch.float64)
        diverged_at, solved_at, done = torch.full((M,), -1), torch.full((M,), -1), torch.zeros(M, dtype=torch.long)
        update = 0
        while len(self.places):
            first, places = update, self.places
            steps = [check_every - first % check_every, record_every - first % record_every]
            update = min(*(first + step for step in steps), int(ends[places].min()))
            self._round(first, update)
            record, count = first // record_every, self.each["count"]
            losses[record, places] = (self.each["loss"] / count).double().cpu()
            norm_records[record, places] = (self.each["norm"] / count).double().cpu()
            if update % record_every == 0:
                for name in ("loss", "norm", "count"):
                    self.each[name].zero_()
            diverged_at[places] = self.diverged_at.cpu()
            alive = diverged_at[places] < 0
            done[places] = torch.where(alive, update, diverged_at[places])
            if evaluate is not None and update % check_every == 0:
                score = self._scores(evaluate)
                scores[update // check_every - 1, places] = torch.where(alive, score, torch.nan)
                if enough is not None:
                    solved_at[places[alive & (score <= enough)]] = update
            alive &= (solved_at[places] < 0) & (ends[places] > update)
            if not bool(alive.all()):
                ended = (~alive).nonzero()[:, 0].to(self.device)
                put(take(self.module, ended), whole, places[~alive].to(self.device))
                self._keep(alive.nonzero()[:, 0])
            if watch is not None:
                watch(1 - float((ends[self.places] - update).sum()) / float(ends.sum()))
        return Trained(whole, losses, norm_records, scores, done, diverged_at, solved_at, self.chunk)

    def _keep(self, left: Tensor) -> None:
        """Only these models go on: whatever the others needed is let go."""
        there = left.to(self.device)
        self.module = take(self.module, there)
        self.memory = [tensor[there] for tensor in self.memory]
        self.each = {name: tensor[there] for name, tensor in self.each.items()}
        self.diverged_at, self.places = self.diverged_at[there], self.places[left]
        self.streams = [self.streams[k] for k in left.tolist()]
        self.tests = [self.tests[k] for k in left.tolist()]

    def _parts(self) -> list[slice]:
        assert self.chunk is not None
        return even(len(self.places), self.chunk, self.cores)

    def _scores(self, evaluate: Callable[[Any, Generators], Tensor]) -> Tensor:
        scores = torch.full((len(self.places),), torch.nan, dtype=torch.float64)

        @torch.no_grad()
        def work(models: slice) -> None:
            scores[models] = evaluate(take(self.module, models), self.tests[models]).double().cpu()

        on_cores(self._parts(), work, self.cores)
        return scores

    def _round(self, first: int, last: int) -> None:
        try:
            on_cores(self._parts(), lambda models: self._advance(models, first, last), self.cores)
        except BaseException:  # Ctrl-C reaches this thread alone
            self.stopped = True
            raise

    def _advance(self, models: slice, first: int, last: int) -> None:
        """Updates first … last − 1 of some models, whose tensors are views: what is written here is written there."""
        module = take(self.module, models)
        parameters = [p for p in module.parameters() if p.requires_grad]
        values = [p.detach() for p in parameters]
        memory = [tensor[models] for tensor in self.memory]
        each = {name: tensor[models] for name, tensor in self.each.items()}
        lost_at, streams = self.diverged_at[models], self.streams[models]
        if bool(each["regulariser"].any()):
            module.flow = InformationFlow(each["regulariser"])  # type: ignore[assignment]
        clips_values = bool(each["clip_value"].isfinite().any())
        for update in range(first, last):
            if self.stopped:
                return
            try:
                batch = stack([stream.at(update) for stream in streams], self.like)
                losses = self.loss(module, *batch)
                if losses.shape != each["rate"].shape:
                    got, wanted = tuple(losses.shape), tuple(each["rate"].shape)
                    raise RnnsiteError(f"`loss` returned the shape {got}; expected {wanted}: one loss a model.")
                gradients = list(torch.autograd.grad(losses.sum(), parameters))
                losses, batch = losses.detach(), ()
            except RuntimeError as error:
                if not _is_out_of_memory(error):
                    raise
                losses = None
            if losses is None:  # outside of `except`, where the traceback would keep everything alive
                del module, parameters
                self._halve(models, update, last)
                return
            with torch.no_grad():
                norm = norms(gradients)
                fine = losses.isfinite() & norm.isfinite()
                lost_at.masked_fill_((lost_at < 0) & ~fine, update)
                moving = lost_at < 0
                if clips_values:
                    clip_values(gradients, each["clip_value"])
                factor = norm_factor(norms(gradients) if clips_values else norm, each["clip"])
                # where, not a product: 0 · NaN is NaN
                gradients = [torch.where(along(moving, g), g * along(factor, g), 0) for g in gradients]
                self.optimiser.step(values, gradients, memory, each["rate"] * moving, update + 1)
                each["loss"] += torch.where(moving, losses, 0)
                each["norm"] += torch.where(moving, norm, 0)
                each["count"] += moving

    def _halve(self, models: slice, first: int, last: int) -> None:
        count = models.stop - models.start
        gc.collect()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        if count == 1:
            raise RnnsiteError("The memory does not hold even one of these models; expected a smaller one.")
        half = -(-count // 2)
        if self.chunk is None or half < self.chunk:
            self.chunk = half
            self.say(f"The memory does not hold {count} models at once; going on with {half}.")
        middle = models.start + half
        for part in (slice(models.start, middle), slice(middle, models.stop)):
            self._advance(part, first, last)


def _is_out_of_memory(error: BaseException) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
