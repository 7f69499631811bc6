"""Damage as cameras and weather do it, in light rather than in levels: what restoring experts are given to undo.

Lengths are in pixels of a picture whose longer side is 512, and grow with it.
"""

import inspect
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.templating import pixels as filters
from firered.templating.planes import Pixels

Light = NDArray[np.floating[Any]]

GAMMA = 2.2
SIDE = 512  # pixels of the longer side that lengths are meant for


def shake(pixels: Pixels, *, length: float, bend: float, seed: int) -> Pixels:
    """Average over the path of a hand that moves while the shutter is open; bend 0 (straight) .. 1."""
    reach = max(3.0, length * _scale(pixels))
    kernel = _path(reach, bend, np.random.default_rng(seed))
    return _shown(cv2.filter2D(_light(pixels), -1, kernel, borderType=cv2.BORDER_REFLECT))


def sensor_noise(pixels: Pixels, *, strength: float, seed: int) -> Pixels:
    """Add the noise of few photons and of reading them out, in blotches as after a camera's own processing.

    Strength is about the deviation in levels at middle grey.
    """
    return _shown(_noisy(_light(pixels), strength, np.random.default_rng(seed)))


def low_light(pixels: Pixels, *, stops: float, strength: float, seed: int) -> Pixels:
    """Take away light by so many stops, and leave the noise that it no longer hides."""
    dark = _light(pixels) * np.float32(2.0**-stops)
    return _shown(_noisy(dark, strength, np.random.default_rng(seed)))


def rain(pixels: Pixels, *, amount: float, length: float, slant: float, seed: int) -> Pixels:
    """Draw streaks of rain, near and far; amount 0..1, slant in degrees from the vertical."""
    random = np.random.default_rng(seed)
    light = pixels.astype(np.float32) / 255
    scale = _scale(pixels)
    # Far rain is short, fine and dense; near rain is long, wide and sparse.
    for near in (0.5, 1.0, 1.6):
        streaks = _streaks(pixels.shape[:2], amount / near**2, length * near * scale, slant, random)
        light = light + (np.float32(0.92) - light) * np.clip(streaks * np.float32(0.6), 0, 0.75)[..., None]
    veil = np.float32(0.1 * amount)
    return _rounded((light * (1 - veil) + np.float32(0.72) * veil) * 255)


def fog(pixels: Pixels, *, density: float, seed: int) -> Pixels:
    """Put haze before what is far: more toward the top, uneven, denser where the picture is smooth and bright."""
    random = np.random.default_rng(seed)
    far = _distance(pixels, random)
    through = np.exp(-np.float32(density) * far)[..., None]
    tone = np.float32(random.uniform(0.78, 0.92)) + random.uniform(-0.02, 0.02, 3).astype(np.float32)
    return _rounded((pixels.astype(np.float32) / 255 * through + tone * (1 - through)) * 255)


