"""Properties of edits inside a mask: something changed, went, came, or became another thing."""

from collections.abc import Callable

import cv2
import numpy as np

from firered.descriptors import contour
from firered.synthesis.checks.evidence import Evidence, Found, Mask, ramp
from firered.templating.findings import uncut_pixels
from firered.templating.planes import Plane

Likeness = Callable[[Plane, Plane, Mask], float]

LIKE_BEFORE = (0.75, 0.4)  # remains of the old fine structure: nothing was done, all of it is gone
VISIBLE_SEAM = (2.1, 1.3)  # step at the border over that around it: seen at once, not seen
VISIBLE_STEP = (2.6, 1.5)  # change of tone there: a patch of other light, none
FRINGE = (26.0, 12.0)  # levels that a rim is brighter than both sides: a fringe, none
WAY = (-0.45, -0.05)  # gain of outline: the thing went, it came
SMEARED = (0.3, 0.65)  # fine structure over that around it: a smear, alike
COPIED = (0.97, 0.8)  # likeness to itself at another place: the same patch twice, not
ENOUGH = (0.1, 0.4)  # share of the mask that changed: hardly anything, enough


def changed(evidence: Evidence) -> Found:
    """Something in the mask changed so that it can be seen."""
    share = evidence.share_changed(evidence.mask)
    strength = _strength(evidence)
    parts = {"share": ramp(share, 0.01, 0.05), "strength": ramp(strength, 1, 2.5)}
    return Found(share, min(parts.values()), parts)


def exact(evidence: Evidence) -> Found:
    """The change was made by parameters: all of it lies in the mask, and there is enough of it."""
    share = evidence.share_changed(evidence.mask)
    inside = _share_inside(evidence)
    parts = {"share": ramp(share, 0.005, 0.03), "inside": ramp(inside, 0.6, 0.95)}
    if "stops" not in evidence.truth:
        return Found(inside, min(parts.values()), parts)
    asked = float(evidence.truth["stops"])
    stops = min(_stops(evidence), key=lambda found: abs(found - asked))
    parts["stops"] = ramp(abs(stops - asked), abs(asked), 0.25 * abs(asked))
    return Found(stops, min(parts.values()), parts)


def removed(evidence: Evidence) -> Found:
    """The mask was filled: nothing of the old structure is left, and its border does not show."""
    gone = _gone(evidence, contour.ghost, LIKE_BEFORE)
    parts = {
        "gone": gone,
        "seam": min(
            _hidden(evidence, evidence.contour), _hidden(evidence, contour.Contour(_changed_part(evidence)))
        ),
        "texture": ramp(contour.texture(evidence.lumas[1], evidence.contour), *SMEARED),
        "way": ramp(-_outline_gained(evidence), *WAY),
        "repeats": ramp(contour.repetition(evidence.lumas[1], evidence.mask), *COPIED),
    }
    return Found(gone, min(parts.values()), parts)


def inserted(evidence: Evidence) -> Found:
    """A thing appeared in the mask: its inside is new, and it has an outline that was not there."""
    thing = _thing(evidence)
    parts = {
        "new": _gone(evidence, contour.ghost, (0.85, 0.5)),
        "rim": _clean_rim(evidence, contour.Contour(thing)),
        "way": ramp(_outline_gained(evidence), *WAY),
    }
    return Found(parts["new"], min(parts.values()), parts)


def replaced(evidence: Evidence) -> Found:
    """Another thing stands in the mask: the old one is gone, and there is structure in its place."""
    parts = {
        "gone": _gone(evidence, contour.remains, LIKE_BEFORE),
        "texture": ramp(contour.texture(evidence.lumas[1], evidence.contour), 0.08, 0.25),
        "share": ramp(evidence.share_changed(_part_that_matters(evidence)), 0.2, 0.5),
    }
    return Found(parts["gone"], min(parts.values()), parts)


def _strength(evidence: Evidence) -> float:
    """Mean change in levels where anything changed in the mask."""
    where = evidence.faint & evidence.mask
    return float(evidence.change.difference[where].mean()) if where.any() else 0.0


def _stops(evidence: Evidence) -> tuple[float, float]:
    """Change of light in stops, over pixels of the subject, or the mask, that were not cut off.

    The first is that of the mean light, the second that of light over what is left to white, which is even
    where a shoulder keeps light tones from burning out.
    """
    where = evidence.mask if evidence.subject is None else evidence.subject
    whole = where & uncut_pixels(evidence.source, evidence.target)
    if not whole.any():
        return 0.0, 0.0
    # The power of 2.2 is near enough to sRGB's curve for a ratio.
    before, after = ((pixels[whole] / 255.0) ** 2.2 for pixels in (evidence.source, evidence.target))
    odds = np.median(np.log2(after / (1 - after)) - np.log2(before / (1 - before)))
    return float(np.log2(after.mean() / before.mean())), float(odds)


def _share_inside(evidence: Evidence) -> float:
    """Share of the changed pixels that lie in the mask, which outlines and blocks leave by a few pixels."""
    faint = evidence.faint
    near = cv2.dilate(evidence.mask.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(np.bool_)
    return float(near[faint].mean()) if faint.any() else 0.0


def _gone(evidence: Evidence, likeness_of: Likeness, limits: tuple[float, float]) -> float:
    """How much of the mask is new, 0..1: it changed, and its fine structure is no longer the old one."""
    part = _part_that_matters(evidence)
    likeness = likeness_of(*evidence.lumas, part)
    share = evidence.share_changed(part)
    return min(ramp(likeness, *limits), ramp(share, *ENOUGH))


def _part_that_matters(evidence: Evidence) -> Mask:
    """The thing itself where the truth has its outline, else the mask, which may be wider."""
    return evidence.mask if evidence.thing is None else evidence.thing


def _thing(evidence: Evidence) -> Mask:
    """Outline of what appeared: what the truth says, else what changed."""
    return _changed_part(evidence) if evidence.thing is None else evidence.thing


def _changed_part(evidence: Evidence) -> Mask:
    """What changed in the mask, its gaps closed."""
    joined = cv2.morphologyEx(
        (evidence.faint & evidence.mask).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)
    )
    part: Mask = joined > 0
    return part


def _outline_gained(evidence: Evidence) -> float:
    """How much more the outline of the thing shows after than before."""
    border = contour.Contour(_thing(evidence))
    before, after = (contour.outline(plane, border) + contour.step(plane, border) for plane in evidence.lumas)
    return after - before


def _clean_rim(evidence: Evidence, border: contour.Contour) -> float:
    """1 where no bright fringe runs along a border or just inside of it; dark ones may be outlines."""
    return ramp(max(contour.halo(evidence.lumas[1], border, at=at)[0] for at in (0.0, -1.5, -3.0)), *FRINGE)


def _hidden(evidence: Evidence, border: contour.Contour) -> float:
    """How well a border hides, 0..1: neither a line nor a step of tone shows where it runs."""
    plane = evidence.lumas[1]
    return min(
        ramp(contour.seam(plane, border), *VISIBLE_SEAM), ramp(contour.step(plane, border), *VISIBLE_STEP)
    )
