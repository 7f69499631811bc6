"""64-bit perceptual hashes of a picture as it is, mirrored, and cropped, from one small grid of luma.

A hash is the signs of the lowest frequencies of a discrete cosine transform. The waves are integrated over the cells
of the grid, so that neither the size of the picture nor a cut through a cell moves them.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from firered.descriptors import kernels

Floats = NDArray[np.float32]

SIDE = 8  # the SIDE x SIDE lowest frequencies give the bits
CROPS = (0.015, 0.03)  # cut from each edge, relative to the side
CLEAR = 0.02  # grey levels
SMALL = 256  # pixels; of a smaller picture every pixel is a cell


class Hashes(NamedTuple):
    """Signed 64-bit integers."""

    phash: int
    mirrored: int
    cropped: int
    cropped_more: int


def hashes_of(luma: Any) -> Hashes:
    """Hash (H, W) uint8 luma, its mirror image and two central crops of it."""
    grid, side = cells(luma)
    height, width = luma.shape
    plain, *cropped = [waves(height, side, cut) @ grid @ waves(width, side, cut).T for cut in (0.0, *CROPS)]
    return Hashes(*signs(np.stack([plain, plain * mirror(), *cropped])))


def cells(luma: Any) -> tuple[Floats, int]:
    """Sums of luma over square cells, and their side in pixels; those at the right and bottom may be narrower."""
    if min(luma.shape) < SMALL:
        return luma.astype(np.float32), 1
    return kernels.block_sums(np.ascontiguousarray(luma)), kernels.BLOCK


@lru_cache(maxsize=256)
def waves(length: int, side: int, cut: float) -> Floats:
    """Mean of each cosine wave over each cell, (SIDE, cells), where the wave spans `length` pixels less both cuts.

    A cell that a cut goes through counts by the share that is left; one beyond the cut counts nothing.
    """
    pixels = np.minimum(np.arange(0, length + side, side), length)
    edges = np.clip((pixels / length - cut) / (1 - 2 * cut), 0, 1)
    turns = np.pi * np.arange(1, SIDE)[:, None]
    integrals = np.vstack([np.diff(edges)[None], np.diff(np.sin(turns * edges) / turns, axis=1)])
    return (integrals / np.diff(pixels)).astype(np.float32)


@lru_cache(maxsize=1)
def mirror() -> Floats:
    """Signs that mirror an image: its odd horizontal frequencies turn theirs."""
    return np.where(np.arange(SIDE) % 2, -1, 1).astype(np.float32)


def bits(low: Any) -> int:
    """One bit for each of (SIDE, SIDE) frequencies, as a signed integer."""
    return signs(low[None])[0]


def signs(low: Any) -> list[int]:
    """One bit for each of (N, SIDE, SIDE) frequencies: above the median of all but the mean, as signed integers.

    A flat picture has next to no bits, because what is not clearly above the median counts as below.
    """
    flat = low.reshape(len(low), SIDE * SIDE)
    middle = SIDE * SIDE // 2
    above = flat > np.partition(flat[:, 1:], middle - 1)[:, middle - 1 : middle] + CLEAR
    found: list[int] = np.packbits(above, axis=1).view(">i8").ravel().tolist()
    return found
