"""Masks of a photograph, Sec. 2.3: what stands in front, the persons, and each object, with soft edges."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from firered.descriptors import rle
from firered.models import masking, regions
from firered.models.masking import Sources
from firered.models.regions import Region
from firered.models.second_look import SecondLook
from firered.models.soft import hard
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import KeptPhoto, Mask, Row

if TYPE_CHECKING:
    from firered.models.regions import Pixels


@dataclass(frozen=True, kw_only=True)
class Masks(Operator):
    """Writes a row for what stands in front, one for all persons, and one for each object; '' leaves a model out."""

    salient: str = "embedded:isnet"
    person: str = "embedded:selfie"
    objects: str = "embedded:centernet"
    labels: tuple[str, ...] = ()  # what a model of objects that takes words looks for
    cutter: str = "embedded:grabcut"  # or a SAM checkpoint
    revision: str = ""  # of the four models, joined by '+'; empty: whichever are there
    device: str = "cpu"
    min_score: float = 0.4  # of an object
    # How hard a matte is, 0..1: below, most of it is neither inside nor outside.
    min_certainty: float = 0.85
    min_area: float = 0.003  # share of the picture
    max_area: float = 0.95
    most: int = 8  # objects in a picture
    second_look: bool = True  # whether another network may refuse the label of an object; its mask stays
    max_side: int = 512  # pixels

    reads: ClassVar[type[Row]] = KeptPhoto
    needs: ClassVar[tuple[str, ...]] = ("isnet", "human", "mediapipe-weights")
    writes: ClassVar[tuple[type[Row], ...]] = (Mask,)
    batch_size: ClassVar[int] = 8

    def setup(self) -> None:
        """Load the networks; raises ModelError where they are not the revision that the settings name."""
        found = self._sources.revision
        regions.check_revision(found, self.revision, spec="the models", operator=self.name())

    @cached_property
    def _sources(self) -> Sources:
        objects = regions.load(self.objects, labels=self.labels, device=self.device) if self.objects else None
        return Sources(
            salient=regions.load(self.salient, device=self.device) if self.salient else None,
            person=regions.load(self.person, device=self.device) if self.person else None,
            objects=objects,
            cutter=regions.load_cutter(self.cutter, device=self.device) if self.cutter else None,
            second_look=SecondLook() if self.second_look and objects else None,
        )

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[Mask]]:
        """Yield the masks of each picture: of what stands in front, of persons, of objects."""
        for row in rows:
            pixels = pictures.scaled(row.sha256, self.max_side)
            found = self._found(pixels)
            yield [
                _mask(row.image_id, kind, region, pictures)
                for kind, region in found
                if self._is_wanted(region)
            ]

    def _found(self, pixels: "Pixels") -> list[tuple[str, Region]]:
        return masking.masks(pixels, self._sources, least=self.min_score, most=self.most)

    def _is_wanted(self, region: Region) -> bool:
        assert region.matte is not None
        area = float(hard(region.matte).mean())
        return self.min_area <= area <= self.max_area and masking.certain(region) >= self.min_certainty


def _mask(image_id: int, kind: str, region: Region, pictures: Pictures) -> Mask:
    assert region.matte is not None
    inside = hard(region.matte)
    height, width = inside.shape
    matte, _ = pictures.save((region.matte * 255).round().astype("uint8"), codec="png")
    area, counts = float(inside.mean()), rle.encode(inside)
    return Mask(image_id, kind, region.label, region.score, area, *region.box, height, width, counts, matte)


OPERATOR = Masks
