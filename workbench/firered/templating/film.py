"""Pixel functions of cameras and prints: curves, light, lenses, grain, and chains of damage."""

import math
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.templating import damage, tone
from firered.templating.planes import Pixels

_LEVELS = np.arange(256, dtype=np.float32)


def gamma(pixels: Pixels, *, percent: float) -> Pixels:
    """Raise values (0..1) to 100 / (100 + percent): above 0 the middle tones rise, black and white stay."""
    return _look_up(pixels, 255 * (_LEVELS / 255) ** (100 / (100 + percent)))


def curve(pixels: Pixels, *, points: list[list[float]]) -> Pixels:
    """Map values along a smooth monotone curve through points (value, new value), 0..255."""
    return _look_up(pixels, _through(tuple((before, after) for before, after in points)))


def white_balance(pixels: Pixels, *, gains: list[float]) -> Pixels:
    """Multiply red, green and blue, as a camera set for another light does."""
    matrix = np.diag(gains).astype(np.float32)
    balanced: Pixels = cv2.transform(pixels, matrix)
    return balanced


def low_light(pixels: Pixels, *, amount: float, seed: int) -> Pixels:
    """Take light away (percent of the linear light) and leave the noise of a short exposure."""
    dark = tone.exposure(pixels, stops=math.log2(max(1e-3, 1 - amount / 100)))
    return damage.noise(dark, sigma=2 + amount / 25, seed=seed)


def grain(pixels: Pixels, *, amount: float, seed: int) -> Pixels:
    """Lay grey film grain over the picture, strongest in the middle tones; amount is its spread in levels."""
    height, width = pixels.shape[:2]
    start = seed % (2**22 - height * width)
    fine = damage.noise_pool()[start : start + height * width].reshape(height, width).astype(np.float32)
    soft = cv2.GaussianBlur(fine, (0, 0), 0.7)
    middle = 1 - np.abs(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) - 128) / 190
    laid = soft * middle * np.float32(amount / float(soft.std()))
    return np.asarray(np.clip(np.rint(pixels + laid[:, :, None]), 0, 255), np.uint8)


def lens_blur(pixels: Pixels, *, radius: int) -> Pixels:
    """Spread every point over a disc, as a lens out of focus does; radius in pixels."""
    blurred: Pixels = cv2.filter2D(pixels, -1, _disc(radius), borderType=cv2.BORDER_REPLICATE)
    return blurred


def zoom_blur(pixels: Pixels, *, amount: float) -> Pixels:
    """Average enlargements about the middle, up to `amount` percent."""
    height, width = pixels.shape[:2]
    total = np.zeros(pixels.shape, np.float32)
    steps = np.linspace(1, 1 + amount / 100, 12)
    for step in steps:
        matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 0, float(step))
        total += cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.rint(total / len(steps)).astype(np.uint8)


def salt_pepper(pixels: Pixels, *, amount: float, seed: int) -> Pixels:
    """Set `amount` percent of the pixels to black or white."""
    chance = np.random.Generator(np.random.PCG64(seed)).random(pixels.shape[:2], dtype=np.float32)
    hit = pixels.copy()
    hit[chance < amount / 200] = 0
    hit[chance > 1 - amount / 200] = 255
    return hit


def speckle(pixels: Pixels, *, amount: float, seed: int) -> Pixels:
    """Multiply values by 1 plus noise of `amount` percent, as in radar and ultrasound."""
    start = seed % (2**22 - pixels.size)
    noise = damage.noise_pool()[start : start + pixels.size].reshape(pixels.shape).astype(np.float32)
    return np.clip(np.rint(pixels * (1 + noise * (amount / 100 / 32))), 0, 255).astype(np.uint8)


def fringes(pixels: Pixels, *, shift: float) -> Pixels:
    """Enlarge red and shrink blue about the middle, `shift` pixels at the ends of the longer side."""
    height, width = pixels.shape[:2]
    red, green, blue = cv2.split(pixels)
    factor = 2 * shift / max(height, width)
    moved = [_scaled(red, 1 + factor), green, _scaled(blue, 1 - factor)]
    merged: Pixels = cv2.merge(moved)
    return merged


def moire(pixels: Pixels, *, amount: float, seed: int) -> Pixels:
    """Lay coloured beats over the picture, as a photographed screen shows them; amount is their height in levels."""
    height, width = pixels.shape[:2]
    random = np.random.Generator(np.random.PCG64(seed))
    down, across = np.mgrid[:height, :width].astype(np.float32)
    waves = []
    for _ in range(3):
        angle, period = random.uniform(0, np.pi), random.uniform(9, 16)
        bend = random.uniform(4, 10) * np.sin(2 * np.pi * down / random.uniform(120, 240))
        along = across * np.cos(angle) + down * np.sin(angle) + bend
        waves.append(np.sin(2 * np.pi * along / period))
    beats = np.stack(waves, axis=-1).astype(np.float32)
    return np.clip(np.rint(pixels + amount * beats), 0, 255).astype(np.uint8)


def old_photo(pixels: Pixels, *, amount: float, seed: int) -> Pixels:
    """Age a print: brown and faded, soft, grainy, scratched; amount in percent."""
    share = amount / 100
    aged = tone.fade(tone.sepia(pixels, amount=70 * share), amount=45 * share)
    aged = grain(damage.blur(aged, sigma=0.4 + 0.6 * share), amount=3 + 7 * share, seed=seed)
    return damage.scratches(aged, count=3 + round(4 * share), seed=seed)


def degraded(pixels: Pixels, *, amount: float, seed: int) -> Pixels:
    """Blur, shrink, add noise and compress in an order drawn from the seed; amount in percent."""
    share = amount / 100
    steps = [
        lambda each: damage.blur(each, sigma=0.5 + 1.5 * share),
        lambda each: damage.low_resolution(each, factor=1.3 + 1.2 * share),
        lambda each: damage.noise(each, sigma=4 + 14 * share, seed=seed),
    ]
    for place in np.random.Generator(np.random.PCG64(seed)).permutation(len(steps)):
        pixels = steps[place](pixels)
    # A camera or a server compresses last.
    return damage.jpeg(pixels, quality=round(60 - 40 * share))


@cache
def _through(points: tuple[tuple[float, float], ...]) -> NDArray[np.floating]:
    from scipy.interpolate import PchipInterpolator

    before, after = np.array(points, dtype=np.float64).T
    return np.asarray(PchipInterpolator(before, after)(_LEVELS))


def _scaled(plane: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    height, width = plane.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 0, factor)
    scaled: NDArray[np.uint8] = cv2.warpAffine(
        plane, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return scaled


@cache
def _disc(radius: int) -> NDArray[np.float32]:
    """Disc of an antialiased border whose weights sum to 1."""
    fine = np.arange(-radius - 0.5 + 1 / 16, radius + 0.5, 1 / 8)
    inside = (fine[:, None] ** 2 + fine[None, :] ** 2 <= (radius + 0.25) ** 2).astype(np.float32)
    side = 2 * radius + 1
    kernel = inside.reshape(side, 8, side, 8).mean(axis=(1, 3))
    return np.asarray(kernel / kernel.sum(), np.float32)


def _look_up(pixels: Pixels, table: NDArray[np.floating]) -> Pixels:
    values = np.clip(np.rint(table), 0, 255).astype(np.uint8)
    mapped: Pixels = cv2.LUT(pixels.reshape(len(pixels), -1), values)
    return mapped.reshape(pixels.shape)
