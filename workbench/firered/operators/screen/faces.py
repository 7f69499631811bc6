"""Faces in a photograph, Sec. 2.2.2: how many, how large, and which way up they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from firered.descriptors import turn as turning
from firered.errors import ModelError
from firered.models import faces
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Face, KeptPhoto, Row


@dataclass(frozen=True, kw_only=True)
class Faces(Operator):
    """Writes a row for each face that is found with enough certainty."""

    model: str = "embedded:mtcnn"
    revision: str = "a2a71925e0b9+bbb937de72ef+165bfbe42940"
    # Below this, knots of wood and hub caps are faces, too.
    min_score: float = 0.98
    min_side: float = 0.06  # side of the smallest face, over the picture's longer side
    max_side: int = 480  # pixels
    turns: tuple[int, ...] = (0,)  # degrees clockwise by which the picture is turned to look for faces

    reads: ClassVar[type[Row]] = KeptPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (Face,)

    def setup(self) -> None:
        """Load the detector; raises ModelError where it is not the revision that the settings name."""
        if self._detector.revision != self.revision:
            found = f"{self.model} is {self._detector.revision}, not {self.revision}"
            raise ModelError(f"operator 'faces': {found} (set revision)")

    @cached_property
    def _detector(self) -> faces.Detector:
        return faces.load(self.model, least=self.min_side)

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[Face]]:
        """Yield the faces of each picture, the surest first at each turn."""
        for row in rows:
            pixels = pictures.scaled(row.sha256, self.max_side)
            yield [face for turn in self.turns for face in self._at(turn, row.image_id, pixels)]

    def _at(self, turn: int, image_id: int, pixels: "faces.Pixels") -> Iterator[Face]:
        for found in self._detector.find(turning.turned(pixels, turn)):
            if found.score >= self.min_score:
                yield Face(image_id, found.score, turn, *turning.turned_back(found.box, turn))


OPERATOR = Faces
