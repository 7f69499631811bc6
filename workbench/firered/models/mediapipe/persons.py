"""Masks of persons: one for all of them, as whoever sits before a camera is cut out."""

from typing import TYPE_CHECKING

from firered.models.mediapipe.graphs import graph, revision
from firered.models.regions import Region
from firered.models.soft import region_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

SIDE = 256  # pixels
LEAST = 0.5  # of the matte at a pixel that counts as inside


class Persons:
    """Mask of all persons in a picture, about 10 ms of one core; it also takes statues and animals for persons."""

    name = "selfie"

    def __init__(self) -> None:
        self.revision = revision()
        self._graph = graph("selfie_segmentation")

    def find(self, pixels: "Pixels") -> list[Region]:
        """One region with a matte, or none, of (H, W, 3) uint8 RGB pixels."""
        import cv2
        import numpy as np

        height, width = pixels.shape[:2]
        square = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        (found,) = self._graph(square[None].astype(np.float32) / 255)
        matte = cv2.resize(found[0, :, :, 0], (width, height), interpolation=cv2.INTER_LINEAR)
        return region_of(np.clip(matte, 0, 1).astype(np.float32), "person")
