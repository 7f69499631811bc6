"""Mosaics and privacy masks in a photograph, Sec. 2.2.3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Mosaic as Measured
from firered.rows import Photo, Row


@dataclass(frozen=True, kw_only=True)
class Mosaic(Operator):
    """Measure pixelated and masked regions; how large they may be is decided in SQL."""

    reads = Photo
    writes = (Measured,)

    def __call__(self, rows: Sequence[Photo], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield one row of regions for each image."""
        from firered.descriptors.mask import masked
        from firered.descriptors.mosaic import blocks

        for row in rows:
            luma = pictures.luma(row.sha256)
            found = blocks(luma)
            yield [Measured(row.image_id, found.share, found.side, found.strength, masked(luma))]


OPERATOR = Mosaic
