"""Patterns of cloth: stripes, checks and dots of two colours, as functions of where one is on the cloth."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

SWATCH = 1.1  # widths of shoulders that a picture of cloth shows
EDGE = 0.06  # softness of a pattern's edges, by its period


def stripes(across: "Floats", down: "Floats", period: float) -> "Floats":
    """Share of the second colour, stripes from top to bottom."""
    return _band(across / period, 0.5)


def bands(across: "Floats", down: "Floats", period: float) -> "Floats":
    """Stripes from side to side."""
    return _band(down / period, 0.5)


def checks(across: "Floats", down: "Floats", period: float) -> "Floats":
    """Woven checks: half where one band crosses none, full where two cross."""
    return 0.5 * (_band(across / period, 0.5) + _band(down / period, 0.5))


def dots(across: "Floats", down: "Floats", period: float) -> "Floats":
    """Dots in rows that are shifted by half."""
    row = np.floor(down / period)
    x = np.mod(across / period + 0.5 * np.mod(row, 2), 1) - 0.5
    y = np.mod(down / period, 1) - 0.5
    away = np.sqrt(x * x + y * y)
    return np.asarray(np.clip((0.27 - away) / EDGE + 0.5, 0, 1), np.float32)


PATTERNS: dict[str, Callable[["Floats", "Floats", float], "Floats"]] = {
    "stripes": stripes,
    "bands": bands,
    "checks": checks,
    "dots": dots,
}


def colored(share: "Floats", ground: "Sequence[float]", figure: "Sequence[float]") -> "Pixels":
    """Pixels (H, W, 3) of a pattern (H, W) in two colours."""
    first, second = np.asarray(ground, np.float32), np.asarray(figure, np.float32)
    return np.rint(first + share[..., None] * (second - first)).astype(np.uint8)


def swatch(
    kind: str, period: float, ground: "Sequence[float]", figure: "Sequence[float]", side: int
) -> "Pixels":
    """Picture of the cloth lying flat (side, side, 3), with the weave and two soft waves."""
    rows, columns = np.mgrid[:side, :side].astype(np.float32) * np.float32(SWATCH / side)
    wave = 0.012 * np.sin(5.2 * rows + 2.1 * columns)
    flat = colored(PATTERNS[kind](columns + wave, rows + wave, period), ground, figure).astype(np.float32)
    shade = 1 + 0.05 * np.sin(6.5 * rows + 2.6 * columns) + 0.03 * np.sin(3.1 * columns - 4 * rows)
    weave = 1 + 0.02 * (np.mod(np.arange(side), 3)[:, None] - 1) * (np.mod(np.arange(side), 2)[None] * 2 - 1)
    return np.asarray(np.clip(np.rint(flat * (shade * weave)[..., None]), 0, 255), np.uint8)


def _band(place: "Floats", share: float) -> "Floats":
    """1 over a share of each period, 0 over the rest, with soft edges."""
    away = np.abs(np.mod(place, 1) - 0.5)
    return np.clip((share / 2 - away) / EDGE + 0.5, 0, 1).astype(np.float32)
