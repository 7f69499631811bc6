"""Objects of known kinds in a photograph, Sec. 2.3: what instructions may speak of, and where it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from firered.models import regions
from firered.models.regions import Region
from firered.models.second_look import SecondLook
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Detection, KeptPhoto, Row

if TYPE_CHECKING:
    from firered.models.regions import Pixels


@dataclass(frozen=True, kw_only=True)
class Objects(Operator):
    """Writes a row for each object that is found with enough certainty and is large enough to be edited."""

    model: str = "embedded:centernet"
    revision: str = ""  # of the model; empty: whichever is there
    labels: tuple[str, ...] = ()  # what a model that takes words looks for
    device: str = "cpu"
    min_score: float = 0.4
    min_side: float = 0.06  # shorter side of the smallest object, over the picture's longer side
    # Whether another network has a look at each object and may refuse its label; off for models that know more kinds.
    second_look: bool = True
    max_side: int = 512  # pixels

    reads: ClassVar[type[Row]] = KeptPhoto
    needs: ClassVar[tuple[str, ...]] = ("human",)
    writes: ClassVar[tuple[type[Row], ...]] = (Detection,)

    def setup(self) -> None:
        """Load the networks; raises ModelError where the model is not the revision that the settings name."""
        loaded = (self._model, self._second)
        regions.check_revision(loaded[0].revision, self.revision, spec=self.model, operator=self.name())

    @cached_property
    def _model(self) -> regions.Perception:
        return regions.load(self.model, labels=self.labels, device=self.device)

    @cached_property
    def _second(self) -> SecondLook | None:
        return SecondLook() if self.second_look else None

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[Detection]]:
        """Yield the objects of each picture, the surest first."""
        for row in rows:
            found = self._found(pictures.scaled(row.sha256, self.max_side))
            yield [Detection(row.image_id, each.label, each.score, *each.box) for each in found if each.label]

    def _found(self, pixels: "Pixels") -> list[Region]:
        sure = [
            each
            for each in self._model.find(pixels)
            if each.score >= self.min_score and least_side(each, pixels) >= self.min_side
        ]
        return self._second(pixels, sure) if self._second else sure


def least_side(region: Region, pixels: "Pixels") -> float:
    """Shorter side of a region's box over the longer side of (H, W, 3) pixels."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = region.box
    return float(min((right - left) * width, (bottom - top) * height) / max(height, width))


OPERATOR = Objects
