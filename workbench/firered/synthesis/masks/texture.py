"""Materials: a texture of noise, lit by the thing's own light and shadow, bent a little along its relief."""

from collections.abc import Callable, Sequence
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.synthesis.masks.color import from_oklab, of_rgb, to_oklab
from firered.synthesis.masks.shape import Mask, bounds
from firered.templating.filters import Strict
from firered.templating.planes import Pixels, Plane

Pattern = Literal["metal", "wood", "marble", "stone", "clay"]
Rgb = tuple[int, int, int]

DETAIL = 1.4  # how much of the small relief is kept


class Material(Strict):
    """A named material: its pattern, and its colours from dark to light."""

    en: str
    zh: str
    pattern: Pattern
    tones: list[Rgb]
    gloss: float = 1.0  # contrast of the light on it, 1 is as it was


def made_of(pixels: Pixels, mask: Mask, material: Material, *, seed: int) -> Pixels:
    """The picture with what is in the mask made of another material."""
    random = np.random.default_rng(seed)
    light = _relief(pixels, mask, material.gloss)
    tone = PATTERNS[material.pattern](light, _scale(mask), random)
    return from_oklab(_toned(tone, material.tones))


def _scale(mask: Mask) -> float:
    """Size of the thing in pixels, by which its grain is sized."""
    return float(np.sqrt(np.prod(bounds(mask).size)))


def _relief(pixels: Pixels, mask: Mask, gloss: float) -> Plane:
    """Light on the thing, 0..1: its large forms evened out over the whole range, its small ones on top."""
    lightness = to_oklab(pixels)[..., 0]
    smooth = _masked_blur(lightness, mask, 0.01 * _scale(mask))
    low, high = np.percentile(smooth[mask], (1, 99))
    plain = np.clip((smooth - low) / max(high - low, 0.12), 0, 1)
    forms = 0.5 * _ranked(smooth, mask) + 0.5 * plain
    return np.asarray(
        np.clip(0.5 + gloss * 0.8 * (forms - 0.5) + DETAIL * (lightness - smooth), 0, 1), np.float32
    )


def _ranked(plane: Plane, mask: Mask) -> Plane:
    """Share of the mask that is darker than each pixel, 0..1."""
    ordered = np.sort(plane[mask])[:: max(1, int(mask.sum()) // 512)]
    return np.asarray(np.interp(plane, ordered, np.linspace(0, 1, len(ordered))), np.float32)


def _masked_blur(plane: Plane, mask: Mask, deviation: float) -> Plane:
    """Blur that takes nothing from outside of the mask."""
    weight = mask.astype(np.float32)
    deviation = max(deviation, 0.6)
    sums = cv2.GaussianBlur(plane * weight, (0, 0), deviation)
    known = cv2.GaussianBlur(weight, (0, 0), deviation)
    return np.asarray(np.where(known > 1e-3, sums / np.maximum(known, 1e-3), plane), np.float32)


def _toned(tone: Plane, tones: Sequence[Rgb]) -> NDArray[np.float32]:
    """Colours (H, W, 3) in OKLab along a scale from dark to light."""
    stops = np.stack([of_rgb(rgb) for rgb in tones])
    places = np.linspace(0, 1, len(stops))
    planes = [np.interp(tone, places, stops[:, axis]) for axis in range(3)]
    return np.stack(planes, axis=-1).astype(np.float32)


# --- patterns: (light 0..1, size of the thing, random numbers) -> tone 0..1 -----------------------


def _metal(light: Plane, scale: float, random: np.random.Generator) -> Plane:
    """Polished: the tones of a bright surrounding, mirrored in bands that follow the relief."""
    del random
    smooth = cv2.GaussianBlur(light, (0, 0), max(0.8, 0.006 * scale))
    forms = cv2.GaussianBlur(light, (0, 0), max(1.0, 0.016 * scale))
    # Light comes from above: what turns upward mirrors the sky, what turns down the ground.
    upward = np.tanh(cv2.Sobel(forms, cv2.CV_32F, 0, 1, scale=scale / 40))
    bands = 0.5 - 0.5 * np.cos(2.6 * np.pi * smooth)
    tone = 0.62 * smooth + 0.22 * bands + 0.08 + 0.16 * upward + 0.5 * (light - smooth)
    return np.asarray(np.clip(0.5 + 1.25 * (tone - 0.5), 0, 1), np.float32)


def _wood(light: Plane, scale: float, random: np.random.Generator) -> Plane:
    """Growth rings along one direction, wavy, with fine fibres."""
    height, width = light.shape
    bend = _noise(light.shape, 0.5 * scale, random) + 0.25 * (light - 0.5)
    across = np.arange(width, dtype=np.float32)[None] + 0.15 * np.arange(height, dtype=np.float32)[:, None]
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (across / (0.085 * scale) + 2.2 * bend))
    fibres = cv2.blur(
        random.standard_normal(light.shape).astype(np.float32), (1, max(3, round(0.08 * scale)))
    )
    grain = 0.22 * (rings**2 - 0.4) + 0.12 * fibres
    return np.asarray(np.clip(0.15 + 0.8 * light + grain - 0.05, 0, 1), np.float32)


def _marble(light: Plane, scale: float, random: np.random.Generator) -> Plane:
    """White stone with thin dark veins."""
    turbulence = sum(
        _noise(light.shape, scale * size, random) * share
        for size, share in ((0.4, 1.0), (0.16, 0.5), (0.07, 0.25))
    )
    veins = np.exp(-np.abs(np.asarray(turbulence)) / 0.05)
    clouds = 0.12 * _noise(light.shape, 0.3 * scale, random)
    return np.asarray(np.clip(0.3 + 0.68 * light + clouds - 0.3 * veins, 0, 1), np.float32)


def _stone(light: Plane, scale: float, random: np.random.Generator) -> Plane:
    """Speckled and rough."""
    speckle = _noise(light.shape, 0.012 * scale, random) + 0.6 * _noise(light.shape, 0.03 * scale, random)
    return np.clip(light + 0.16 * speckle + 0.08 * _noise(light.shape, 0.25 * scale, random), 0, 1).astype(
        np.float32
    )


def _clay(light: Plane, scale: float, random: np.random.Generator) -> Plane:
    """Plain and dull, with a breath of unevenness."""
    return np.asarray(np.clip(light + 0.05 * _noise(light.shape, 0.05 * scale, random), 0, 1), np.float32)


PATTERNS: dict[Pattern, Callable[[Plane, float, np.random.Generator], Plane]] = {
    "metal": _metal,
    "wood": _wood,
    "marble": _marble,
    "stone": _stone,
    "clay": _clay,
}


def _noise(shape: tuple[int, ...], size: float, random: np.random.Generator) -> Plane:
    """Smooth noise (H, W) of deviation about 1/2, its features `size` pixels wide."""
    height, width = shape[:2]
    size = max(size, 1.0)
    grid = random.standard_normal((int(height / size) + 4, int(width / size) + 4)).astype(np.float32)
    large = cv2.resize(
        grid,
        (max(width, round(grid.shape[1] * size)), max(height, round(grid.shape[0] * size))),
        interpolation=cv2.INTER_CUBIC,
    )
    return np.asarray(0.6 * large[:height, :width], np.float32)
