"""What the strokes of a line of text look like: their step to the ground, and whether the ground shows through.

Letters drawn over a picture have one colour, whatever lies under them. The strokes of a sign in the scene follow
its light and its grain, and the strokes of a watermark follow the picture that shows through.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

Box = tuple[float, float, float, float]  # left, top, right, bottom, relative to the picture

NOISE = 4.0  # grey levels; JPEG spreads the even colour of drawn strokes by about this much
REACH = 0.12  # of the height of the line; strokes are at most about twice as wide


@dataclass(frozen=True)
class Strokes:
    """How strokes stand out: luma step to their ground, 0..1, and evenness of their colour, 0..1."""

    contrast: float
    opacity: float


def strokes(pixels: "Pixels", box: Box) -> Strokes:
    """Measure the strokes of the line of text in `box` of (H, W, 3) uint8 RGB."""
    import cv2
    import numpy as np

    part = cut(pixels, box)
    luma = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    drawn, ground = split(luma)
    if not drawn.any() or not ground.any():
        return Strokes(0.0, 0.0)
    step = abs(float(np.median(luma[drawn])) - float(np.median(luma[ground])))
    return Strokes(step / 255, evenness(luma[core(drawn)], step))


def cut(pixels: "Pixels", box: Box) -> "Pixels":
    """The part of (H, W, 3) pixels in a relative box, at least 2 x 2."""
    import numpy as np

    height, width = pixels.shape[:2]
    left, right = _span(box[0], box[2], width)
    top, bottom = _span(box[1], box[3], height)
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def _span(start: float, stop: float, length: int) -> tuple[int, int]:
    first = min(max(0, round(start * length)), max(0, length - 2))
    return first, min(length, max(first + 2, round(stop * length)))


def split(luma: "Pixels") -> "tuple[Mask, Mask]":
    """Strokes and ground of (h, w) luma: what is thin and differs from its surroundings, and the rest."""
    import cv2
    import numpy as np

    side = 2 * max(1, round(REACH * min(luma.shape))) + 1
    kernel = np.ones((side, side), np.uint8)
    light = cv2.morphologyEx(luma, cv2.MORPH_TOPHAT, kernel)
    dark = cv2.morphologyEx(luma, cv2.MORPH_BLACKHAT, kernel)
    relief = light if np.percentile(light, 90) >= np.percentile(dark, 90) else dark
    level, _ = cv2.threshold(relief, 0, 255, cv2.THRESH_OTSU)
    return relief > level, relief <= level / 2


def core(drawn: "Mask") -> "Mask":
    """Inside of strokes without their blurred edges; all of them where they are too thin for that."""
    import cv2
    import numpy as np

    inside = cv2.erode(drawn.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return inside if np.count_nonzero(inside) >= 0.1 * np.count_nonzero(drawn) else drawn


def evenness(values: "Pixels", step: float) -> float:
    """1 where stroke luma (n,) is even, 0 where it varies as much as its step to the ground, 0..1."""
    import numpy as np

    low, high = np.percentile(values, (16, 84))
    spread = max(0.0, float(high - low) / 2 - NOISE)
    return float(max(0.0, 1 - spread / max(step, 1.0)))
