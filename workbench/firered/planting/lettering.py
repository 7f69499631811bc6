"""Letters as masks, from fonts that OpenCV and Pillow carry inside, so that every machine draws the same."""

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.planting.base import one_of
from firered.templating.planes import Pixels
from firered.templating.text import is_chinese

Mask = NDArray[np.uint8]  # (H, W), coverage 0..255

FACES = ("sans", "italic", "uni", "aileron")
WEIGHTS = (300, 400, 600, 800)


def face_for(text: str, rng: np.random.Generator) -> tuple[str, int]:
    """Draw a face that has the letters of a text, and a weight."""
    return one_of(rng, FACES[2:3] if is_chinese(text) else FACES), one_of(rng, WEIGHTS)


def line_mask(text: str, size: int, face: str, weight: int) -> Mask:
    """Draw a line of text of `size` pixels; returns its mask, cut to what is inked."""
    drawn = _pillow_line(text, size) if face == "aileron" else _opencv_line(text, size, face, weight)
    left, top, across, down = cv2.boundingRect(drawn)
    return drawn[top : top + down, left : left + across]


def block_mask(lines: list[str], size: int, face: str, weight: int) -> Mask:
    """Draw lines below each other, centred."""
    masks = [line_mask(line, size, face, weight) for line in lines]
    height, width = round(size * 1.3 * len(lines)), max(mask.shape[1] for mask in masks)
    block = np.zeros((height, width), np.uint8)
    for number, mask in enumerate(masks):
        top, left = round(size * 1.3 * number), (width - mask.shape[1]) // 2
        part = mask[: height - top]
        block[top : top + part.shape[0], left : left + part.shape[1]] = part
    return block


def fitted(text: str, width: int, height: int, face: str, weight: int) -> Mask:
    """Draw a line of text as large as fits into a box of width x height pixels."""
    probe = line_mask(text, 100, face, weight)
    size = int(100 * min(width / probe.shape[1], height / probe.shape[0]))
    return line_mask(text, max(8, size), face, weight)


def turned(mask: Mask, degrees: float) -> Mask:
    """Turn a mask counter-clockwise on a canvas that holds all of it."""
    height, width = mask.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    across = int(height * abs(matrix[0, 1]) + width * abs(matrix[0, 0])) + 2
    down = int(height * abs(matrix[0, 0]) + width * abs(matrix[0, 1])) + 2
    matrix[:, 2] += (across / 2 - width / 2, down / 2 - height / 2)
    whole: Mask = cv2.warpAffine(mask, matrix, (across, down), flags=cv2.INTER_LINEAR)
    return whole


def paint(pixels: Pixels, mask: Mask, at: tuple[int, int], rgb: tuple[int, ...], opacity: float) -> None:
    """Paint a colour through a mask whose top left is `at` (top, left), in place; what lies outside is cut."""
    top, left = at
    rows = slice(max(0, top), min(pixels.shape[0], top + mask.shape[0]))
    columns = slice(max(0, left), min(pixels.shape[1], left + mask.shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    part = mask[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    share = part[..., None].astype(np.float32) * (opacity / 255)
    under = pixels[rows, columns]
    pixels[rows, columns] = np.rint(under * (1 - share) + np.array(rgb, np.float32) * share).astype(np.uint8)


def outline(mask: Mask, radius: int) -> Mask:
    """Thicken a mask by `radius` pixels on every side; it grows by as much."""
    padded = cv2.copyMakeBorder(mask, radius, radius, radius, radius, cv2.BORDER_CONSTANT, value=0)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    thick: Mask = cv2.dilate(padded, disc)
    return thick


@cache
def _opened(face: str) -> Any:
    return cv2.FontFace(face)


def _opencv_line(text: str, size: int, face: str, weight: int) -> Mask:
    canvas = np.zeros((2 * size, size * (len(text) + 2)), np.uint8)
    cv2.putText(canvas, text, (size // 2, round(1.4 * size)), (255,), _opened(face), size, weight)
    # The Chinese letters come in one weight.
    return cv2.dilate(canvas, np.ones((2, 2), np.uint8)) if face == "uni" and weight > 500 else canvas


def _pillow_line(text: str, size: int) -> Mask:
    from PIL import Image, ImageDraw, ImageFont

    canvas = Image.new("L", (size * (len(text) + 2), 2 * size))
    ImageDraw.Draw(canvas).text((size // 2, size // 4), text, font=ImageFont.load_default(size), fill=255)
    return np.array(canvas)
