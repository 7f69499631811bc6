"""Photographs that went wrong: out of focus, shaken, noisy, under- and over-exposed, empty."""

from collections.abc import Callable

import cv2
import numpy as np

from firered.planting.base import Base, Planted, between, clipped, one_of
from firered.templating.planes import Pixels, Plane, luma


def blur(base: Base, rng: np.random.Generator) -> Planted:
    """Gaussian of sigma 3 to 8 pixels in a picture of a megapixel, in proportion in others."""
    sigma = between(rng, 3, 8)
    blurred = cv2.GaussianBlur(base.pixels, (0, 0), sigma * base.scale)
    return blurred, {"sigma": sigma}


def motion_blur(base: Base, rng: np.random.Generator) -> Planted:
    """A straight shake of 20 to 45 pixels in a picture of a megapixel, in any direction."""
    length, angle = between(rng, 20, 45), between(rng, 0, 180)
    pixels = cv2.filter2D(base.pixels, -1, streak(length * base.scale, angle))
    return pixels, {"length": length, "angle": angle}


def streak(length: float, angle: float) -> Plane:
    """Kernel of a straight shake: length in pixels, angle in degrees; sums to 1."""
    half = int(np.ceil(length / 2)) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    end = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))]) * length / 2
    start, stop = (tuple(np.rint((half + sign * end) * 16).astype(int).tolist()) for sign in (-1, 1))
    cv2.line(kernel, start, stop, (1.0,), 1, cv2.LINE_AA, 4)
    line: Plane = kernel / kernel.sum()
    return line


def noise(base: Base, rng: np.random.Generator) -> Planted:
    """Gaussian noise of sigma 15 to 40 grey levels in each channel."""
    sigma = between(rng, 15, 40)
    grain = rng.standard_normal(base.pixels.shape, np.float32) * sigma
    return clipped(base.pixels + grain), {"sigma": sigma}


def dark(base: Base, rng: np.random.Generator) -> Planted:
    """Under-exposed until the mean luma is 3 to 8 % of white, with the grain of a pushed sensor."""
    target = between(rng, 0.03, 0.08)
    pixels = exposed(base.pixels, target)
    grain = rng.standard_normal(pixels.shape, np.float32) * 1.5
    return clipped(pixels + grain), {"mean": target}


def bright(base: Base, rng: np.random.Generator) -> Planted:
    """Over-exposed until the mean luma is 87 to 96 % of white: lights clipped, and veiled where 4 stops are too few."""
    target = between(rng, 0.87, 0.96)
    pixels = exposed(base.pixels, target)
    mean = float(luma(pixels).mean())
    veil = max(0.0, (target * 255 - mean) / (255.5 - mean))
    return clipped(pixels + (255 - pixels) * np.float32(veil)), {"mean": target}


def exposed(pixels: Pixels, target: float) -> Pixels:
    """Scale the light (not the sRGB values) until the mean luma is `target` of white, 0..1, by 4 stops up at most."""
    small = cv2.resize(pixels, (128, 128), interpolation=cv2.INTER_AREA)
    low, high = -12.0, 4.0  # stops
    for _ in range(30):
        middle = (low + high) / 2
        over = luma(_gained(small, middle)).mean() > target * 255
        low, high = (low, middle) if over else (middle, high)
    return _gained(pixels, low)


def _gained(pixels: Pixels, stops: float) -> Pixels:
    # A gain of the light is one of the values to the power of 1 / 2.2.
    return clipped(pixels.astype(np.float32) * 2 ** (stops / 2.2))


def flat(base: Base, rng: np.random.Generator) -> Planted:
    """Next to nothing to see: contrast of 2 to 8 %, one colour with a grain, or a soft ramp of two."""
    kinds: dict[str, Callable[[Base, np.random.Generator], Pixels]]
    kinds = {"low contrast": _faded, "one colour": _plain, "ramp": _ramp}
    kind = one_of(rng, list(kinds))
    return kinds[kind](base, rng), {"kind": kind}


def _faded(base: Base, rng: np.random.Generator) -> Pixels:
    mean = base.pixels.mean(axis=(0, 1))
    return clipped(mean + (base.pixels - mean) * rng.uniform(0.02, 0.08))


def _plain(base: Base, rng: np.random.Generator) -> Pixels:
    grain = rng.standard_normal(base.pixels.shape, np.float32) * rng.uniform(0, 1.5)
    return clipped(rng.uniform(20, 235, 3) + grain)


def _ramp(base: Base, rng: np.random.Generator) -> Pixels:
    first = rng.uniform(40, 215, 3)
    second = first + rng.uniform(-25, 25, 3)
    share = np.linspace(0, 1, base.height, dtype=np.float32)[:, None, None]
    ramp = first * (1 - share) + second * share
    return clipped(np.broadcast_to(ramp, base.pixels.shape))
