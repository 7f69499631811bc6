"""Brightness, saturation, entropy, texture and sharpness of a picture, Sec. 2.2.2.

Sharpness and texture are measured at full resolution, because a smaller picture hides blur; saturation and entropy
come from means of 4 x 4 pixels, where they are the same.
"""

from typing import Any, NamedTuple


class Values(NamedTuple):
    """Brightness, saturation, texture 0..1; entropy 0..8 bits; sharpness in squared grey levels."""

    brightness: float  # mean luma
    saturation: float  # mean HSV saturation
    rgb_entropy: float  # of the channels' histograms, mean of the three
    texture: float  # mean standard deviation of luma inside 8 x 8 blocks
    sharpness: float  # variance of the Laplacian of luma


def photometry_of(pixels: Any, luma: Any) -> Values:
    """Measure (H, W, 3) uint8 RGB pixels and their (H, W) uint8 luma."""
    import numpy as np

    from firered.descriptors import kernels

    luma = np.ascontiguousarray(luma)
    total, first, second = kernels.luma_sums(luma)
    counts, saturation = kernels.colour_sums(enough(pixels, kernels.COARSE))
    return Values(
        brightness=total / luma.size / 255,
        saturation=saturation,
        rgb_entropy=entropy(counts),
        texture=kernels.block_deviation(enough(luma, kernels.BLOCK)) / 255,
        sharpness=max(0.0, second / luma.size - (first / luma.size) ** 2),
    )


def enough(pixels: Any, side: int) -> Any:
    """Contiguous pixels; each repeated side x side times where the picture has not one whole block."""
    import numpy as np

    if min(pixels.shape[:2]) < side:
        pixels = pixels.repeat(side, axis=0).repeat(side, axis=1)
    return np.ascontiguousarray(pixels)


def entropy(counts: Any) -> float:
    """Shannon entropy of (N, 256) histograms of equal totals, bits, mean over the N, 0..8."""
    import numpy as np

    share = counts[counts > 0] / counts[0].sum()
    return float(max(0.0, -np.sum(share * np.log2(share)) / len(counts)))
