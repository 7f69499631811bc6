"""Signs of a watermark that is laid over all of a picture, Sec. 2.2.3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from firered.descriptors.watermark import repetition
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import KeptPhoto, Row
from firered.rows import Watermark as Signs


@dataclass(frozen=True, kw_only=True)
class Watermark(Operator):
    """Measures how a picture repeats; SQL decides on a watermark, together with the text that was read."""

    reads: ClassVar[type[Row]] = KeptPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (Signs,)

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[Signs]]:
        """Yield one row of signs for each image."""
        for row in rows:
            found = repetition(pictures.pixels(row.sha256))
            yield [Signs(row.image_id, found.strength, found.period)]


OPERATOR = Watermark
