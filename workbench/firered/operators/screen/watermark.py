"""Signs of a watermark, Sec. 2.2.3: a pattern that repeats, letters through which the picture shows."""

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
    """Measures the signs; what counts as a watermark is decided in SQL, together with the text that was read."""

    reads: ClassVar[type[Row]] = KeptPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (Signs,)

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[Signs]]:
        """Yield one row of signs for each image."""
        for row in rows:
            repeats = repetition(pictures.pixels(row.sha256))
            yield [Signs(row.image_id, repeats, 0.0, repeats)]


OPERATOR = Watermark
