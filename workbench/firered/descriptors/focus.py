"""Focus, shadows and highlights: what tells a blurred, dark or washed-out picture from a quiet one, Sec. 2.2.2.

The variance of the Laplacian falls with blur, and as much with a plain subject. Focus divides it out: it looks at the
busiest blocks alone and relates the energy of their Laplacian to their variance.
"""

from typing import Any, NamedTuple

import cv2
import numba
import numpy as np
from numba import float32, float64, int64, types, uint32

from firered.descriptors.kernels import LUMA, compiled

SIDE = 16  # pixels; side of the blocks
# Pixels. Nobody trains on more, and a picture that is soft at four megapixels may be crisp at one.
USED_SIDE = 1024
BUSY = 0.1  # share of the blocks that are looked at, those of the highest variance


class Focus(NamedTuple):
    """Three numbers of a picture's luma."""

    focus: float  # median of ln((1 + Laplacian energy) / (1 + variance)) over the busiest blocks
    shadows: float  # 5th percentile of luma, 0..1
    highlights: float  # 95th percentile, 0..1


def focus_of(luma: Any) -> Focus:
    """Measure (H, W) uint8 luma; one larger than a megapixel or so is first averaged by a whole factor."""
    luma = about_a_megapixel(np.ascontiguousarray(luma))
    variance, energy = busy_blocks(luma)
    counts = histogram(luma)
    below = np.cumsum(counts) / counts.sum()
    shadows, highlights = np.searchsorted(below, (0.05, 0.95)) / 255
    if not variance.size:
        return Focus(0.0, float(shadows), float(highlights))
    busiest = np.argsort(variance)[-max(8, variance.size // round(1 / BUSY)) :]
    ratio = np.log1p(energy[busiest]) - np.log1p(variance[busiest])
    return Focus(float(np.median(ratio)), float(shadows), float(highlights))


def about_a_megapixel(luma: Any) -> Any:
    """Means of k x k pixels, for the whole k that brings the longer side nearest to USED_SIDE, if that is not 1."""
    factor = round(max(luma.shape) / USED_SIDE)
    if factor < 2 or min(luma.shape) < factor:
        return luma
    rows, columns = luma.shape[0] // factor, luma.shape[1] // factor
    whole = luma[: rows * factor, : columns * factor]
    return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)


@compiled(types.Array(int64, 1, "C")(LUMA))
def histogram(luma: Any) -> Any:
    """Counts (256,) of every fourth pixel of every fourth row of (H, W) luma."""
    counts = np.zeros(256, np.int64)
    for y in range(0, luma.shape[0], 4):
        for x in range(0, luma.shape[1], 4):
            counts[luma[y, x]] += 1
    return counts


@numba.njit(nogil=True, fastmath=True, inline="always")  # type: ignore[untyped-decorator]
def column_sums(luma: Any, top: int, sums: Any, squares: Any, laplacian: Any) -> None:
    """Fill sums over SIDE rows from `top` on, by column (W,): of luma, its square, its Laplacian's square."""
    height, width = luma.shape
    inside = width - 2
    one, two = np.zeros(width, np.uint32), np.zeros(width, np.uint32)
    three = np.zeros(width, np.float32)
    for y in range(top, top + SIDE):
        row = luma[y]
        for x in range(width):
            value = uint32(row[x])
            one[x] += value
            two[x] += value * value
        if 0 < y < height - 1:
            above, below, centre = luma[y - 1, 1 : width - 1], luma[y + 1, 1 : width - 1], row[1 : width - 1]
            before, after, inner = row[:inside], row[2:], three[1 : width - 1]
            for x in range(inside):
                around = float32(above[x]) + float32(below[x]) + float32(before[x]) + float32(after[x])
                edge = around - float32(4) * float32(centre[x])
                inner[x] += edge * edge
    sums[:], squares[:], laplacian[:] = one, two, three


@compiled(types.UniTuple(types.Array(float64, 1, "C"), 2)(LUMA))
def busy_blocks(luma: Any) -> tuple[Any, Any]:
    """Variance and mean squared Laplacian of SIDE x SIDE blocks of (H, W) luma, in every second row of blocks.

    The Laplacian leaves out the rows and columns at the edge of the picture.
    """
    height, width = luma.shape
    columns = width // SIDE
    rows = (height // SIDE + 1) // 2
    variance, energy = np.zeros(rows * columns), np.zeros(rows * columns)
    sums, squares, laplacian = np.empty(width), np.empty(width), np.empty(width)
    for i in range(rows):
        column_sums(luma, 2 * i * SIDE, sums, squares, laplacian)
        for j in range(columns):
            first = sums[j * SIDE : (j + 1) * SIDE].sum() / (SIDE * SIDE)
            second = squares[j * SIDE : (j + 1) * SIDE].sum() / (SIDE * SIDE)
            variance[i * columns + j] = second - first * first
            energy[i * columns + j] = laplacian[j * SIDE : (j + 1) * SIDE].sum() / (SIDE * SIDE)
    return variance, energy
