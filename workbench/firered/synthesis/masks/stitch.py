"""Crop and stitch: work on a window around a mask at a resolution of one's own, and put only the mask back."""

from collections.abc import Callable

import cv2
import numpy as np

from firered.synthesis.masks.shape import Alpha, Mask, with_context
from firered.templating.planes import Pixels

# (pixels of the window, mask of the window) -> what the window becomes, of the same size
Work = Callable[[Pixels, Mask], Pixels]


def crop_and_stitch(pixels: Pixels, mask: Mask, work: Work, *, context: float, side: int) -> Pixels:
    """The picture with `work` done in the mask; a window larger than `side` pixels is worked on at that size.

    Outside of the mask the pixels are bit-equal: the paste-back is part of the stitch.
    """
    window = with_context(mask, context)
    part, hole = pixels[window.slices], mask[window.slices]
    scale = min(1.0, side / max(part.shape[:2]))
    done = work(*_scaled(part, hole, scale))
    back = done if scale == 1 else cv2.resize(done, window.size, interpolation=cv2.INTER_CUBIC)
    stitched = pixels.copy()
    stitched[window.slices] = pasted_back(part, back, hole)
    return stitched


def _scaled(part: Pixels, hole: Mask, scale: float) -> tuple[Pixels, Mask]:
    if scale == 1:
        return part, hole
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    small: Pixels = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    cover = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return small, cover > 0


def pasted_back(before: Pixels, after: Pixels, mask: Mask) -> Pixels:
    """`after` inside of the mask, the bits of `before` outside."""
    return np.where(mask[..., None], after, before)


def blended(below: Pixels, above: Pixels, alpha: Alpha) -> Pixels:
    """`above` over `below` by an alpha (H, W); where it is 0 the bits of `below` stay."""
    share = alpha[..., None]
    mixed = np.rint(below + share * (above.astype(np.float32) - below))
    return np.clip(mixed, 0, 255).astype(np.uint8)
