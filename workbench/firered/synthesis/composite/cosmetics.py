"""Make-up: colours laid on lips, cheeks and lids; whiter teeth; smoother skin that keeps some of its texture."""

from typing import TYPE_CHECKING

import cv2
import numpy as np

from firered.synthesis.composite import light
from firered.synthesis.composite.faces import CHEEKS, EYES, LIDS, LIPS, MOUTH, Face

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

LIPSTICK, BLUSH, SHADOW = 0.75, 0.34, 0.7  # how much of the colour is seen
LEAST_MOUTH = 0.006  # share of the face's width squared that an open mouth takes
TEETH_BRIGHT, TEETH_YELLOW, TEETH_RED = 38.0, 32.0, 16.0
LEAST_TEETH = 0.25  # share of the open mouth
TEXTURE = 0.3  # share of fine detail that smooth skin keeps
SMOOTHEST = 16.0  # levels of colour that smoothing levels out


def lipstick(face: Face, color: "Sequence[float]") -> "Floats":
    """New CIELAB planes with painted lips, their shine kept."""
    lips = face.softened(np.maximum(face.region(LIPS) - face.region(MOUTH), 0), 0.008)
    ink = _ink(color)
    usual = float(np.median(face.planes[..., 0][lips > 0.5])) if (lips > 0.5).any() else 50.0
    bright = face.planes[..., 0] + 0.6 * (float(ink[0]) - usual)
    wanted = np.stack([bright, np.full_like(bright, ink[1]), np.full_like(bright, ink[2])], axis=-1)
    shine = np.clip((face.planes[..., 0] - usual - 12) / 25, 0, 1).astype(np.float32)
    return _mixed(face.planes, wanted, LIPSTICK * lips * (1 - 0.7 * shine))


def blush(face: Face, color: "Sequence[float]") -> "Floats":
    """New planes with a soft colour on the cheeks."""
    rows, columns = np.mgrid[: face.pixels.shape[0], : face.pixels.shape[1]].astype(np.float32)
    across, down = 0.13 * face.width, 0.09 * face.width
    total = np.zeros(face.pixels.shape[:2], np.float32)
    for x, y in face.points[list(CHEEKS)]:
        total = np.maximum(total, np.exp(-(((columns - x) / across) ** 2 + ((rows - y) / down) ** 2) / 2))
    total[total < 0.03] = 0
    ink = _ink(color)
    wanted = np.stack(
        [face.planes[..., 0] - 4, np.full_like(total, ink[1]), np.full_like(total, ink[2])], axis=-1
    )
    return _mixed(face.planes, wanted, BLUSH * total * face.skin)


def eyeshadow(face: Face, color: "Sequence[float]") -> "Floats":
    """New planes with coloured lids, strongest at the lashes."""
    lids = np.maximum(face.region(LIDS[0]), face.region(LIDS[1]))
    open_eyes = np.maximum(face.region(EYES[0]), face.region(EYES[1]))
    soft = face.softened(lids, 0.018) * (1 - face.softened(open_eyes, 0.004))
    ink = _ink(color)
    bright = face.planes[..., 0] * 0.55 + 0.45 * float(ink[0])
    wanted = np.stack([bright, np.full_like(soft, ink[1]), np.full_like(soft, ink[2])], axis=-1)
    return _mixed(face.planes, wanted, SHADOW * np.clip(1.5 * soft, 0, 1))


MAKEUP: "dict[str, Callable[[Face, Sequence[float]], Floats]]" = {
    "lipstick": lipstick,
    "blush": blush,
    "eyeshadow": eyeshadow,
}


def whiter_teeth(face: Face) -> "Floats":
    """New planes with whiter teeth; raises ValueError where the mouth is closed or shows none."""
    mouth = face.region(MOUTH) > 0
    if mouth.sum() < LEAST_MOUTH * face.width**2:
        raise ValueError("the mouth is closed")
    bright, red, yellow = cv2.split(face.planes)
    teeth = mouth & (bright > TEETH_BRIGHT) & (np.abs(yellow) < TEETH_YELLOW) & (red < TEETH_RED)
    if teeth.sum() < LEAST_TEETH * mouth.sum():
        raise ValueError("the mouth shows no teeth")
    soft = face.softened(teeth.astype(np.float32), 0.005) * mouth
    wanted = np.stack([np.minimum(bright * 1.1 + 4, 97), 0.4 * red, 0.25 * yellow], axis=-1)
    return _mixed(face.planes, wanted, soft)


def smooth_skin(face: Face) -> "Floats":
    """New planes with smoother skin: coarse unevenness goes, edges stay, and a share of fine texture too."""
    side = max(7, round(0.09 * face.width)) | 1
    filtered = cv2.bilateralFilter(face.pixels, side, 3 * SMOOTHEST, 0.04 * face.width)
    detail = face.planes - light.lab(cv2.GaussianBlur(face.pixels, (0, 0), max(0.7, 0.006 * face.width)))
    wanted = light.lab(cv2.GaussianBlur(filtered, (0, 0), max(0.5, 0.004 * face.width))) + TEXTURE * detail
    return _mixed(face.planes, wanted, 0.9 * face.skin)


def _ink(color: "Sequence[float]") -> "Floats":
    return np.asarray(light.lab(np.array([[color]], np.uint8))[0, 0], np.float32)


def _mixed(planes: "Floats", wanted: "Floats", share: "Floats") -> "Floats":
    return np.asarray(planes + share[..., None] * (wanted - planes), np.float32)
