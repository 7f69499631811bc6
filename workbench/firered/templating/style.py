"""Pixel functions that redraw a picture in a simple style."""

import cv2
import numpy as np

from firered.templating.planes import Pixels


def pencil(pixels: Pixels, *, sigma: float) -> Pixels:
    """Pencil drawing: luma divided by its own blur; sigma in pixels is the width of the strokes."""
    gray = _gray(pixels)
    height, width = gray.shape
    # A wide blur needs no fine grid; a quarter of the size costs a sixteenth.
    small = cv2.resize(gray, (-(-width // 4), -(-height // 4)), interpolation=cv2.INTER_AREA)
    paper = cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma / 4), (width, height))
    drawn = cv2.divide(gray, cv2.max(paper, 1), scale=255)
    # Squaring darkens the strokes, white paper stays white.
    return _three(cv2.multiply(drawn, drawn, scale=1 / 255))


def pixelate(pixels: Pixels, *, block: int) -> Pixels:
    """Average square blocks; block in pixels."""
    height, width = pixels.shape[:2]
    padded = cv2.copyMakeBorder(pixels, 0, -height % block, 0, -width % block, cv2.BORDER_REPLICATE)
    size = (padded.shape[1] // block, padded.shape[0] // block)
    cells = cv2.resize(padded, size, interpolation=cv2.INTER_AREA)
    whole = cv2.resize(cells, (padded.shape[1], padded.shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.ascontiguousarray(whole[:height, :width])


def halftone(pixels: Pixels, *, cell: int) -> Pixels:
    """Print in black dots on white; cell in pixels is their distance."""
    height, width = pixels.shape[:2]
    wave = np.cos(np.arange(max(height, width), dtype=np.float32) * (2 * np.pi / cell))
    screen = 128 + 60 * (wave[:height, None] + wave[None, :width])
    tone = cv2.GaussianBlur(_gray(pixels), (0, 0), cell / 4)
    dots = (tone.astype(np.float32) - screen + 16) * 8
    return _three(np.clip(dots, 0, 255).astype(np.uint8))


def emboss(pixels: Pixels, *, angle: float) -> Pixels:
    """Grey relief lit from `angle` degrees: 0 from the right, 90 from above."""
    across, up = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=np.float32)
    slope = (across * kernel - up * kernel.T) / 3
    smooth = cv2.GaussianBlur(_gray(pixels), (0, 0), 0.8)
    relief: Pixels = cv2.filter2D(smooth, -1, -slope.astype(np.float32), delta=128)
    return _three(relief)


def _gray(pixels: Pixels) -> Pixels:
    gray: Pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return gray


def _three(gray: Pixels) -> Pixels:
    pixels: Pixels = cv2.merge([gray] * 3)
    return pixels
