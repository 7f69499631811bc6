"""Cuts out what is in a box without having learned anything: GrabCut (Rother et al. 2004).

Two mixtures of colours, one of what lies around the box and one of what is inside, and a cut through the
picture where colours change. Works where the colours differ; a matte that says where the object may be
helps it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from firered.models.regions import Box, Region
from firered.models.soft import region_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Matte = NDArray[np.float32]
    Bounds = tuple[int, int, int, int]  # left, top, right, bottom in pixels

SIDE = 192  # pixels; longer side of what is cut, finer costs more and gains little
MARGIN = 0.3  # of the box on each side, from which the background is learned
ROUNDS = 4
SURE = (0.1, 0.9)  # of a hint, below and above which it is taken as likely
CORE = 0.3  # of the box's sides, in its middle, that belongs to the object for sure
SEED = 7  # of the start of the mixtures
SOFT = 0.6  # pixels at SIDE; deviation of the blur that gives the cut a soft edge
# Share of its box that an object fills; less or more means that the cut failed.
FILLS = (0.12, 0.97)
AGREES = 0.6  # IoU of a cut with the hint in its box, above which the hint, whose edges are finer, is taken
SPILLED = 0.3  # share of a side of the box along which the hint may go on outside
SLACK = 0.06  # of a box on each side, by which what is in it may reach out of it


class GrabCut:
    """Objects cut out of their boxes, about 40 ms of one core each."""

    name = "grabcut"
    revision = "1"

    def cut(self, pixels: "Pixels", boxes: Sequence[Box], hint: "Matte | None" = None) -> list[Region]:
        """One region with a matte for each box of (H, W, 3) uint8 RGB pixels, in their order.

        `hint` (H, W) is a matte of what stands in front. The score is 0 where the cut failed.
        """
        return [_cut(pixels, box, hint) for box in boxes]


def _cut(pixels: "Pixels", box: Box, hint: "Matte | None") -> Region:
    import numpy as np

    height, width = pixels.shape[:2]
    inner = bounds(box, height, width)
    outer = widened(inner, height, width)
    left, top, right, bottom = outer
    matte = np.zeros((height, width), np.float32)
    near = None if hint is None else hint[top:bottom, left:right]
    matte[top:bottom, left:right] = _separated(pixels[top:bottom, left:right], _within(inner, outer), near)
    if hint is not None:
        matte = _finer(matte, hint, box)
        if spilled(hint, box) > SPILLED:
            # Two things that touch: the box would cut through one of them in a straight line.
            return Region(0.0, box, matte=matte)
    area = (inner[2] - inner[0]) * (inner[3] - inner[1])
    filled = float((matte >= 0.5).sum()) / max(area, 1)
    found = region_of(matte) if FILLS[0] <= filled <= FILLS[1] else []
    return found[0] if found else Region(0.0, box, matte=matte)


def _finer(matte: "Matte", hint: "Matte", box: Box) -> "Matte":
    """The hint within a box where it agrees with what was cut out, else what was cut out."""
    import numpy as np

    height, width = matte.shape
    left, top, right, bottom = widened(bounds(box, height, width), height, width, SLACK)
    near = np.zeros_like(matte)
    near[top:bottom, left:right] = hint[top:bottom, left:right]
    shared, either = np.minimum(matte, near).sum(), np.maximum(matte, near).sum()
    return near if shared >= AGREES * max(float(either), 1.0) else matte


def spilled(hint: "Matte", box: Box) -> float:
    """Largest share of a side of a box (a little widened) along which a hint goes on beyond it, 0..1."""
    height, width = hint.shape
    left, top, right, bottom = widened(bounds(box, height, width), height, width, SLACK)
    sides = []
    if left > 0:
        sides.append(hint[top:bottom, left - 1])
    if right < width:
        sides.append(hint[top:bottom, right])
    if top > 0:
        sides.append(hint[top - 1, left:right])
    if bottom < height:
        sides.append(hint[bottom, left:right])
    return max((float((side >= 0.5).mean()) for side in sides), default=0.0)


def _separated(part: "Pixels", inner: "Bounds", hint: "Matte | None") -> "Matte":
    """Matte (h, w) of what is in a box of a part (h, w, 3) of a picture."""
    import cv2
    import numpy as np

    height, width = part.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    trimap = _trimap(_scaled(inner, size[0] / width, size[1] / height), size, hint)
    if (
        len(np.unique(trimap % 2)) < 2
    ):  # a box that is the whole part leaves nothing to learn the background from
        return np.zeros((height, width), np.float32)
    # Its mixtures start from random places, which must be the same for the same picture.
    cv2.setRNGSeed(SEED)
    models = np.zeros((2, 1, 65), np.float64)
    cv2.grabCut(small, trimap, None, models[0], models[1], ROUNDS, cv2.GC_INIT_WITH_MASK)
    inside = cv2.GaussianBlur(_largest(trimap % 2 == 1).astype(np.float32), (0, 0), SOFT)
    grown: Matte = cv2.resize(inside, (width, height), interpolation=cv2.INTER_LINEAR)
    return grown


def _trimap(inner: "Bounds", size: tuple[int, int], hint: "Matte | None") -> "Pixels":
    """What is known before: outside of the box background, its middle the object, the rest as the hint says."""
    import cv2
    import numpy as np

    trimap = np.full(size[::-1], cv2.GC_BGD, np.uint8)
    left, top, right, bottom = inner
    likely = np.full(trimap.shape, cv2.GC_PR_FGD, np.uint8)
    if hint is not None:
        small = cv2.resize(np.ascontiguousarray(hint), size, interpolation=cv2.INTER_AREA)
        likely[small < SURE[0]] = cv2.GC_PR_BGD
    trimap[top:bottom, left:right] = likely[top:bottom, left:right]
    across, down = (right - left) * (1 - CORE) / 2, (bottom - top) * (1 - CORE) / 2
    core = (slice(int(top + down), int(bottom - down)), slice(int(left + across), int(right - across)))
    if hint is None or not (trimap == cv2.GC_PR_FGD).any():
        trimap[core] = cv2.GC_FGD
    else:
        trimap[(small > SURE[1]) & (trimap == cv2.GC_PR_FGD)] = cv2.GC_FGD
    return trimap


def _largest(mask: "NDArray[np.bool_]") -> "NDArray[np.bool_]":
    """Parts of a mask that are a tenth of the largest one or more."""
    import cv2
    import numpy as np

    _, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    kept: NDArray[np.bool_] = np.isin(parts, np.flatnonzero(areas >= max(1, areas.max() / 10)))
    return kept


def bounds(box: Box, height: int, width: int) -> "Bounds":
    """Bounds in pixels of a box, of one pixel at least."""
    left, top = min(round(box[0] * width), width - 1), min(round(box[1] * height), height - 1)
    right, bottom = round(box[2] * width), round(box[3] * height)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def widened(inner: "Bounds", height: int, width: int, margin: float = MARGIN) -> "Bounds":
    """Bounds with a margin on each side, within a picture."""
    left, top, right, bottom = inner
    across, down = round((right - left) * margin), round((bottom - top) * margin)
    return max(left - across, 0), max(top - down, 0), min(right + across, width), min(bottom + down, height)


def _within(inner: "Bounds", outer: "Bounds") -> "Bounds":
    return inner[0] - outer[0], inner[1] - outer[1], inner[2] - outer[0], inner[3] - outer[1]


def _scaled(inner: "Bounds", across: float, down: float) -> "Bounds":
    left, top = round(inner[0] * across), round(inner[1] * down)
    return left, top, max(left + 1, round(inner[2] * across)), max(top + 1, round(inner[3] * down))
