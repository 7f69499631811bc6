"""What an edit must leave as it was: outside of the mask, the subject, structure, tones, hues."""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

from firered.descriptors.likeness import psnr_of
from firered.synthesis.checks.evidence import Evidence, Mask, ramp
from firered.synthesis.checks.geometry import view_likeness
from firered.synthesis.checks.whole import edge_likeness
from firered.templating.planes import chroma

MARGIN = 6  # pixels that the codec's blocks carry a change beyond the mask
DAMAGE = (0.04, 0.004)  # share of what should stay that changed visibly: damaged, only the codec's work
QUALITY = (22.0, 30.0)  # dB there: damaged, only the codec's work


def kept(evidence: Evidence, aspects: Sequence[str]) -> float:
    """How well the rest is kept, 0..1: the least of the aspects that a primitive names, 1 where it names none."""
    return min((ASPECTS[aspect](evidence) for aspect in aspects), default=1.0)


def outside(evidence: Evidence) -> float:
    """1 where nothing but the codec's work changed outside of the mask."""
    if evidence.region is None or not evidence.same_size:
        return 1.0
    return _unharmed(evidence, ~_widened(evidence.mask))


def subject(evidence: Evidence) -> float:
    """1 where nothing but the codec's work changed inside of the subject; its rim may be blended."""
    if evidence.subject is None or not evidence.same_size:
        return 1.0
    inner = cv2.erode(evidence.subject.astype(np.uint8), _disc(MARGIN)).astype(np.bool_)
    return _unharmed(evidence, inner)


def structure(evidence: Evidence) -> float:
    """1 where the edges are where they were."""
    return ramp(edge_likeness(evidence.source, evidence.target), 0.15, 0.45)


def tones(evidence: Evidence) -> float:
    """1 where luma stayed, 0 where it moved by 48 levels on average in the mask."""
    if not evidence.same_size or not evidence.mask.any():
        return 1.0
    before, after = evidence.lumas
    return ramp(float(np.abs(after - before)[evidence.mask].mean()), 48, 0)


def hue(evidence: Evidence) -> float:
    """1 where what has a colour still has that one; greys have none to keep."""
    if not evidence.same_size:
        return 1.0
    product = np.conj(chroma(evidence.source)) * chroma(evidence.target)
    weight = float(np.abs(product).sum())
    return float(np.clip(product.real.sum() / weight, 0, 1)) if weight > 20 * product.size else 1.0


def others(evidence: Evidence) -> float:
    """1 where colours outside of the mask stayed, 0 where they moved by 24 levels on average."""
    if evidence.region is None or not evidence.same_size:
        return 1.0
    rest = ~_widened(evidence.mask)
    apart = np.abs(chroma(evidence.target) - chroma(evidence.source))
    return ramp(float(apart[rest].mean()), 24, 0) if rest.any() else 1.0


def view(evidence: Evidence) -> float:
    """1 where the target shows the same place."""
    return ramp(view_likeness(evidence), 0.1, 0.5)


ASPECTS: dict[str, Callable[[Evidence], float]] = {
    "outside": outside, "subject": subject, "structure": structure, "luma": tones, "hue": hue, "others": others,
    "view": view,
}  # fmt: skip


def _unharmed(evidence: Evidence, where: Mask) -> float:
    if not where.any():
        return 1.0
    error = float(evidence.change.squares[where].mean())
    share = float((evidence.change.visible[where] > 0).mean())
    return min(ramp(share, *DAMAGE), ramp(psnr_of(error), *QUALITY))


def _widened(mask: Mask) -> Mask:
    wider: Mask = cv2.dilate(mask.astype(np.uint8), _disc(MARGIN)).astype(np.bool_)
    return wider


def _disc(reach: int) -> Any:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
