"""Layout rendering: one line of text in a box, with exact character boxes, English and Chinese.

Letters come from the fonts that OpenCV carries inside its wheel (5.0 and later), so that the same
version draws the same pixels on every machine. A font file of the user's own may go before them; the
characters that it lacks are still drawn from those of OpenCV.
"""

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from firered.errors import TemplateError
from firered.templating.filters import CharBox, Layout, Plate
from firered.templating.planes import Pixels

# The canvas on which text is measured: wide enough that nothing wraps.
_CANVAS = (20000, 400)
_PROBE = 100  # pixels, size at which a line is measured before it is fitted
_NEEDED = "Chinese letters: {what} (install OpenCV 5, or Debian's fonts-wqy-zenhei and give its path as `font`, or set languages: [en])"


@dataclass(frozen=True)
class Line:
    """A line fitted into its box: pixel position, size, and the pixel span of each character."""

    left: int
    baseline: int
    size: int
    spans: tuple[tuple[float, float], ...]


def draw_text(pixels: Pixels, *, text: str, ink: list[int], layout: dict[str, Any], font: str) -> Pixels:
    """Set a line of text in a layout; ink is RGB, font a file or '' for the fonts of OpenCV."""
    setting = Layout.model_validate(layout)
    height, width = pixels.shape[:2]
    letters, line = _letters(width, height, text, setting, font)
    drawn = pixels.copy()
    if setting.plate is None:
        outline = cv2.dilate(letters, _disc(max(1, round(line.size / 16))))
        _paint(drawn, outline, _outline_of(ink))
    else:
        _fill_plate(drawn, setting.plate)
    _paint(drawn, letters, ink)
    return drawn


def letter_mask(width: int, height: int, text: str, layout: dict[str, Any], font: str) -> Pixels:
    """Coverage of the letters, (H, W) uint8."""
    return _letters(width, height, text, Layout.model_validate(layout), font)[0]


def char_boxes(width: int, height: int, text: str, layout: dict[str, Any], font: str) -> list[CharBox]:
    """Character and its box (left, top, right, bottom, relative) for each character but spaces."""
    mask, line = _letters(width, height, text, Layout.model_validate(layout), font)
    boxes: list[CharBox] = []
    for char, (begin, end) in zip(text, line.spans, strict=True):
        first, last = max(0, math.floor(begin)), min(width, math.ceil(end))
        rows = np.flatnonzero(mask[:, first:last].any(axis=1))
        if char.strip() and rows.size:
            box = (first / width, rows[0] / height, last / width, (rows[-1] + 1) / height)
            left, top, right, bottom = (round(float(side), 4) for side in box)
            boxes.append((char, left, top, right, bottom))
    return boxes


def fit(width: int, height: int, text: str, setting: Layout, font: str) -> Line:
    """Fit a line into the box of a layout on a picture of width x height pixels."""
    left, top, right, bottom = _in_pixels(setting.box, width, height)
    probe = _ends(text, setting.face, font, _PROBE, setting.weight)[-1]
    # Letters take about 1.25 of the size from ascender to descender.
    size = max(6, math.floor(min((bottom - top) / 1.25, (right - left) * _PROBE / probe)))
    ends = _ends(text, setting.face, font, size, setting.weight)
    free = {"left": 0.0, "centre": (right - left - ends[-1]) / 2, "right": right - left - ends[-1]}
    start = max(0, round(left + free[setting.align]))
    spans = tuple((start + begin, start + end) for begin, end in zip([0, *ends], ends, strict=False))
    return Line(start, round((top + bottom) / 2 + 0.36 * size), size, spans)


