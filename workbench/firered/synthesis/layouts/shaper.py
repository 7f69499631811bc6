"""Shaped lines of text: where the pen stands for each character, the ink of each, and the letters' coverage.

The shaper is HarfBuzz as it lies in Pillow's wheel (Raqm). Measured against uharfbuzz on ten faces at 24 to 96
pixels, its pens agree within 0.1 pixel, kerning and ligatures included, so that another dependency (uharfbuzz
has no rasterizer, skia-python takes 50 MB and does not shape by itself) would buy nothing. Contextual alternates
are off: they alone make the prefix of a line differ from the line.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features
from PIL.ImageFont import FreeTypeFont

from firered.errors import FireRedError
from firered.synthesis.layouts.typefaces import has_letters
from firered.templating.planes import Pixels

FEATURES = ["-calt", "-clig"]
_EM = 256  # pixels at which the ink of a single character is measured
_SMALL = 40  # pixels, below which hinting moves the edges of a character by its share of a pixel
_FAINT = 24  # coverage that nobody sees

Span = tuple[
    float, float, float, float
]  # left, top, right, bottom from the pen's start on the baseline, pixels


@dataclass(frozen=True)
class Shaped:
    """A line at a size: its advance, and for each character but spaces its ink; all in pixels."""

    text: str
    advance: float
    above: float  # of capitals or Han, by which the line is centred; from the baseline up
    below: float
    inks: tuple[tuple[str, Span], ...]

    @property
    def ink(self) -> Span:
        """Box round all the ink."""
        spans = [span for _, span in self.inks] or [(0.0, 0.0, 0.0, 0.0)]
        lefts, tops, rights, bottoms = zip(*spans, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)


@lru_cache(4096)
def shape(path: Path, size: int, text: str) -> Shaped:
    """Shape a line with the letters of a file, `size` pixels to the em."""
    font = _font(path, size)
    inks = []
    for place, char in enumerate(text):
        if char == " ":
            continue
        # What the character adds to its prefix includes its kerning with the one before.
        pen = _length(font, text[: place + 1]) - _length(font, char)
        left, top, right, bottom = _ink(path, char, size if size < _SMALL else _EM)
        inks.append((char, (pen + left * size, top * size, pen + right * size, bottom * size)))
    above, below = _heights(path)
    return Shaped(text, _length(font, text), above * size, below * size, tuple(inks))


@lru_cache(512)
def coverage(path: Path, size: int, text: str, stroke: float = 0.0) -> tuple[Pixels, int, int]:
    """Letters as coverage (h, w) uint8, and its left and top from the pen's start on the baseline.

    A stroke, in pixels, widens every letter by that much.
    """
    font = _font(path, size)
    left, top, right, bottom = (
        round(side) for side in font.getbbox(text, features=FEATURES, stroke_width=stroke, anchor="ls")
    )
    drawn = Image.new("L", (max(1, right - left + 2), max(1, bottom - top + 2)))
    place = (1 - left, 1 - top)
    ImageDraw.Draw(drawn).text(place, text, 255, font, anchor="ls", features=FEATURES, stroke_width=stroke)
    mask = np.asarray(drawn)
    mask.setflags(write=False)
    return mask, left - 1, top - 1


@lru_cache(256)
def _font(path: Path, size: int) -> FreeTypeFont:
    if not features.check("raqm"):
        raise FireRedError("pillow: has no Raqm to shape letters with (install one of its wheels)")
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.RAQM)


def _length(font: FreeTypeFont, text: str) -> float:
    return float(font.getlength(text, features=FEATURES))


@lru_cache(16384)
def _ink(path: Path, char: str, em: int = _EM) -> Span:
    """Ink of a character alone, in ems from its pen, as it is at `em` pixels."""
    # The font's own box reaches from the pen to the advance, so the pixels are looked at.
    mask, left, top = coverage(path, em, char)
    rows, columns = np.flatnonzero(mask.max(axis=1) > _FAINT), np.flatnonzero(mask.max(axis=0) > _FAINT)
    sides = (left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1)
    first, above, last, below = (float(side) / em for side in sides)
    return first, above, last, below


@lru_cache(64)
def _heights(path: Path) -> tuple[float, float]:
    """Height above and depth below the baseline by which a line is centred, in ems: of capitals, or of Han."""
    if has_letters(path, "国"):
        han = _ink(path, "国")
        return -han[1], han[3]
    return -_ink(path, "H")[1], 0.0
