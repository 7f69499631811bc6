"""Turn and level the photographs that the filter `turned` has found to be askew, Sec. 2.2.3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from firered.descriptors import tilt, turn
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Corrected, Image, Row, TurnedPhoto, id_of_sha256


@dataclass(frozen=True, kw_only=True)
class Correct(Operator):
    """Writes a new image and where it comes from; the old one stays, and stays rejected."""

    quality: int = 95  # of the JPEG

    reads: ClassVar[type[Row]] = TurnedPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (Image, Corrected)
    batch_size: ClassVar[int] = 4

    def __call__(self, rows: Sequence[TurnedPhoto], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield the corrected image and its lineage."""
        for row in rows:
            upright = turn.turned(pictures.pixels(row.sha256), row.turn)
            pixels = tilt.leveled(upright, row.tilt)
            sha256, size = pictures.save(pixels, quality=self.quality)
            image_id = id_of_sha256(sha256)
            height, width = pixels.shape[:2]
            facts = (image_id, sha256, width, height, size, "JPEG", "RGB", 1, "photo", row.licence)
            yield [Image(*facts), Corrected(image_id, row.image_id, row.turn, row.tilt)]


OPERATOR = Correct
