"""Whether a plant was found, by what counts for its defect."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.pictures import decode
from firered.planting import truth
from firered.planting.defects import Defect, defects
from firered.planting.truth import Truth
from firered.store import BlobStore
from firered.templating.planes import Pixels

LEVEL = 1.5  # degrees that a tilt may be off
SAME = 8.0  # grey levels that pixels may differ by on average and still be the same picture
SIDE = 64  # pixels at which pictures are compared
EDGE = 8  # of them on each side that are not: a clear margin becomes a white one

Grey = NDArray[np.float32]


@dataclass(frozen=True)
class Screened:
    """What became of a file of the set."""

    line: Truth
    error: str | None
    image_id: int | None
    sha256: str | None
    turn: int | None
    tilt: float | None
    reasons: dict[str, str] = field(default_factory=dict)  # by filter


@dataclass
class Judge:
    """Says whether a plant was found."""

    files: Sequence[Screened]
    folder: Path
    blobs: BlobStore

    def __call__(self, file: Screened) -> bool:
        """Whether a plant was found, by what counts for its defect."""
        defect = defects()[file.line.defect]
        match defect.found:
            case "failed":
                return file.error is not None
            case "same image":
                return file.image_id is not None and file.image_id == self._base(file).image_id
            case "duplicate":
                return self._one_is_left(file)
            case "angle":
                return "turned" in file.reasons and _angle_is_right(file)
            case "upright" | "came in":
                return file.sha256 is not None and self._stands(file, file.sha256)
        return counts(defect, file)

    @cached_property
    def _by_path(self) -> dict[str, Screened]:
        return {file.line.path: file for file in self.files}

    @cached_property
    def _families(self) -> dict[str, list[Screened]]:
        """Each base with its near duplicates, by the path of the base."""
        found = defaultdict(list)
        for file in self.files:
            known = defects().get(file.line.defect)
            if file.line.defect == truth.BASE or (known and known.group == "near duplicate"):
                found[file.line.base_path].append(file)
        return found

    def _base(self, file: Screened) -> Screened:
        return self._by_path[file.line.base_path]

    def _one_is_left(self, file: Screened) -> bool:
        """Whether the plant is rejected as a near duplicate, or is the one of its family that is kept."""
        if "near_duplicate" in file.reasons or file.image_id is None:
            return file.image_id is not None
        family = self._families[file.line.base_path]
        return {each.image_id for each in family if "near_duplicate" not in each.reasons} == {file.image_id}

    def _stands(self, file: Screened, sha256: str) -> bool:
        """Whether what is stored shows the base, and shows it upright."""
        stored = small(decode(self.blobs.get(sha256)))
        base = small(decode((self.folder / file.line.base_path).read_bytes()))
        upright, *others = (float(np.abs(stored - turn).mean()) for turn in turns(base))
        return upright < min(SAME, *others)


def counts(defect: Defect, file: Screened) -> bool:
    """Whether one of the defect's filters rejects a file, and for one of the defect's reasons where it has any."""
    said = [reason.lower() for name, reason in file.reasons.items() if name in defect.filters]
    return any(not defect.named or any(re.search(each, reason) for each in defect.named) for reason in said)


def _angle_is_right(file: Screened) -> bool:
    planted = json.loads(file.line.parameters)
    if "turn" in planted:
        return file.turn == int(planted["turn"])
    return file.tilt is not None and abs(file.tilt - float(planted["tilt"])) <= LEVEL


def small(pixels: Pixels) -> Grey:
    """Grey picture of SIDE x SIDE pixels, without its margin, for comparisons."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    square: Grey = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    return square[EDGE:-EDGE, EDGE:-EDGE]


def turns(square: Grey) -> list[Grey]:
    """The eight ways to lay a square picture, the picture itself first."""
    return [np.rot90(way, quarter) for way in (square, square[:, ::-1]) for quarter in range(4)]
