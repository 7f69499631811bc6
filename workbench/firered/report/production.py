"""What was produced: by task and strategy, by maker, what failed and why, and a contact sheet of each task."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from firered.catalog import Catalog
from firered.pictures import Pictures
from firered.report.album import Album

Rows = list[dict[str, Any]]

ACCEPTED, REJECTED = 6, 3  # examples of each task
BUDGET = 4_000_000  # characters of thumbnails


@dataclass(frozen=True)
class Example:
    """A made pair with its pictures as data URIs."""

    pair: dict[str, Any]
    before: str
    after: str
    references: list[str]


@dataclass(frozen=True)
class Sheet:
    """Examples of one task."""

    task: str
    accepted: list[Example]
    rejected: list[Example]


@dataclass(frozen=True)
class Production:
    """The section of the report."""

    tasks: dict[str, Rows]  # by task, a row a strategy; all fifteen
    totals: list[dict[str, Any]]  # by strategy
    makers: Rows
    failures: Rows
    depths: Rows
    sheets: list[Sheet]


def production(catalog: Catalog) -> Production | None:
    """Ask the catalog what was made; None where nothing was."""
    lines: Rows = catalog.query("production").to_pylist()
    if not any(line["asked"] for line in lines):
        return None
    return Production(
        tasks={task: list(group) for task, group in groupby(lines, key=lambda line: str(line["task"]))},
        totals=by_strategy(lines),
        makers=catalog.query("acceptance").to_pylist(),
        failures=catalog.query("failed_requests").to_pylist(),
        depths=catalog.query("depth").to_pylist(),
        sheets=sheets(catalog),
    )


def by_strategy(lines: Sequence[dict[str, Any]]) -> Rows:
    """Sums over the tasks, the strategy with most accepted pairs first."""
    names = ("asked", "made", "failed", "rejected", "accepted", "seconds", "money")
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        if line["strategy"] is not None:
            total = found.setdefault(
                line["strategy"], {"strategy": line["strategy"], **dict.fromkeys(names, 0)}
            )
            total.update({name: total[name] + line[name] for name in names})
    return sorted(found.values(), key=lambda total: (-total["accepted"], total["strategy"]))


def sheets(catalog: Catalog) -> list[Sheet]:
    """Contact sheets of the tasks that have pairs, in alphabetical order."""
    album = Album(Pictures(catalog.blobs))
    rows = catalog.query("sheet_pairs", pairs=ACCEPTED, rejected=REJECTED).to_pylist()
    found: dict[str, Sheet] = {}
    for row in rows:
        sheet = found.setdefault(row["task"], Sheet(row["task"], [], []))
        shown = example(row, album) if album.length <= BUDGET else None
        if shown is not None:
            (sheet.rejected if row["reason"] else sheet.accepted).append(shown)
    return [sheet for sheet in found.values() if sheet.accepted or sheet.rejected]


def example(row: dict[str, Any], album: Album) -> Example | None:
    """A pair with its thumbnails; None where one of its two pictures cannot be opened."""
    before, after = album.uri(row["source_sha256"]), album.uri(row["target_sha256"])
    if before is None or after is None:
        return None
    references = [uri for sha256 in row["reference_sha256s"] if (uri := album.uri(sha256)) is not None]
    return Example(row, before, after, references)
