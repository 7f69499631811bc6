"""How much a picture looks drawn by a user interface: flat areas and exact straight edges, Sec. 2.2.3."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

STEP = 4  # grey levels across an edge
EVEN = 1  # grey levels by which neighbours along an edge may differ
RUN = 24  # pixels that an edge must keep on exactly


@dataclass(frozen=True)
class Drawn:
    """Signs that a picture was drawn."""

    flat: float  # share of pixels equal to their right and lower neighbour, 0..1
    lines: float  # length of exact horizontal and vertical edges, in sides of the picture
    score: float  # 0..1


def drawn(luma: "Pixels") -> Drawn:
    """Signs in (H, W) luma that it was drawn by a user interface."""
    height, width = luma.shape
    equal, across, down = counts(luma)
    flat = equal / ((height - 1) * (width - 1))
    lines = across / width + down / height
    return Drawn(flat, lines, score(flat, lines))


def score(flat: float, lines: float) -> float:
    """0..1: both many flat pixels and many exact edges."""
    return float(min(1.0, flat / 0.5) * min(1.0, lines / 10.0)) ** 0.5


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def counts(luma: Any) -> tuple[int, int, int]:
    """Numbers of pixels equal to their neighbours, and on exact horizontal and vertical edges."""
    height, width = luma.shape
    equal = across = down = 0
    upright = np.zeros(width, np.int32)
    for row in range(height - 1):
        run = 0
        for column in range(width - 1):
            here = np.int32(luma[row, column])
            right, below = np.int32(luma[row, column + 1]), np.int32(luma[row + 1, column])
            corner = np.int32(luma[row + 1, column + 1])
            equal += here == right and here == below
            if abs(below - here) >= STEP and abs(right - here) <= EVEN and abs(corner - below) <= EVEN:
                run += 1
            else:
                across += run if run >= RUN else 0
                run = 0
            if abs(right - here) >= STEP and abs(below - here) <= EVEN and abs(corner - right) <= EVEN:
                upright[column] += 1
            else:
                down += upright[column] if upright[column] >= RUN else 0
                upright[column] = 0
        across += run if run >= RUN else 0
    return equal, across, down + upright[upright >= RUN].sum()
