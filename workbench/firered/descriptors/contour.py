"""What the border of a mask looks like in a picture: seams, halos, and what is left of a thing that stood there."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Plane = NDArray[np.float32]
    Mask = NDArray[np.bool_]

RIM = 1.5  # pixels to each side of the border in which a seam or a halo lies
NEAR, FAR = 3.0, 10.0  # pixels from the border between which the surroundings are looked at
RING = 24.0  # pixels; how far the texture of the surroundings is looked at
STEP = 4.0  # pixels; width of the bands whose tones are compared
CELL = 5  # pixels between places whose fine structure is independent
REACH = 9  # pixels; radius of the local means along the border
LEAST = 24  # pixels that a band must have to say anything


@dataclass(frozen=True)
class Contour:
    """The border of a mask (H, W): signed distances to it, and bands along it."""

    mask: "Mask"

    @cached_property
    def away(self) -> "Plane":
        """Distance of each pixel from the border in pixels, positive outside, (H, W)."""
        inside = cv2.distanceTransform(self.mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        outside = cv2.distanceTransform((~self.mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        # Half a pixel, so that the border lies between the last pixel inside and the first outside.
        away: Plane = np.where(self.mask, 0.5 - inside, outside - 0.5).astype(np.float32)
        return away

    def band(self, low: float, high: float) -> "Mask":
        """Pixels whose signed distance lies between two values, (H, W)."""
        found: Mask = (self.away >= low) & (self.away <= high)
        return found

    @cached_property
    def normals(self) -> tuple["Plane", "Plane"]:
        """Direction across the border at each pixel, two planes (H, W) of unit length where there is one."""
        smooth = cv2.GaussianBlur(self.away, (0, 0), 2)
        right, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
        length = np.maximum(cv2.magnitude(right, down), 1e-3)
        return right / length, down / length


def seam(luma: "Plane", contour: Contour) -> float:
    """Step across the border over that on both sides of it: about 1 where nothing shows, 0 without a border.

    luma (H, W) 0..255.
    """
    return _across(luma, contour, [contour.band(NEAR, FAR), contour.band(-FAR, -NEAR)])


def outline(luma: "Plane", contour: Contour) -> float:
    """Step across the border over that outside of it: above 1 where a thing stands out from its ground."""
    return _across(luma, contour, [contour.band(NEAR, FAR)])


def _across(luma: "Plane", contour: Contour, around: "Sequence[Mask]") -> float:
    rim = contour.band(-RIM, RIM)
    if rim.sum() < LEAST:
        return 0.0
    right, down = contour.normals
    slope = np.abs(cv2.Sobel(luma, cv2.CV_32F, 1, 0) * right + cv2.Sobel(luma, cv2.CV_32F, 0, 1) * down) / 8
    usual = [float(slope[band].mean()) for band in around if band.sum() >= LEAST]
    # One level: grain that nobody sees.
    return (float(slope[rim].mean()) + 1) / (sum(usual) / max(1, len(usual)) + 1)


def step(luma: "Plane", contour: Contour) -> float:
    """Change of the local tone across the border over that between neighbouring bands: about 1 where nothing shows."""
    bands = [contour.band(low, low + STEP) for low in (-3 * STEP, -2 * STEP, -STEP, 0, STEP, 2 * STEP)]
    if contour.band(-RIM, RIM).sum() < LEAST:
        return 0.0
    tones = [_local_mean(luma, band) for band in bands]
    jumps = [_jump(first, second) for first, second in pairwise(tones)]
    # The middle one is the border's; one and a half levels: what nobody sees.
    usual = [jumps[place] for place in (0, 4) if jumps[place] is not None]
    middle = jumps[2] or 0.0
    return (middle + 1.5) / (sum(each for each in usual if each) / max(1, len(usual)) + 1.5)


def halo(luma: "Plane", contour: Contour, *, at: float = 0.0) -> tuple[float, float]:
    """How far a rim is brighter, and how far darker, than both sides of it: means in levels, 0 without a border.

    `at` is the signed distance of the rim's middle from the border, in pixels.
    """
    rim = contour.band(at - RIM, at + RIM)
    if rim.sum() < LEAST:
        return 0.0, 0.0
    middle, middle_there = _local_mean(luma, rim)
    inner, inner_there = _local_mean(luma, contour.band(at - FAR, at - NEAR))
    outer, outer_there = _local_mean(luma, contour.band(at + NEAR, at + FAR))
    valid = rim & middle_there & inner_there & outer_there
    if valid.sum() < LEAST:
        return 0.0, 0.0
    bright = np.maximum(middle - np.maximum(inner, outer), 0)
    dark = np.maximum(np.minimum(inner, outer) - middle, 0)
    return float(bright[valid].mean()), float(dark[valid].mean())


def remains(before: "Plane", after: "Plane", mask: "Mask") -> float:
    """Likeness of the fine structure inside a mask before and after, -1..1; 0 where either has none."""
    first, second = _inside(before, mask), _inside(after, mask)
    # One level: where there is only grain, the codec decides what stays of it.
    if first.size < LEAST or min(float(first.std()), float(second.std())) < 1:
        return 0.0
    return float(first @ second) / float(np.linalg.norm(first) * np.linalg.norm(second))


def ghost(before: "Plane", after: "Plane", mask: "Mask") -> float:
    """Share of the old fine structure that shines through the new one inside a mask, 0..1."""
    first, likeness = _inside(before, mask), remains(before, after, mask)
    # Below that, chance alone gives a share to what is much stronger than the old structure.
    chance = max(0.08, 3 * CELL / max(1, first.size) ** 0.5)
    if likeness <= chance:
        return max(0.0, likeness)
    return max(likeness, min(1.0, float(first @ _inside(after, mask)) / float(first @ first)))


def texture(luma: "Plane", contour: Contour) -> float:
    """Fine structure inside the mask over that of its ring: 1 alike, near 0 smeared."""
    ring, core = contour.band(NEAR, RING), _core(contour.mask)
    if min(ring.sum(), core.sum()) < LEAST:
        return 1.0
    fine = np.abs(_fine(luma))
    # The median: one strong edge in the ring must not ask for another one inside.
    return float((np.median(fine[core]) + 0.5) / (np.median(fine[ring]) + 0.5))


def repetition(luma: "Plane", mask: "Mask") -> float:
    """Strongest likeness of the mask's inside to itself at another place, 0..1; copied patches come near 1."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size < 32 or columns.size < 32:
        return 0.0
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inside = mask[part].astype(np.float32)
    fine = _fine(luma)[part]
    fine = (fine - fine[inside > 0].mean()) * inside
    energy = float((fine * fine).sum())
    if energy < 4 * inside.sum():
        return 0.0
    shared, alike = _autocorrelation(inside), _autocorrelation(fine)
    rough = np.where(shared > 0.3 * inside.sum(), alike / np.maximum(shared, 1) * inside.sum() / energy, 0)
    height, width = rough.shape
    rough[height // 2 - 8 : height // 2 + 9, width // 2 - 8 : width // 2 + 9] = 0
    return float(np.clip(rough.max(), 0, 1))


def _autocorrelation(plane: "Plane") -> Any:
    """Sum of products of a plane with itself, shifted; (2H, 2W) with no shift in the middle."""
    height, width = (2 * side for side in plane.shape)
    power = np.abs(np.fft.rfft2(plane, (height, width))) ** 2
    return np.fft.fftshift(np.fft.irfft2(power, (height, width)))


def _fine(luma: "Plane") -> "Plane":
    """What a small blur takes away."""
    fine: Plane = luma - cv2.GaussianBlur(luma, (0, 0), 3)
    return fine


def _inside(plane: "Plane", mask: "Mask") -> "Plane":
    """Fine structure of the mask's core about its mean, (N,)."""
    found = _fine(plane)[_core(mask)]
    return found - found.mean() if found.size else found


def _core(mask: "Mask") -> "Mask":
    """The mask without its rim, or all of it where little would be left."""
    inner: Mask = cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    return inner if inner.sum() > 0.3 * mask.sum() else mask


def _local_mean(plane: "Plane", band: "Mask") -> tuple["Plane", "Mask"]:
    """Mean of a band's pixels near each pixel (H, W), and where there are any."""
    size = (2 * REACH + 1, 2 * REACH + 1)
    weight = cv2.blur(band.astype(np.float32), size)
    there: Mask = weight > 0.02
    return cv2.blur(plane * band, size) / np.maximum(weight, 1e-6), there


def _jump(first: "tuple[Plane, Mask]", second: "tuple[Plane, Mask]") -> float | None:
    """Mean difference of two bands' local tones where both are near; None where they are not."""
    both = first[1] & second[1]
    return float(np.abs(first[0] - second[0])[both].mean()) if both.sum() >= LEAST else None
