"""Vectors of pictures, for near duplicates, clusters and gaps, Sec. 2.2 and 2.4."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from firered.errors import ModelError
from firered.models import encoder
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import KeptPhoto, Row, Vector


@dataclass(frozen=True, kw_only=True)
class ImageVector(Operator):
    """Writes one vector for each picture, in the space 'image/NAME' of the encoder."""

    model: str = "embedded:efficientnet-lite0"
    revision: str = "579344248a93"
    max_side: int = 512  # pixels, decoded at least this far; the encoder shrinks to its own size

    reads: ClassVar[type[Row]] = KeptPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (Vector,)
    batch_size: ClassVar[int] = 16

    def setup(self) -> None:
        """Load the encoder; raises ModelError where it is not the revision that the settings name."""
        if self._encoder.revision != self.revision:
            found = f"{self.model} is {self._encoder.revision}, not {self.revision}"
            raise ModelError(f"operator 'image_vector': {found} (set revision)")

    @cached_property
    def _encoder(self) -> encoder.Encoder:
        return encoder.load(self.model)

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[Vector]]:
        """Yield the vector of each picture."""
        pixels = [pictures.scaled(row.sha256, self.max_side) for row in rows]
        for row, vector in zip(rows, self._encoder.embed_images(pixels), strict=True):
            yield [Vector(row.image_id, f"image/{self._encoder.name}", vector.tolist())]


OPERATOR = ImageVector
