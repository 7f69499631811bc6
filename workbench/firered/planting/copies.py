"""Near duplicates: the same photograph once more, as sites and albums make them."""

import cv2
import numpy as np

from firered.planting import encoding
from firered.planting.base import Base, Planted, between, clipped


def exact_copy(base: Base, rng: np.random.Generator) -> Planted:
    """The same bytes under another name."""
    return base.data, {}


def reencode(base: Base, rng: np.random.Generator) -> Planted:
    """JPEG again, quality 40 to 80, 4:2:0."""
    quality = int(rng.integers(40, 81))
    return encoding.jpeg(base.pixels, quality=quality), {"quality": quality}


def resize(base: Base, rng: np.random.Generator) -> Planted:
    """Smaller, 0.4 to 0.8 of the size, or (one in four) larger, 1.3 times."""
    scale = 1.3 if rng.random() < 0.25 else between(rng, 0.4, 0.8)
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    size = (round(base.width * scale), round(base.height * scale))
    return cv2.resize(base.pixels, size, interpolation=how), {"scale": scale}


def crop(base: Base, rng: np.random.Generator) -> Planted:
    """1 to 5 % of the area cut away, spread by lot over the four sides."""
    area = between(rng, 0.01, 0.05)
    parts = rng.dirichlet(np.ones(4)) * area
    left, right = (round(part * base.width) for part in parts[:2])
    top, bottom = (round(part * base.height) for part in parts[2:])
    cut = base.pixels[top : base.height - bottom, left : base.width - right]
    return cut, {"area": area, "sides": [left, top, right, bottom]}


def mirror(base: Base, rng: np.random.Generator) -> Planted:
    """Left and right exchanged."""
    return np.ascontiguousarray(base.pixels[:, ::-1]), {}


def brightness_shift(base: Base, rng: np.random.Generator) -> Planted:
    """All channels up or down by 5 to 15 % of the full range."""
    shift = between(rng, 0.05, 0.15) * (1 if rng.random() < 0.5 else -1)
    return clipped(base.pixels + np.float32(shift * 255)), {"shift": shift}
