"""Privacy masks: boxes without texture, plain or blurred, laid over a picture, Sec. 2.2.3.

Skies and walls are smooth too, but a box ends on all four sides in a step that stays on one line of pixels.
"""

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels, the last two exclusive

CELL = 4  # pixels; side of the squares that are smooth or not
SMOOTH = 3  # grey levels between neighbours
ROUGH = 2  # pixels of a square that may be rougher: ringing, grain
SMALLEST = 0.05  # share of the picture's shorter side that a box's sides have at least
FILLED = 0.7  # share of its bounding box that a box fills, in squares
BAND = 10  # pixels around the squares in which a side is looked for: JPEG's blocks make its inside rough
STEP = 5  # grey levels across a side
PLAIN = 1.5  # deviation inside a plain box, grey levels
# Shares of a side that step on one line: of the weakest side, and the mean of the four
EDGED_PLAIN = (0.3, 0.5)
EDGED_BLURRED = (0.4, 0.55)
MOST = 12  # boxes in a picture; a table or a puzzle has more


def masked(luma: "Pixels") -> float:
    """Share of the area of (H, W) luma under boxes without texture, 0..1."""
    area = sum((right - left) * (bottom - top) for left, top, right, bottom in boxes(luma))
    return area / luma.size


def boxes(luma: "Pixels") -> list[Box]:
    """Boxes without texture in (H, W) luma."""
    least = SMALLEST * min(luma.shape) / CELL
    if min(luma.shape) <= 8 * CELL:
        return []
    smooth = cv2.morphologyEx(smooth_cells(luma), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    _, _, parts, _ = cv2.connectedComponentsWithStats(smooth, connectivity=4, ltype=cv2.CV_32S)
    likely = [
        part
        for part in parts[1:]
        if min(part[2], part[3]) >= max(least, 3) and part[4] >= FILLED * part[2] * part[3]
    ]
    found = (edged(luma, part[:4] * CELL) for part in likely)
    kept = [box for box in found if box]
    return kept if len(kept) <= MOST else []


def edged(luma: "Pixels", part: Any) -> Box | None:
    """The box whose sides lie around a part (left, top, width, height) of the picture, None where one is missing."""
    left, top, width, height = (int(value) for value in part)
    across = luma[top : top + height]
    down = cv2.transpose(luma[:, left : left + width])
    sides = [
        end(across[:, ::-1], luma.shape[1] - left),
        end(down[:, ::-1], luma.shape[0] - top),
        end(across, left + width),
        end(down, top + height),
    ]
    shares = [share for _, share in sides]
    inside = luma[
        top + height // 5 : top + height - height // 5, left + width // 5 : left + width - width // 5
    ]
    weakest, mean = EDGED_PLAIN if inside.std() <= PLAIN else EDGED_BLURRED
    if min(shares) < weakest or sum(shares) < 4 * mean:
        return None
    (first, _), (upper, _), (last, _), (lower, _) = sides
    return luma.shape[1] - first, luma.shape[0] - upper, last, lower


def end(luma: "Pixels", near: int) -> tuple[int, float]:
    """Column around `near` where most lines of (H, W) luma, from left to right, step first; and their share, 0..1."""
    start = max(0, near - BAND)
    part = luma[:, start : near + BAND + 1]
    if part.shape[1] < 4:
        return near, 0.0
    steps = cv2.absdiff(part[:, 1:], part[:, :-1]) >= STEP
    first = np.argmax(steps, axis=1)[steps.any(axis=1)]
    counts = np.bincount(first, minlength=part.shape[1])
    # An edge that was resized steps twice, and the first of the two may be faint
    pairs = counts[1:] + counts[:-1]
    best = int(np.argmax(pairs))
    return start + best + 1, float(pairs[best]) / len(part)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def smooth_cells(luma: Any) -> Any:
    """Whether each square of CELL pixels of (H, W) luma is smooth, (H // CELL, W // CELL) uint8 of 0 and 1."""
    rows, columns = (luma.shape[0] - 1) // CELL, (luma.shape[1] - 1) // CELL
    smooth = np.zeros((rows, columns), np.uint8)
    rough = np.zeros(columns * CELL, np.uint8)
    for row in range(rows):
        rough[:] = 0
        for line in range(row * CELL, (row + 1) * CELL):
            for column in range(columns * CELL):
                here = np.int16(luma[line, column])
                right = abs(np.int16(luma[line, column + 1]) - here)
                below = abs(np.int16(luma[line + 1, column]) - here)
                rough[column] += np.uint8(max(right, below) > SMOOTH)
        for column in range(columns):
            smooth[row, column] = rough[column * CELL : (column + 1) * CELL].sum() <= ROUGH
    return smooth
