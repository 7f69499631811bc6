"""64-bit perceptual hash of an image and of its mirror image, from one discrete cosine transform."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import ImageHash as Hashed
from firered.rows import Photo, Row

GRID = 32  # pixels; the image is averaged to GRID x GRID
SIDE = 8  # the SIDE x SIDE lowest frequencies give the bits


@dataclass(frozen=True, kw_only=True)
class ImageHash(Operator):
    """Hash images for near-duplicate search."""

    reads = Photo
    writes = (Hashed,)

    def __call__(self, rows: Sequence[Photo], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield the two hashes of each image."""
        for row in rows:
            phash, mirrored = hashes(pictures.pixels(row.sha256))
            yield [Hashed(row.image_id, phash, mirrored)]


def hashes(pixels: Any) -> tuple[int, int]:
    """Hash of (H, W, 3) uint8 pixels and of their mirror image, as signed 64-bit integers."""
    import cv2
    import numpy as np

    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    grid = cv2.resize(luma, (GRID, GRID), interpolation=cv2.INTER_AREA)
    low = cv2.dct(grid.astype(np.float32))[:SIDE, :SIDE]
    # Mirroring an image turns the sign of its odd horizontal frequencies.
    flipped = low * np.where(np.arange(SIDE) % 2, -1, 1)
    return bits(low), bits(flipped)


def bits(low: Any) -> int:
    """One bit for each of 64 frequencies: above the median of all but the mean, as a signed integer."""
    import numpy as np

    above = low.ravel() > np.median(low.ravel()[1:])
    return int(np.packbits(above).view(">i8")[0])


OPERATOR = ImageHash
