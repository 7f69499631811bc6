"""Joints of the persons in a photograph, Sec. 2.3: what edits of motion and pose start from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from firered.models import human, regions
from firered.models.regions import Region
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import KeptPhoto, Pose, Row

if TYPE_CHECKING:
    from firered.models.regions import Pixels

SCHEMES = {17: "coco17", 33: "mediapipe33", 18: "openpose18"}


@dataclass(frozen=True, kw_only=True)
class Poses(Operator):
    """Writes a row for each person whose joints are found."""

    model: str = "embedded:mediapipe-pose"  # or embedded:movenet
    revision: str = ""  # of the model; empty: whichever is there
    # Networks of joints see bodies in dolphins and domes; a detector of objects must see a person there, too.
    witness: str = "embedded:centernet"
    device: str = "cpu"
    min_score: float = 0.6
    min_witness: float = 0.3
    max_side: int = 512  # pixels

    reads: ClassVar[type[Row]] = KeptPhoto
    needs: ClassVar[tuple[str, ...]] = ("mediapipe-weights", "human")
    writes: ClassVar[tuple[type[Row], ...]] = (Pose,)

    def setup(self) -> None:
        """Load the networks; raises ModelError where the model is not the revision that the settings name."""
        loaded = (self._model, self._witness)
        regions.check_revision(loaded[0].revision, self.revision, spec=self.model, operator=self.name())

    @cached_property
    def _model(self) -> regions.Perception:
        return regions.load(self.model, device=self.device)

    @cached_property
    def _witness(self) -> regions.Perception | None:
        return regions.load(self.witness, device=self.device) if self.witness else None

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[Pose]]:
        """Yield the persons of each picture, the surest first."""
        for row in rows:
            found = self._found(pictures.scaled(row.sha256, self.max_side))
            yield [_pose(row.image_id, number, region) for number, region in enumerate(found)]

    def _found(self, pixels: "Pixels") -> list[Region]:
        found = [each for each in self._model.find(pixels) if each.score >= self.min_score]
        if not found or self._witness is None:
            return found
        seen = [each.box for each in self._witness.find(pixels) if self._is_person(each)]
        return [each for each in found if any(human.inside(each.box, box) >= 0.5 for box in seen)]

    def _is_person(self, region: Region) -> bool:
        return region.label == "person" and region.score >= self.min_witness


def _pose(image_id: int, person: int, region: Region) -> Pose:
    assert region.points is not None
    scheme = SCHEMES.get(len(region.points), f"points{len(region.points)}")
    points = [round(float(value), 5) for value in region.points.ravel()]
    return Pose(image_id, person, scheme, region.score, points)


OPERATOR = Poses
