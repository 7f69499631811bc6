"""Letters that stand on a photograph itself: which ink, outline and halo make them legible there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from firered.synthesis.layouts.items import Drawing, Item, Letters
from firered.templating.filters import Rgb
from firered.templating.planes import LUMA, Pixels, Plane, luma

LIGHT: Rgb = (252, 252, 250)
DARK: Rgb = (20, 20, 24)
_CALM = 20.0  # deviation of luma, in levels, below which a ground is plain
_BUSY = 46.0


@dataclass(frozen=True)
class Treatment:
    """How a node is drawn on the photograph: its ink where it has none, and widths in shares of its size."""

    ink: Rgb
    stroke: float
    glow: float


def relative_luminance(rgb: Sequence[float]) -> float:
    """Relative luminance of an sRGB colour, 0..1."""
    shares = np.asarray(rgb, np.float64) / 255
    linear = np.where(shares <= 0.03928, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """Contrast ratio of two colours, 1..21."""
    dark, light = sorted((relative_luminance(one), relative_luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def treatments(items: Sequence[Item], photo: Pixels) -> dict[str, Treatment]:
    """How each node among these items is drawn, by the photograph under all of its places."""
    grounds: dict[str, list[Plane]] = {}
    for item in items:
        if isinstance(item, Letters | Drawing) and item.on_photo:
            left, top, right, bottom = item.extent
            under = photo[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
            if under.size:
                grounds.setdefault(item.name, []).append(luma(under).ravel())
    return {name: _treatment(np.concatenate(planes)) for name, planes in grounds.items()}


def _treatment(ground: Plane) -> Treatment:
    middle, spread = float(ground.mean()), float(ground.std())
    ink = LIGHT if middle < 150 else DARK
    busy = float(np.clip((spread - _CALM) / (_BUSY - _CALM), 0, 1))
    # Between the tones nothing but an outline helps.
    unsure = 1 - min(1.0, abs(middle - 150) / 70)
    need = max(busy, unsure)
    return Treatment(ink, 0.03 + 0.035 * need, 0.06 + 0.08 * need)


def treated(items: Sequence[Item], found: Mapping[str, Treatment]) -> list[Item]:
    """Items with ink, outline and halo set where they stand on the photograph."""
    return [_treated(item, found) for item in items]


def _treated(item: Item, found: Mapping[str, Treatment]) -> Item:
    if not isinstance(item, Letters | Drawing) or not item.on_photo or item.name not in found:
        return item
    how = found[item.name]
    if isinstance(item, Drawing):
        first = item.first or how.ink
        second = item.second or first
        return replace(
            item, first=first, second=second, edge=_against(first), glow=how.glow * item.side * 0.6
        )
    ink = item.ink or how.ink
    stroke = max(1.0, round(how.stroke * item.size * 2) / 2)
    return replace(item, ink=ink, edge=_against(ink), stroke=stroke, glow=how.glow * item.size)


def _against(ink: Sequence[float]) -> Rgb:
    bright = sum(share * part for share, part in zip(LUMA, ink, strict=True)) > 110
    return DARK if bright else LIGHT
