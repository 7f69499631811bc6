"""Straight seams through a photograph: collages, grids, before and after, Sec. 2.2.3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Collage as Measured
from firered.rows import Photo, Row


@dataclass(frozen=True, kw_only=True)
class Collage(Operator):
    """Measure the panels that seams make; how many a photograph may have is decided in SQL."""

    reads = Photo
    writes = (Measured,)

    def __call__(self, rows: Sequence[Photo], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield one row of panels and seams for each image."""
        from firered.descriptors.collage import layout

        for row in rows:
            found = layout(pictures.pixels(row.sha256), pictures.luma(row.sha256))
            yield [Measured(row.image_id, found.panels, found.seam, found.gutter)]


OPERATOR = Collage
