"""Privacy masks: boxes without texture, plain or blurred, laid over a picture, Sec. 2.2.3."""

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

SMOOTH = 3  # grey levels between neighbours that a box has at most
SMALLEST = 0.06  # share of the shorter side that a box's sides have at least
FILLED = 0.96  # share of its bounding box that a box fills
EDGED = 0.7  # share of each side along which the picture outside is rougher or a step away
CLEAR = 6  # grey levels between neighbours that count as rough


def masked(luma: "Pixels") -> float:
    """Share of the area of (H, W) luma under boxes without texture, 0..1."""
    rough = roughness(luma)
    least = SMALLEST * min(luma.shape)
    area = sum(width * height for left, top, width, height in boxes(rough, least))
    return area / luma.size


def roughness(luma: "Pixels") -> "Pixels":
    """Largest difference of each pixel from its right and lower neighbour, (H - 1, W - 1)."""
    right = cv2.absdiff(luma[:-1, 1:], luma[:-1, :-1])
    below = cv2.absdiff(luma[1:, :-1], luma[:-1, :-1])
    return np.asarray(cv2.max(right, below))


def boxes(rough: "Pixels", least: float) -> list[tuple[int, int, int, int]]:
    """Boxes (left, top, width, height) of smooth pixels with rough or stepped sides."""
    kernel = np.ones((3, 3), np.uint8)
    smooth = cv2.morphologyEx((rough <= SMOOTH).astype(np.uint8), cv2.MORPH_OPEN, kernel)
    _, _, found, _ = cv2.connectedComponentsWithStats(smooth, connectivity=4, ltype=cv2.CV_32S)
    return [tuple(box[:4]) for box in found[1:] if _is_box(rough, box, least)]


def _is_box(rough: "Pixels", box: Any, least: float) -> bool:
    left, top, width, height, area = (int(value) for value in box)
    if min(width, height) < least or area < FILLED * width * height:
        return False
    return sum(_edged(side) for side in _sides(rough, (left, top, width, height))) == 4


def _sides(rough: "Pixels", box: tuple[int, int, int, int]) -> list["Pixels"]:
    left, top, width, height = box
    right, bottom = left + width, top + height
    return [
        rough[top:bottom, max(0, left - 3) : left].T,
        rough[top:bottom, right : right + 3].T,
        rough[max(0, top - 3) : top, left:right],
        rough[bottom : bottom + 3, left:right],
    ]


def _edged(side: "Pixels") -> bool:
    return bool(side.size) and float((side.max(axis=0) >= CLEAR).mean()) >= EDGED
