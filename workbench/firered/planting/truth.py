"""The truth: what was planted into which file, one line a file, beside the files."""

import csv
import dataclasses
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from firered.errors import SourceError

NAME = "truth.csv"
CLEAN = "clean"  # a control: a photograph that nothing was planted into, of which the set has no copy
BASE = "base"  # the healthy file that plants were made from


@dataclass(frozen=True)
class Truth:
    """A file of the set."""

    path: str  # relative to the folder of the truth
    defect: str  # name of the defect, 'base' or 'clean'
    base_path: str  # file of the set that it was made from, relative; of a base or control its own
    photograph: str  # name of the photograph that it goes back to
    photograph_sha256: str  # of its bytes
    parameters: str  # JSON, what was drawn by lot
    seed: int  # of the lots


def write(folder: Path, lines: Sequence[Truth]) -> Path:
    """Write the truth of a set into its folder, ordered by path."""
    written = io.StringIO(newline="")
    table = csv.writer(written, lineterminator="\n")
    table.writerow(field.name for field in dataclasses.fields(Truth))
    table.writerows(dataclasses.astuple(line) for line in sorted(lines, key=lambda line: line.path))
    place = folder / NAME
    place.write_text(written.getvalue(), encoding="utf-8")
    return place


def read(place: Path) -> list[Truth]:
    """Read a truth; raises SourceError where it is none."""
    place = place / NAME if place.is_dir() else place
    if not place.is_file():
        raise SourceError(f"{place}: no such file (plant a set with: firered demo plant FOLDER)")
    with place.open(encoding="utf-8", newline="") as opened:
        table = csv.DictReader(opened)
        if table.fieldnames != [field.name for field in dataclasses.fields(Truth)]:
            raise SourceError(
                f"{place}: not the truth of a planted set (plant one with: firered demo plant FOLDER)"
            )
        return [_line(row) for row in table]


def _line(row: dict[str, str]) -> Truth:
    path, defect, base_path, photograph, sha256, parameters, seed = row.values()
    return Truth(path, defect, base_path, photograph, sha256, parameters, int(seed))
