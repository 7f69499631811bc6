"""Measurements of viewpoint by registration: which window, turn or mirror image of the source is the target."""

from typing import Any

import cv2
import numpy as np

from firered.templating.findings import Finding, correlation, shrunk
from firered.templating.place import tilted, window
from firered.templating.planes import Pixels, Plane, luma

_SIDE = 160  # longer side in pixels at which pictures are registered
_FACTORS = np.geomspace(1, 3.4, 29)
_ANGLES = range(-45, 46)


def zoom(source: Pixels, target: Pixels, values: dict[str, Any]) -> Finding:
    """Factor of the window of the source that is most like the target; agreement is its place."""
    whole, part = _small(source), _small(target)
    best = (-1.0, 1.0, (0, 0))
    for factor in _FACTORS:
        size = (max(8, round(part.shape[1] / factor)), max(8, round(part.shape[0] / factor)))
        if size[0] > whole.shape[1] or size[1] > whole.shape[0]:
            continue
        scores = cv2.matchTemplate(
            whole, cv2.resize(part, size, interpolation=cv2.INTER_AREA), cv2.TM_CCOEFF_NORMED
        )
        _, likeness, _, place = cv2.minMaxLoc(scores)
        best = max(best, (float(likeness), float(factor), (int(place[0]), int(place[1]))))
    likeness, factor, place = best
    left, top, across, down = window(whole.shape[1], whole.shape[0], values["factor"], values["region"])
    away = max(abs(place[0] - left) / across, abs(place[1] - top) / down)
    return Finding(factor, agreement=1 - 2 * max(0.0, away - 0.04), view=likeness)


def rotation(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Turn in degrees (positive is clockwise) after which the source is most like the target."""
    if source.shape != target.shape:
        return Finding(0.0)
    before, after = _small(source), _small(target)
    scores = np.array([correlation(tilted(before, angle), after) for angle in _ANGLES])
    top = int(scores.argmax())
    return Finding(_ANGLES[top] + _peak_offset(scores, top), view=float(scores[top]))


def quarter_turns(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Turn by a multiple of 90 degrees after which the source is most like the target."""
    after = _square(target)
    scores = {
        degrees: correlation(np.rot90(_square(source), -degrees // 90), after)
        for degrees in (0, 90, 180, -90)
        if np.rot90(source, -degrees // 90).shape == target.shape
    }
    best = max(scores, key=lambda degrees: scores[degrees], default=0)
    return Finding(float(best), view=scores.get(best, 0.0))


def mirror(source: Pixels, target: Pixels, values: dict[str, Any]) -> Finding:
    """How much more like the mirror image than like the source itself the target is, in percent."""
    before, after = _square(source), _square(target)
    plain = correlation(before, after)
    mirrored = correlation(cv2.flip(before, values["axis"]), after)
    gain = (mirrored - plain) / max(1e-3, 1 - plain)
    return Finding(100 * float(np.clip(gain, 0, 1)), view=mirrored)


def _small(pixels: Pixels) -> Plane:
    """Luma with a longer side of 160 pixels."""
    height, width = pixels.shape[:2]
    scale = _SIDE / max(height, width)
    small: Plane = cv2.resize(
        luma(pixels),
        (max(16, round(width * scale)), max(16, round(height * scale))),
        interpolation=cv2.INTER_AREA,
    )
    return small


def _square(pixels: Pixels) -> Plane:
    return shrunk(luma(pixels), 96)


def _peak_offset(scores: Plane, top: int) -> float:
    """Offset of a parabola's peak through three neighbours, -0.5..0.5."""
    if not 0 < top < len(scores) - 1:
        return 0.0
    before, here, after = (float(score) for score in scores[top - 1 : top + 2])
    bend = before - 2 * here + after
    return 0.5 * (before - after) / bend if bend else 0.0
