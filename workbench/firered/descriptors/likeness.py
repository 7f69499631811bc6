"""PSNR and SSIM of two pictures of one size, without temporaries the size of a picture.

The SSIM is that of Wang et al. 2004 on luma: gaussian window of 11 x 11 pixels, sigma 1.5, mean over the
windows that lie inside the picture, population variances, K1 0.01, K2 0.03. It equals scikit-image's
`structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)`.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Plane = NDArray[np.float32]

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

RADIUS = 5  # pixels on each side of a window's middle
TAPS = 2 * RADIUS + 1
STRIP = 118  # pixels; with both margins 128
SAME = 100.0  # dB, what equal pictures get
_BELL = np.exp(-0.5 * (np.arange(RADIUS + 1) / 1.5) ** 2)
_WEIGHTS = (_BELL / (2 * _BELL.sum() - 1)).astype(np.float32)
_C1 = (0.01 * 255) ** 2
_C2 = (0.03 * 255) ** 2
_TWICE_C1, _TWICE_C2, _WHITE = np.float32(2 * _C1), np.float32(2 * _C2), np.float32(255)


def _compiled(function: Kernel) -> Kernel:
    """Compile at the first call; without a writable place for the result, in each process."""
    # Without numpy's rule for divisions by zero each division has a branch, and loops are not vectorised.
    options = {"fastmath": True, "nogil": True, "error_model": "numpy"}
    try:
        kernel: Kernel = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        kernel = numba.njit(**options)(function)
    return kernel


def luma(pixels: "Pixels") -> "Pixels":
    """Luma (H, W) uint8 of (H, W, 3) uint8 RGB pixels."""
    import cv2

    plane: Pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return plane


def laid_over(pixels: "Pixels", shape: tuple[int, int]) -> "Pixels":
    """Bring pixels (H, W, 3) to a height and width."""
    import cv2

    if pixels.shape[:2] == shape:
        return pixels
    shrinks = pixels.shape[0] * pixels.shape[1] > shape[0] * shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    laid: Pixels = cv2.resize(pixels, (shape[1], shape[0]), interpolation=way)
    return laid


def psnr(first: "Pixels", second: "Pixels") -> float:
    """Peak signal-to-noise ratio in dB over all channels, at most 100; uint8, one shape."""
    import cv2

    squares = float(cv2.norm(first, second, cv2.NORM_L2SQR))
    return psnr_of(squares / first.size)


def psnr_of(error: float) -> float:
    """PSNR in dB, at most 100, of a mean squared error in grey levels squared."""
    return SAME if error <= 0 else min(SAME, 10 * math.log10(255**2 / error))


def ssim(first: "Pixels", second: "Pixels") -> float:
    """Mean SSIM, -1..1, of two lumas (H, W) uint8; 1 where equal. Sides under 11 pixels: one window at most."""
    if min(first.shape) < TAPS:
        return _of_one_window(first, second)
    return float(_mean_ssim(np.ascontiguousarray(first), np.ascontiguousarray(second), _WEIGHTS))


def _of_one_window(first: "Pixels", second: "Pixels") -> float:
    """SSIM of the whole pictures as one even window."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    both = ((a - a.mean()) * (b - b.mean())).mean()
    light = (2 * a.mean() * b.mean() + _C1) / (a.mean() ** 2 + b.mean() ** 2 + _C1)
    return float(light * (2 * both + _C2) / (a.var() + b.var() + _C2))


@_compiled
def _mean_ssim(first: Any, second: Any, weights: Any) -> Any:
    """Mean over the inner windows, strip by strip, so that eleven rows of a strip stay in the nearest cache."""
    height, width = first.shape
    total = 0.0
    for left in range(0, width - TAPS + 1, STRIP):
        right = left + STRIP + TAPS - 1
        total += _sum_of_strip(first[:, left:right], second[:, left:right], weights)
    return total / ((height - TAPS + 1) * (width - TAPS + 1))


