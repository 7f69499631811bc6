"""The shape of masks: main parts, growth, soft edges, rings, windows with context. All are (H, W)."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]  # (H, W)
Alpha = NDArray[np.float32]  # (H, W), 0..1

PART = 0.08  # parts of at least this share of the largest one are kept


@dataclass(frozen=True)
class Window:
    """A part of a picture in pixels; the ends are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top


def main_parts(mask: Mask) -> Mask:
    """The mask without specks and pin-holes."""
    _, labels, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = facts[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    kept = (areas >= PART * max(int(areas.max()), 1))[labels]
    return _without_holes(kept)


def _without_holes(mask: Mask) -> Mask:
    """Holes smaller than a thousandth of the picture closed."""
    _, labels, facts, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8))
    small = facts[:, cv2.CC_STAT_AREA] < mask.size / 1000
    small[0] = False
    return np.asarray(mask | small[labels])


def grown(mask: Mask, share: float, *, below: float = 0.0) -> Mask:
    """The mask widened by a share of the longer side, and further downward, where shadows lie, by `below`."""
    reach = _pixels(mask, share)
    wide = cv2.dilate(mask.astype(np.uint8), _disc(reach)) if reach else mask.astype(np.uint8)
    under = _pixels(mask, below)
    if under:
        kernel = np.zeros((2 * under + 1, 2 * (under // 2) + 1), np.uint8)
        kernel[: under + 1] = 1  # a dilation looks at the mirrored kernel: upward from each pixel
        wide = cv2.dilate(wide, kernel)
    return wide > 0


def shrunk(mask: Mask, share: float) -> Mask:
    """The mask made narrower by a share of the longer side."""
    reach = _pixels(mask, share)
    return cv2.erode(mask.astype(np.uint8), _disc(reach)) > 0 if reach else mask.copy()


def feathered(mask: Mask, share: float) -> Alpha:
    """Alpha that is 1 on the mask and falls to 0 over a share of the longer side outside of it."""
    reach = max(_pixels(mask, share), 1)
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    linear = np.clip(1 - away / (reach + 1), 0, 1)
    return np.asarray(linear * linear * (3 - 2 * linear), np.float32)


def ring(mask: Mask, share: float) -> Mask:
    """What lies around the mask, as wide as a share of the longer side."""
    return grown(mask, share) & ~mask


def touched_sides(mask: Mask) -> int:
    """On how many sides of the picture, 0..4, the mask reaches the border."""
    edges = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
    return sum(bool(edge.any()) for edge in edges)


def bounds(mask: Mask) -> Window:
    """Least window around the mask; raises ValueError for an empty one."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        raise ValueError("the mask is empty")
    return Window(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def relative_box(mask: Mask) -> list[float]:
    """Left, top, right, bottom of the mask, 0..1."""
    found, (height, width) = bounds(mask), mask.shape
    return [
        round(found.left / width, 5),
        round(found.top / height, 5),
        round(found.right / width, 5),
        round(found.bottom / height, 5),
    ]


def with_context(mask: Mask, context: float) -> Window:
    """Window around the mask with `context` of its size on each side, inside of the picture."""
    found, (height, width) = bounds(mask), mask.shape
    across, down = (round(context * max(found.size)) for _ in range(2))
    return Window(
        max(0, found.left - across),
        max(0, found.top - down),
        min(width, found.right + across),
        min(height, found.bottom + down),
    )


def _pixels(mask: Mask, share: float) -> int:
    longer: int = max(mask.shape)
    return round(share * longer)


def _disc(reach: int) -> NDArray[np.uint8]:
    disc: NDArray[np.uint8] = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return disc
