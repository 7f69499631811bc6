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
    sums, counts = kernels.luma_blocks(luma)
    colours, saturation = kernels.colour_sums(enough(pixels, kernels.COARSE))
    used = about_a_megapixel(luma)
    focus = focus_from(sums, counts, luma.shape) if used is luma else focus_of(used)
    return E
