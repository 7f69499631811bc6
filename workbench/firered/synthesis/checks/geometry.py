"""Properties of place: a thing moved, or the whole picture is seen from elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from firered.synthesis.checks.color import lab
from firered.synthesis.checks.evidence import Box, Evidence, Found, box_of, ramp, window
from firered.synthesis.checks.local import changed
from firered.synthesis.checks.whole import edge_likeness
from firered.templating.findings import correlation
from firered.templating.planes import Pixels, Plane, luma

SAME_THING = (0.3, 0.65)  # correlation of a thing before and after: another one, the same
Point = tuple[float, float]
MOVED = 0.04  # of the picture's side, from which on a joint moved
IN_SIGHT = 2  # mark of a point that nothing hides
LEAST_POINTS = 4
AROUND = 0.015  # half the side of a patch around a point, relative to the picture's height
SIDE = 48  # pixels to which things are brought to be compared


def moved(evidence: Evidence) -> Found:
    """What stood in the box `before` of the truth stands in the box `after`; measured is its likeness."""
    boxes = box_of(evidence.truth.get("before")), box_of(evidence.truth.get("after"))
    if boxes[0] is None or boxes[1] is None:
        share = evidence.share_changed(evidence.mask)
        return Found(share, ramp(share, 0.01, 0.06))
    there = _likeness(evidence.source, boxes[0], evidence.target, boxes[1])
    # What stands there now must not have stood there before.
    already = _likeness(evidence.source, boxes[0], evidence.source, boxes[1])
    parts = {
        "there": ramp(there, *SAME_THING),
        "new": ramp(there - already, 0.02, 0.15),
        "left": ramp(evidence.share_changed(_of_box(evidence, boxes[0])), 0.02, 0.12),
    }
    return Found(there, min(parts.values()), parts)


def resized(evidence: Evidence) -> Found:
    """The thing in the box `before` of the truth has the size of the box `after`; measured is its likeness."""
    boxes = box_of(evidence.truth.get("before")), box_of(evidence.truth.get("after"))
    if boxes[0] is None or boxes[1] is None:
        return Found(0.0, 0.0)
    there = _likeness(evidence.source, boxes[0], evidence.target, boxes[1])
    as_it_was = _likeness(evidence.source, boxes[0], evidence.target, boxes[0])
    parts = {"there": ramp(there, *SAME_THING), "other": ramp(there - as_it_was, 0.0, 0.1)}
    return Found(there, min(parts.values()), parts)


def flipped(evidence: Evidence) -> Found:
    """The thing in the box `after` of the truth is the mirror image of that in `before`; measured is its likeness."""
    boxes = box_of(evidence.truth.get("before")), box_of(evidence.truth.get("after"))
    if boxes[0] is None or boxes[1] is None:
        return Found(0.0, 0.0)
    before = _square(evidence.source[window(boxes[0], evidence.source.shape)])
    after = _square(evidence.target[window(boxes[1], evidence.target.shape)])
    mirrored, plain = correlation(cv2.flip(before, 1), after), correlation(before, after)
    parts = {"mirrored": ramp(mirrored, *SAME_THING), "against": ramp(mirrored - plain, 0.0, 0.1)}
    return Found(mirrored, min(parts.values()), parts)


def viewed(evidence: Evidence) -> Found:
    """The picture is seen as the truth's camera says: by its window, its homography, its points, or at all."""
    for name, check in (("window", _windowed), ("homography", _warped)):
        if evidence.truth.get(name) is not None:
            return check(evidence, evidence.truth[name])
    if evidence.same_size and len(places := _places(evidence)) >= LEAST_POINTS:
        return _pointed(evidence, places)
    share = float(evidence.faint.mean()) if evidence.same_size else 1.0
    return Found(share, ramp(share, 0.02, 0.08))


def posed(evidence: Evidence) -> Found:
    """Joints of a figure are where the truth has them after; measured is the likeness of what is around them."""
    moved_places = [
        (one, two) for one, two in _places(evidence) if np.hypot(one[0] - two[0], one[1] - two[1]) > MOVED
    ]
    return _pointed(evidence, moved_places) if moved_places else changed(evidence)


def _places(evidence: Evidence) -> list[tuple[Point, Point]]:
    """Points of a figure that are in sight before and after, relative to the picture."""
    states = [evidence.truth.get(side) for side in ("before", "after")]
    rows = [state.get("keypoints") or [] if isinstance(state, Mapping) else [] for state in states]
    seen = zip(*rows, strict=False)
    return [((one[0], one[1]), (two[0], two[1])) for one, two in seen if one[2] == two[2] == IN_SIGHT]


