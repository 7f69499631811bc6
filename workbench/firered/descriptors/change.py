"""Where two pictures differ, by how much, and how much of it lies outside the place of the edit."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from firered.descriptors.likeness import SAME, psnr_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Mask = NDArray[np.uint8]

VISIBLE = 12  # grey levels; what moved less is the codec's work
GRID = 32  # cells a side of the map
CELL = 0.02  # share of a cell that must change
MARGIN = 12  # pixels that outlines and the codec's blocks reach beyond a box
MAIN = 0.1  # regions of at least this share of the largest one belong to the edit
REACH = 0.03  # how far a region is widened to make a mask, in longer sides of the picture
WHOLE = 0.6  # share of the picture from which on a change is one of the whole picture


@dataclass(frozen=True)
class Change:
    """Difference of two pictures of one size: the largest over the channels, (H, W) uint8 grey levels."""

    difference: "Pixels"
    squares: "NDArray[np.float32]"  # mean squared difference over the channels, (H, W)

    @cached_property
    def visible(self) -> "Mask":
        """Pixels (H, W) that changed visibly, 1 or 0; single ones are noise or ringing and do not count."""
        import cv2

        smooth = cv2.blur(self.difference, (3, 3))
        mask: Mask = cv2.threshold(smooth, VISIBLE, 1, cv2.THRESH_BINARY)[1]
        return mask

    @property
    def area(self) -> float:
        """Share of the pixels that changed visibly, 0..1."""
        return float(np.count_nonzero(self.visible)) / self.visible.size

    @property
    def strength(self) -> float:
        """Mean change of those pixels, 0..1 of the full range; 0 where there are none."""
        import cv2

        if not self.visible.any():
            return 0.0
        return float(cv2.mean(self.difference, mask=self.visible)[0]) / 255

    def bits(self) -> str:
        """Map of 32 x 32 cells by rows as 256 hexadecimal digits, a bit 1 where the cell changed."""
        import cv2

        cells = cv2.resize(self.visible.astype(np.float32), (GRID, GRID), interpolation=cv2.INTER_AREA)
        return np.packbits(cells > CELL).tobytes().hex()

    def leak(self, mask: "Mask") -> float:
        """Share of the changed pixels that lie outside a mask (H, W), 0..1."""
        changed = np.count_nonzero(self.visible)
        return float(np.count_nonzero(self.visible > mask)) / changed if changed else 0.0

    def psnr_outside(self, mask: "Mask") -> float:
        """PSNR in dB outside a mask (H, W), at most 100; 100 where the mask is the whole picture."""
        import cv2

        outside = 1 - mask
        return psnr_of(float(cv2.mean(self.squares, mask=outside)[0])) if outside.any() else SAME


def change_of(source: "Pixels", target: "Pixels") -> Change:
    """Difference of two pictures (H, W, 3) uint8 of one size."""
    import cv2

    apart = cv2.absdiff(source, target)
    red, green, blue = cv2.split(apart)
    flat = apart.astype(np.float32)
    squares = cv2.transform(flat * flat, np.full((1, 3), 1 / 3, np.float32))
    return Change(cv2.max(cv2.max(red, green), blue), squares)


def whole(shape: tuple[int, int]) -> "Mask":
    """Mask (H, W) of an edit of the whole picture."""
    return np.ones(shape, np.uint8)


def of_box(shape: tuple[int, int], box: tuple[float, float, float, float]) -> "Mask":
    """Mask (H, W) of a box, left, top, right, bottom relative to the picture, and its margin."""
    height, width = shape
    left, top, right, bottom = (
        round(side * size) for side, size in zip(box, (width, height) * 2, strict=True)
    )
    mask = np.zeros(shape, np.uint8)
    mask[max(0, top - MARGIN) : bottom + MARGIN, max(0, left - MARGIN) : right + MARGIN] = 1
    return mask


def of_regions(visible: "Mask") -> "Mask":
    """Mask (H, W) of the main connected regions that changed, widened; all where most changed or nothing."""
    changed = np.count_nonzero(visible)
    if changed == 0 or changed > WHOLE * visible.size:
        return whole(visible.shape)
    return _widened(_main_regions(_joined(visible)))


def _joined(visible: "Mask") -> Any:
    """Regions, with gaps as narrow as letters' closed."""
    import cv2

    return cv2.morphologyEx(visible, cv2.MORPH_CLOSE, _disc(visible.shape))


def _main_regions(joined: Any) -> Any:
    import cv2

    _, labels, facts, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    areas = facts[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0  # what did not change
    return (areas >= MAIN * areas.max())[labels].astype(np.uint8)


def _widened(regions: Any) -> "Mask":
    import cv2

    mask: Mask = cv2.dilate(regions, _disc(regions.shape))
    return mask


def _disc(shape: tuple[int, ...]) -> Any:
    import cv2

    reach = max(1, round(REACH * max(shape) / 2))
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
