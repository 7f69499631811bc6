"""Steps that stand alone: what seams, mosaics and drawn pictures are made of, Sec. 2.2.3.

A lens and a sensor spread every edge over several pixels, so a step from one pixel to the next between
places that hardly change is a sign that a picture was put together or drawn.
"""

from typing import Any

import cv2
import numpy as np
from numba import njit

STRIP = 8  # lines that are averaged before a step is judged
RATIO = 1.75  # times the steps on either side of it that it must be


def lone_steps(luma: Any, least: float) -> Any:
    """Whether the step right of each pixel, or over two, stands alone in its strip, by `least` grey levels.

    Takes (H, W) uint8, gives (H // STRIP, W - 1) uint8 of 0 and 1. Two pixels, because an edge that was
    resized is as wide as that.
    """
    return _alone(cv2.absdiff(luma[:, 1:], luma[:, :-1]), np.float32(least * STRIP))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _alone(steps: Any, least: Any) -> Any:
    rows, width = steps.shape[0] // STRIP, steps.shape[1]
    alone = np.zeros((rows, width), np.uint8)
    pairs = np.empty(width, np.float32)
    ratio = np.float32(RATIO)
    for row in range(rows):
        sums = np.zeros(width, np.uint16)
        for line in range(row * STRIP, (row + 1) * STRIP):
            for column in range(width):
                sums[column] += np.uint16(steps[line, column])
        for column in range(width - 1):
            pairs[column] = np.float32(sums[column]) + np.float32(sums[column + 1])
        for column in range(2, width - 3):
            beside = max(pairs[column - 2], pairs[column + 2])
            step = pairs[column]
            alone[row, column] = (step > beside + least) & (step > ratio * beside)
    return alone
