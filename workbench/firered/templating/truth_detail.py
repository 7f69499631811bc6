"""Measurements of detail and damage: how much fine structure was gained, lost or put on top."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from firered.templating import damage
from firered.templating.findings import Finding, ratio, uncut_pixels
from firered.templating.planes import Pixels, Plane, luma

_BLOCK = 8  # pixels, the codec's block
_QUALITIES = (3, 4, 6, 8, 10, 12, 14, 16, 20, 30, 50, 90)
_IMMERKAER = np.array([(1, -2, 1), (-2, 4, -2), (1, -2, 1)], dtype=np.float32)


def sharpness(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Gain of what a small blur takes away, in percent."""
    before, after = luma(source), luma(target)
    whole = uncut_pixels(source, target)
    fine = (before - cv2.GaussianBlur(before, (0, 0), 1.5))[whole]
    return Finding(100 * ratio(float(fine @ (after - before)[whole]), float(fine @ fine)))


def blur(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Sigma in pixels of the gaussian that leaves the source as much slope as the target has."""
    before = luma(source)
    return Finding(
        _matching(
            lambda sigma: _slope(cv2.GaussianBlur(before, (0, 0), sigma)),
            _slope(luma(target)),
            before,
            0.4,
            9,
        )
    )


def motion_blur(source: Pixels, target: Pixels, values: dict[str, Any]) -> Finding:
    """Length in pixels of the line average that leaves as much slope along its direction."""
    before, after = (plane.T.copy() if values["upright"] else plane for plane in (luma(source), luma(target)))
    wanted = _slope_along(after)
    lengths = np.arange(1, 42, 4)
    slopes = [_slope_along(cv2.blur(before, (int(length), 1))) for length in lengths]
    found = float(np.interp(-wanted, -np.array(slopes), lengths, left=0.0))
    # A blur in every direction loses more across than one along the line alone.
    alike = _slope_along(cv2.blur(before, (max(1, round(found)), 1)).T)
    return Finding(found, min(1.0, 1.2 * ratio(_slope_along(after.T), alike)))


def noise(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Standard deviation of added noise in levels a channel, after Immerkaer (1996)."""
    before, after = _grain(source), _grain(target)
    return Finding(max(0.0, after**2 - before**2) ** 0.5)


def compression(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """JPEG quality that gives the source as many block borders as the target has."""
    height, width = (min(320, side // 16 * 16) for side in source.shape[:2])
    before = source[:height, :width]
    had, wanted = _blockiness(before), _blockiness(target[:height, :width])
    borders = np.array([_blockiness(damage.jpeg(before, quality=quality)) for quality in _QUALITIES])
    falling = np.minimum.accumulate(borders)
    # A source with as many borders was compressed already.
    return Finding(float(np.interp(-wanted, -falling, _QUALITIES)), 1.5 * (1 - ratio(had, wanted)))


def resolution(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Factor by which detail shrank."""
    return Finding(
        _matching(
            lambda factor: _slope(luma(damage.low_resolution(source, factor=factor))),
            _slope(luma(target)),
            luma(source),
            1.1,
            9,
        )
    )


def scratches(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Number of long thin lines that are in the target only and brighter than what they cover."""
    gained = (luma(target) - luma(source) > 16).astype(np.uint8)
    joined = cv2.morphologyEx(gained, cv2.MORPH_CLOSE, np.ones((41, 5), dtype=np.uint8))
    _, _, parts, _ = cv2.connectedComponentsWithStats(joined)
    long = parts[1:, cv2.CC_STAT_HEIGHT] > 0.35 * source.shape[0]
    thin = parts[1:, cv2.CC_STAT_AREA] < 12 * parts[1:, cv2.CC_STAT_HEIGHT]
    return Finding(float((long & thin).sum()))


def _matching(
    slope_at: Callable[[float], float], wanted: float, before: Plane, low: float, high: float
) -> float:
    """Amount in low..high at which a falling function has the wanted value; 0 where nothing was lost."""
    if wanted >= 0.97 * _slope(before):
        return 0.0
    for _ in range(7):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if slope_at(middle) > wanted else (low, middle)
    return float((low * high) ** 0.5)


def _slope(plane: Plane) -> float:
    return _slope_along(plane) + _slope_along(plane.T)


def _slope_along(plane: Plane) -> float:
    return float(np.square(np.diff(plane, axis=1)).mean())


def _grain(pixels: Pixels) -> float:
    """Noise of the flatter half of a picture, root mean square over the channels."""
    residue = cv2.blur(np.abs(cv2.filter2D(pixels, cv2.CV_32F, _IMMERKAER)).mean(axis=-1), (16, 16))[
        8::16, 8::16
    ]
    tone = cv2.blur(luma(pixels), (16, 16))[8::16, 8::16]
    # Noise is cut off where values are near the ends of the range.
    middle = (tone > 64) & (tone < 192)
    blocks = np.sort(residue[middle] if middle.mean() > 0.1 else residue.ravel())
    return float(blocks[: max(1, blocks.size // 2)].mean() * np.sqrt(np.pi / 2) / 6)


def _blockiness(pixels: Pixels) -> float:
    """Steps at the borders of the codec's blocks beyond those inside them, mean over both directions."""
    plane = luma(pixels)
    return (_border_step(plane) + _border_step(plane.T)) / 2


def _border_step(plane: Plane) -> float:
    steps = np.abs(np.diff(plane, axis=1)).mean(axis=0)
    at_border = steps[_BLOCK - 1 :: _BLOCK]
    inside = steps[3::_BLOCK]
    return float(at_border.mean() - inside.mean())
