"""Vectors of pictures, for near duplicates, clusters and gaps, Sec. 2.2 and 2.4."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from firered.models import encoder, openvino_run
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import KeptPhoto, Row, Vector


@dataclass(frozen=True, kw_only=True)
class ImageVector(Operator):
    """Writes one vector for each picture, in the space 'image/NAME' of the encoder."""

    model: str = "embedded:efficientnet-lite0"
    revision: str = "579344248a93"
    runtime: str = "auto"  # of an embedded encoder: openvino-bf16, openvino-f32 or torch
    max_side: int = 512  # pixels, decoded at least this far; the encoder shrinks to its own size

    reads: ClassVar[type[Row]] = KeptPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (Vector,)
    batch_size: ClassVar[int] = 16

    def __post_init__(self) -> None:
        """Name the runtime, so that vectors of another precision are another operator's; raises ModelError."""
        object.__setattr__(self, "runtime", openvino_run.resolved(self.runtime))

    def setup(self) -> None:
        """Load the encoder; raises ModelError where it is not the revision that the settings name."""
        assert self._encoder.revision

    @cached_property
    def _encoder(self) -> encoder.Encoder:
        name = self.name()
        return encoder.load_revision(self.model, self.revision, runtime=self.runtime, operator=name)

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[Vector]]:
        """Yield the vector of each picture."""
        pixels = [pictures.scaled(row.sha256, self.max_side) for row in rows]
        for row, vector in zip(rows, self._encoder.embed_images(pixels), strict=True):
            yield [Vector(row.image_id, f"image/{self._encoder.name}", vector.tolist())]


OPERATOR = ImageVector
