"""Progress on stderr: a bar with rate and time left on a terminal, now and then a line elsewhere."""

import sys
import time
from dataclasses import dataclass
from typing import Any

import click

EVERY = 10.0  # seconds between lines where stderr is no terminal


@dataclass
class Bar:
    """Shows a pass while it goes."""

    name: str = ""
    total: int = 0
    done: int = 0
    started: float = 0.0
    told: float = 0.0
    live: Any = None

    def start(self, name: str, total: int) -> None:
        """Show a new bar."""
        self.name, self.total, self.done = name, total, 0
        self.started = self.told = time.monotonic()
        if sys.stderr.isatty():
            self.live = live_bar()
            self.live.start()
            self.live.add_task(name, total=total)

    def advance(self, count: int) -> None:
        """Move it."""
        self.done += count
        if self.live:
            self.live.advance(self.live.task_ids[0], count)
        elif time.monotonic() - self.told > EVERY:
            self.told = time.monotonic()
            click.echo(self.line(), err=True)

    def stop(self) -> None:
        """Take it away."""
        if self.live:
            self.live.stop()
            self.live = None

    def line(self) -> str:
        """Share, rate and time left."""
        rate = self.done / max(1e-9, time.monotonic() - self.started)
        left = (self.total - self.done) / rate if rate else 0.0
        return f"{self.name}: {self.done} of {self.total}, {rate:.1f} rows/s, {left:.0f} s left"


def live_bar() -> Any:
    """Bar with count, rate and time left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _speed_column(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _speed_column() -> Any:
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class Speed(ProgressColumn):
        """Rows a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f} rows/s" if task.speed else "")

    return Speed()
