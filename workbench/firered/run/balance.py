"""What a run tells: progress while it goes, and in the end what became of every operator's rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from firered.errors import RunError


class Progress(Protocol):
    """What a run tells while it goes."""

    def start(self, name: str, total: int) -> None:
        """Rows still to do."""

    def advance(self, count: int) -> None:
        """Rows that were settled."""

    def stop(self) -> None:
        """The pass is over."""


class Silent:
    """Tells nothing."""

    def start(self, name: str, total: int) -> None:
        """Tell nothing."""

    def advance(self, count: int) -> None:
        """Tell nothing."""

    def stop(self) -> None:
        """Tell nothing."""


@dataclass
class Balance:
    """What became of an operator's rows: `total` = `done` + `failed` + `left`."""

    name: str
    operator_id: int
    total: int = 0
    done: int = 0
    failed: int = 0
    follows: bool = False  # its rows are what other operators of the pass make, so `total` grows with them
    waiting: int = 0  # of those that failed in the last pass: how many the next run tries again
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def left(self) -> int:
        """Rows that were not reached, because the run was stopped."""
        return self.total - self.done - self.failed

    def follow(self, done: int, failed: int) -> None:
        """Count what was written of an operator that follows: several files may become one image."""
        if self.follows:
            self.total += done + failed
            self.done += done
            self.failed += failed

    def line(self) -> str:
        """One line for people."""
        if self.total == 0:
            return f"{self.name}: nothing to do"
        left = f" + {self.left} left" if self.left else ""
        return f"{self.name}: {self.total} rows = {self.done} done + {self.failed} failed{left} ({self.seconds:.1f} s)"


class Stopped(RunError):
    """Nearly all rows of an operator failed."""

    balances: Sequence[Balance] = ()


class Interrupted(KeyboardInterrupt):
    """The user stopped the run; what was in flight is settled."""

    balances: Sequence[Balance] = ()
