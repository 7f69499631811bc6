"""Pixel functions that repaint a picture: two inks, a solarised print, washes, brush strokes, cartoons, tiles."""

from itertools import pairwise

import cv2
import numpy as np

from firered.templating.planes import LUMA, Pixels
from firered.templating.tone import hue_weight

_LEVELS = np.arange(256, dtype=np.float32)


def duotone(pixels: Pixels, *, dark: list[int], light: list[int]) -> Pixels:
    """Print luma in two inks: `dark` for black, `light` for white (RGB)."""
    inks = np.array([dark, light], np.float32)
    matrix = np.column_stack([np.outer((inks[1] - inks[0]) / 255, LUMA), inks[0]])
    printed: Pixels = cv2.transform(pixels, matrix.astype(np.float32))
    return printed


def solarize(pixels: Pixels, *, above: int) -> Pixels:
    """Invert every value above a level, as light on a print in the bath does."""
    table = np.where(above < _LEVELS, 255 - _LEVELS, _LEVELS).astype(np.uint8)
    mapped: Pixels = cv2.LUT(pixels.reshape(len(pixels), -1), table)
    return mapped.reshape(pixels.shape)


def only_color(pixels: Pixels, *, color: list[int]) -> Pixels:
    """Keep what has the hue of a colour (RGB) and make the rest grey."""
    grey = cv2.merge([cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)] * 3)
    share = cv2.merge([hue_weight(pixels, color)] * 3)
    kept: Pixels = cv2.add(
        cv2.multiply(pixels, share, scale=1 / 255), cv2.multiply(grey, cv2.bitwise_not(share), scale=1 / 255)
    )
    return kept


def watercolor(pixels: Pixels, *, size: int) -> Pixels:
    """Smooth washes with soft edges; size in pixels is the reach of a wash."""
    washed: Pixels = cv2.edgePreservingFilter(
        pixels, flags=cv2.RECURS_FILTER, sigma_s=4.0 * size, sigma_r=0.42
    )
    paper = cv2.convertScaleAbs(washed, alpha=0.92, beta=20)
    return np.asarray(paper, np.uint8)


def oil(pixels: Pixels, *, size: int) -> Pixels:
    """Brush strokes: each pixel takes the mean of the calmest of the four squares around it (Kuwahara); size in pixels."""
    values = pixels.astype(np.float32)
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    window = (size + 1, size + 1)
    best = np.full(luma.shape, np.inf, np.float32)
    painted = np.empty_like(values)
    for right in (0, size):
        for down in (0, size):
            anchor = (right, down)
            mean = cv2.boxFilter(luma, -1, window, anchor=anchor, borderType=cv2.BORDER_REPLICATE)
            square = cv2.boxFilter(luma * luma, -1, window, anchor=anchor, borderType=cv2.BORDER_REPLICATE)
            spread = square - mean * mean
            color = cv2.boxFilter(values, -1, window, anchor=anchor, borderType=cv2.BORDER_REPLICATE)
            calmer = spread < best
            best[calmer] = spread[calmer]
            painted[calmer] = color[calmer]
    return np.clip(np.rint(painted), 0, 255).astype(np.uint8)


def cartoon(pixels: Pixels, *, tones: int) -> Pixels:
    """Flat areas of a few tones a channel with dark outlines."""
    flat = cv2.bilateralFilter(cv2.bilateralFilter(pixels, 7, 40, 7), 7, 40, 7)
    step = 255 / (tones - 1)
    table = np.clip(np.rint(np.rint(_LEVELS / step) * step), 0, 255).astype(np.uint8)
    toned = cv2.LUT(flat.reshape(len(flat), -1), table).reshape(flat.shape)
    luma = cv2.medianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), 5)
    lines = cv2.adaptiveThreshold(luma, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 9, 6)
    return np.asarray(cv2.bitwise_and(toned, cv2.merge([lines] * 3)), np.uint8)


def tile(pixels: Pixels, *, count: int) -> Pixels:
    """Repeat the whole picture `count` times across and down at the same size."""
    height, width = pixels.shape[:2]
    rows = np.linspace(0, height, count + 1).round().astype(int)
    columns = np.linspace(0, width, count + 1).round().astype(int)
    tiled = np.empty_like(pixels)
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            tiled[top:bottom, left:right] = cv2.resize(
                pixels, (int(right - left), int(bottom - top)), interpolation=cv2.INTER_AREA
            )
    return tiled


def keystone(pixels: Pixels, *, amount: float, end: str) -> Pixels:
    """Stretch one end of the picture (top bottom left right): its middle, `amount` percent shorter, fills the edge."""
    height, width = pixels.shape[:2]
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    shown = corners.copy()
    first, second, axis = {"top": (0, 1, 0), "bottom": (3, 2, 0), "left": (0, 3, 1), "right": (1, 2, 1)}[end]
    shown[first, axis], shown[second, axis] = amount / 200, 1 - amount / 200
    size = np.array([width - 1, height - 1], np.float32)
    matrix = cv2.getPerspectiveTransform(shown * size, corners * size)
    warped: Pixels = cv2.warpPerspective(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return warped
