"""Coverage of plates, marks and icons: polygons, discs and smoothed outlines, drawn fine and averaged down."""

import math
from collections.abc import Callable, Sequence
from functools import cache, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.paths import shipped
from firered.templating.filters import Language, Strict, read_yaml
from firered.templating.planes import Pixels

Outline = NDArray[np.float64]  # (n, 2) of x, y
FINE = 4  # drawn so many times larger, then averaged
_ARC = 12  # steps of a quarter circle


class Shape(Strict):
    """One shape of a mark; exactly one of the first five."""

    disc: list[float] = []
    ring: list[float] = []
    poly: list[float] = []
    blob: list[float] = []
    line: list[float] = []
    second: bool = False
    cut: bool = False


class Mark(Strict):
    """A mark or an icon and what it shows."""

    en: str
    zh: str
    logo: bool = False
    shapes: list[Shape]


@cache
def marks() -> dict[str, Mark]:
    """Marks and icons by name; raises TemplateError naming file and key."""
    found: dict[str, Mark] = read_yaml(shipped("templates") / "lexicon" / "marks.yaml", dict[str, Mark])
    return found


@cache
def logos() -> list[str]:
    """Names of the marks that serve as logos."""
    return [name for name, mark in marks().items() if mark.logo]


def said_of(name: str) -> dict[Language, str]:
    """What a mark shows, in words."""
    return {"en": marks()[name].en, "zh": marks()[name].zh}


@lru_cache(256)
def mark_coverage(name: str, side: int) -> tuple[Pixels, Pixels]:
    """Coverage of a mark's first and second colour, each (side, side) uint8."""
    fine = side * FINE
    planes = np.zeros((2, fine, fine), np.uint8)
    for shape in marks()[name].shapes:
        if shape.cut:
            for plane in planes:
                _draw(plane, shape, 0)
            continue
        _draw(planes[int(shape.second)], shape, 255)
    first, second = (_averaged(plane, side, side) for plane in planes)
    return first, second


@lru_cache(512)
def plate_coverage(form: str, width: int, height: int, radius: float) -> Pixels:
    """Coverage of a plate, (height, width) uint8; radius in pixels."""
    corner = 2 * math.ceil(radius) + 2
    if form == "rectangle" and width > corner and height > corner:
        return _stretched(plate_coverage(form, corner, corner, radius), width, height)
    fine = np.zeros((height * FINE, width * FINE), np.uint8)
    outlines = _outlines(form, width, height, radius)
    cv2.fillPoly(fine, [_fixed(outline * FINE) for outline in outlines], (255,), shift=4)
    return _averaged(fine, width, height)


def _stretched(small: Pixels, width: int, height: int) -> Pixels:
    """A larger rectangle with the corners of a small one."""
    half = small.shape[0] // 2
    large = np.full((height, width), 255, np.uint8)
    large[:half, :half], large[:half, -half:] = small[:half, :half], small[:half, half:]
    large[-half:, :half], large[-half:, -half:] = small[half:, :half], small[half:, half:]
    large.setflags(write=False)
    return large


def _averaged(fine: Pixels, width: int, height: int) -> Pixels:
    small: Pixels = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    small.setflags(write=False)
    return small


def _fixed(points: Outline) -> NDArray[np.int32]:
    """Points in sixteenths, as OpenCV draws them; its pixel centres are whole numbers."""
    return np.round((points - 0.5) * 16).astype(np.int32)


def _draw(plane: Pixels, shape: Shape, value: int) -> None:
    side = plane.shape[0]
    if shape.disc or shape.ring:
        x, y, radius, *width = (part * side for part in shape.disc or shape.ring)
        centre = (round((x - 0.5) * 16), round((y - 0.5) * 16))
        thick = round(width[0]) if width else -1
        cv2.circle(plane, centre, round(radius * 16), (value,), thick, shift=4)
        return
    if shape.line:
        points = np.reshape(shape.line[1:], (-1, 2)) * side
        _stroke(plane, points, max(1, round(shape.line[0] * side)), value)
        return
    corners = np.reshape(shape.poly or shape.blob, (-1, 2))
    outline = _smoothed(corners) if shape.blob else corners
    cv2.fillPoly(plane, [_fixed(outline * side)], (value,), shift=4)


