"""Types of pixel arrays, and the luma and chroma planes that filters and measurements share."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (H, W, 3) sRGB
Plane = NDArray[np.float32]  # (H, W)

LUMA = (0.299, 0.587, 0.114)  # BT.601
# Rows: luma, and the two colour differences scaled so that a hue is an angle in their plane.
_TO_YUV = np.array(
    [LUMA, (-0.147108, -0.288804, 0.435912), (0.614777, -0.514799, -0.099978)],
    dtype=np.float32,
)

_PALE = 10.0  # chroma below which a pixel has no colour to speak of


def luma(pixels: Pixels) -> Plane:
    """Luma of each pixel, (H, W) float32, 0..255."""
    plane: Plane = cv2.transform(pixels.astype(np.float32), _TO_YUV[:1])
    return plane.reshape(pixels.shape[:2])


def chroma(pixels: Pixels) -> NDArray[np.complex64]:
    """Colour of each pixel as a complex number, (H, W): its length is the chroma, its angle the hue."""
    planes = cv2.transform(pixels.astype(np.float32), _TO_YUV[1:])
    return np.ascontiguousarray(planes).view(np.complex64)[..., 0]


def hue_of(rgb: tuple[int, int, int] | list[int]) -> float:
    """Hue of a colour in degrees, -180..180, in the plane of `chroma`."""
    blue, red = _TO_YUV[1:] @ np.array(rgb, dtype=np.float32)
    return float(np.degrees(np.arctan2(red, blue)))


def turn_of_hue(start: list[int], end: list[int]) -> float:
    """Degrees from the hue of one RGB colour to that of another, -180..180."""
    return (hue_of(end) - hue_of(start) + 180) % 360 - 180


def hue_share(pixels: Pixels, rgb: list[int]) -> float:
    """Share of the pixels whose hue is within 40 degrees of a colour's, however pale, 0..1."""
    colors = chroma(pixels) * np.exp(-1j * np.radians(hue_of(rgb)))
    near = np.abs(np.angle(colors)) < np.radians(40)
    return float((near & (np.abs(colors) > _PALE)).mean())


@cache
def rotation_of_hue(degrees: float) -> NDArray[np.float32]:
    """Matrix (3, 3) on RGB that turns every hue and keeps luma and chroma."""
    angle = np.radians(degrees)
    turn = np.eye(3, dtype=np.float32)
    turn[1:, 1:] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return (np.linalg.inv(_TO_YUV) @ turn @ _TO_YUV).astype(np.float32)


def clipped_share(pixels: Pixels) -> float:
    """Share of the values at either end of the range (within one level, for the codec), 0..1."""
    # One comparison for both ends: 254, 255, 0 and 1 become 0..3 when two is added.
    return float(np.count_nonzero(pixels + np.uint8(2) <= 3) / pixels.size)
