"""Loops over pixels that are compiled at the first use and kept on disk; all of them release the interpreter's lock.

Rows are walked through whole slices and sums are small floats, so that the compiler turns them into vector
instructions. Every kernel takes read-only, contiguous arrays.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import float32, float64, int32, int64, types, uint8, uint16, uint32

LUMA = types.Array(uint8, 2, "C", readonly=True)  # (H, W)
PIXELS = types.Array(uint8, 3, "C", readonly=True)  # (H, W, 3)
BLOCK = 8  # pixels; side of the blocks of luma
COARSE = 4  # side of the blocks of colour


def compiled(signature: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a function for one signature; without a writable place for the result it is compiled each time."""

    def build(function: Callable[..., Any]) -> Callable[..., Any]:
        options = {"nogil": True, "fastmath": True}
        try:
            kernel: Callable[..., Any] = numba.njit([signature], cache=True, **options)(function)
        except RuntimeError:  # neither the package's folder nor the user's can be written
            kernel = numba.njit([signature], **options)(function)
        return kernel

    return build


@compiled(types.UniTuple(float64, 3)(LUMA))
def luma_sums(luma: Any) -> tuple[float, float, float]:
    """Sum of (H, W) luma, of its Laplacian and of the Laplacian's square; edges are mirrored without repeating."""
    height, width = luma.shape
    right = width - 1
    total, first, second = 0.0, 0.0, 0.0
    for y in range(height):
        up = luma[abs(y - 1) if height > 1 else 0]
        down = luma[y + 1 if y + 1 < height else abs(height - 2) if height > 1 else 0]
        row = luma[y]
        for x in (0, right):
            before = row[abs(x - 1) if width > 1 else 0]
            after = row[x + 1 if x < right else abs(width - 2) if width > 1 else 0]
            edge = (
                float64(up[x]) + float64(down[x]) + float64(before) + float64(after) - 4.0 * float64(row[x])
            )
            share = 1.0 if width > 1 else 0.5
            total += share * row[x]
            first += share * edge
            second += share * edge * edge
        if width < 3:
            continue
        above, below, centre = up[1:right], down[1:right], row[1:right]
        left_of, right_of = row[: right - 1], row[2:]
        sums, laplacians, squares = float32(0), float32(0), float32(0)
        for x in range(width - 2):
            middle = float32(centre[x])
            value = (
                float32(above[x])
                + float32(below[x])
                + float32(left_of[x])
                + float32(right_of[x])
                - float32(4) * middle
            )
            sums += middle
            laplacians += value
            squares += value * value
        total += sums
        first += laplacians
        second += squares
    return total, first, second


@compiled(float64(LUMA))
def block_deviation(luma: Any) -> float:
    """Mean standard deviation, in grey levels, of (H, W) luma inside whole blocks of BLOCK x BLOCK pixels."""
    rows, columns = luma.shape[0] // BLOCK, luma.shape[1] // BLOCK
    sums = np.empty(columns * BLOCK, np.uint32)
    squares = np.empty(columns * BLOCK, np.uint32)
    total = 0.0
    for i in range(rows):
        sums[:] = 0
        squares[:] = 0
        for y in range(i * BLOCK, (i + 1) * BLOCK):
            row = luma[y]
            for x in range(columns * BLOCK):
                value = uint32(row[x])
                sums[x] = uint32(sums[x] + value)
                squares[x] = uint32(squares[x] + uint32(value * value))
        for j in range(columns):
            first, second = int64(0), int64(0)
            for k in range(BLOCK):
                first += sums[BLOCK * j + k]
                second += squares[BLOCK * j + k]
            total += np.sqrt(float64(BLOCK * BLOCK * second - first * first))
    mean: float = total / (BLOCK * BLOCK) / max(1, rows * columns)
    return mean


@compiled(types.Array(float32, 2, "C")(LUMA))
def block_sums(luma: Any) -> Any:
    """Sums of (H, W) luma over BLOCK x BLOCK pixels; blocks at the right and bottom edge may be narrower."""
    height, width = luma.shape
    rows, columns = -(-height // BLOCK), -(-width // BLOCK)
    found = np.zeros((rows, columns), np.float32)
    sums = np.zeros(columns * BLOCK, np.uint16)
    for i in range(rows):
        sums[:] = 0
        for y in range(i * BLOCK, min((i + 1) * BLOCK, height)):
            row = luma[y]
            for x in range(width):
                sums[x] += uint16(row[x])
        for j in range(columns):
            total = int64(0)
            for k in range(BLOCK):
                total += sums[BLOCK * j + k]
            found[i, j] = total
    return found


@compiled(types.Tuple((types.Array(int32, 2, "C"), float64))(PIXELS))
def colour_sums(pixels: Any) -> tuple[Any, float]:
    """Histograms (3, 256) and mean HSV saturation (0..1) of the rounded means of COARSE x COARSE (H, W, 3) pixels."""
    height, width, _ = pixels.shape
    rows, columns = height // COARSE, width // COARSE
    flat = pixels.reshape((height, width * 3))
    counts = np.zeros((3, 256), np.int32)
    inverse = np.zeros(256, np.float32)
    for value in range(1, 256):
        inverse[value] = 1.0 / value
    sums = np.empty(columns * COARSE * 3, np.uint16)
    means = np.empty(columns * 3, np.uint8)
    saturation = 0.0
    for i in range(rows):
        one, two, three, four = flat[4 * i], flat[4 * i + 1], flat[4 * i + 2], flat[4 * i + 3]
        for x in range(columns * COARSE * 3):
            sums[x] = uint16(one[x]) + uint16(two[x]) + uint16(three[x]) + uint16(four[x])
        for j in range(columns):
            for k in range(3):
                at = 12 * j + k
                means[3 * j + k] = (sums[at] + sums[at + 3] + sums[at + 6] + sums[at + 9] + 8) >> 4
        for j in range(columns):
            red, green, blue = means[3 * j], means[3 * j + 1], means[3 * j + 2]
            counts[0, red] += 1
            counts[1, green] += 1
            counts[2, blue] += 1
            high, low = max(red, green, blue), min(red, green, blue)
            saturation += (high - low) * inverse[high]
    return counts, saturation / max(1, rows * columns)
