"""What a check looks at: the two pictures of a made pair, where they may differ, and what is known to be true."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.descriptors import rle
from firered.descriptors.change import Change, change_of
from firered.descriptors.contour import Contour
from firered.templating.planes import Pixels, Plane, luma

Mask = NDArray[np.bool_]  # (H, W)
Box = tuple[float, float, float, float]  # left, top, right, bottom relative to the picture, 0..1

LEAST = 1.2  # grey levels; the same where the codec is known to do less
FAINT = 5  # grey levels that a smooth change must have to be one; less is the codec's work


@dataclass(frozen=True)
class Found:
    """What a check found of the property that was asked for."""

    measured: float  # in the unit of what was asked
    followed: float  # 0..1, 1 is as asked
    parts: Mapping[str, float] = field(default_factory=dict)  # what the score was made of, for people


@dataclass(frozen=True)
class Evidence:
    """Source and target (H, W, 3) of the forward edit, the mask of the target, and the truth that was stored."""

    source: Pixels
    target: Pixels
    asked: float = 1.0
    region: Mask | None = None  # None: anywhere
    truth: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)  # of the slots that have one
    limits: Mapping[str, float] = field(default_factory=dict)  # of the measurement, that the primitive sets
    clean: Pixels | None = None  # what a restoration should come to

    @property
    def same_size(self) -> bool:
        """Whether both pictures have the same height and width."""
        return self.source.shape == self.target.shape

    @cached_property
    def mask(self) -> Mask:
        """Where the target may differ from the source, (H, W) of the target."""
        if self.region is None:
            return np.ones(self.target.shape[:2], np.bool_)
        return fitted(self.region, self.target.shape[:2])

    @cached_property
    def subject(self) -> Mask | None:
        """Pixels of the subject, which stay, (H, W) of the target; None where the truth names none."""
        return region_of(self.truth.get("subject"), self.target.shape[:2])

    @cached_property
    def thing(self) -> Mask | None:
        """Pixels of the thing that the edit is about, (H, W) of the target; None where the truth has no outline."""
        return region_of(self.truth.get("object"), self.target.shape[:2])

    @cached_property
    def contour(self) -> Contour:
        """Border of the mask."""
        return Contour(self.mask)

    @cached_property
    def change(self) -> Change:
        """Difference of the two pictures, which have one size."""
        return change_of(self.source, self.target)

    @cached_property
    def faint(self) -> Mask:
        """Pixels (H, W) that changed at all, by more than the codec does where nothing should change."""
        apart = smooth_difference(self.source, self.target)
        outside = apart[~self.mask]
        # What the codec does is known where enough of the picture was left alone.
        codec = 3 * float(np.percentile(outside, 90)) if outside.size > 0.05 * apart.size else FAINT
        changed: Mask = apart > min(max(codec, LEAST), FAINT)
        return changed

    @cached_property
    def lumas(self) -> tuple[Plane, Plane]:
        """Luma of source and target, (H, W), 0..255."""
        return luma(self.source), luma(self.target)

    def share_changed(self, where: Mask) -> float:
        """Share of these pixels that changed at all, 0..1; 0 of none."""
        return float(self.faint[where].mean()) if where.any() else 0.0


def smooth_difference(source: Pixels, target: Pixels) -> NDArray[np.float32]:
    """Largest difference over the channels after a small blur, (H, W): the codec's noise averages out."""
    one, two = (cv2.GaussianBlur(pixels, (0, 0), 1.5).astype(np.float32) for pixels in (source, target))
    apart: NDArray[np.float32] = np.abs(one - two).max(axis=-1)
    return apart


def region_of(stored: Any, shape: tuple[int, int]) -> Mask | None:
    """A mask from what a making stores (height, width, counts), brought to (H, W); None where there is none."""
    if not isinstance(stored, Mapping) or "counts" not in stored:
        return None
    return fitted(rle.decode(stored["counts"], stored["height"], stored["width"]), shape)


def fitted(mask: Mask, shape: tuple[int, int]) -> Mask:
    """A mask brought to (H, W)."""
    if mask.shape == shape:
        return mask
    size = (shape[1], shape[0])
    resized: Mask = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return resized


def box_of(stored: Any) -> Box | None:
    """A box from a list of four numbers or a mapping of sides; None where there is none."""
    if isinstance(stored, Mapping) and "left" in stored:
        stored = [stored[side] for side in ("left", "top", "right", "bottom")]
    if not isinstance(stored, list | tuple) or len(stored) != 4:
        return None
    left, top, right, bottom = (float(side) for side in stored)
    return (left, top, right, bottom) if right > left and bottom > top else None


def window(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of a box in a picture (H, W, ...), at least one pixel each way."""
    height, width = shape[:2]
    left, top, right, bottom = box
    first_row, first_column = min(height - 1, round(top * height)), min(width - 1, round(left * width))
    return (
        slice(max(0, first_row), max(round(bottom * height), first_row + 1)),
        slice(max(0, first_column), max(round(right * width), first_column + 1)),
    )


def ramp(value: float, nothing: float, all_of_it: float) -> float:
    """Score of a value, 0 at `nothing` and 1 at `all_of_it`, straight between."""
    return float(np.clip((value - nothing) / (all_of_it - nothing), 0, 1))
