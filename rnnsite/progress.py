"""The build's progress bar: which experiment, which step of it, and how long is left."""

from __future__ import annotations

from types import TracebackType
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn
from rich.progress import Progress as Bar
from rich.table import Column
from rich.text import Text


class Event(NamedTuple):
    """`done` of `total` steps of a run of an experiment; `step` names the one under way."""

    run: str
    done: float
    total: int
    step: str = ""


class Progress:
    """One bar over all experiments, and a line for each that is running.

    On a terminal the bar is live; elsewhere (a log) each experiment gets one line when it ends.
    `what` and `done` are the words for other things than experiments that are trained.
    """

    def __init__(
        self, runs: list[str], *, visible: bool = True, what: str = "experiments", done: str = "trained"
    ) -> None:
        self._done = done
        self._console = Console(stderr=True, quiet=not visible)
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}", markup=True, table_column=_one_line()),
            BarColumn(bar_width=16),
            TextColumn("{task.fields[step]}", markup=False, table_column=_one_line()),
            _TimeLeft(table_column=Column(no_wrap=True, min_width=9)),
            console=self._console,
            transient=True,
            disable=not self._console.is_interactive,
        )
        self._all = self._bar.add_task(f"all {what}", total=len(runs), step=f"0/{len(runs)}")
        self._tasks: dict[str, TaskID] = {}
        self._fraction = dict.fromkeys(runs, 0.0)

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_interactive:  # elsewhere rich would end with an empty line
            self._bar.stop()

    def update(self, event: Event) -> None:
        if self._fraction[event.run] == 1.0:  # said by a worker just before it ended
            return
        if event.run not in self._tasks:
            self._tasks[event.run] = self._bar.add_task(event.run, total=1.0, step="")
        step = f"step {min(int(event.done) + 1, event.total)}/{event.total}"
        fields: dict[str, Any] = {"step": f"{step} {event.step}"} if event.step else {}
        self._fraction[event.run] = min(event.done / max(event.total, 1), 0.999)
        self._bar.update(self._tasks[event.run], completed=self._fraction[event.run], **fields)
        self._overall()

    def finish(self, run: str, seconds: float) -> None:
        self._fraction[run] = 1.0
        if run in self._tasks:
            self._bar.remove_task(self._tasks[run])
        done = sum(fraction == 1.0 for fraction in self._fraction.values())
        self._console.print(f"{self._done} {run} in {seconds:.1f} s ({done}/{len(self._fraction)})", highlight=False)
        self._overall()

    def _overall(self) -> None:
        done = sum(fraction == 1.0 for fraction in self._fraction.values())
        self._bar.update(self._all, completed=sum(self._fraction.values()), step=f"{done}/{len(self._fraction)}")


def _one_line() -> Column:
    return Column(no_wrap=True, overflow="ellipsis", max_width=24)  # so that all fits in 80 columns


class _TimeLeft(ProgressColumn):
    """Time left at the pace so far: rich's own estimate forgets steps longer than its window."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        if not task.completed or not task.total or task.elapsed is None:
            return Text("")
        left = task.elapsed * (task.total - task.completed) / task.completed
        minutes, seconds = divmod(round(left), 60)
        return Text(f"{minutes}:{seconds:02d} left")
