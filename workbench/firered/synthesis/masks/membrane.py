"""Even ground goes on as a membrane that is stretched over a hole; the grain comes from patches."""

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.synthesis.masks.shape import Mask, grown, ring
from firered.templating.planes import Pixels, luma

NEAR = 0.04  # ring in which the ground is judged, share of the longer side
GRAIN = 2.2  # levels that most pixels (72 of 100) of even ground differ from their surroundings at most
BLUR = 2.0  # pixels below which structure is grain
ROUNDS = 250


def is_even(pixels: Pixels, hole: Mask) -> bool:
    """Whether the ground around a hole is smooth, whatever its gradients."""
    tones = luma(pixels)
    around = ring(grown(hole, 0.006), NEAR)
    fine = np.abs(tones - cv2.GaussianBlur(tones, (0, 0), 3 * BLUR))
    return bool(around.any()) and float(np.percentile(fine[around], 72)) < GRAIN


def evened(pixels: Pixels, filled: Pixels, hole: Mask) -> Pixels:
    """The filled picture, its hole spanned by a membrane from the rim with the grain of the fill."""
    smooth = _stretched(pixels, hole)
    values = filled.astype(np.float32)
    # A patch may bring the end of a shadow along; grain is never as strong.
    grain = np.clip(values - cv2.GaussianBlur(values, (0, 0), BLUR), -2 * GRAIN, 2 * GRAIN)
    spanned = np.rint(np.clip(smooth + grain, 0, 255)).astype(np.uint8)
    return np.where(hole[..., None], spanned, filled)


def _stretched(pixels: Pixels, hole: Mask) -> NDArray[np.float32]:
    """Solution of Laplace's equation in the hole, from coarse to fine; the rim is smoothed against grain."""
    weight = (~hole).astype(np.float32)
    known = np.maximum(cv2.GaussianBlur(weight, (0, 0), BLUR), 1e-3)[..., None]
    rim = cv2.GaussianBlur(pixels * weight[..., None], (0, 0), BLUR) / known
    return _solved(rim.astype(np.float32), hole)


def _solved(values: NDArray[np.float32], hole: Mask) -> NDArray[np.float32]:
    if min(hole.shape) > 8:
        size = (max(1, hole.shape[1] // 2), max(1, hole.shape[0] // 2))
        weight = (~hole).astype(np.float32)
        known = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
        small = cv2.resize(values * weight[..., None], size, interpolation=cv2.INTER_AREA)
        coarse = _solved(small / np.maximum(known, 1e-3)[..., None], known < 0.01)
        start = cv2.resize(coarse, hole.shape[::-1], interpolation=cv2.INTER_LINEAR)
    else:
        start = np.broadcast_to(values[~hole].mean(axis=0) if (~hole).any() else 0, values.shape)
    current = np.where(hole[..., None], start, values).astype(np.float32)
    for _ in range(ROUNDS if min(hole.shape) <= 128 else ROUNDS // 10):
        current = np.where(hole[..., None], cv2.blur(current, (3, 3)), values)
    return current
