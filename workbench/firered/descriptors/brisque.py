"""The 36 features of BRISQUE (Mittal et al. 2012): how the contrast of neighbouring pixels is distributed.

Grey values are divided by their local contrast; a natural picture then has bell-shaped values, and products
of neighbours with a sharp peak. Blur, noise and blocks bend these shapes. An asymmetric generalised
gaussian is fitted to each, at full and at half size. Conventions are those of the authors' C++ release, which the
known weights belong to: rounded BT.601 grey, mirrored edges, zeros on neither side of a distribution.
"""

from functools import cache
from math import gamma, sqrt
from typing import TYPE_CHECKING, Any

import cv2
import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float64]

WINDOW = 7  # pixels
SMALLEST = 2 * WINDOW  # pixels a side
SIGMA = 7 / 6  # pixels
FAINT = np.float32(1 / 255)  # keeps flat areas from being divided by nothing
SHIFTS = ((0, 1), (1, 0), (1, 1), (1, -1))  # right, below, and both diagonals
# A flat area differs from its own mean by rounding errors alone, whose signs mean nothing.
ROUNDING = np.float32(2e-4)


def features(pixels: "Pixels") -> "Floats":
    """Features (36,) of (H, W, 3) uint8 RGB pixels: 18 at full size, then 18 at half size.

    Raises ValueError for pixels too few to have neighbours at half size.
    """
    if min(pixels.shape[:2]) < SMALLEST:
        height, width = pixels.shape[:2]
        raise ValueError(f"too small for BRISQUE: {width}x{height} pixels (at least {SMALLEST} a side)")
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_CUBIC)
    return np.array([*_of_one_size(grey), *_of_one_size(half)])


def normalised(grey: Any) -> Any:
    """Grey values (H, W) float32 in 0..1 less their local mean, over their local deviation; about -3..3."""
    window = (WINDOW, WINDOW)
    mean = cv2.GaussianBlur(grey, window, SIGMA)
    return _normalised(grey, mean, cv2.GaussianBlur(grey * grey, window, SIGMA))


def asymmetric_fit(sums: "Floats") -> tuple[float, float, float, float]:
    """Shape, mean and both variances of the asymmetric generalised gaussian with the given `moments`."""
    absolute, left_squares, lefts, right_squares, rights, count = sums
    left, right = sqrt(left_squares / max(lefts, 1)), sqrt(right_squares / max(rights, 1))
    ratio = (absolute / count) ** 2 / max((left_squares + right_squares) / count, 1e-12)
    skew = left / max(right, 1e-12)
    shape = _shape(ratio * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2)
    width = sqrt(gamma(1 / shape) / gamma(3 / shape))
    return shape, (right - left) * width * gamma(2 / shape) / gamma(1 / shape), left**2, right**2


def _of_one_size(grey: Any) -> list[float]:
    values = normalised(grey)
    shape, _, left, right = asymmetric_fit(moments(values, np.ones_like(values)))
    products = [asymmetric_fit(moments(*_neighbours(values, *shift))) for shift in SHIFTS]
    return [shape, (left + right) / 2, *(number for fitted in products for number in fitted)]


def _neighbours(values: Any, down: int, across: int) -> tuple[Any, Any]:
    height, width = values.shape
    start, stop = max(-across, 0), width - max(across, 0)
    return values[: height - down, start:stop], values[down:, start + across : stop + across]


@numba.njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _normalised(grey: Any, mean: Any, mean_square: Any) -> Any:
    made = np.empty_like(grey)
    for row in range(grey.shape[0]):
        for column in range(grey.shape[1]):
            level = mean[row, column]
            deviation = np.sqrt(abs(mean_square[row, column] - level * level))
            value = (grey[row, column] - level) / (deviation + FAINT)
            made[row, column] = value if abs(value) > ROUNDING else np.float32(0)
    return made


@numba.njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def moments(first: Any, second: Any) -> Any:
    """Sums over the products of two (H, W) arrays: |p|, p^2 and number where p < 0, the same where p > 0, size."""
    absolute = left_squares = lefts = right_squares = rights = 0.0
    for row in range(first.shape[0]):
        sums = _row_moments(first[row], second[row])
        absolute += sums[0]
        left_squares += sums[1]
        lefts += sums[2]
        right_squares += sums[3]
        rights += sums[4]
    return np.array([absolute, left_squares, lefts, right_squares, rights, first.size])


@numba.njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _row_moments(first: Any, second: Any) -> Any:
    # In single precision, of which the processor adds eight at a time; a row is short enough for it.
    zero = np.float32(0)
    absolute, left_squares, lefts, right_squares, rights = zero, zero, zero, zero, zero
    for column in range(first.size):
        product = first[column] * second[column]
        left, right = min(product, zero), max(product, zero)
        absolute += right - left
        left_squares += left * left
        right_squares += right * right
        lefts += np.float32(product < zero)
        rights += np.float32(product > zero)
    return absolute, left_squares, lefts, right_squares, rights


def _shape(ratio: float) -> float:
    """Shape, 0.2 to 10, at which a generalised gaussian has E|x|^2 / E[x^2] = ratio."""
    shapes, ratios = _ratios()
    return float(np.interp(ratio, ratios, shapes))


@cache
def _ratios() -> tuple["Floats", "Floats"]:
    shapes = np.arange(0.2, 10.0005, 0.001)
    return shapes, np.array([gamma(2 / a) ** 2 / (gamma(1 / a) * gamma(3 / a)) for a in shapes])
