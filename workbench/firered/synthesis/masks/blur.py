"""Blur of a background as a lens makes it: discs of light, taken from the background alone."""

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.synthesis.masks import matte
from firered.synthesis.masks.color import from_linear, linear
from firered.synthesis.masks.shape import Alpha
from firered.templating.planes import Pixels

GLEAM = 2.0  # power by which bright spots grow into discs, as light beyond white does


def bokeh(pixels: Pixels, alpha: Alpha, radius: float) -> Pixels:
    """The background out of focus around a subject that stays sharp; radius as a share of the longer side.

    The subject's light does not bleed into the blur: pixels count by how much of them is background.
    """
    reach = max(1, round(radius * max(alpha.shape)))
    ground = blurred(matte.background(pixels, alpha), 1 - alpha, reach)
    return matte.over(matte.foreground(pixels, alpha), ground, alpha)


def blurred(pixels: Pixels, weight: Alpha, reach: int) -> Pixels:
    """Pixels blurred by a disc of `reach` pixels in linear light, by weight (H, W); guessed where there is none."""
    light = linear(pixels)
    shares = np.maximum(weight, 1e-3)[..., None] * (1 + (GLEAM * light.max(axis=-1, keepdims=True)) ** 3)
    disc = _disc(reach)
    sums = cv2.filter2D(light * shares, -1, disc, borderType=cv2.BORDER_REFLECT)
    known = cv2.filter2D(np.repeat(shares, 3, axis=-1), -1, disc, borderType=cv2.BORDER_REFLECT)
    return from_linear(sums / known)


def _disc(reach: int) -> NDArray[np.float32]:
    """Even disc with a soft rim that sums to 1."""
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(reach + 0.5 - np.hypot(rows, columns), 0, 1).astype(np.float32)
    return np.asarray(disc / disc.sum(), np.float32)
