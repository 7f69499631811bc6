"""What a defect is planted into, and what comes of it."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from firered.planting import encoding
from firered.templating.planes import Pixels

# Pixels still to be encoded, or the bytes of the file as it is to be written; and what was drawn by lot.
Planted = tuple[Pixels | bytes, dict[str, Any]]


def no_others(count: int) -> list[Pixels]:
    """No other photographs: a collage takes parts of the one there is."""
    return []


@dataclass(frozen=True)
class Base:
    """A healthy photograph: (H, W, 3) uint8 pixels, its file, and up to so many other photographs, for collages."""

    pixels: Pixels
    others: Callable[[int], Sequence[Pixels]] = no_others
    file: bytes = b""

    @functools.cached_property
    def data(self) -> bytes:
        """The file's bytes; a JPEG of quality 90 where none was given."""
        return self.file or encoding.jpeg(self.pixels, quality=90)

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[1])

    @property
    def scale(self) -> float:
        """Side of the picture in relation to that of one of a megapixel."""
        return float(np.sqrt(self.height * self.width / 1e6))


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a number of four digits in [low, high)."""
    return round(float(rng.uniform(low, high)), 4)


def one_of(rng: np.random.Generator, choices: Sequence[Any]) -> Any:
    """Draw one of the choices, each as likely."""
    return choices[int(rng.integers(len(choices)))]


def corner(rng: np.random.Generator, outer: tuple[int, int], inner: tuple[int, int]) -> tuple[int, int]:
    """Draw the top and left of a box of `inner` (height, width) that lies inside `outer`."""
    top, left = (int(rng.integers(max(1, out - size + 1))) for out, size in zip(outer, inner, strict=True))
    return top, left


def clipped(values: Any) -> Pixels:
    """Round and clip to uint8."""
    pixels: Pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return pixels
