"""Measurements of drawn styles and of letters."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.templating.findings import Finding, correlation, ratio
from firered.templating.planes import Pixels, chroma, luma
from firered.templating.text import letter_mask

# Share of all steps that lies at the borders of square cells in a picture made of them.
_IN_BLOCKS = 0.6


def levels(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Number of equally spaced values that the target's values lie nearest to."""
    misses = {count: _missed(target, count) for count in range(2, 13)}
    best = min(misses, key=lambda count: misses[count])
    if misses[best] > 0.5:
        return Finding(0.0)
    # A picture that had so few values already was not changed.
    return Finding(float(best), 5 * (_missed(source, best) - misses[best]))


def sketch(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Likeness to a drawing on white paper in percent: no colour, and most of it white."""
    # A source that is one already was not redrawn.
    return Finding(100 * _drawn(target), 2 * (1 - _drawn(source)))


def blocks(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Side in pixels of the square cells: the largest whose borders hold nearly all steps."""
    before, after = _steps(source), _steps(target)
    side = max((side for side in range(2, 25) if _share_at(after, side) > _IN_BLOCKS), default=0)
    # A source in the same blocks was redrawn before.
    return Finding(float(side), 3 * (_IN_BLOCKS - _share_at(before, side)) if side else 0.0)


def dots(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Distance of the printed dots in pixels: the strongest new wave along rows and columns."""
    before, after = luma(source), luma(target)
    waves = [_strongest_wave(before, after), _strongest_wave(before.T, after.T)]
    return Finding(
        float(np.mean([period for period, _ in waves])), min(strength for _, strength in waves) / 6
    )


def relief(source: Pixels, target: Pixels, values: dict[str, Any]) -> Finding:
    """Likeness of the target to the source's slope toward the light, in percent; 0 where colour is left."""
    angle = np.radians(values["angle"])
    plane = cv2.GaussianBlur(luma(source), (0, 0), 1)
    slope = np.cos(angle) * cv2.Sobel(plane, cv2.CV_32F, 1, 0) - np.sin(angle) * cv2.Sobel(
        plane, cv2.CV_32F, 0, 1
    )
    grey = max(0.0, 1 - float(np.abs(chroma(target)).mean()) / 8)
    return Finding(100 * max(0.0, -correlation(slope, luma(target) - 128)), grey)


def text(source: Pixels, target: Pixels, values: dict[str, Any]) -> Finding:
    """Share of the characters whose box changed, in percent; the letters must be those of the string."""
    moved = cv2.absdiff(source, target).max(axis=-1) > 24
    height, width = moved.shape
    boxes = [_slice(box, width, height) for box in values["chars"]]
    changed = [bool(moved[box].mean() > 0.04) for box in boxes]
    return Finding(100 * float(np.mean(changed)), _reads(source, target, values))


def ink(source: Pixels, target: Pixels, values: dict[str, Any]) -> Finding:
    """Share of the letters' pixels that came near the ink, in percent."""
    height, width = target.shape[:2]
    letters = letter_mask(width, height, values["text"], values["layout"], values["font"]) > 250
    nearer = [_likeness(pixels, values["ink"])[letters].mean() for pixels in (source, target)]
    return Finding(100 * float(np.clip((nearer[1] - nearer[0]) / max(0.2, 1 - nearer[0]), 0, 1)))


def _reads(source: Pixels, target: Pixels, values: dict[str, Any]) -> float:
    """How much better the ink of the target than that of the source fits the letters of the string, 0..1."""
    height, width = target.shape[:2]
    letters = letter_mask(width, height, values["text"], values["layout"], values["font"])
    box = _slice(("", *(values["layout"]["plate"] or values["layout"])["box"]), width, height)
    fits = [correlation(letters[box], _likeness(pixels, values["ink"])[box]) for pixels in (source, target)]
    return float(np.clip((fits[1] - max(0.0, fits[0])) / 0.3, 0, 1))


def _likeness(pixels: Pixels, rgb: list[int]) -> NDArray[np.float32]:
    """Nearness to a colour, (H, W), 1 is that colour and 0 is 90 levels away."""
    away = np.linalg.norm(pixels.astype(np.float32) - np.array(rgb, dtype=np.float32), axis=-1)
    near: NDArray[np.float32] = np.clip(1 - away / 90, 0, 1)
    return near


def _slice(box: Any, width: int, height: int) -> tuple[slice, slice]:
    _, left, top, right, bottom = box
    return (
        slice(round(top * height), max(round(bottom * height), round(top * height) + 1)),
        slice(round(left * width), max(round(right * width), round(left * width) + 1)),
    )


def _drawn(pixels: Pixels) -> float:
    """How much a picture is a drawing on white paper, 0..1."""
    colour = float(np.abs(chroma(pixels)).mean()) / 12
    white = float((luma(pixels) > 200).mean()) / 0.4
    return max(0.0, 1 - colour) * min(1.0, white)


def _steps(pixels: Pixels) -> list[NDArray[np.float32]]:
    """Mean step from each column to the next, and from each row to the next."""
    plane = luma(pixels)
    return [np.abs(np.diff(part, axis=1)).mean(axis=0) for part in (plane, plane.T)]


def _share_at(steps: list[NDArray[np.float32]], side: int) -> float:
    """Share of all steps that lies at multiples of `side`, the smaller of both directions."""
    return min(ratio(float(part[side - 1 :: side].sum()), float(part.sum())) for part in steps)


def _missed(pixels: Pixels, count: int) -> float:
    """Mean distance of the values to `count` equally spaced ones; 1 is that of evenly spread values."""
    counts = cv2.calcHist([pixels.reshape(-1, 1)], [0], None, [256], [0, 256]).ravel()
    values, step = np.arange(256), 255 / (count - 1)
    away = np.abs(values - np.rint(values / step) * step)
    return float(counts @ away / counts.sum()) / (step / 4)


def _strongest_wave(before: NDArray[np.float32], after: NDArray[np.float32]) -> tuple[float, float]:
    """Period in pixels (3.5..16) of the strongest wave that came into the rows, and its height over the others."""
    power = _power(after)
    gained = np.maximum(0, power - 2 * _power(before))
    periods = after.shape[1] / np.maximum(np.arange(power.size), 1)
    inside = (periods >= 3.5) & (periods <= 16)
    top = int(np.argmax(np.where(inside, gained, 0)))
    return float(periods[top]), ratio(float(gained[top]), float(np.median(power[inside])))


def _power(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    power: NDArray[np.float32] = np.square(np.abs(np.fft.rfft(plane - plane.mean(), axis=1))).mean(axis=0)
    return power
