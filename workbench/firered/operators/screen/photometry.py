"""Brightness, saturation, entropy, texture and sharpness from one decode, Sec. 2.2.2."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Photo, Row
from firered.rows import Photometry as Measured

BLOCK = 8  # pixels; side of the blocks whose deviation is the texture
COARSE = 4  # saturation and entropy are the same at a quarter of the size, sharpness and texture are not


@dataclass(frozen=True, kw_only=True)
class Photometry(Operator):
    """Measure the photometric columns; what is plausible is decided in SQL."""

    reads = Photo
    writes = (Measured,)

    def __call__(self, rows: Sequence[Photo], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield one row of measurements for each image."""
        for row in rows:
            yield [measure(row.image_id, pictures.pixels(row.sha256))]


def measure(image_id: int, pixels: Any) -> Measured:
    """Measure (H, W, 3) uint8 RGB pixels."""
    import cv2

    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    coarse = block_means(pixels, COARSE)
    return Measured(
        image_id=image_id,
        brightness=cv2.mean(luma)[0] / 255,
        saturation=cv2.mean(cv2.cvtColor(coarse, cv2.COLOR_RGB2HSV))[1] / 255,
        rgb_entropy=rgb_entropy(coarse),
        texture=texture(luma),
        sharpness=sharpness(luma),
    )


def rgb_entropy(pixels: Any) -> float:
    """Shannon entropy of the channels' histograms, bits, mean of the three, 0..8."""
    import cv2
    import numpy as np

    total = 0.0
    for channel in range(3):
        counts = cv2.calcHist([pixels], [channel], None, [256], [0, 256]).ravel()
        share = counts[counts > 0] / counts.sum()
        total -= float(np.sum(share * np.log2(share)))
    return total / 3


def texture(luma: Any) -> float:
    """Mean standard deviation of luma inside 8x8 blocks, 0..1."""
    import cv2
    import numpy as np

    # 16 bits hold 256 times a mean, and any mean square, at a quarter of the cost of floats
    mean = block_means(luma.astype(np.uint16) << 8, BLOCK).astype(np.float32) / 256
    mean_square = block_means(cv2.multiply(luma, luma, dtype=cv2.CV_16U), BLOCK).astype(np.float32)
    return float(np.sqrt(np.maximum(mean_square - mean * mean, 0)).mean() / 255)


def block_means(pixels: Any, side: int) -> Any:
    """Means of whole side x side blocks; what is left over at the right and bottom edge is not counted."""
    import cv2

    rows, columns = max(1, pixels.shape[0] // side), max(1, pixels.shape[1] // side)
    # OpenCV is many times faster where the factor is a whole number
    return cv2.resize(pixels[: rows * side, : columns * side], (columns, rows), interpolation=cv2.INTER_AREA)


def sharpness(luma: Any) -> float:
    """Variance of the Laplacian of luma at full resolution."""
    import cv2

    _, deviation = cv2.meanStdDev(cv2.Laplacian(luma, cv2.CV_16S))
    return float(deviation[0, 0] ** 2)


OPERATOR = Photometry
