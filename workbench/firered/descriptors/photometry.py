"""Brightness, saturation, entropy, texture and sharpness of a picture, Sec. 2.2.2.

Sharpness and texture are measured at full resolution, because a smaller picture hides blur; saturation and entropy
come from means of 4 x 4 pixels, where they are the same.
"""

from typing import Any, NamedTuple

import numpy as np

from firered.descriptors import kernels
from firered.descriptors.focus import Focus, about_a_megapixel, focus_from, focus_of


class Values(NamedTuple):
    """Brightness, saturation, texture 0..1; entropy 0..8 bits; sharpness in squared grey levels."""

    brightness: float  # mean luma
    saturation: float  # mean HSV saturation
    rgb_entropy: float  # of the channels' histograms, mean of the three
    texture: float  # mean standard deviation of luma inside 8 x 8 blocks
    sharpness: float  # variance of the Laplacian of luma


def photometry_of(pixels: Any, luma: Any) -> Values:
    """Measure (H, W, 3) uint8 RGB pixels and their (H, W) uint8 luma."""
    return measured(pixels, luma)[0]


def measured(pixels: Any, luma: Any) -> tuple[Values, Focus]:
    """Measure (H, W, 3) uint8 RGB pixels and their (H, W) uint8 luma, with their focus, in one walk over luma."""
    luma = np.ascontiguousarray(luma)
    sums, counts, (total, energy, spread) = kernels.luma_blocks(luma)
    colours, saturation = kernels.colour_sums(enough(pixels, kernels.COARSE))
    first, edge = kernels.edge_sums(luma)
    blocks = (luma.shape[0] // kernels.BLOCK) * (luma.shape[1] // kernels.BLOCK)
    values = Values(
        brightness=total / luma.size / 255,
        saturation=saturation,
        rgb_entropy=entropy(colours),
        texture=spread / max(1, blocks) / 255,
        sharpness=max(0.0, (energy + edge) / luma.size - (first / luma.size) ** 2),
    )
    used = about_a_megapixel(luma)
    return values, focus_from(sums, counts, luma.shape) if used is luma else focus_of(used)


def enough(pixels: Any, side: int) -> Any:
    """Contiguous pixels; each repeated side x side times where the picture has not one whole block."""
    if min(pixels.shape[:2]) < side:
        pixels = pixels.repeat(side, axis=0).repeat(side, axis=1)
    return np.ascontiguousarray(pixels)


def entropy(counts: Any) -> float:
    """Shannon entropy of (N, 256) histograms of equal totals, bits, mean over the N, 0..8."""
    total = counts[0].sum()
    logs = np.log2(np.maximum(counts, 1))
    return float(max(0.0, np.log2(total) - (counts * logs).sum() / total / len(counts)))
