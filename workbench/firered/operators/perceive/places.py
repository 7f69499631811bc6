"""Places of a photograph, Sec. 2.3: its sky, grass, bare ground and plain surfaces, on which things can be put."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from firered.descriptors import rle
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import KeptPhoto, Mask, Row
from firered.synthesis.composite import actors, ground, staging
from firered.synthesis.composite.ground import SMALLEST_SIDE, Ground

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Binary = NDArray[np.bool_]

METRES = (
    0.08,
    0.5,
    1.2,
)  # heights of things that are tried; on a plain surface and in the sky they differ little


@dataclass(frozen=True, kw_only=True)
class Places(Operator):
    """Writes a row for each kind of place where a thing has room, and one of kind `ground` for every photograph."""

    max_side: int = 512  # pixels, as of the pairs

    reads: ClassVar[type[Row]] = KeptPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (Mask,)

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[Mask]]:
        """Yield the places of each picture; `ground`, all of it, says that it was searched."""
        for row in rows:
            seen = Ground(pictures.scaled(row.sha256, self.max_side))
            everywhere = np.ones(seen.pixels.shape[:2], bool)
            yield [
                _mask(row.image_id, staging.LOOKED, everywhere),
                *(_mask(row.image_id, where, getattr(seen, where)) for where in _with_room(seen)),
            ]


def _with_room(seen: Ground) -> list[str]:
    """Kinds of place in which a thing that is as wide as high has room, were there nothing in the way."""
    if min(seen.pixels.shape[:2]) < SMALLEST_SIDE:
        return []
    return [where for where in seen.habitats() if any(_fits(seen, where, metres) for metres in METRES)]


def _fits(seen: Ground, where: str, metres: float) -> bool:
    return bool(ground.spots(seen, where, metres, 1.0, (), Random(0)))


def _mask(image_id: int, kind: str, region: "Binary") -> Mask:
    height, width = region.shape
    area, (left, top, right, bottom) = float(region.mean()), actors.box_of(region)
    return Mask(
        image_id, kind, "", area, area, left, top, right, bottom, height, width, rle.encode(region), ""
    )


OPERATOR = Places
