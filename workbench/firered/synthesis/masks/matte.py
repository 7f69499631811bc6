"""Colours of the two sides of a soft edge, so that a cut-out takes nothing of its old background along.

A pixel of a matte's edge is a mixture, alpha * foreground + (1 - alpha) * background. Both colours are first
estimated as averages of the sure pixels around, then each pixel's own deviation is given back to its foreground;
a second pass with a small neighbourhood follows a wide one.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.synthesis.masks.shape import Alpha, Mask, main_parts
from firered.templating.planes import Pixels

Colors = NDArray[np.float32]  # (H, W, 3), 0..255

REACHES = (0.12, 0.012)  # neighbourhoods, shares of the longer side
LEAST = 1e-4  # weight below which a neighbourhood says nothing
SURE = 0.98  # alpha from which on a pixel is all foreground
FAINT = 0.04  # alpha below which a pixel is all background


def cleaned(alpha: Alpha) -> Alpha:
    """The matte without specks, its nearly full and nearly empty parts made so."""
    stretched = np.clip((alpha - FAINT) / (SURE - FAINT), 0, 1)
    return np.where(_near(alpha), stretched, 0).astype(np.float32)


def _near(alpha: Alpha) -> Mask:
    """The main thing and a few pixels around it."""
    return np.asarray(cv2.dilate(main_parts(alpha > 0.5).astype(np.uint8), np.ones((15, 15), np.uint8)) > 0)


def doubt(alpha: Alpha) -> float:
    """Share of a matte, as the model gave it, that is neither in nor out, 0 of a sharp one to 1.

    What lies apart from the main thing counts double: it may be another part of it that was missed.
    """
    half = np.minimum(alpha, 1 - alpha)
    apart = np.where(_near(alpha), 0, alpha)
    return float(2 * (half.sum() + apart.sum()) / max(float(alpha.sum()), 1.0))


def vagueness(alpha: Alpha) -> float:
    """Width of the broadest part of a matte that is neither in nor out, as a share of the longer side.

    Hair and fur are narrow; where the model lost a thing that goes on, the matte fades over a broad way.
    """
    soft = ((alpha > 0.12) & (alpha < 0.88)).astype(np.uint8)
    return float(2 * cv2.distanceTransform(soft, cv2.DIST_L2, 3).max() / max(alpha.shape))


def foreground(pixels: Pixels, alpha: Alpha) -> Pixels:
    """Colours of the foreground (H, W, 3), without those of the background that shine through its edge."""
    colors, _ = sides(pixels, alpha)
    return np.where((alpha >= SURE)[..., None], pixels, _rounded(colors))


def background(pixels: Pixels, alpha: Alpha) -> Pixels:
    """Colours of the background (H, W, 3), guessed smoothly where the foreground hides it."""
    _, colors = sides(pixels, alpha)
    return np.where((alpha <= 0)[..., None], pixels, _rounded(colors))


def sides(pixels: Pixels, alpha: Alpha) -> tuple[Colors, Colors]:
    """Estimated colours of foreground and background (H, W, 3), 0..255."""
    seen = pixels.astype(np.float32)
    front = behind = seen
    for share in REACHES:
        reach = max(1, round(share * max(alpha.shape)))
        behind = _average(behind, 1 - alpha, reach)
        front = _average(front, alpha, reach)
        front = front + alpha[..., None] * (seen - alpha[..., None] * front - (1 - alpha[..., None]) * behind)
        front = np.clip(front, 0, 255)
    return front, behind


def over(front: Pixels, behind: Pixels, alpha: Alpha) -> Pixels:
    """Foreground colours over a background by an alpha; where it is 1 the bits of the front stay."""
    share = alpha[..., None]
    return _rounded(share * front + (1 - share) * behind.astype(np.float32))


def spilled(pixels: Pixels, alpha: Alpha, mask: Mask) -> float:
    """Mean distance in levels between seen and estimated foreground colours in a mask: what was taken off."""
    apart = np.abs(foreground(pixels, alpha).astype(np.float32) - pixels)[mask]
    return float(apart.mean()) if apart.size else 0.0


def _average(colors: Colors, weight: Alpha, reach: int) -> Colors:
    """Mean of the colours around each pixel by weight; wider where none is near."""
    size = (2 * reach + 1, 2 * reach + 1)
    known = cv2.blur(weight, size)
    sums = cv2.blur(colors * weight[..., None], size)
    whole = (colors * weight[..., None]).sum(axis=(0, 1)) / max(float(weight.sum()), LEAST)
    mean = np.where((known > LEAST)[..., None], sums / np.maximum(known, LEAST)[..., None], whole)
    return np.asarray(mean, np.float32)


def _rounded(colors: Colors) -> Pixels:
    return np.clip(np.rint(colors), 0, 255).astype(np.uint8)
