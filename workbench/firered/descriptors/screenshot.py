"""How much a picture looks drawn by a user interface: flat areas and exact straight edges, Sec. 2.2.3.

Along an edge that was drawn, neighbours are equal to within a grey level for dozens of pixels, and JPEG keeps
that: a block without change in one direction has none of its frequencies. No lens draws such an edge.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

STEP = 8  # grey levels across an edge
EVEN = 1  # grey levels by which neighbours along an edge may differ
RUN = 48  # pixels that an edge must go on exactly
HALF = 0.35  # flat times lines that gives a score of a half


@dataclass(frozen=True)
class Drawn:
    """Signs that a picture was drawn."""

    flat: float  # share of pixels equal to their right and lower neighbour, 0..1
    lines: float  # length of exact horizontal and vertical edges, in sides of the picture
    score: float  # 0..1


def drawn(luma: "Pixels") -> Drawn:
    """Signs in (H, W) luma that it was drawn by a user interface."""
    height, width = luma.shape
    if min(height, width) <= RUN:
        return Drawn(0.0, 0.0, 0.0)
    right, below = cv2.absdiff(luma[:, 1:], luma[:, :-1]), cv2.absdiff(luma[1:], luma[:-1])
    flat = float((cv2.max(right[:-1], below[:, :-1]) == 0).mean())
    across = in_runs(_edges(below, right).T) / width
    down = in_runs(_edges(right.T, below.T).T) / height
    lines = across + down
    return Drawn(flat, lines, flat * lines / (flat * lines + HALF))


def _edges(steps: Any, along: Any) -> Any:
    """Pixels of a step whose two lines are even along it: (H - 1, W) steps and (H, W - 1) to (H - 1, W - 1)."""
    even = along <= EVEN
    return (steps[:, :-1] >= STEP) & even[:-1] & even[1:]


def in_runs(marked: Any) -> int:
    """Number of marked places that lie in runs of RUN or more along the first axis of a (L, N) array."""
    kept, length = marked, 1
    while length < RUN:
        more = min(length, RUN - length)
        kept = kept[:-more] & kept[more:]
        length += more
    starts = np.count_nonzero(kept[0]) + np.count_nonzero(kept[1:] & ~kept[:-1])
    return int(np.count_nonzero(kept) + (RUN - 1) * starts)
