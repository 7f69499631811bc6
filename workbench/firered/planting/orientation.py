"""Photographs that do not stand upright: turned pixels, turned with an EXIF note, tilted."""

import cv2
import numpy as np

from firered.planting import encoding
from firered.planting.base import Base, Planted, between, one_of
from firered.templating.planes import Pixels

ORIENTATION = 0x0112  # EXIF tag
# What a camera did to the pixels, undone when a reader obeys the tag: mirrored first, then turned clockwise.
UNDONE = {
    2: (True, 0),
    3: (False, 180),
    4: (True, 180),
    5: (True, 270),
    6: (False, 270),
    7: (True, 90),
    8: (False, 90),
}


def rotate_90(base: Base, rng: np.random.Generator) -> Planted:
    """Pixels turned 90 degrees clockwise, and nothing says so."""
    return turned(base.pixels, 90), {"turn": 270}


def rotate_180(base: Base, rng: np.random.Generator) -> Planted:
    """Pixels turned upside down, and nothing says so."""
    return turned(base.pixels, 180), {"turn": 180}


def rotate_270(base: Base, rng: np.random.Generator) -> Planted:
    """Pixels turned 90 degrees counter-clockwise, and nothing says so."""
    return turned(base.pixels, 270), {"turn": 90}


def turned(pixels: Pixels, degrees: int) -> Pixels:
    """Turn clockwise by a multiple of 90 degrees."""
    return np.ascontiguousarray(np.rot90(pixels, -degrees // 90))


def exif_rotated(base: Base, rng: np.random.Generator) -> Planted:
    """Pixels mirrored or turned as EXIF orientations 2 to 8 say, with the tag that tells how to undo it."""
    from PIL import Image

    orientation = one_of(rng, sorted(UNDONE))
    mirrored, degrees = UNDONE[orientation]
    pixels = base.pixels[:, ::-1] if mirrored else base.pixels
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    drawn = encoding.settings(rng)
    data = encoding.jpeg(turned(pixels, degrees), exif=exif.tobytes(), **drawn)
    return data, {"orientation": orientation, "jpeg": drawn}


def tilt(base: Base, rng: np.random.Generator) -> Planted:
    """Horizon off by 2 to 10 degrees either way, empty corners cropped away."""
    degrees = between(rng, 2, 10) * one_of(rng, (1, -1))
    # OpenCV counts counter-clockwise; the angle that levels the picture again is the same, clockwise.
    matrix = cv2.getRotationMatrix2D((base.width / 2, base.height / 2), degrees, 1)
    leaning = cv2.warpAffine(base.pixels, matrix, (base.width, base.height), flags=cv2.INTER_CUBIC)
    share = _whole_share(base.height, base.width, abs(degrees))
    down, across = (round(side * (1 - share) / 2) for side in (base.height, base.width))
    cut = leaning[down : base.height - down, across : base.width - across]
    return np.ascontiguousarray(cut), {"tilt": degrees}


def _whole_share(height: int, width: int, degrees: float) -> float:
    """Share of each side of the largest rectangle of the same shape that lies inside the turned picture."""
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    aspect = max(height, width) / min(height, width)
    return float(1 / (cosine + aspect * sine))
