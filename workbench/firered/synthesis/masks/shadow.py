"""Shadows that a thing throws on even ground: what is darker than the ground beyond, next to the thing."""

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.synthesis.masks.shape import Mask, grown
from firered.templating.planes import Pixels, luma

REACH = 0.14  # how far from the thing a shadow is looked for, share of the longer side
BEYOND = 0.10  # width of the ground beyond, by which it is judged
DARKER = 5.0  # levels that a shadow is darker by at least
EVEN = 16.0  # deviation of the ground beyond up to which darker places are shadows, not pattern
SMALL = 0.004  # blur that takes pattern and grain away, share of the longer side


def with_shadow(pixels: Pixels, mask: Mask) -> Mask:
    """The mask and the shadow that adjoins it; the mask alone where the ground is too uneven to tell."""
    near = grown(mask, REACH)
    beyond = grown(near, BEYOND) & ~near
    tones = luma(pixels)
    if beyond.sum() < 64 or float(tones[beyond].std()) > EVEN:
        return mask
    dark = (_ground(tones, beyond) - _smooth(tones, mask) > DARKER) & near & ~mask
    joined = cv2.morphologyEx((dark | mask).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    joined |= mask.astype(np.uint8)
    _, labels = cv2.connectedComponents(joined)
    return np.isin(labels, np.unique(labels[mask]))


def _ground(tones: NDArray[np.float32], beyond: Mask) -> NDArray[np.float32]:
    """Luma that the ground would have near the thing: a plane through what lies beyond."""
    rows, columns = np.nonzero(beyond)
    rows, columns = rows[::7], columns[::7]
    system = np.stack([rows, columns, np.ones_like(rows)], axis=-1).astype(np.float64)
    slopes = np.linalg.lstsq(system, tones[rows, columns].astype(np.float64), rcond=None)[0]
    down, right = np.indices(tones.shape)
    return np.asarray(slopes[0] * down + slopes[1] * right + slopes[2], np.float32)


def _smooth(tones: NDArray[np.float32], mask: Mask) -> NDArray[np.float32]:
    """Luma without grain, into which nothing of the thing is mixed."""
    weight = (~mask).astype(np.float32)
    spread = max(1.0, SMALL * max(mask.shape))
    known = np.maximum(cv2.GaussianBlur(weight, (0, 0), spread), 1e-3)
    return np.asarray(cv2.GaussianBlur(tones * weight, (0, 0), spread) / known, np.float32)
