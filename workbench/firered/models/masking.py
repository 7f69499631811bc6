"""Masks by several models that check each other: a matte says where the edges are, a detector what it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from firered.models.grabcut import GrabCut, bounds, widened
from firered.models.human import iou
from firered.models.regions import Box, Cutter, Perception, Region
from firered.models.second_look import SecondLook
from firered.models.soft import box_of, certainty, hard, region_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Matte = NDArray[np.float32]

PERSON = "person"
NAMED = 0.5  # IoU of boxes above which what stands in front is the detected object
SLACK = 0.06  # of a person's box on each side, by which the person may reach out of it
COVERED = 0.25  # share of a part of a mask that boxes must cover for it to be kept whole
RIM = 3  # pixels; width of a part's soft edge


@dataclass(frozen=True)
class Sources:
    """The models that masks come from; None leaves a kind of mask out."""

    salient: Perception | None = None
    person: Perception | None = None
    objects: Perception | None = None
    cutter: Cutter | None = None
    second_look: SecondLook | None = None

    @property
    def revision(self) -> str:
        """Revisions of the models, joined by '+'."""
        models = (self.salient, self.person, self.objects, self.cutter)
        return "+".join(each.revision for each in models if each)


def masks(pixels: "Pixels", sources: Sources, *, least: float, most: int) -> list[tuple[str, Region]]:
    """Kinds ('salient', 'person', 'object') and regions with mattes of (H, W, 3) uint8 RGB pixels.

    Objects have a score of `least` or more, and there are at most `most` of them.
    """
    detected = _detected(pixels, sources, least)[:most]
    front = sources.salient.find(pixels) if sources.salient else []
    persons = _persons(pixels, sources, detected, front)
    found = [("salient", _named(each, detected)) for each in front]
    found += [("person", each) for each in persons]
    return found + [("object", each) for each in _cut(pixels, sources, detected, [*front, *persons])]


def certain(region: Region) -> float:
    """How hard a region's matte is, 0..1; 0 where its cut failed."""
    if region.matte is None or region.score == 0:
        return 0.0
    return certainty(region.matte)


def _detected(pixels: "Pixels", sources: Sources, least: float) -> list[Region]:
    if sources.objects is None:
        return []
    sure = [each for each in sources.objects.find(pixels) if each.score >= least]
    return sources.second_look(pixels, sure) if sources.second_look else sure


def _named(front: Region, detected: Sequence[Region]) -> Region:
    """What stands in front, with the label of the detected object that it is."""
    same = [each for each in detected if iou(front.box, each.box) >= NAMED]
    return replace(front, label=same[0].label) if same else front


def _persons(
    pixels: "Pixels", sources: Sources, detected: Sequence[Region], front: Sequence[Region]
) -> list[Region]:
    """One region of all persons, where a detector and a mask agree; none where they do not."""
    persons = [each for each in detected if each.label == PERSON]
    found = sources.person.find(pixels) if sources.person and persons else []
    boxes = [each.box for each in persons]
    # The network takes whatever stands in front for a person, and persons far away are grey to it.
    mattes = [witnessed(each.matte, boxes) for each in found if each.matte is not None]
    mattes += [whole_parts(each.matte, boxes) for each in front if each.matte is not None and found]
    candidates = [region for matte in mattes for region in region_of(matte, PERSON)]
    candidates.sort(key=lambda each: -each.score)
    return [replace(each, score=persons[0].score) for each in candidates[:1]]


def witnessed(matte: "Matte", boxes: Sequence[Box]) -> "Matte":
    """Parts of a matte (H, W) that boxes see: whole where boxes cover enough of a part, else only what is in them."""
    import numpy as np

    whole = whole_parts(matte, boxes)
    inside = np.where(_covered(matte, boxes), matte, 0)
    kept: Matte = np.maximum(whole, inside).astype(np.float32)
    return kept


def whole_parts(matte: "Matte", boxes: Sequence[Box]) -> "Matte":
    """Parts of a matte (H, W) that boxes cover enough of, with their soft edges."""
    import cv2
    import numpy as np

    _, parts = cv2.connectedComponents(hard(matte).astype(np.uint8), connectivity=4)
    sizes = np.bincount(parts.ravel())
    seen = np.bincount(parts[_covered(matte, boxes)], minlength=len(sizes))
    # People who touch are one part, and a box around one of them would cut through the next.
    whole = seen >= COVERED * sizes
    whole[0] = False
    rim = np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)
    reach = cv2.dilate(whole[parts].astype(np.uint8), rim) > 0
    kept: Matte = np.where(reach, matte, 0).astype(np.float32)
    return kept


def _covered(matte: "Matte", boxes: Sequence[Box]) -> "NDArray[np.bool_]":
    import numpy as np

    height, width = matte.shape
    near = np.zeros((height, width), bool)
    for box in boxes:
        left, top, right, bottom = widened(bounds(box, height, width), height, width, SLACK)
        near[top:bottom, left:right] = True
    return near


def _cut(
    pixels: "Pixels", sources: Sources, detected: Sequence[Region], others: Sequence[Region]
) -> list[Region]:
    """The detected objects, each with a matte and the box of it."""
    if sources.cutter is None:
        return []
    hint: Any = _together([each.matte for each in others if each.matte is not None])
    boxes = [each.box for each in detected]
    if isinstance(sources.cutter, GrabCut):
        cut = sources.cutter.cut(pixels, boxes, hint)
    else:
        cut = sources.cutter.cut(pixels, boxes)
    return [_labelled(each, matted) for each, matted in zip(detected, cut, strict=True)]


def _labelled(detected: Region, cut: Region) -> Region:
    box = box_of(hard(cut.matte)) if cut.matte is not None else None
    score = detected.score if cut.score > 0 else 0.0
    return Region(score, box or detected.box, detected.label, matte=cut.matte)


def _together(mattes: "Sequence[Matte]") -> "Matte | None":
    import numpy as np

    return np.maximum.reduce(list(mattes)) if mattes else None
