"""Loops over pixels that are compiled at the first use and kept on disk; all of them release the interpreter's lock.

Rows are walked through whole slices and sums are small numbers, so that the compiler turns them into vector
instructions. Every kernel takes read-only, contiguous arrays.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import float32, float64, int16, int32, int64, types, uint8, uint16

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


@numba.njit(nogil=True, fastmath=True, inline="always")  # type: ignore[untyped-decorator]
def add_row(luma: Any, y: int, sums: Any, squares: Any, edges: Any) -> None:
    """Add row y of (H, W) luma to sums by column: of luma, of its square, and of the square of its Laplacian."""
    height, width = luma.shape
    row, inner = luma[y], edges[1:]
    for x in range(width):
        sums[x] += uint16(row[x])
        squares[x] += int32(row[x]) * int32(row[x])
    if 0 < y < height - 1:
        above, below, centre, after = luma[y - 1, 1:], luma[y + 1, 1:], row[1:], row[2:]
        for x in range(width - 2):
            edge = int16(above[x] + below[x] + row[x] + after[x] - 4 * centre[x])
            inner[x] += int32(edge) * int32(edge)


@compiled(
    types.Tuple((types.Array(int32, 3, "C"), types.Array(int32, 1, "C"), types.UniTuple(float64, 3)))(LUMA)
)
def luma_blocks(luma: Any) -> tuple[Any, Any, tuple[float, float, float]]:
    """Walk (H, W) luma once: sums (3, rows, columns) over BLOCK x BLOCK pixels, a histogram (256,), and totals.

    The sums are of luma, of its square, and of the square of its Laplacian, which leaves out the edge of the
    picture. Blocks at the right and bottom edge may be narrower. The histogram is of every COARSE-th pixel of
    every COARSE-th row. The totals are of luma, of the Laplacian's square, and of the standard deviations of the
    whole blocks.
    """
    height, width = luma.shape
    rows, columns = -(-height // BLOCK), -(-width // BLOCK)
    found = np.empty((3, rows, columns), np.int32)
    counts = np.zeros(256, np.int32)
    sums = np.empty(columns * BLOCK, np.uint16)
    squares, edges = np.empty(columns * BLOCK, np.int32), np.empty(columns * BLOCK, np.int32)
    total, energy, spread = 0.0, 0.0, 0.0
    for i in range(rows):
        sums[:] = 0
        squares[:] = 0
        edges[:] = 0
        for y in range(i * BLOCK, min((i + 1) * BLOCK, height)):
            add_row(luma, y, sums, squares, edges)
            if y % COARSE == 0:
                for value in luma[y, ::COARSE]:
                    counts[value] += 1
        for j in range(columns):
            first, second, third = int32(0), int32(0), int32(0)
            for x in range(j * BLOCK, (j + 1) * BLOCK):
                first += sums[x]
                second += squares[x]
                third += edges[x]
            found[0, i, j], found[1, i, j], found[2, i, j] = first, second, third
            total += first
            energy += third
            if i < height // BLOCK and j < width // BLOCK:
                spread += np.sqrt(float64(BLOCK * BLOCK * second - first * first))
    return found, counts, (total, energy, spread / (BLOCK * BLOCK))


@compiled(types.UniTuple(int64, 2)(LUMA))
def edge_sums(luma: Any) -> tuple[int, int]:
    """Sum of the Laplacian of (H, W) luma, and of its square at the edge alone; mirrored without repeating.

    What is inside cancels out of the first sum: each pixel is taken off as often as it is added.
    """
    height, width = luma.shape
    bottom, right = height - 1, width - 1
    total, squares = int64(0), int64(0)
    for y in range(height):
        row = luma[y]
        total += int64(row[min(1, right)]) + int64(row[max(0, right - 1)]) - int64(row[0]) - int64(row[right])
        up, down = luma[y - 1 if y else min(1, bottom)], luma[y + 1 if y < bottom else max(0, bottom - 1)]
        step = 1 if y in (0, bottom) else max(1, right)
        for x in range(0, width, step):
            before, after = row[x - 1 if x else min(1, right)], row[x + 1 if x < right else max(0, right - 1)]
            edge = int64(up[x]) + int64(down[x]) + int64(before) + int64(after) - 4 * int64(row[x])
            squares += edge * edge
    second, last = luma[min(1, bottom)], luma[max(0, bottom - 1)]
    for x in range(width):
        total += int64(second[x]) + int64(last[x]) - int64(luma[0, x]) - int64(luma[bottom, x])
    return total, squares


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
    across = columns * COARSE * 3
    flat = pixels.reshape((height, width * 3))
    counts = np.zeros((3, 256), np.int32)
    # Beyond the last column there is room for the sums that reach over it, and are not used.
    sums, means = np.zeros(across + 9, np.uint16), np.empty(across, np.uint8)
    second, third, fourth = sums[3:], sums[6:], sums[9:]
    reds, greens, blues = means[0::12], means[1::12], means[2::12]
    saturations = np.empty(columns, np.float32)
    saturation = 0.0
    for i in range(rows):
        one, two, three, four = flat[4 * i], flat[4 * i + 1], flat[4 * i + 2], flat[4 * i + 3]
        for x in range(across):
            sums[x] = uint16(one[x] + two[x] + three[x] + four[x])
        # Sums at every place, of which one in twelve is used: that is cheaper than going to each.
        for x in range(across):
            means[x] = uint8(uint16(sums[x] + second[x] + third[x] + fourth[x] + 8) >> 4)
        for j in range(columns):
            red, green, blue = reds[j], greens[j], blues[j]
            counts[0, red] += 1
            counts[1, green] += 1
            counts[2, blue] += 1
            high, low = max(red, green, blue), min(red, green, blue)
            saturations[j] = float32(high - low) / float32(max(high, 1))
        saturation += saturations.sum()
    return counts, saturation / max(1, rows * columns)