@_compiled
def _sum_of_strip(first: Any, second: Any, weights: Any) -> Any:
    """Sum over the inner windows of a strip.

    Of the sum and the difference of the pictures four blurs give all that five of the pictures give:
    4 E[xy] = E[s^2] - E[d^2], and 2 (E[x^2] + E[y^2]) = E[s^2] + E[d^2].
    """
    height, width = first.shape
    # The four quantities lie behind each other in one row, so that one loop serves them all; what a blur
    # makes of their seams is never read.
    row = np.zeros(4 * width, np.float32)
    ring = np.zeros((TAPS, 4 * width), np.float32)
    blurred = np.zeros(4 * width, np.float32)
    total = 0.0
    for y in range(height):
        _products(first[y], second[y], row)
        _blur_row(row, weights, ring[y % TAPS])
        if y >= TAPS - 1:
            _blur_ring(ring, (y + 1) % TAPS, weights, blurred)
            total += _sum_of_row(blurred, width)
    return total


@_compiled
def _products(first: Any, second: Any, row: Any) -> None:
    """Fill (4 W,) with the sum less 255, the difference, and the squares of both."""
    width = first.size
    sums, differences = row[:width], row[width : 2 * width]
    squares, squared_differences = row[2 * width : 3 * width], row[3 * width :]
    for x in range(width):
        a, b = np.float32(first[x]), np.float32(second[x])
        # Less 255, so that the squares stay small enough for float32.
        s, d = a + b - _WHITE, a - b
        sums[x], differences[x] = s, d
        squares[x], squared_differences[x] = s * s, d * d


@_compiled
def _blur_row(row: Any, weights: Any, out: Any) -> None:
    """Blur along a row (W,); the result at x is that of the window that begins at x."""
    w0, w1, w2, w3, w4, w5 = weights
    for x in range(row.size - TAPS + 1):
        out[x] = (
            w0 * row[x + 5]
            + w1 * (row[x + 4] + row[x + 6])
            + w2 * (row[x + 3] + row[x + 7])
            + w3 * (row[x + 2] + row[x + 8])
            + w4 * (row[x + 1] + row[x + 9])
            + w5 * (row[x] + row[x + 10])
        )


@_compiled
def _blur_ring(ring: Any, oldest: int, weights: Any, out: Any) -> None:
    """Blur down the rows of a ring (11, W) into (W,)."""
    w0, w1, w2, w3, w4, w5 = weights
    r0, r1, r2 = ring[oldest], ring[(oldest + 1) % TAPS], ring[(oldest + 2) % TAPS]
    r3, r4, r5 = ring[(oldest + 3) % TAPS], ring[(oldest + 4) % TAPS], ring[(oldest + 5) % TAPS]
    r6, r7, r8 = ring[(oldest + 6) % TAPS], ring[(oldest + 7) % TAPS], ring[(oldest + 8) % TAPS]
    r9, r10 = ring[(oldest + 9) % TAPS], ring[(oldest + 10) % TAPS]
    for x in range(out.size - TAPS + 1):
        out[x] = (
            w0 * r5[x]
            + w1 * (r4[x] + r6[x])
            + w2 * (r3[x] + r7[x])
            + w3 * (r2[x] + r8[x])
            + w4 * (r1[x] + r9[x])
            + w5 * (r0[x] + r10[x])
        )


@_compiled
def _sum_of_row(blurred: Any, width: int) -> Any:
    """Sum of the SSIM of a row of windows, from the blurred (4 W,) of `_products`."""
    sums, differences = blurred[:width], blurred[width : 2 * width]
    squares, squared_differences = blurred[2 * width : 3 * width], blurred[3 * width :]
    total = np.float32(0)
    for x in range(width - TAPS + 1):
        s, d = sums[x], differences[x]
        spread_s, spread_d = squares[x] - s * s, squared_differences[x] - d * d
        s += _WHITE
        above = (s * s - d * d + _TWICE_C1) * (spread_s - spread_d + _TWICE_C2)
        total += above / ((s * s + d * d + _TWICE_C1) * (spread_s + spread_d + _TWICE_C2))
    return total
