"""Straight seams between the panels of a collage, Sec. 2.2.3.

A seam is exactly parallel to the edges, as sharp as pixels allow, and goes through the whole picture, or
through a whole panel of it. The edges of things in a photograph are neither as sharp nor as straight.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from firered.descriptors.border import bars
from firered.descriptors.steps import STRIP, lone_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

SMALLEST = 0.12  # share of the picture's side that a panel has at least
CLEAR = 0.4  # share of a seam's strips that show it, less where the sides are related
WITHIN = 0.55  # the same for seams within panels: there are many to find one in by chance
GUTTER = 0.4  # the same for each edge of a plain stripe, related or not
WIDEST = 0.1  # share of the side that a gutter has at most
STEP = 4.0  # grey levels that a strip's step must stand out by
BESIDE = 3  # pixels on both sides of a seam that say what is there
STEADY = (
    1.0  # mean over deviation of the difference between the sides, above which it is the edge of one thing
)
ALIKE = 0.6  # correlation of the sides above which they are one picture
PLAIN = 12  # grey levels that a stripe's pixels may differ
EVEN = 0.97  # share of them that do not


@dataclass(frozen=True)
class Seam:
    """A seam between two panels: the pixels [start, stop) of the gutter, along an axis, and how clear it is."""

    start: int
    stop: int
    clear: float  # 0..1


@dataclass(frozen=True)
class Layout:
    """What the seams make of a picture."""

    panels: int
    seam: float  # clearness of the first seam, which goes through the whole picture, 0..1
    gutter: float  # widest plain stripe, relative to the shorter side


def layout(pixels: "Pixels", luma: "Pixels") -> Layout:
    """Panels of (H, W, 3) pixels and their (H, W) luma."""
    left, top, right, bottom = bars(pixels)
    height, width = luma.shape
    inside = (
        slice(round(top * height), height - round(bottom * height)),
        slice(round(left * width), width - round(right * width)),
    )
    panels, seams = split(np.ascontiguousarray(luma[inside]), min(height, width) * SMALLEST, CLEAR)
    gutter = max((seam.stop - seam.start for seam in seams), default=0) / min(height, width)
    return Layout(panels, seams[0].clear if seams else 0.0, gutter)


def split(luma: "Pixels", least: float, clear: float) -> tuple[int, list[Seam]]:
    """Number of panels of `least` pixels or more and the seams between them, the first at least so clear."""
    views = (luma, cv2.transpose(luma))
    found = [(seam, view) for view in views if (seam := clearest(view, least, clear))]
    if not found:
        return 1, []
    seam, view = max(found, key=lambda each: _standing(each[0]))
    first, ones = split(np.ascontiguousarray(view[:, : seam.start]), least, WITHIN)
    second, others = split(np.ascontiguousarray(view[:, seam.stop :]), least, WITHIN)
    return first + second, [seam, *ones, *others]


def clearest(luma: "Pixels", least: float, enough: float) -> Seam | None:
    """The clearest vertical seam that leaves `least` pixels on both sides, if one is clear `enough`."""
    height, width = luma.shape
    if width < max(2 * least, 2 * STRIP) or height < max(least, 4 * STRIP):
        return None
    clear = lone_steps(luma, STEP).mean(axis=0)
    edge = int(least)
    clear[:edge] = 0
    clear[width - edge :] = 0
    found = [*_touching(luma, clear, enough), *_gutters(luma, clear)]
    return max(found, key=_standing, default=None)


def _standing(seam: Seam) -> tuple[bool, float]:
    return seam.stop > seam.start, seam.clear


def unrelated(luma: "Pixels", column: int) -> float:
    """How little the sides of a seam right of a column have in common, 0..1: 1 for two pictures.

    A wall, a horizon or a pole differs from its ground by much the same all along, or goes on behind it.
    """
    left = luma[:, column + 1 - BESIDE : column + 1].mean(axis=1)
    right = luma[:, column + 2 : column + 2 + BESIDE].mean(axis=1)
    difference = right - left
    steady = abs(float(difference.mean())) / (float(difference.std()) + 1)
    centered = (left - left.mean(), right - right.mean())
    alike = float((centered[0] * centered[1]).mean()) / (float(left.std() * right.std()) + 1)
    return (1 - max(0.0, alike - ALIKE)) / (1 + max(0.0, steady - STEADY) / 2)


def _touching(luma: "Pixels", clear: Any, enough: float) -> list[Seam]:
    candidates = _peaks(clear, enough)[:3]
    seams = [Seam(one + 1, one + 1, float(clear[one]) * unrelated(luma, one)) for one in candidates]
    return [seam for seam in seams if seam.clear >= enough]


def _gutters(luma: "Pixels", clear: Any) -> list[Seam]:
    edges = _peaks(clear, GUTTER)
    widest = WIDEST * luma.shape[1]
    return [
        Seam(one + 1, other + 1, float(min(clear[one], clear[other])))
        for one in edges
        for other in edges
        if 3 <= other - one <= widest and _plain(luma[:, one + 2 : other])
    ]


def _peaks(clear: Any, least: float) -> list[int]:
    """Columns whose step stands out in `least` of the strips, the clearest of any five, the clearest first."""
    highest = cv2.dilate(clear[None], np.ones((1, 5), np.uint8))[0]
    found = np.flatnonzero((clear >= least) & (clear == highest))
    return [int(column) for column in found[np.argsort(-clear[found])][:24]]


def _plain(stripe: "Pixels") -> bool:
    """Whether (H, W) luma has one value from top to bottom."""
    away = np.abs(stripe.astype(np.int16) - np.int16(np.median(stripe)))
    return bool(stripe.size) and float((away <= PLAIN).mean()) >= EVEN
