"""Small stand-ins for operators and progress; everything else in the tests is the real thing."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firered.errors import MissingExtra
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import File, Ingested, Row

GOOD, BAD, TRANSIENT = "good", "bad", "transient"


def files(fates: Sequence[str]) -> list[File]:
    """Rows whose path says what will become of them."""
    return [File.of(f"{number}-{fate}", "fake", "none", 1, 1) for number, fate in enumerate(fates)]


@dataclass(frozen=True, kw_only=True)
class Rowwise(Operator):
    """Does what the row's path says; one row at a time."""

    reads = File
    writes = (Ingested,)
    batch_size = 4
    transient = (TimeoutError,)
    shift: int = 0

    def __call__(self, rows: Sequence[File], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield one row each."""
        for row in rows:
            meet_fate(row)
            yield [Ingested(row.file_id, row.file_id // 2 + self.shift)]


@dataclass(frozen=True, kw_only=True)
class Batchwise(Rowwise):
    """Does the whole batch before it gives anything, as a model does."""

    def __call__(self, rows: Sequence[File], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield one row each, or nothing at all."""
        for row in rows:
            meet_fate(row)
        for row in rows:
            yield [Ingested(row.file_id, row.file_id // 2 + self.shift)]


@dataclass(frozen=True, kw_only=True)
class Forgiving(Rowwise):
    """Knows that a row may be bad."""

    expected = (ValueError,)


@dataclass(frozen=True, kw_only=True)
class Waiting(Rowwise):
    """Knows that what a bad row needs may not be there yet."""

    postponed = (ValueError,)


@dataclass(frozen=True, kw_only=True)
class Slow(Rowwise):
    """Takes its time, and notes each row it did in a file, so that work done twice can be seen."""

    journal: str = ""
    seconds: float = 0.005

    def __call__(self, rows: Sequence[File], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield one row each, slowly."""
        for row in rows:
            time.sleep(self.seconds)
            meet_fate(row)
            with Path(self.journal).open("a") as file:
                file.write(f"{row.file_id} {os.getpid()}\n")
            yield [Ingested(row.file_id, row.file_id // 2)]


@dataclass(frozen=True, kw_only=True)
class Halving(Operator):
    """Makes a file of half the size out of each file of more than one byte: its output is its input."""

    reads = File
    writes = (File,)

    def __call__(self, rows: Sequence[File], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield the half, until there is none."""
        for row in rows:
            half = File.of(f"{row.path}/2", row.source, row.licence, row.bytes // 2, 1)
            yield [half] if row.bytes > 1 else []


@dataclass(frozen=True, kw_only=True)
class BrokenSetup(Rowwise):
    """Cannot load its model."""

    def setup(self) -> None:
        """Fail."""
        raise ValueError("no such model")


class AwkwardError(Exception):
    """Cannot be unpickled: its message is not what it was made from."""

    def __init__(self, code: int, *, reason: str) -> None:
        super().__init__(f"{code}: {reason}")


@dataclass(frozen=True, kw_only=True)
class AwkwardSetup(Rowwise):
    """Fails with an error that cannot leave its process."""

    def setup(self) -> None:
        """Fail."""
        raise AwkwardError(7, reason="no such driver")


@dataclass(frozen=True, kw_only=True)
class WithoutExtra(Rowwise):
    """Needs a package that is not there."""

    def setup(self) -> None:
        """Fail."""
        raise MissingExtra("model 'fake'", "embedded")


def meet_fate(row: File) -> None:
    """Raise what the row's path says."""
    if row.path.endswith(BAD):
        raise ValueError(f"bad row {row.path}")
    if row.path.endswith(TRANSIENT):
        raise TimeoutError("busy")


@dataclass
class Told:
    """Progress that remembers."""

    totals: list[int] = field(default_factory=list)
    advanced: int = 0

    def start(self, name: str, total: int) -> None:
        """Remember."""
        self.totals.append(total)

    def advance(self, count: int) -> None:
        """Count."""
        self.advanced += count

    def stop(self) -> None:
        """Nothing."""


class FakeEyes:
    """Sees what it is told, whatever the picture; `of` sees one thing in a black picture and another in others."""

    def __init__(
        self,
        lines: Sequence[str] = (),
        things: Sequence[Any] = (),
        faces: Sequence[Any] = (),
        joints: Sequence[Any] = (),
    ) -> None:
        self._seen = {
            "read": list(lines),
            "things": list(things),
            "faces": list(faces),
            "joints": list(joints),
        }
        self._after: FakeEyes | None = None

    @classmethod
    def of(cls, before: "FakeEyes", after: "FakeEyes") -> "FakeEyes":
        """Eyes for a pair whose source is black."""
        made = cls()
        made._seen, made._after = before._seen, after
        return made

    def _look(self, what: str, pixels: Any) -> list[Any]:
        seeing = self._after if self._after is not None and pixels.any() else self
        return seeing._seen[what]

    def read(self, pixels: Any) -> list[str]:
        """Lines of text."""
        return self._look("read", pixels)

    def things(self, pixels: Any) -> list[Any]:
        """Objects."""
        return self._look("things", pixels)

    def faces(self, pixels: Any) -> list[Any]:
        """Faces."""
        return self._look("faces", pixels)

    def joints(self, pixels: Any) -> list[Any]:
        """Persons."""
        return self._look("joints", pixels)
