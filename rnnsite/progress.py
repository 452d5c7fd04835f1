"""The build's progress bar: which experiment, which step of it, and how long is left."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text


class Event(NamedTuple):
    """`done` of `total` steps of an experiment; `label` names the one under way."""

    stem: str
    done: float
    total: int
    label: str = ""


class Progress:
    """One bar over all experiments, and a line for each that is running.

    On a terminal the bar is live; elsewhere (a log) each experiment gets one line when it ends.
    """

    def __init__(self, stems: list[str], *, visible: bool = True) -> None:
        self._console = Console(stderr=True, quiet=not visible)
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[step]}"),
            _TimeLeft(),
            console=self._console,
            transient=True,
        )
        self._all = self._bar.add_task("all experiments", total=len(stems), step=f"0/{len(stems)}")
        self._tasks: dict[str, TaskID] = {}
        self._fraction = dict.fromkeys(stems, 0.0)
        self._started: dict[str, float] = {}

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def update(self, event: Event) -> None:
        if self._fraction[event.stem] == 1.0:  # said by a worker just before it ended
            return
        if event.stem not in self._tasks:
            self._tasks[event.stem] = self._bar.add_task(event.stem, total=1.0, step="")
            self._started[event.stem] = time.perf_counter()
        step = f"step {min(int(event.done) + 1, event.total)}/{event.total}"
        fields: dict[str, Any] = {"step": f"{step} {event.label}"} if event.label else {}
        self._fraction[event.stem] = min(event.done / max(event.total, 1), 0.999)
        self._bar.update(self._tasks[event.stem], completed=self._fraction[event.stem], **fields)
        self._overall()

    def finish(self, stem: str) -> None:
        self._fraction[stem] = 1.0
        seconds = time.perf_counter() - self._started.setdefault(stem, time.perf_counter())
        if stem in self._tasks:
            self._bar.remove_task(self._tasks[stem])
        done = sum(fraction == 1.0 for fraction in self._fraction.values())
        self._console.print(f"trained {stem} in {seconds:.1f} s ({done}/{len(self._fraction)})", highlight=False)
        self._overall()

    def _overall(self) -> None:
        done = sum(fraction == 1.0 for fraction in self._fraction.values())
        self._bar.update(self._all, completed=sum(self._fraction.values()), step=f"{done}/{len(self._fraction)}")


class _TimeLeft(ProgressColumn):
    """Time left at the pace so far: rich's own estimate forgets steps longer than its window."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        if not task.completed or not task.total or task.elapsed is None:
            return Text("")
        left = task.elapsed * (task.total - task.completed) / task.completed
        minutes, seconds = divmod(round(left), 60)
        return Text(f"{minutes}:{seconds:02d} left")
