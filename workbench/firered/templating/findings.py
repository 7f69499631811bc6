"""What a measurement returns, and the two comparisons that all measurements share."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.templating.planes import Pixels

# Values nearer to the ends of the range may have been cut off there.
_LOW, _HIGH = 6, 249


@dataclass(frozen=True)
class Finding:
    """An amount found in the pixels."""

    measured: float  # in the unit of the filter's measure
    agreement: float = 1.0  # 0..1, what an amount cannot say: the right place, the right string
    view: float = 0.0  # 0..1, likeness of the content after registration (viewpoint edits)


def shrunk(plane: NDArray[Any], side: int) -> NDArray[np.float32]:
    """Plane (H, W) averaged to (side, side) float32."""
    small: NDArray[np.float32] = cv2.resize(
        plane.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA
    )
    return small


def correlation(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Pearson's correlation of two planes of one shape, -1..1; 0 where either is flat."""
    one, two = (plane.astype(np.float32).ravel() for plane in (first, second))
    one, two = one - one.mean(), two - two.mean()
    scale = float(np.linalg.norm(one) * np.linalg.norm(two))
    return float(one @ two) / scale if scale > 1e-6 * one.size else 0.0


def ratio(above: float, below: float) -> float:
    """Quotient, 0 where the divisor is 0."""
    return above / below if below else 0.0


def uncut_pixels(source: Pixels, target: Pixels) -> NDArray[np.bool_]:
    """Pixels (H, W) whose values were cut off neither in the source nor in the target."""
    low, high = cv2.min(source, target), cv2.max(source, target)
    whole: NDArray[np.bool_] = (low >= _LOW).all(axis=-1) & (high <= _HIGH).all(axis=-1)
    return whole
