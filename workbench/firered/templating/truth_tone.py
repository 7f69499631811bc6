"""Measurements of tone and colour: ratios and angles between the values of source and target."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.templating.findings import Finding, ratio, shrunk, uncut_pixels
from firered.templating.planes import Pixels, chroma, hue_of, luma, turn_of_hue
from firered.templating.tone import hue_weight

_PATCH = 0.08  # side of a corner patch, relative
_AT_PATCH = (1 - _PATCH) ** 2 + _PATCH**2 / 3  # mean squared distance there, 1 at the very corner


def brightness(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Change of the mean value in percent, over values that were not cut off."""
    before, after = _uncut(source, target)
    return Finding(100 * (ratio(float(after.sum()), float(before.sum())) - 1))


def exposure(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Change of the mean light in stops."""
    before, after = (_linear(values) for values in _uncut(source, target))
    change = ratio(float(after.sum()), float(before.sum()))
    return Finding(float(np.log2(change)) if change > 0 else 0.0)


def contrast(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Change of the spread of the values in percent."""
    before, after = _uncut(source, target)
    return Finding(100 * (ratio(float(after.std()), float(before.std())) - 1) if before.size else 0.0)


def saturation(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Change of the chroma in percent."""
    kept = uncut_pixels(source, target)
    before, after = np.abs(chroma(source))[kept], np.abs(chroma(target))[kept]
    return Finding(100 * (ratio(float(before @ after), float(before @ before)) - 1))


def warmth(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Change of the red-to-blue ratio, in percent of a doubling."""
    kept = uncut_pixels(source, target)
    before, after = source[kept].sum(axis=0, dtype=np.float64), target[kept].sum(axis=0, dtype=np.float64)
    change = ratio(ratio(after[0], after[2]), ratio(before[0], before[2]))
    return Finding(100 * float(np.log2(change)) if change > 0 else 0.0)


def vignette(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Loss of light at the corners against the middle, in percent at the very corner."""
    middle, corners = np.zeros(2), np.zeros(2)
    for place, pixels in enumerate((source, target)):
        plane = shrunk(luma(pixels), 100)
        side = round(100 * _PATCH)
        ends = np.r_[:side, -side:0]
        corners[place] = plane[np.ix_(ends, ends)].sum()
        middle[place] = plane[46:54, 46:54].sum()
    fall = ratio(ratio(corners[1], corners[0]), ratio(middle[1], middle[0]))
    return Finding(float(100 * (1 - fall) / _AT_PATCH))


def colourlessness(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Lost share of the chroma in percent."""
    return Finding(
        100 * (1 - ratio(float(np.abs(chroma(target)).sum()), float(np.abs(chroma(source)).sum())))
    )


def hue(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Common turn of all hues in degrees, -180..180."""
    return Finding(_turn(source, target, uncut_pixels(source, target)))


def mix(source: Pixels, target: Pixels, values: dict[str, Any]) -> Finding:
    """Share of the way that values went toward a colour, in percent."""
    way = np.array(values["color"], dtype=np.float32) - source
    went = target.astype(np.float32) - source
    return Finding(100 * ratio(float((way * went).sum()), float((way * way).sum())))


def recolor(source: Pixels, target: Pixels, values: dict[str, Any]) -> Finding:
    """Turn of the named hue, in percent of the way to the new one."""
    inside = hue_weight(source, values["color"]) > 200
    return Finding(100 * _turn(source, target, inside) / turn_of_hue(values["color"], values["new_color"]))


def channel_order(source: Pixels, target: Pixels, values: dict[str, Any]) -> Finding:
    """How much nearer the target is to the reordered than to the plain source, in percent."""
    plain = float(cv2.norm(source, target, cv2.NORM_L1))
    ordered = float(cv2.norm(np.ascontiguousarray(source[..., values["order"]]), target, cv2.NORM_L1))
    return Finding(100 * max(0.0, 1 - ordered / plain) if plain else 0.0)


def negative(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Slope of target over source in percent, its sign reversed."""
    before, after = (pixels.astype(np.float32).ravel() for pixels in (source, target))
    before, after = before - before.mean(), after - after.mean()
    return Finding(-100 * ratio(float(before @ after), float(before @ before)))


def range_loss(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Lost share of the range between the 2nd and 98th percentile of luma, in percent."""
    spans = [np.subtract(*np.percentile(luma(pixels)[::2, ::2], (98, 2))) for pixels in (source, target)]
    return Finding(100 * (1 - ratio(float(spans[1]), float(spans[0]))))


def sepia(source: Pixels, target: Pixels, _: dict[str, Any]) -> Finding:
    """Lost share of all colour across the axis of brown, in percent; 0 where no brown came."""
    axis = np.exp(-1j * np.radians(hue_of([112, 100, 78])))
    before, after = chroma(source) * axis, chroma(target) * axis
    if float(after.real.mean()) < 3:
        return Finding(0.0)
    across = ratio(float((before.imag * after.imag).sum()), float((before.imag**2).sum()))
    return Finding(100 * (1 - across))


def _turn(source: Pixels, target: Pixels, inside: NDArray[np.bool_]) -> float:
    turned = np.conj(chroma(source)[inside]) * chroma(target)[inside]
    return float(np.degrees(np.angle(turned.sum()))) if turned.size else 0.0


def _uncut(source: Pixels, target: Pixels) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    # Every other pixel is enough for a mean over a whole picture.
    before, after = source[::2, ::2], target[::2, ::2]
    whole = uncut_pixels(before, after)
    return before[whole].astype(np.float32), after[whole].astype(np.float32)


def _linear(values: NDArray[np.float32]) -> NDArray[np.float32]:
    shares = values / 255
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
