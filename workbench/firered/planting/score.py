"""Compare what screening did with a planted set against its truth: recall by defect, false positives by filter."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from firered.catalog import Catalog
from firered.errors import SourceError
from firered.planting import truth
from firered.planting.defects import Defect, defects
from firered.planting.intervals import wilson
from firered.planting.judge import Judge, Screened, counts
from firered.planting.truth import Truth

TWIN = re.compile(r"image (\d+)")
ANY = "any of these"  # the line of files that are out for whatever reason
STRANGER = "near_duplicate of a stranger"  # the line of files called duplicates of another photograph


@dataclass(frozen=True)
class Verdict:
    """Whether a plant was found."""

    file: Screened
    found: bool

    @property
    def otherwise(self) -> bool:
        """Whether it was found, or is rejected by any filter but as a near duplicate, or failed."""
        return self.found or bool(self.file.error or set(self.file.reasons) - {"near_duplicate"})


@dataclass(frozen=True)
class Scores:
    """All verdicts over a set."""

    files: Sequence[Screened]
    verdicts: Sequence[Verdict]
    filters: Sequence[str]

    def tables(self) -> list[pa.Table]:
        """Recall by defect, then false positives by filter."""
        recalls = [self.recall(defect) for defect in defects().values()]
        wrongs = [self.wrong(name) for name in (*self.judges, ANY)]
        return [pa.Table.from_pylist(rows) for rows in (recalls, [*wrongs, self.strangers()])]

    def recall(self, defect: Defect) -> dict[str, Any]:
        """How many plants of a defect were found, of how many, with the 95 % interval and the aim.

        The recall is None where the screening had no filter for it.
        """
        verdicts = [verdict for verdict in self.verdicts if verdict.file.line.defect == defect.name]
        found = sum(verdict.found for verdict in verdicts)
        low, high = wilson(found, len(verdicts))
        return {
            "defect": defect.name, "plants": len(verdicts), "found": found,
            "recall": found / len(verdicts) if verdicts and self.asks(defect) else None, "low": low, "high": high,
            "false": self.false(defect), "any_reason": sum(verdict.otherwise for verdict in verdicts), "aim": defect.aim[0] if defect.aim else None,
        }  # fmt: skip

    def false(self, defect: Defect) -> int | None:
        """How many controls are rejected, or fail, for what counts as finding the defect; None where that is neither."""
        if defect.found == "failed":
            return sum(file.error is not None for file in self.of(truth.CLEAN))
        return sum(counts(defect, file) for file in self.of(truth.CLEAN)) if defect.filters else None

    def asks(self, defect: Defect) -> bool:
        """Whether the screening had a filter for a defect, where it takes one."""
        return not defect.decided or bool(set(defect.filters) & set(self.filters))

    def wrong(self, name: str) -> dict[str, Any]:
        """How many controls a filter rejects, of how many, and how many of the bases, which are healthy too."""
        controls = [self._rejects(name, file) for file in self.of(truth.CLEAN)]
        low, high = wilson(sum(controls), len(controls))
        return {
            "filter": name, "controls": len(controls), "rejected": sum(controls),
            "share": sum(controls) / len(controls) if controls else None, "low": low, "high": high,
            "bases_rejected": None if name in ("near_duplicate", ANY) else sum(self._rejects(name, file) for file in self.of(truth.BASE)),
            "aim": allowed(name),
        }  # fmt: skip

    @property
    def judges(self) -> tuple[str, ...]:
        """What may throw a file out: ingest, and the filters."""
        return "ingest", *self.filters

    def strangers(self) -> dict[str, Any]:
        """How many files are called near duplicates of another photograph than their own; collages may be."""
        photographs = defaultdict(set)
        for file in self.files:
            photographs[file.image_id].add(file.line.photograph_sha256)
        asked = [file for file in self.files if file.line.defect != "collage" and not file.error]
        twins = [TWIN.findall(file.reasons.get("near_duplicate", "")) for file in asked]
        wrong = sum(
            bool(found) and not any(file.line.photograph_sha256 in photographs[int(twin)] for twin in found)
            for file, found in zip(asked, twins, strict=True)
        )
        low, high = wilson(wrong, len(asked))
        return {
            "filter": STRANGER, "controls": len(asked), "rejected": wrong, "share": wrong / max(1, len(asked)),
            "low": low, "high": high, "bases_rejected": None, "aim": None,
        }  # fmt: skip

    def _rejects(self, name: str, file: Screened) -> bool:
        if name in ("ingest", ANY):
            return file.error is not None or (name == ANY and bool(file.reasons))
        return name in file.reasons

    def of(self, defect: str) -> list[Screened]:
        """Files of a defect, of the controls or of the bases."""
        return [file for file in self.files if file.line.defect == defect]

    def mistakes(self) -> pa.Table:
        """Plants that were missed, and controls and bases that were rejected, with what was planted and said."""
        missed = [verdict.file for verdict in self.verdicts if not verdict.found]
        wrong = [file for file in self.of(truth.CLEAN) if file.reasons or file.error]
        wrong += [
            file for file in self.of(truth.BASE) if set(file.reasons) - {"near_duplicate"} or file.error
        ]
        return pa.table(
            {
                "defect": [file.line.defect for file in (*missed, *wrong)],
                "path": [file.line.path for file in (*missed, *wrong)],
                "planted": [file.line.parameters for file in (*missed, *wrong)],
                "said": [said(file) for file in (*missed, *wrong)],
            },
            schema=pa.schema([(name, pa.string()) for name in ("defect", "path", "planted", "said")]),
        )


def said(file: Screened) -> str:
    """What screening says of a file, one line."""
    return file.error or "; ".join(f"{name}: {reason}" for name, reason in file.reasons.items())


def allowed(name: str) -> float | None:
    """Most false positives that a filter should have: the least of the aims of the defects it counts for as a whole."""
    aims = [
        defect.aim[1]
        for defect in defects().values()
        if defect.aim and not defect.named
        if name in defect.filters or (name == "ingest" and defect.found == "failed")
    ]
    return min(aims, default=None)


def scored(catalog: Catalog, place: Path) -> Scores:
    """Score the catalog that screened a set against its truth; raises SourceError where it did not screen it."""
    folder = place if place.is_dir() else place.parent
    files = screened(catalog, folder.absolute(), truth.read(place))
    judge = Judge(files, folder, catalog.blobs)
    planted = [file for file in files if file.line.defect in defects()]
    filters = catalog.query("screening_filters").column("name").to_pylist()
    return Scores(files, [Verdict(file, judge(file)) for file in planted], filters)


def screened(catalog: Catalog, folder: Path, lines: Sequence[Truth]) -> list[Screened]:
    """What became of each file of the set, in the order of the truth."""
    known = {row["path"]: row for row in catalog.query("screened_files").to_pylist()}
    lost = [line.path for line in lines if str(folder / line.path) not in known]
    if lost:
        some = f"{len(lost)} of its {len(lines)} files are not in the catalog, {lost[0]!r} among them"
        raise SourceError(f"{folder}: {some} (run: firered run data/screen {folder})")
    return [_screened(line, known[str(folder / line.path)]) for line in lines]


def _screened(line: Truth, row: dict[str, Any]) -> Screened:
    reasons = dict(zip(row["filters"], row["reasons"], strict=True))
    return Screened(line, row["error"], row["image_id"], row["sha256"], row["turn"], row["tilt"], reasons)
