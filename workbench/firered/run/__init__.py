"""The runner: todo, batches, a mapper that computes them, and one short transaction every second.

`run` takes operators that read the same rows and makes one pass over them: a worker opens each
picture once and hands it to every operator that still wants it. Operators given as `then` follow in
the same pass on what the first ones make, while the picture is still decoded. One bad row costs one
row; a kill costs the batches in flight.
"""

import random
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Protocol

from firered import vectors
from firered.catalog import Catalog, Outcome, Work
from firered.errors import DISK_FULL, RunError, is_disk_full
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Row, Vector
from firered.run.balance import Balance, Interrupted, Progress, Silent, Stopped
from firered.store import BlobStore

__all__ = ["Balance", "Batch", "Interrupted", "Mapper", "Progress", "Stopped", "Worker", "apply", "run"]

SETTLE_EVERY = 1.0, 10.0  # seconds between transactions, at least and at most
SETTLING = 0.02  # share of the time that they may take
ATTEMPTS = 3  # tries of a row whose error is transient
WINDOW = 20  # rows the breaker looks back on
AT_A_TIME = 4  # pictures that are taken in before what follows: the processor still has their pixels at hand
BREAK_AT = 0.9  # share of failures in the window that stops the run


@dataclass(frozen=True)
class Batch:
    """Rows for a worker, and for each operator which of them it wants."""

    rows: list[Any]
    wanted: list[list[bool]]

    def part(self, start: int, stop: int) -> "Batch":
        """Some of the rows."""
        return Batch(self.rows[start:stop], [flags[start:stop] for flags in self.wanted])


@dataclass
class Worker:
    """Computes batches; made once in each process, where it loads its models at the first batch."""

    operators: Sequence[Operator]
    store: BlobStore
    then: Sequence[Operator] = ()
    ready: bool = False

    def __call__(self, batch: Batch) -> list[Outcome]:
        """Hand each operator the rows it wants, and the followers what was made of them."""
        if not self.ready:
            for each in (*self.operators, *self.then):
                each.setup()
            self.ready = True
        pictures = Pictures(self.store)
        size = AT_A_TIME if self.then else len(batch.rows)
        found = []
        with pictures.together():
            for start in range(0, len(batch.rows), size):
                found += self._outcomes(batch.part(start, start + size), pictures)
                pictures.forget()
        return found

    def _outcomes(self, batch: Batch, pictures: Pictures) -> list[Outcome]:
        outcomes = [
            apply(each, [row for row, flag in zip(batch.rows, flags, strict=True) if flag], pictures)
            for each, flags in zip(self.operators, batch.wanted, strict=True)
        ]
        made = made_for(self.then[0].reads, outcomes) if self.then else []
        return outcomes + [apply(each, list(made), pictures) for each in self.then]


def made_for(reads: type[Row], outcomes: Sequence[Outcome]) -> list[Row]:
    """Rows of these outcomes that the view `reads` shows, each once: a view's class extends that of its table."""
    rows = (row for outcome in outcomes for rows in outcome.made.values() for row in rows)
    return list({row.key(): reads(**vars(row)) for row in rows if issubclass(reads, type(row))}.values())


class Mapper(Protocol):
    """Where batches are computed; gives outcomes in any order, and few batches are in flight."""

    def __call__(self, worker: Worker, batches: Iterator[Batch]) -> Iterator[list[Outcome]]:
        """Compute the batches."""


def run(
    operators: Sequence[Operator],
    catalog: Catalog,
    *,
    mapper: Mapper,
    progress: Progress | None = None,
    retry: bool = False,
    then: Sequence[Operator] = (),
) -> list[Balance]:
    """Do what the operators have not done yet; they must read the same rows.

    Operators in `then` do what these make; rows made before are not theirs (another run does those).
    Raises Stopped, with the balances so far, when nearly all rows fail, and Interrupted after a clean
    stop by Ctrl-C.
    """
    for group in (operators, then):
        assert len({each.reads for each in group}) <= 1, [each.name() for each in group]
    catalog.register([*operators, *then])
    work = Pass(operators, then, catalog, mapper, progress or Silent())
    with _telling(work.balances):
        # An operator whose output is its own input (invert, split) runs until it reads nothing new.
        while work(retry=retry):
            retry = False
    if any(Vector in each.writes for each in (*operators, *then)):
        vectors.compact(catalog.vectors)
    return work.balances


