"""Properties of edits that may touch the whole picture: grounds, cut-outs, restorations, styles."""

import cv2
import numpy as np

from firered.descriptors import contour
from firered.descriptors.likeness import laid_over, psnr
from firered.synthesis.checks.evidence import Evidence, Found, Mask, ramp
from firered.templating.findings import correlation, ratio, shrunk
from firered.templating.planes import Pixels, Plane, luma

PLAIN = (14.0, 4.0)  # deviation of the ground of a cut-out in levels: a picture, plain
EDGES = (0.15, 0.38)  # correlation of edges: another picture, the same content redrawn
GAIN = (0.0, 1.4)  # dB nearer to the clean picture; 1 dB scores 0.71
BETTER = (0.02, 0.12)  # doublings of sharpness, calm, contrast or light: none, some
DARK = 90.0  # mean luma below which a picture gets better by light
FRINGE = (24.0, 10.0)  # levels that a rim lies outside of both sides: a halo, none


def background(evidence: Evidence) -> Found:
    """The ground is another one around a subject that stays: measured is the share of the ground that is new."""
    ground = _ground(evidence)
    share = evidence.share_changed(ground)
    likeness = contour.ghost(*evidence.lumas, ground)
    parts = {
        "share": ramp(share, 0.2, 0.6),
        "new": ramp(likeness, 0.8, 0.5),
        "rim": _rim(evidence, ground),
    }
    return Found(share, min(parts.values()), parts)


def blurred(evidence: Evidence) -> Found:
    """Detail of the ground was lost and its tones were not; measured is how often its slope was halved."""
    ground = _ground(evidence)
    before, after = (_slope_in(plane, ground) + 1 for plane in evidence.lumas)
    halvings = float(np.log2(before / after)) / 2
    coarse = [shrunk(np.where(ground, plane, 0), 24) for plane in evidence.lumas]
    parts = {"lost": ramp(halvings, 0.03, 0.2), "tones": ramp(correlation(*coarse), 0.5, 0.9)}
    return Found(halvings, min(parts.values()), parts)


def cut_out(evidence: Evidence) -> Found:
    """A subject on plain ground and nothing else; measured is the ground's evenness."""
    ground = _plain_ground(evidence)
    if ground.mean() < 0.02:
        return Found(0.0, 0.0)
    tones = evidence.target[ground].astype(np.float32)
    # The middle of the tones, so that a soft shadow or a rim of hair does not count as a picture.
    away = np.abs(tones - np.median(tones, axis=0)).max(axis=-1)
    even = float(np.percentile(away, 97))
    parts = {
        "even": ramp(even, 3 * PLAIN[0], 3 * PLAIN[1]),
        "there": ramp(_detail(evidence, ~ground), 0.5, 2),
    }
    if evidence.same_size:
        parts["new"] = ramp(evidence.share_changed(ground), 0.1, 0.4)
    return Found(parts["even"], min(parts.values()), parts)


def redrawn(evidence: Evidence) -> Found:
    """The whole picture looks different and shows the same things; measured is the share that changed."""
    share = evidence.share_changed(evidence.mask)
    parts = {
        "share": ramp(share, 0.3, 0.65),
        "strength": ramp(float(evidence.change.difference[evidence.mask].mean()), 5, 12),
        "content": ramp(edge_likeness(evidence.source, evidence.target), *EDGES),
    }
    return Found(share, min(parts.values()), parts)


def restored(evidence: Evidence) -> Found:
    """The target is nearer to the clean picture, measured in dB, or without one better by sharpness, noise or light."""
    if evidence.clean is not None:
        clean = laid_over(evidence.clean, evidence.target.shape[:2])
        before = psnr(laid_over(evidence.source, evidence.target.shape[:2]), clean)
        gain = psnr(evidence.target, clean) - before
        return Found(gain, ramp(gain, *GAIN), {"before": before})
    gains = {name: gain(evidence.source, evidence.target) for name, gain in GAINS.items()}
    best = max(gains[name] for name in evidence.limits or gains if name in gains)
    content = ramp(edge_likeness(evidence.source, evidence.target), 0.3, 0.6)
    return Found(best, min(ramp(best, *BETTER), content), gains)


