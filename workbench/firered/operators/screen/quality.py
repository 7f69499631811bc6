"""No-reference quality of photographs, Sec. 2.2.4: BRISQUE at the size that pictures are trained on.

A defect that is gone at that size does no harm in training. At 1024 pixels 19 of 20 photographs score better than a copy of
theirs that was blurred by one pixel at 2048; at 512 it is 8 of 10. Scores beyond 110 mean that the picture is unlike
all that the model learned from (fine regular stripes), not that it is poor; smooth things on a wide flat ground reach 75.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from firered.errors import ModelError
from firered.models.brisque import Brisque
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Photo, Row
from firered.rows import Quality as Measured


@dataclass(frozen=True, kw_only=True)
class Quality(Operator):
    """Writes BRISQUE's score of each photograph; what is too poor is decided in SQL."""

    revision: str = "19526fb799c4+a91753fe7088"
    max_side: int = 1024  # pixels

    reads: ClassVar[type[Row]] = Photo
    writes: ClassVar[tuple[type[Row], ...]] = (Measured,)
    expected: ClassVar[tuple[type[Exception], ...]] = (ValueError,)

    def setup(self) -> None:
        """Load the weights; raises ModelError where they are not those that the settings name."""
        if self._model.revision != self.revision:
            raise ModelError(
                f"operator 'quality': brisque is {self._model.revision}, not {self.revision} (set revision)"
            )

    @cached_property
    def _model(self) -> Brisque:
        return Brisque()

    def __call__(self, rows: Sequence[Photo], pictures: Pictures) -> Iterator[list[Measured]]:
        """Yield one row for each photograph."""
        # Compiled code behind it, which only a worker needs.
        from firered.descriptors import brisque

        for row in rows:
            features = brisque.features(pictures.scaled(row.sha256, self.max_side))
            yield [Measured(row.image_id, float(self._model.score(features[None])[0]))]


OPERATOR = Quality