@contextmanager
def _telling(balances: Sequence[Balance]) -> Iterator[None]:
    """Hand the balances to whoever catches the end of a stopped run."""
    try:
        yield
    except (Stopped, Interrupted) as stop:
        stop.balances = balances
        raise


@dataclass
class Pass:
    """Operators over what they have to do; called once or more."""

    operators: Sequence[Operator]
    then: Sequence[Operator]
    catalog: Catalog
    mapper: Mapper
    progress: Progress
    balances: list[Balance] = field(init=False)

    def __post_init__(self) -> None:
        heads = [Balance(each.name(), each.fingerprint()) for each in self.operators]
        self.balances = heads + [Balance(each.name(), each.fingerprint(), follows=True) for each in self.then]

    def __call__(self, *, retry: bool) -> bool:
        """Do what there is to do now; returns whether there was more than rows that should wait for the next run."""
        totals = self.catalog.count_todo(self.operators, retry=retry)
        if not any(total > balance.waiting for total, balance in zip(totals, self.balances, strict=False)):
            return False
        for balance, total in zip(self.balances, totals, strict=False):
            balance.total += total
            balance.waiting = 0
        started = time.monotonic()
        names = [each.name() for each in (*self.operators, *self.then)]
        self.progress.start(" + ".join(names), sum(totals))
        try:
            with stop_on_interrupt() as stopping:
                self._compute(stopping, retry=retry)
        finally:
            self.progress.stop()
            for balance in self.balances:
                balance.seconds += time.monotonic() - started
        return True

    def _compute(self, stopping: Callable[[], bool], *, retry: bool) -> None:
        committer = Committer(
            self.catalog, {balance.operator_id: balance for balance in self.balances}, self.progress
        )
        size = min(each.batch_size for each in (*self.operators, *self.then))
        batches = in_batches(self.catalog.todo(self.operators, retry=retry), size, stopping)
        for outcomes in self.mapper(Worker(self.operators, self.catalog.blobs, self.then), batches):
            committer.take(outcomes)
        committer.finish()
        if stopping():
            raise Interrupted


def in_batches(work: Iterator[Work], size: int, stopping: Callable[[], bool]) -> Iterator[Batch]:
    """Cut pages into batches of so many rows."""
    for page in work:
        whole = Batch(page.rows, page.wanted)
        for start in range(0, len(page.rows), size):
            if stopping():
                return
            yield whole.part(start, start + size)


# --- in the worker ------------------------------------------------------------------------------------


def apply(operator: Operator, rows: list[Any], pictures: Pictures) -> Outcome:
    """Run an operator over rows; where it raises, find the one row that costs it."""
    outcome = Outcome(operator.fingerprint())
    alone = False
    while rows:
        head = rows[:1] if alone else rows
        done, error = _attempt(operator, head, pictures, outcome)
        rows = rows[done:]
        if error is None:
            continue
        if len(head) == 1:
            note(operator, rows[0].key(), error, outcome)
            rows = rows[1:]
        # The row at the head is tried alone; when it is not to blame, so are the others.
        alone = len(head) > 1
    return outcome


def note(operator: Operator, key: int, error: Exception, outcome: Outcome) -> None:
    """Write down what a row failed with, and whether it should wait for the next run."""
    later = isinstance(error, (*operator.transient, *operator.postponed))
    outcome.failed[key] = (describe(error), later)
    outcome.expected += isinstance(error, (*operator.expected, *operator.postponed))


def _attempt(
    operator: Operator, rows: list[Any], pictures: Pictures, outcome: Outcome
) -> tuple[int, Exception | None]:
    """Keep what comes before an error; returns how many rows were done, and the error."""
    for attempt in range(1, ATTEMPTS + 1):
        done = 0
        try:
            for made in operator(rows, pictures):
                # An exception in place of rows: the row was tried as often as it should be, the others are good.
                if isinstance(made, Exception):
                    note(operator, rows[done].key(), made, outcome)
                else:
                    outcome.made[rows[done].key()] = list(made)
                done += 1
        except Exception as error:  # noqa: BLE001 - a row's failure is data
            if is_disk_full(error):
                raise RunError(DISK_FULL) from None
            if len(rows) > 1 or attempt == ATTEMPTS or not isinstance(error, operator.transient):
                return done, error
            time.sleep(random.uniform(0.5, 1.5) * 2**attempt / 4)
            continue
        assert done == len(rows), f"{operator.name()} answered {done} of {len(rows)} rows"
        return done, None
    raise AssertionError("unreachable")


