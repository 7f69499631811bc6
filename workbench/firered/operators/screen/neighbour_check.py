"""Whether neighbours show the same picture: both laid over each other and compared, Sec. 2.2.1."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import NeighbourImages, NeighbourScore, Row


@dataclass(frozen=True, kw_only=True)
class NeighbourCheck(Operator):
    """Measures how alike two neighbours are where they overlap, mirrored if need be."""

    max_side: int = 160  # pixels; enough for the grid that they are compared on

    reads: ClassVar[type[Row]] = NeighbourImages
    writes: ClassVar[tuple[type[Row], ...]] = (NeighbourScore,)
    batch_size: ClassVar[int] = 32

    def __call__(self, rows: Sequence[NeighbourImages], pictures: Pictures) -> Iterator[list[NeighbourScore]]:
        """Yield the correlation and SSIM of each pair, and how much of them both show."""
        from firered.descriptors.alignment import likeness

        for row in rows:
            first, second = (pictures.scaled(each, self.max_side) for each in (row.sha256, row.other_sha256))
            yield [NeighbourScore(row.neighbour_id, *likeness(first, second))]


OPERATOR = NeighbourCheck
