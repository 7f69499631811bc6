"""Colour inside a mask, in OKLab: its axes are even to the eye and its hues do not drift with lightness."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.synthesis.masks.shape import Alpha, Mask
from firered.templating.planes import Pixels

Lab = NDArray[np.float32]  # (H, W, 3): lightness 0..1, green-red and blue-yellow about -0.4..0.4

_TO_CONES = np.array(
    [
        (0.4122214708, 0.5363325363, 0.0514459929),
        (0.2119034982, 0.6806995451, 0.1073969566),
        (0.0883024619, 0.2817188376, 0.6299787005),
    ]
)
_TO_LAB = np.array(
    [
        (0.2104542553, 0.7936177850, -0.0040720468),
        (1.9779984951, -2.4285922050, 0.4505937099),
        (0.0259040371, 0.7827717662, -0.8086757660),
    ]
)
_LEVELS = np.arange(256) / 255
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)


def linear(pixels: Pixels) -> Lab:
    """Light of each value of sRGB, (H, W, 3) 0..1."""
    return _LINEAR[pixels]


def from_linear(light: Lab) -> Pixels:
    """The sRGB of light 0..1."""
    clipped = np.clip(light, 0, 1)
    curved = np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(curved * 255), np.uint8)


def to_oklab(pixels: Pixels) -> Lab:
    """OKLab of sRGB pixels, (H, W, 3) float32."""
    cones = np.cbrt(linear(pixels) @ _TO_CONES.T.astype(np.float32))
    return np.asarray(cones @ _TO_LAB.T.astype(np.float32), np.float32)


def from_oklab(lab: Lab) -> Pixels:
    """The sRGB of OKLab; colours outside of it lose chroma, not lightness or hue."""
    light = _light(lab)
    for _ in range(8):
        outside = np.asarray((light.min(axis=-1) < -1e-4) | (light.max(axis=-1) > 1 + 1e-4))
        if not outside.any():
            break
        lab = np.where(outside[..., None], lab * np.array([1, 0.85, 0.85], np.float32), lab)
        light = _light(lab)
    return from_linear(light)


def _light(lab: Lab) -> Lab:
    cones = lab @ np.linalg.inv(_TO_LAB).T.astype(np.float32)
    return np.asarray((cones**3) @ np.linalg.inv(_TO_CONES).T.astype(np.float32), np.float32)


def of_rgb(color: Sequence[int]) -> NDArray[np.float32]:
    """OKLab (3,) of one colour."""
    return np.asarray(to_oklab(np.array([[color]], np.uint8))[0, 0], np.float32)


def recolored(pixels: Pixels, mask: Mask, color: Sequence[int], *, lightness: float = 0.6) -> Pixels:
    """Give what is in the mask a colour (RGB) with its own shading; `lightness` is the share of the way there.

    What was pale before, such as a gleam, stays paler than the rest.
    """
    lab, goal = to_oklab(pixels), of_rgb(color)
    inside = lab[mask]
    middle = float(np.median(inside[:, 0]))
    shaded = _toned(lab[..., 0], middle, middle + lightness * (float(goal[0]) - middle))
    out = np.stack([shaded, *_tinted(shaded, goal)], axis=-1).astype(np.float32)
    return from_oklab(out)


def _toned(plane: NDArray[np.float32], middle: float, wanted: float) -> NDArray[np.float32]:
    """Lightness whose middle is moved, with black and white kept: a curve through three points."""
    middle = min(max(middle, 0.05), 0.95)
    wanted = min(max(wanted, 0.12), 0.92)
    low = plane * (wanted / middle)
    high = 1 - (1 - plane) * ((1 - wanted) / (1 - middle))
    share = np.clip((plane - middle) / 0.2 + 0.5, 0, 1)
    return np.asarray(np.clip(low * (1 - share) + high * share, 0, 1), np.float32)


def _tinted(lightness: NDArray[np.float32], goal: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The two colour planes: a pigment is strongest at its own lightness and fades toward black and white."""
    own = float(goal[0])
    above = np.clip((1 - lightness) / max(1 - own, 0.15), 0, 1)
    below = np.clip(lightness / max(own, 0.15), 0, 1)
    strength = np.minimum(above, below)
    return [np.asarray(axis * strength, np.float32) for axis in goal[1:]]


def harmonized(front: Pixels, alpha: Alpha, ground: Pixels, around: Mask, *, strength: float = 0.5) -> Pixels:
    """Bring the tone and spread of a cut-out (H, W, 3) toward those of the ground around it.

    Colour follows less than light does, or a red apple on a lawn turns brown.
    """
    sure = alpha > 0.9
    if not sure.any() or not around.any():
        return front
    lab, there = to_oklab(front), to_oklab(ground)[around]
    own = lab[sure]
    shift = np.clip(there.mean(axis=0) - own.mean(axis=0), -0.12, 0.12) * np.array([0.6, 0.5, 0.5])
    ratio = np.clip(there[:, 0].std() / max(float(own[:, 0].std()), 1e-3), 0.8, 1.2)
    moved = lab + (strength * shift).astype(np.float32)
    centre = own[:, 0].mean() + strength * shift[0]
    moved[..., 0] = centre + (moved[..., 0] - centre) * (1 + strength * (ratio - 1))
    return from_oklab(np.clip(moved, (0, -0.5, -0.5), (1, 0.5, 0.5)).astype(np.float32))


def relit(pixels: Pixels, stops: float) -> Pixels:
    """More light by stops, or less; black and white stay, and the negative amount leads back."""
    light, gain = linear(pixels), 2.0**stops
    return from_linear(np.asarray(gain * light / (1 + (gain - 1) * light), np.float32))


def grey(pixels: Pixels) -> Pixels:
    """Every colour replaced by its luma."""
    plane = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return np.repeat(plane[..., None], 3, axis=-1)


def mean_of(pixels: Pixels, mask: Mask) -> NDArray[np.float32]:
    """Mean OKLab (3,) in a mask."""
    return np.asarray(to_oklab(pixels)[mask].mean(axis=0), np.float32)