def enlarged(evidence: Evidence) -> Found:
    """The target shrunk to the source's size equals it, and has more detail than a plain enlargement; measured is the factor."""
    height, width = evidence.source.shape[:2]
    factor = evidence.target.shape[0] / height
    if factor <= 1.05 or abs(evidence.target.shape[1] / width - factor) > 0.05 * factor:
        return Found(factor, 0.0)
    back: Pixels = cv2.resize(evidence.target, (width, height), interpolation=cv2.INTER_AREA)
    plain = cv2.resize(evidence.source, evidence.target.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    parts = {
        "same": ramp(psnr(evidence.source, back), 19, 26),
        "detail": ramp(ratio(_slope(luma(evidence.target)), _slope(luma(plain))), 1.0, 1.1),
    }
    return Found(factor, min(parts.values()), parts)


def edge_likeness(source: Pixels, target: Pixels) -> float:
    """Correlation of the edges of two pictures at a small size, -1..1."""
    return correlation(*(_edges(pixels) for pixels in (source, target)))


def _edges(pixels: Pixels) -> Plane:
    plane = shrunk(luma(pixels), 96)
    slopes = cv2.magnitude(cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1))
    smooth: Plane = cv2.GaussianBlur(np.sqrt(slopes), (0, 0), 1)
    return smooth


def _ground(evidence: Evidence) -> Mask:
    return evidence.mask if evidence.subject is None else ~evidence.subject


def _plain_ground(evidence: Evidence) -> Mask:
    """What is not the subject, a few pixels away from it."""
    if evidence.subject is None:
        return _rim_of_picture(evidence.target)
    near = cv2.dilate(evidence.subject.astype(np.uint8), np.ones((11, 11), np.uint8))
    ground: Mask = near == 0
    return ground


def _rim_of_picture(pixels: Pixels) -> Mask:
    height, width = pixels.shape[:2]
    edge = max(2, round(0.03 * min(height, width)))
    rim = np.ones((height, width), np.bool_)
    rim[edge:-edge, edge:-edge] = False
    return rim


def _detail(evidence: Evidence, where: Mask) -> float:
    """Deviation of luma where the subject stands, in levels."""
    return float(evidence.lumas[1][where].std()) if where.any() else 0.0


def _rim(evidence: Evidence, ground: Mask) -> float:
    """1 where the subject's rim has no halo that the source did not have."""
    border = contour.Contour(~ground)
    before, after = (contour.halo(plane, border) for plane in evidence.lumas)
    return ramp(max(after) - max(before), *FRINGE)


# --- what a restoration without truth may better ----------------------------------------------------


def _sharper(source: Pixels, target: Pixels) -> float:
    """Doublings of the slope of edges, which noise hardly has."""
    before, after = (_slope(cv2.GaussianBlur(luma(pixels), (0, 0), 1)) + 1 for pixels in (source, target))
    return float(np.log2(after / before)) / 2


def _calmer(source: Pixels, target: Pixels) -> float:
    """Halvings of the noise in units of the contrast, less what a blur takes of the edges, too."""
    before, after = ((_noise(pixels) + 0.5) / (_contrast(pixels)) for pixels in (source, target))
    return float(np.log2(before / after)) + 3 * min(0.0, _sharper(source, target) - _clearer(source, target))


def _clearer(source: Pixels, target: Pixels) -> float:
    """Doublings of the contrast."""
    return float(np.log2(_contrast(target) / _contrast(source)))


def _lighter(source: Pixels, target: Pixels) -> float:
    """Doublings of the brightness of a picture that was dark."""
    before, after = (float(luma(pixels).mean()) + 4 for pixels in (source, target))
    return float(np.log2(after / before)) if before < DARK else 0.0


def _contrast(pixels: Pixels) -> float:
    return float(luma(pixels).std()) + 2


GAINS = {"sharper": _sharper, "calmer": _calmer, "clearer": _clearer, "lighter": _lighter}


def _slope(plane: Plane) -> float:
    steps = (np.diff(plane, axis=axis) for axis in (0, 1))
    return sum(float(np.square(each).mean()) for each in steps if each.size)


def _slope_in(plane: Plane, where: Mask) -> float:
    """Mean squared step between neighbours in a region."""
    down, across = np.square(np.diff(plane, axis=0)), np.square(np.diff(plane, axis=1))
    inside = where[1:] & where[:-1], where[:, 1:] & where[:, :-1]
    return sum(
        float(steps[there].mean()) if there.any() else 0.0
        for steps, there in ((down, inside[0]), (across, inside[1]))
    )


def _noise(pixels: Pixels) -> float:
    """Deviation of the noise in levels: the median of a small second difference."""
    second = cv2.filter2D(
        luma(pixels), cv2.CV_32F, np.array([(1, -2, 1), (-2, 4, -2), (1, -2, 1)], np.float32)
    )
    return float(np.median(np.abs(second))) / 6 / 0.6745
