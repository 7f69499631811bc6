"""A second opinion on what an object is: a detector of 80 kinds calls an animal that it does not know by a wrong name.

The picture of the object alone is shown to a network that knows ImageNet's 1000 classes, of which 398 are
animals. Where it sees another animal than the detector says, or none, the detector's word is not taken.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from firered.models import imagenet, openvino_run
from firered.models.regions import Region

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

ANIMALS = 398  # ImageNet's first classes
# Ranges of ImageNet's classes that are the animals of COCO; it knows no giraffe.
KINDS = {
    "bird": ((7, 25), (80, 101), (127, 147)),
    "cat": ((281, 286),),
    "dog": ((151, 269),),
    "horse": ((339, 340),),
    "sheep": ((348, 350),),
    "cow": ((345, 348),),
    "elephant": ((385, 387),),
    "bear": ((294, 298),),
    "zebra": ((340, 341),),
}
MARGIN = 0.1  # of a box on each side that is shown, too
IS_ANIMAL = 0.5  # share of all animals together, above which the object is one
IS_NONE = 0.1  # below which it is none
OWN = 0.1  # share among the animals that the detector's kind must have
OTHER = 0.85  # share among the animals with which another kind takes its place


class SecondLook:
    """Confirms, corrects or refuses the labels of objects, about 6 ms of one core each."""

    def __init__(self, runtime: str = "auto") -> None:
        self._encoder = imagenet.shared(openvino_run.resolved(runtime))
        self.revision = self._encoder.revision

    def __call__(self, pixels: "Pixels", regions: list[Region]) -> list[Region]:
        """Same regions of (H, W, 3) uint8 RGB pixels; the label is '' where the second look refuses it."""
        checked = [each for each in regions if each.label != "person"]
        if not checked:
            return regions
        _, shares = self._encoder.features_and_classes([shown(pixels, each) for each in checked])
        labels = dict(zip(map(id, checked), map(second_label, checked, shares), strict=True))
        return [replace(each, label=labels.get(id(each), each.label)) for each in regions]


def second_label(region: Region, shares: "Floats") -> str:
    """Label of a region by the shares (1000,) of ImageNet's classes, '' where they contradict its own."""
    animals = float(shares[:ANIMALS].sum())
    if region.label == "giraffe":
        return region.label
    if region.label not in KINDS:
        return "" if animals >= IS_ANIMAL else region.label
    if animals < IS_NONE:
        return ""
    kinds = {name: share(shares, name) / animals for name in KINDS}
    best = max(kinds, key=lambda name: kinds[name])
    if kinds[region.label] >= OWN:
        return region.label
    return best if kinds[best] >= OTHER and animals >= IS_ANIMAL else ""


def share(shares: "Floats", kind: str) -> float:
    """Share of one kind of animal, 0..1, of those (1000,) of ImageNet's classes."""
    return float(sum(shares[first:end].sum() for first, end in KINDS[kind]))


def shown(pixels: "Pixels", region: Region) -> "Pixels":
    """Part of (H, W, 3) pixels that shows a region with a margin."""
    from firered.models.grabcut import bounds, widened

    height, width = pixels.shape[:2]
    left, top, right, bottom = widened(bounds(region.box, height, width), height, width, MARGIN)
    return pixels[top:bottom, left:right]