def _pointed(evidence: Evidence, places: Sequence[tuple[Point, Point]]) -> Found:
    """A figure seen from elsewhere: what is around its points before is around them after; measured is the likeness."""
    colours = lab(evidence.source), lab(evidence.target)
    there = float(np.median([_alike(colours, one, two) for one, two in places]))
    unmoved = float(np.median([_alike(colours, one, one) for one, _ in places]))
    share = evidence.share_changed(evidence.mask)
    parts = {
        "there": ramp(there, 30, 18),
        "against": ramp(unmoved - there, -3, 1),
        "share": ramp(share, 0.02, 0.08),
    }
    return Found(there, min(parts.values()), parts)


def _alike(colours: Sequence[Any], one: Point, two: Point) -> float:
    """Distance in CIE Lab between the mean colours around two points, one of each picture."""
    height, width = colours[0].shape[:2]
    reach = AROUND * height / width, AROUND
    means = [
        plane[window((x - reach[0], y - reach[1], x + reach[0], y + reach[1]), plane.shape)].mean(axis=(0, 1))
        for plane, (x, y) in zip(colours, (one, two), strict=True)
    ]
    return float(np.linalg.norm(means[0] - means[1]))


def view_likeness(evidence: Evidence) -> float:
    """Correlation of the target with what the truth says should be seen, -1..1."""
    box = box_of(evidence.truth.get("window"))
    if box is not None:
        part = evidence.source[window(box, evidence.source.shape)]
        return correlation(_square(part), _square(evidence.target))
    matrix = evidence.truth.get("homography")
    if matrix is not None:
        return correlation(*_laid_over(evidence, matrix))
    return edge_likeness(evidence.source, evidence.target)


def _windowed(evidence: Evidence, stored: Any) -> Found:
    """Zoom or shift: the window of the source that the truth names, against the whole source."""
    box = box_of(stored)
    if box is None:
        return Found(0.0, 0.0)
    likeness = view_likeness(evidence)
    plain = correlation(_square(evidence.source), _square(evidence.target))
    parts = {"window": ramp(likeness, 0.5, 0.85), "against": ramp(likeness - plain, 0.0, 0.1)}
    factor = 1 / max(box[2] - box[0], 1e-3)
    return Found(factor, min(parts.values()), parts)


def _warped(evidence: Evidence, matrix: Any) -> Found:
    """A plane seen anew: the source warped by the truth's homography (3, 3), of relative coordinates."""
    warped, seen = _laid_over(evidence, matrix)
    likeness = correlation(warped, seen)
    plain = correlation(_square(evidence.source), _square(evidence.target))
    parts = {"warp": ramp(likeness, 0.5, 0.85), "against": ramp(likeness - plain, 0.0, 0.08)}
    return Found(likeness, min(parts.values()), parts)


def _laid_over(evidence: Evidence, matrix: Any) -> tuple[Plane, Plane]:
    """Source warped as it should be seen, and the target, where both have pixels (N,)."""
    height, width = 128, 128
    scale = np.diag([width, height, 1.0])
    whole = scale @ np.array(matrix, np.float64).reshape(3, 3) @ np.linalg.inv(scale)
    small = [cv2.resize(luma(pixels), (width, height), interpolation=cv2.INTER_AREA)
             for pixels in (evidence.source, evidence.target)]  # fmt: skip
    warped = cv2.warpPerspective(small[0], whole, (width, height))
    there = cv2.warpPerspective(np.ones_like(small[0]), whole, (width, height)) > 0.99
    return warped[there], small[1][there]


def _likeness(first: Pixels, box: Box, second: Pixels, other: Box) -> float:
    """Correlation of what two boxes show, the better of plain and mirrored."""
    one = _square(first[window(box, first.shape)])
    two = _square(second[window(other, second.shape)])
    return max(correlation(one, two), correlation(cv2.flip(one, 1), two))


def _square(pixels: Pixels) -> Plane:
    square: Plane = cv2.resize(luma(pixels), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return square


def _of_box(evidence: Evidence, box: Box) -> Any:
    part = np.zeros(evidence.target.shape[:2], np.bool_)
    part[window(box, evidence.target.shape)] = True
    return part
