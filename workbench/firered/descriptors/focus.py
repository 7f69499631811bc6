"""Focus, shadows and highlights: what tells a blurred, dark or washed-out picture from a quiet one, Sec. 2.2.2.

The variance of the Laplacian falls with blur, and as much with a plain subject. Focus divides it out: it looks at the
busiest blocks alone and relates the energy of their Laplacian to their variance.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np

from firered.descriptors.kernels import BLOCK, luma_blocks

SIDE = 2 * BLOCK  # pixels; side of the blocks
# Pixels. Nobody trains on more, and a picture that is soft at four megapixels may be crisp at one.
USED_SIDE = 1024
PLAIN = 4.0  # grey levels that a rim of one tone may stray
BUSY = 0.1  # share of the blocks that are looked at, those of the highest variance


class Focus(NamedTuple):
    """Three numbers of a picture's luma."""

    focus: float  # median of ln((1 + Laplacian energy) / (1 + variance)) over the busiest blocks
    shadows: float  # 5th percentile of luma, 0..1
    highlights: float  # 95th percentile, 0..1


def focus_of(luma: Any) -> Focus:
    """Measure (H, W) uint8 luma; one larger than a megapixel or so is first averaged by a whole factor."""
    luma = about_a_megapixel(np.ascontiguousarray(luma))
    sums, counts, _ = luma_blocks(luma)
    return focus_from(sums, counts, luma.shape)


def focus_from(sums: Any, counts: Any, shape: tuple[int, ...]) -> Focus:
    """Measure what the walk `luma_blocks` found in luma of this shape (H, W)."""
    below = np.cumsum(counts)
    shadows, highlights = np.searchsorted(below / below[-1], (0.05, 0.95)) / 255
    variance, energy = busy_blocks(sums, shape)
    if not variance.size:
        return Focus(0.0, float(shadows), float(highlights))
    least = variance.size - min(variance.size, max(8, variance.size // round(1 / BUSY)))
    busiest = np.argpartition(variance, least)[least:] if least else slice(None)
    ratio = np.log1p(energy[busiest]) - np.log1p(variance[busiest])
    return Focus(median(ratio), float(shadows), float(highlights))


def median(values: Any) -> float:
    """Median of (N,) numbers, at a quarter of the price of numpy's for few of them."""
    middle = (values.size - 1) // 2, values.size // 2
    parted = np.partition(values, middle)
    return float(parted[middle[0]] + parted[middle[1]]) / 2


def about_a_megapixel(luma: Any) -> Any:
    """Means of k x k pixels, for the whole k that brings the longer side nearest to USED_SIDE, if that is not 1."""
    factor = round(max(luma.shape) / USED_SIDE)
    if factor < 2 or min(luma.shape) < factor:
        return luma
    rows, columns = luma.shape[0] // factor, luma.shape[1] // factor
    whole = luma[: rows * factor, : columns * factor]
    return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)


def busy_blocks(sums: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Variance and mean squared Laplacian, (N,), of whole SIDE x SIDE blocks, in every second row of blocks."""
    rows, columns = shape[0] // SIDE, shape[1] // SIDE
    parts = sums[:, : 2 * rows, : 2 * columns].reshape(3, rows, 2, 2 * columns)[:, ::2]
    stacked = parts[:, :, 0] + parts[:, :, 1]
    whole = (stacked[:, :, ::2] + stacked[:, :, 1::2]).reshape(3, -1) / (SIDE * SIDE)
    mean, square, energy = whole
    return square - mean * mean, energy


def ground_of(luma: Any) -> float:
    """Mean of (H, W) uint8 luma along the rim, 0..1, where the rim is of one tone: a thing on plain ground; else -1.

    The rim is a fiftieth of the shorter side wide. A lens' own light falls off or ends in something: an exposure
    that is too long leaves no rim of one tone.
    """
    width = max(1, round(min(luma.shape) / 50))
    strips = (luma[:width], luma[-width:], luma[:, :width], luma[:, -width:])
    tones = [cv2.meanStdDev(np.ascontiguousarray(strip)) for strip in strips]
    means = np.array([mean[0, 0] for mean, _ in tones])
    plain = max(deviation[0, 0] for _, deviation in tones) < PLAIN and np.ptp(means) < PLAIN
    return float(means.mean() / 255) if plain else -1.0
