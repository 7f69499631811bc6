"""Steps that stand alone: what seams, mosaics and drawn pictures are made of, Sec. 2.2.3.

A lens and a sensor spread every edge over several pixels, so a step from one pixel to the next between
places that hardly change is a sign that a picture was put together or drawn.
"""

from typing import Any

import numpy as np
from numba import njit

STRIP = 8  # lines that are averaged before a step is judged
RATIO = 1.75  # times the steps on either side of it that it must be


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def lone_steps(luma: Any, least: float) -> Any:
    """Whether the step right of each pixel, or over two, stands alone in its strip, by `least` grey levels.

    Takes (H, W) uint8, gives (H // STRIP, W - 1) uint8 of 0 and 1. Two pixels, because an edge that was
    resized is as wide as that.
    """
    rows, width = luma.shape[0] // STRIP, luma.shape[1]
    alone = np.zeros((rows, width - 1), np.uint8)
    sums = np.empty(width - 1, np.uint16)
    pairs = np.empty(width - 1, np.float32)
    for row in range(rows):
        sums[:] = 0
        for line in range(row * STRIP, (row + 1) * STRIP):
            for column in range(width - 1):
                sums[column] += abs(np.int16(luma[line, column + 1]) - np.int16(luma[line, column]))
        for column in range(width - 2):
            pairs[column] = np.float32(sums[column] + sums[column + 1]) / STRIP
        for column in range(2, width - 4):
            beside = max(pairs[column - 2], pairs[column + 2])
            step = pairs[column]
            alone[row, column] = step > beside + least and step > RATIO * beside
    return alone
