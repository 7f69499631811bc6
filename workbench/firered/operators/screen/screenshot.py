"""Signs that a picture was drawn by a user interface, Sec. 2.2.3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Photo, Row
from firered.rows import Screenshot as Measured


@dataclass(frozen=True, kw_only=True)
class Screenshot(Operator):
    """Measure flat areas and exact edges; how many a photograph may have is decided in SQL."""

    reads = Photo
    writes = (Measured,)

    def __call__(self, rows: Sequence[Photo], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield one row of signs for each image."""
        from firered.descriptors.screenshot import drawn

        for row in rows:
            found = drawn(pictures.luma(row.sha256))
            yield [Measured(row.image_id, found.flat, found.lines, found.score)]


OPERATOR = Screenshot