def is_chinese(text: str) -> bool:
    """Whether a text holds a CJK character."""
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def check_font(font: str, texts: list[str]) -> None:
    """Raise TemplateError unless every character of the texts can be drawn."""
    if not hasattr(cv2, "FontFace"):
        raise TemplateError(f"text layouts: OpenCV {cv2.__version__} cannot load fonts (install OpenCV 5)")
    if font and not Path(font).is_file():
        raise TemplateError(f"font {font!r}: no such file (give the path of a .ttf, .ttc or .otf file)")
    lost = sorted({char for text in texts for char in text if char.strip() and not _covers(char, font)})
    if lost:
        what = f"{len(lost)} cannot be drawn, {''.join(lost[:8])!r} among them"
        raise TemplateError(_NEEDED.format(what=what))


def _covers(char: str, font: str) -> bool:
    if char == "?":
        return True
    # OpenCV draws a question mark in place of a character that a font lacks.
    drawn, fallback = (_glyph(shown, font) for shown in (char, "?"))
    return bool(drawn.any()) and not np.array_equal(drawn, fallback)


@cache
def _glyph(char: str, font: str) -> Pixels:
    glyph = np.zeros((64, 64), dtype=np.uint8)
    cv2.putText(glyph, char, (8, 48), (255,), _face("sans", font), 40)
    return glyph


@cache
def _face(name: str, font: str) -> Any:
    return cv2.FontFace(font or name)


@lru_cache(4096)
def _ends(text: str, face: str, font: str, size: int, weight: int) -> tuple[float, ...]:
    """Where each character ends, in pixels from the start of the line."""
    opened = _face(face, font)

    def long(shown: str) -> int:
        return int(cv2.getTextSize(_CANVAS, shown, (0, 200), opened, size, weight)[2])

    # A space at the end has no width of its own, so every end is marked and the mark taken off again.
    mark = long("|")
    return tuple(float(max(1, long(f"{text[: count + 1]}|") - mark)) for count in range(len(text)))


def _letters(width: int, height: int, text: str, setting: Layout, font: str) -> tuple[Pixels, Line]:
    line = fit(width, height, text, setting, font)
    mask = np.zeros((height, width), dtype=np.uint8)
    face = _face(setting.face, font)
    cv2.putText(mask, text, (line.left, line.baseline), (255,), face, line.size, setting.weight)
    # The Chinese letters come in one weight; a heavier line is thickened.
    bold = round(line.size * (setting.weight - 500) / 8000)
    return (cv2.dilate(mask, _disc(bold)) if bold > 0 and is_chinese(text) else mask), line


def _in_pixels(box: tuple[float, ...], width: int, height: int) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return round(left * width), round(top * height), round(right * width), round(bottom * height)


def _fill_plate(pixels: Pixels, plate: Plate) -> None:
    height, width = pixels.shape[:2]
    left, top, right, bottom = _in_pixels(plate.box, width, height)
    radius = round(plate.radius * (bottom - top))
    cv2.rectangle(pixels, (left + radius, top), (right - radius - 1, bottom - 1), plate.rgb, -1)
    cv2.rectangle(pixels, (left, top + radius), (right - 1, bottom - radius - 1), plate.rgb, -1)
    for x in (left + radius, right - radius - 1):
        for y in (top + radius, bottom - radius - 1):
            cv2.circle(pixels, (x, y), radius, plate.rgb, -1)


def _paint(pixels: Pixels, mask: Pixels, rgb: list[int]) -> None:
    """Paint a colour through a mask, in place, touching only the rectangle that it covers."""
    left, top, across, down = cv2.boundingRect(mask)
    place = (slice(top, top + down), slice(left, left + across))
    share = mask[place][..., None].astype(np.uint16)
    mixed = pixels[place] * (255 - share) + np.array(rgb, dtype=np.uint16) * share
    pixels[place] = (mixed + 127) // 255


def _outline_of(ink: list[int]) -> list[int]:
    bright = 0.299 * ink[0] + 0.587 * ink[1] + 0.114 * ink[2] > 110
    return [15, 15, 15] if bright else [250, 250, 250]


def _disc(radius: int) -> Pixels:
    disc: Pixels = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return disc