def describe(error: Exception) -> str:
    """One line for the ledger."""
    # The row names the file; the system's message would make as many kinds of failure as there are files.
    said = error.strerror.lower() if isinstance(error, OSError) and error.strerror else str(error)
    text = " ".join(said.split())
    return f"{type(error).__name__}: {text}"[:500]


# --- in the driver ------------------------------------------------------------------------------------


@dataclass
class Committer:
    """Gathers outcomes and settles them every second, unless nearly everything fails."""

    catalog: Catalog
    balances: dict[int, Balance]
    progress: Progress
    waiting: list[Outcome] = field(default_factory=list)
    suspect: dict[int, dict[int, tuple[str, bool]]] = field(default_factory=dict)
    recent: dict[int, "deque[bool]"] = field(default_factory=dict)
    due: float = field(default_factory=lambda: time.monotonic() + SETTLE_EVERY[0])

    def take(self, outcomes: Sequence[Outcome]) -> None:
        """Add what a worker made."""
        for outcome in outcomes:
            self._watch(outcome)
            self.waiting.append(outcome)
        if time.monotonic() >= self.due:
            started = time.monotonic()
            self._settle()
            took = time.monotonic() - started
            self.due = started + took + min(max(took / SETTLING, SETTLE_EVERY[0]), SETTLE_EVERY[1])

    def finish(self) -> None:
        """Settle what is left, failures included."""
        for operator_id, failed in self.suspect.items():
            self.waiting.append(Outcome(operator_id, failed=failed))
        self.suspect = {}
        self._settle()

    def _watch(self, outcome: Outcome) -> None:
        """Hold failures back until a success shows that the operator works at all."""
        recent = self.recent.setdefault(outcome.operator_id, deque(maxlen=WINDOW))
        # What is expected of bad input says nothing against the operator.
        recent.extend([True] * len(outcome.made) + [False] * (len(outcome.failed) - outcome.expected))
        held = self.suspect.setdefault(outcome.operator_id, {})
        held.update(outcome.failed)
        outcome.failed = {}
        if len(recent) == WINDOW and recent.count(False) >= WINDOW * BREAK_AT:
            self._break(outcome.operator_id)
        if len(recent) == WINDOW and recent.count(True) > WINDOW * (1 - BREAK_AT):
            outcome.failed, self.suspect[outcome.operator_id] = held, {}

    def _break(self, operator_id: int) -> None:
        """Stop the run; the held failures are forgotten, so the rows are tried again next time."""
        reasons = Counter(reason for reason, _ in self.suspect[operator_id].values())
        ((reason, _),) = reasons.most_common(1)
        self._settle()
        name = self.balances[operator_id].name
        raise Stopped(
            f"{name}: {len(self.suspect[operator_id])} of the last rows failed, mostly with {reason!r} (mend that and run again)"
        )

    def _settle(self) -> None:
        if not self.waiting:
            return
        found = [
            row
            for outcome in self.waiting
            for rows in outcome.made.values()
            for row in rows
            if isinstance(row, Vector)
        ]
        if found:
            vectors.add(self.catalog.vectors, found)
        rows = [_without_vectors(outcome) for outcome in self.waiting] if found else self.waiting
        lines = self.catalog.settle(rows)
        for outcome in self.waiting:
            self._count(self.balances[outcome.operator_id], outcome)
        for operator_id, (done, failed) in lines.items():
            self.balances[operator_id].follow(done, failed)
        self.waiting = []

    def _count(self, balance: Balance, outcome: Outcome) -> None:
        balance.reasons.update(reason for reason, _ in outcome.failed.values())
        if balance.follows:
            return
        balance.done += len(outcome.made)
        balance.failed += len(outcome.failed)
        balance.waiting += sum(transient for _, transient in outcome.failed.values())
        self.progress.advance(len(outcome.made) + len(outcome.failed))


def _without_vectors(outcome: Outcome) -> Outcome:
    made: dict[int, list[Row]] = {
        key: [row for row in rows if not isinstance(row, Vector)] for key, rows in outcome.made.items()
    }
    return Outcome(outcome.operator_id, made, outcome.failed)


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], bool]]:
    """First Ctrl-C: hand out no more batches; second: stop at once."""
    stopping = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if stopping.is_set():
            raise KeyboardInterrupt
        stopping.set()

    if threading.current_thread() is not threading.main_thread():
        yield stopping.is_set
        return
    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stopping.is_set
    finally:
        signal.signal(signal.SIGINT, before)