def _stroke(plane: Pixels, points: Outline, width: int, value: int) -> None:
    """A line with round ends."""
    cv2.polylines(plane, [_fixed(points)], isClosed=False, color=(value,), thickness=width, shift=4)
    for x, y in points:
        cv2.circle(plane, (round(x * 16 - 8), round(y * 16 - 8)), width * 8, (value,), -1, shift=4)


def _smoothed(corners: Outline, steps: int = 12) -> Outline:
    """A closed Catmull-Rom curve through the corners."""
    before, after, beyond = (np.roll(corners, -shift, axis=0) for shift in (-1, 1, 2))
    parts = []
    for step in range(steps):
        t = step / steps
        parts.append(
            0.5
            * (
                2 * corners
                + (after - before) * t
                + (2 * before - 5 * corners + 4 * after - beyond) * t**2
                + (3 * corners - before - 3 * after + beyond) * t**3
            )
        )
    curve: Outline = np.stack(parts, axis=1).reshape(-1, 2)
    return curve


def _outlines(form: str, width: int, height: int, radius: float) -> list[Outline]:
    forms: dict[str, Callable[[], list[Outline]]] = {
        "circle": lambda: [_ellipse(width / 2, height / 2, width / 2, height / 2, 96)],
        "hexagon": lambda: [_ellipse(width / 2, height / 2, width / 2, height / 2, 6)],
        "burst": lambda: [_burst(width, height, 18, 0.86)],
        "tag": lambda: _tag(width, height),
        "ribbon": lambda: [_ribbon(width, height)],
        "bubble": lambda: [_bubble(width, height, radius)],
        "rectangle": lambda: [_rounded(0, 0, width, height, radius)],
    }
    return forms[form]()


def _ribbon(width: float, height: float) -> Outline:
    """A band with a notch at each end."""
    notch, half = height * 0.3, height / 2
    corners = [(0, 0), (width, 0), (width - notch, half), (width, height), (0, height), (notch, half)]
    return np.array(corners, np.float64)


def _ellipse(x: float, y: float, across: float, down: float, count: int) -> Outline:
    angles = np.arange(count) * (2 * math.pi / count)
    return np.stack([x + across * np.cos(angles), y + down * np.sin(angles)], axis=1)


def _burst(width: float, height: float, points: int, inner: float) -> Outline:
    angles = np.arange(2 * points) * (math.pi / points)
    reach = np.where(np.arange(2 * points) % 2 == 0, 1.0, inner)
    return np.stack(
        [width / 2 * (1 + reach * np.cos(angles)), height / 2 * (1 + reach * np.sin(angles))], axis=1
    )


def _tag(width: float, height: float) -> list[Outline]:
    """A price tag: pointed on the left, with a hole near the point."""
    point = height * 0.42
    corners = [(point, 0), (width, 0), (width, height), (point, height), (0, height / 2)]
    hole = _ellipse(point * 0.95, height / 2, height * 0.09, height * 0.09, 32)
    return [np.array(corners, np.float64), hole]


def _bubble(width: float, height: float, radius: float) -> Outline:
    """A speech bubble: its tail takes the lowest fifth."""
    body = height * 0.82
    box = _rounded(0, 0, width, body, min(radius, body / 2))
    tail = [(width * 0.22, body), (width * 0.20, height), (width * 0.36, body)]
    # The lower right corner of the box comes first, the lower left second: the tail goes between them.
    turns: Sequence[tuple[float, float]] = list(reversed(tail))
    return np.concatenate([box[: _ARC + 1], np.array(turns, np.float64), box[_ARC + 1 :]])


def _rounded(left: float, top: float, right: float, bottom: float, radius: float) -> Outline:
    """A rectangle with round corners, from the lower right one on, clockwise."""
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    quarter = np.arange(_ARC + 1) * (math.pi / 2 / _ARC)
    centres = [
        (right - radius, bottom - radius, 0.0),
        (left + radius, bottom - radius, math.pi / 2),
        (left + radius, top + radius, math.pi),
        (right - radius, top + radius, 1.5 * math.pi),
    ]
    arcs = [
        np.stack([x + radius * np.cos(quarter + turn), y + radius * np.sin(quarter + turn)], axis=1)
        for x, y, turn in centres
    ]
    return np.concatenate(arcs)
