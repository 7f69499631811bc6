"""A proxy of a photograph's appeal, Sec. 2.2.4: composition, harmony of colours, light; not trained on ratings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Aesthetics as Measured
from firered.rows import Photo, Row


@dataclass(frozen=True, kw_only=True)
class Aesthetics(Operator):
    """Writes the parts and their mean; for a learned judgement see `image_score` with a head."""

    max_side: int = 512  # pixels

    reads: ClassVar[type[Row]] = Photo
    writes: ClassVar[tuple[type[Row], ...]] = (Measured,)

    def __call__(self, rows: Sequence[Photo], pictures: Pictures) -> Iterator[list[Measured]]:
        """Yield one row for each photograph."""
        from firered.descriptors import aesthetics

        for row in rows:
            found = aesthetics.appeal(pictures.scaled(row.sha256, self.max_side))
            yield [Measured(row.image_id, found.composition, found.harmony, found.light, found.score)]


OPERATOR = Aesthetics
