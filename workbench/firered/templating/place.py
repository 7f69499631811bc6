"""Pixel functions that move the viewpoint: crop, turn, mirror. Left and right are the picture's."""

import math
from typing import Any

import cv2
from numpy.typing import NDArray

from firered.templating.planes import Pixels


def zoom(pixels: Pixels, *, factor: float, region: list[float]) -> Pixels:
    """Show a window 1/factor as wide at full size; region is its place, 0..1 from left and from top."""
    height, width = pixels.shape[:2]
    left, top, across, down = window(width, height, factor, region)
    crop = pixels[top : top + down, left : left + across]
    enlarged: Pixels = cv2.resize(crop, (width, height), interpolation=cv2.INTER_CUBIC)
    return enlarged


def window(width: int, height: int, factor: float, region: list[float]) -> tuple[int, int, int, int]:
    """Left, top, width and height in pixels of the window that `zoom` shows."""
    across, down = round(width / factor), round(height / factor)
    return round((width - across) * region[0]), round((height - down) * region[1]), across, down


def rotate(pixels: Pixels, *, degrees: float) -> Pixels:
    """Turn the picture (positive is clockwise) and enlarge until no empty corner shows."""
    turned: Pixels = tilted(pixels, degrees)
    return turned


def tilted(pixels: NDArray[Any], degrees: float) -> NDArray[Any]:
    """Same for any array of (H, W) or (H, W, C)."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D(
        ((width - 1) / 2, (height - 1) / 2), -degrees, enlargement(width, height, degrees)
    )
    turned: NDArray[Any] = cv2.warpAffine(
        pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return turned


def enlargement(width: int, height: int, degrees: float) -> float:
    """Least enlargement that fills a frame of the same size after a turn by `degrees`."""
    angle = math.radians(abs(degrees))
    ratio = max(width, height) / min(width, height)
    return math.cos(angle) + ratio * math.sin(angle)


def turn(pixels: Pixels, *, degrees: int) -> Pixels:
    """Turn by a multiple of 90 degrees (positive is clockwise), exactly."""
    turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    turned: Pixels = cv2.rotate(pixels, turns[degrees % 360]) if degrees % 360 else pixels.copy()
    return turned


def mirror(pixels: Pixels, *, axis: int) -> Pixels:
    """Mirror: axis 1 exchanges left and right, axis 0 top and bottom."""
    mirrored: Pixels = cv2.flip(pixels, axis)
    return mirrored
