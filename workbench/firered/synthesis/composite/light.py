"""Light of a photograph: how bright, how coloured, how soft and how grainy what is laid on it must be."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firered.synthesis.composite.cutouts import Cutout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Binary = NDArray[np.bool_]

BRIGHTNESS, DARKEST, BRIGHTEST = (
    0.35,
    -38.0,
    10.0,
)  # share of the difference in L* that is taken over, and its limits
CAST, MOST_CAST = 0.35, 7.0  # the same of a* and b*
SOFTEST, MOST_SOFTENED = 3.0, 1.0  # pixels; plain photographs without a clear edge look softer than they are
GRAINIEST = 6.0  # levels
RE_BLUR = 1.0  # pixels
SLOPE_VARIANCE = 1 / 3  # of the difference over two pixels, which is a blur itself
EDGES = 97  # percentile of gradients that are edges


@dataclass(frozen=True)
class Light:
    """Brightness (L*, 0..100), cast (a*, b*), softness (standard deviation in pixels) and grain (levels)."""

    brightness: float
    cast: tuple[float, float]
    softness: float
    grain: float


def light(pixels: "Pixels", near: "Binary | None" = None) -> Light:
    """Light of a photograph (H, W, 3); its brightness and softness are those of the pixels `near` (H, W)."""
    planes = lab(pixels)
    chosen = planes[near] if near is not None and near.any() else planes.reshape(-1, 3)
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    cast = planes.reshape(-1, 3)[:, 1:].mean(axis=0)
    return Light(float(chosen[:, 0].mean()), (float(cast[0]), float(cast[1])), softness(luma), grain(luma))


def lab(pixels: "Pixels") -> "Floats":
    """CIELAB (H, W, 3) float32 of uint8 sRGB pixels; L* 0..100."""
    planes: Floats = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return planes


def rgb(planes: "Floats") -> "Pixels":
    """Colours (H, W, 3) uint8 sRGB of CIELAB planes."""
    mixed = cv2.cvtColor(np.ascontiguousarray(planes, np.float32), cv2.COLOR_LAB2RGB)
    return np.asarray(np.clip(np.rint(mixed * 255), 0, 255), np.uint8)


def softness(luma: "Pixels") -> float:
    """Blur of the clearest edges, as the standard deviation of a Gauss in pixels (Zhuo and Sim 2011), 0..SOFTEST.

    A blur of 1 pixel weakens the middle of an edge of softness s by sqrt(s^2 + 1) / s.
    """
    across, down = slopes(luma.astype(np.float32))
    sharp = cv2.magnitude(across, down)
    again = cv2.magnitude(*slopes(cv2.GaussianBlur(luma.astype(np.float32), (0, 0), RE_BLUR)))
    edges = (sharp >= max(float(np.percentile(sharp, EDGES)), 8.0)) & _ridges(
        sharp, np.abs(across) > np.abs(down)
    )
    if not edges.any():
        return 0.7
    ratio = float(np.median(sharp[edges] / np.maximum(again[edges], 1e-3)))
    square = RE_BLUR**2 / max(ratio**2 - 1, 1e-3) - SLOPE_VARIANCE
    return float(min(np.sqrt(max(square, 0.0)), SOFTEST))


def _ridges(sharp: "Floats", upright: "Binary") -> "Binary":
    """Where a gradient is not weaker than on either side of its edge; edges are upright or lie."""
    beside, above = (
        np.maximum(np.roll(sharp, 1, axis=axis), np.roll(sharp, -1, axis=axis)) for axis in (1, 0)
    )
    return np.asarray(sharp >= np.where(upright, beside, above))


def slopes(luma: "Floats") -> tuple["Floats", "Floats"]:
    """Gradient of (H, W) luma across and down, levels a pixel."""
    return cv2.Sobel(luma, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(luma, cv2.CV_32F, 0, 1) / 8


def grain(luma: "Pixels") -> float:
    """Noise in levels (Immerkaer 1996) of the calmest fifth of the picture, 0..GRAINIEST."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    rough = np.abs(cv2.filter2D(luma.astype(np.float32), cv2.CV_32F, kernel)) * np.sqrt(np.pi / 2) / 6
    calm = cv2.blur(rough, (9, 9))
    return float(min(np.percentile(calm, 20), GRAINIEST))


def adapted(cutout: Cutout, wanted: Light, seed: int) -> Cutout:
    """A cut-out at its final size, with the photograph's brightness, cast, softness and grain, as far as is plausible."""
    coloured = _lit(cutout, wanted)
    blurred = _softened(Cutout(coloured, cutout.alpha), wanted.softness)
    return Cutout(_grained(blurred.colour, wanted.grain, seed), blurred.alpha)


def _lit(cutout: Cutout, wanted: Light) -> "Pixels":
    planes = lab(cutout.colour)
    opaque = cutout.alpha > 0.5
    own = float(planes[..., 0][opaque].mean()) if opaque.any() else wanted.brightness
    change = float(np.clip(BRIGHTNESS * (wanted.brightness - own), DARKEST, BRIGHTEST))
    # Multiplied, not added: black stays black, as under less light.
    planes[..., 0] *= (own + change) / max(own, 1.0)
    for place in (0, 1):
        planes[..., 1 + place] += float(np.clip(CAST * wanted.cast[place], -MOST_CAST, MOST_CAST))
    planes[..., 0] = np.clip(planes[..., 0], 0, 100)
    return rgb(planes)


def _softened(cutout: Cutout, wanted: float) -> Cutout:
    own = softness(cv2.cvtColor(cutout.colour, cv2.COLOR_RGB2GRAY))
    missing = min(float(np.sqrt(max(wanted**2 - own**2, 0))), MOST_SOFTENED)
    if missing < 0.3:
        return cutout
    alpha = cv2.GaussianBlur(cutout.alpha, (0, 0), missing, borderType=cv2.BORDER_CONSTANT)
    weighted = cv2.GaussianBlur(
        cutout.colour.astype(np.float32) * cutout.alpha[..., None],
        (0, 0),
        missing,
        borderType=cv2.BORDER_CONSTANT,
    )
    colour = weighted / np.maximum(alpha, 1 / 255)[..., None]
    return Cutout(np.clip(np.rint(colour), 0, 255).astype(np.uint8), alpha)


def _grained(colour: "Pixels", wanted: float, seed: int) -> "Pixels":
    own = grain(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY))
    missing = float(np.sqrt(max(wanted**2 - own**2, 0)))
    if missing < 0.5:
        return colour
    noise = np.random.default_rng(seed).normal(0, missing, colour.shape[:2]).astype(np.float32)
    return np.asarray(np.clip(np.rint(colour + noise[..., None]), 0, 255), np.uint8)