def shrink(pixels: Pixels, *, factor: int) -> Pixels:
    """Shrink by a whole factor; rows and columns beyond a multiple of it are cut."""
    height, width = (side // factor * factor for side in pixels.shape[:2])
    size = (max(1, width // factor), max(1, height // factor))
    smaller: Pixels = cv2.resize(pixels[:height, :width], size, interpolation=cv2.INTER_AREA)
    return smaller


FUNCTIONS: Mapping[str, Callable[..., Pixels]] = {
    **filters.FUNCTIONS,
    **{function.__name__: function for function in (shake, sensor_noise, low_light, rain, fog, shrink)},
}


def drawn(function: str, values: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """Arguments of a damage: those given as [low, high] drawn between, and a seed where it takes one."""
    found = {name: _drawn(value, random) for name, value in values.items()}
    if "seed" in wanted(function):
        found["seed"] = random.getrandbits(31)
    return found


def wanted(function: str) -> set[str]:
    """Names of the arguments of a damage, its pixels aside."""
    return set(inspect.signature(FUNCTIONS[function]).parameters) - {"pixels"}


def apply(function: str, pixels: Pixels, arguments: Mapping[str, Any]) -> Pixels:
    """Damage (H, W, 3) uint8 pixels; equal arguments give equal bytes."""
    return FUNCTIONS[function](pixels, **arguments)


def _drawn(value: Any, random: Random) -> Any:
    if not isinstance(value, list | tuple):
        return value
    low, high = value
    if isinstance(low, int) and isinstance(high, int):
        return random.randint(low, high)
    return round(random.uniform(low, high), 4)


def _scale(pixels: Pixels) -> float:
    return float(max(pixels.shape[:2])) / SIDE


def _light(pixels: Pixels) -> Light:
    table = (np.arange(256, dtype=np.float32) / 255) ** np.float32(GAMMA)
    light: Light = table[pixels]
    return light


def _shown(light: Light) -> Pixels:
    return _rounded(np.clip(light, 0, 1) ** np.float32(1 / GAMMA) * 255)


def _rounded(values: Light) -> Pixels:
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)


def _path(reach: float, bend: float, random: np.random.Generator) -> Light:
    """Kernel of a bent line of a length, drawn finely, of weight 1."""
    steps = 64
    turns = np.cumsum(random.normal(0, bend * 0.35, steps)) + random.uniform(0, np.pi)
    across, down = (np.cumsum(part) * reach / steps for part in (np.cos(turns), np.sin(turns)))
    side = 2 * int(np.ceil(reach * 0.6)) + 3
    # About its middle, or the blurred picture would also have moved.
    places = [np.rint(part - part.mean() + side // 2).astype(int) for part in (down, across)]
    kernel = np.zeros((side, side), np.float32)
    np.add.at(kernel, (places[0].clip(0, side - 1), places[1].clip(0, side - 1)), 1)
    soft: Light = cv2.GaussianBlur(kernel, (3, 3), 0.5)
    soft /= soft.sum()
    return soft


def _noisy(light: Light, strength: float, random: np.random.Generator) -> Light:
    """Noise whose variance grows with the light, a tenth of it in blotches of two pixels."""
    # A level of sRGB at middle grey is so much light.
    size = strength / 255 * GAMMA * 0.5 ** (GAMMA - 1)
    deviation = size * np.sqrt(0.15 + 0.85 * light / 0.5**GAMMA)
    fine = random.standard_normal(light.shape, dtype=np.float32)
    coarse = cv2.GaussianBlur(random.standard_normal(light.shape, dtype=np.float32), (0, 0), 1.2) * 3.4
    noisy: Light = light + deviation * (fine * np.float32(0.95) + coarse * np.float32(0.3))
    return noisy


def _streaks(
    shape: tuple[int, int], amount: float, length: float, slant: float, random: np.random.Generator
) -> Light:
    """Streaks (H, W), 0..1: single drops smeared along their fall."""
    drops = np.zeros(shape, np.float32)
    count = int(amount * shape[0] * shape[1] / 420)
    drops[random.integers(0, shape[0], count), random.integers(0, shape[1], count)] = random.uniform(
        0.3, 1, count
    )
    side = max(5, 2 * int(length / 2) + 1)
    kernel = np.zeros((side, side), np.float32)
    # A drop is brightest in the middle of its way.
    kernel[:, side // 2] = np.hanning(side + 2)[1:-1] ** 0.5
    turn = cv2.getRotationMatrix2D((side // 2, side // 2), slant + random.normal(0, 1.5), 1)
    line = cv2.warpAffine(kernel, turn, (side, side))
    streaks: Light = cv2.filter2D(drops, -1, line, borderType=cv2.BORDER_REFLECT)
    wide = 0.35 + length / 60
    soft: Light = cv2.GaussianBlur(streaks, (0, 0), wide) * (1 + wide)
    return np.clip(soft, 0, 1)


def _distance(pixels: Pixels, random: np.random.Generator) -> Light:
    """A guess (H, W) of how far things are, 0..1.6: the ground is near, smooth bright areas above are far."""
    height, width = pixels.shape[:2]
    down = np.linspace(1, 0, height, dtype=np.float32)[:, None]
    darkest = cv2.erode(pixels.min(axis=2), np.ones((7, 7), np.uint8)).astype(np.float32) / 255
    patches = cv2.resize(
        random.uniform(0, 1, (4, 5)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    guess = 0.35 + 0.6 * down + 0.35 * darkest * down + 0.3 * (patches - 0.5)
    smooth: Light = cv2.GaussianBlur(guess.astype(np.float32), (0, 0), max(height, width) / 40)
    return np.clip(smooth, 0.1, 1.6)
