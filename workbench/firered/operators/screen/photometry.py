"""Brightness, saturation, entropy, texture, sharpness and focus from one decode, Sec. 2.2.2."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Photo, Row
from firered.rows import Photometry as Measured


@dataclass(frozen=True, kw_only=True)
class Photometry(Operator):
    """Measure the photometric columns; what is plausible is decided in SQL."""

    reads = Photo
    writes = (Measured,)
    version = 5

    def __call__(self, rows: Sequence[Photo], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield one row of measurements for each image."""
        # Compiled code behind it, which only a worker needs.
        from firered.descriptors.focus import ground_of
        from firered.descriptors.photometry import measured

        for row in rows:
            luma = pictures.luma(row.sha256)
            values, focus = measured(pictures.pixels(row.sha256), luma)
            yield [Measured(row.image_id, *values, *focus, ground_of(luma))]


OPERATOR = Photometry
