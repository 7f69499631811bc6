"""Bars of one colour along the edges of a photograph, Sec. 2.2.3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Border as Measured
from firered.rows import Photo, Row


@dataclass(frozen=True, kw_only=True)
class Border(Operator):
    """Measure the widths of the bars; how wide they may be is decided in SQL."""

    reads = Photo
    writes = (Measured,)

    def __call__(self, rows: Sequence[Photo], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield one row of widths for each image."""
        from firered.descriptors.border import bars

        for row in rows:
            yield [Measured(row.image_id, *bars(pictures.pixels(row.sha256)))]


OPERATOR = Border
