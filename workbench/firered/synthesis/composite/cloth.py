"""Cloth: the part of a person that is an upper garment, and patterns laid on it with its own folds and light."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firered.synthesis.composite import light

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Binary = NDArray[np.bool_]

# Joints by scheme: the person's left and right shoulder, left and right hip, nose.
JOINTS = {"coco17": (5, 6, 11, 12, 0), "mediapipe33": (11, 12, 23, 24, 0)}
SURE = 0.5  # score of a joint
NARROWEST = 0.09  # shoulders, share of the picture's longer side
STEEPEST = 0.4  # how far one shoulder is below the other, by their distance
TRUNK = 1.25  # length of a trunk by its shoulders' width, where the hips are not seen
SKIN_HUE, SKIN_LIGHT = 9.0, 30.0  # distance from the face's colour within which cloth is taken for skin
ROUNDS, AROUND = 3, 12  # of GrabCut; and pixels around the garment that it sees
LEAST_COVERED = 0.55  # share of the trunk that must be cloth
BUSIEST = 8.0  # deviation of fine L* detail, above which the old pattern would show through
SPREAD = 13.0  # deviation of a*, b*, above which it is no single cloth
DARKEST = 14.0  # median L* below which there are no folds to be seen


@dataclass(frozen=True)
class Trunk:
    """Corners of a trunk in pixels (4, 2): shoulders and hips, those on the picture's left first; and the nose."""

    corners: "Floats"
    nose: "Floats"

    @property
    def width(self) -> float:
        """Distance of the shoulders, pixels."""
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))


def trunk(points: "Sequence[float]", scheme: str, height: int, width: int) -> Trunk:
    """Trunk of a pose (x, y, score of each joint, 0..1); raises ValueError where it is not seen from the front."""
    if scheme not in JOINTS:
        raise ValueError(f"joints of the scheme {scheme!r} are not known here")
    joints = np.asarray(points, np.float32).reshape(-1, 3)[list(JOINTS[scheme])]
    places, scores = joints[:, :2] * np.array([width, height], np.float32), joints[:, 2]
    if scores[:2].min() < SURE:
        raise ValueError("the shoulders are not seen")
    across = places[0] - places[1]
    # Of a person who faces the camera the left shoulder is on the picture's right.
    if across[0] < NARROWEST * max(height, width) or abs(across[1]) > STEEPEST * across[0]:
        raise ValueError("the person is too small, or not seen from the front")
    down = TRUNK * np.array([-across[1], across[0]], np.float32)
    hips = places[2:4] if scores[2:4].min() >= SURE and places[2:4, 1].max() < height else places[:2] + down
    if hips[:, 1].mean() - places[:2, 1].mean() < 0.6 * across[0]:
        raise ValueError("the trunk is bent or hidden")
    return Trunk(np.stack([places[1], places[0], hips[1], hips[0]]), places[4])


def garment(pixels: "Pixels", body: Trunk, person: "Binary") -> "Floats":
    """How much of each pixel is the upper garment (H, W), 0..1; raises ValueError where it is none that can be told."""
    skin = _skin(pixels, body)
    seed = _quad(pixels.shape, body.corners, 0.62) & person & ~skin
    if seed.sum() < 0.25 * max(int(_quad(pixels.shape, body.corners, 0.62).sum()), 1):
        raise ValueError("bare skin, or something else, where the garment should be")
    found = _grown(pixels, body, person, seed, skin)
    covered = float(found[_quad(pixels.shape, body.corners, 0.85)].mean())
    if covered < LEAST_COVERED:
        raise ValueError(f"cloth covers {covered:.2f} of the trunk, {LEAST_COVERED} needed")
    _refuse_busy(pixels, found)
    soft = cv2.GaussianBlur(found.astype(np.float32), (0, 0), max(0.7, 0.006 * body.width))
    soft[soft < 2 / 255] = 0
    return np.asarray(soft, np.float32)


def _skin(pixels: "Pixels", body: Trunk) -> "Binary":
    """Pixels that have the colour of the face around the nose."""
    planes = light.lab(pixels)
    reach = max(2, round(0.06 * body.width))
    x, y = (round(float(value)) for value in body.nose)
    patch = planes[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach].reshape(-1, 3)
    if not len(patch):
        raise ValueError("the face is out of the picture")
    usual = np.median(patch, axis=0)
    away = np.abs(cv2.GaussianBlur(planes, (0, 0), 1.5) - usual)
    return np.asarray((away[..., 1:].max(axis=2) < SKIN_HUE) & (away[..., 0] < SKIN_LIGHT))


def _quad(shape: tuple[int, ...], corners: "Floats", share: float) -> "Binary":
    """Inside of a trunk, shrunk towards its middle."""
    middle = corners.mean(axis=0)
    shrunk = middle + share * (corners - middle)
    filled = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(filled, np.rint(shrunk[[0, 1, 3, 2]]).astype(np.int32), 1)
    return filled > 0


def _grown(pixels: "Pixels", body: Trunk, person: "Binary", seed: "Binary", skin: "Binary") -> "Binary":
    """The seed and what belongs to it by colour and edges (GrabCut), within the person and around the trunk."""
    left, top = body.corners.min(axis=0) - np.array([0.5, 0.25], np.float32) * body.width
    right, bottom = body.corners.max(axis=0) + np.array([0.5, 0.45], np.float32) * body.width
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    near = (columns >= left) & (columns <= right) & (rows >= top) & (rows <= bottom)
    # Above the chin there is hair.
    near &= rows > body.nose[1] + 0.55 * (body.corners[:2, 1].mean() - body.nose[1])
    labels = np.full(pixels.shape[:2], cv2.GC_BGD, np.uint8)
    labels[near & person] = cv2.GC_PR_BGD
    labels[_quad(pixels.shape, body.corners, 1.05) & near & person & ~skin] = cv2.GC_PR_FGD
    labels[seed & near] = cv2.GC_FGD
    labels[skin & (labels != cv2.GC_FGD)] = cv2.GC_BGD
    _cut(pixels, labels, near)
    found = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
    side = max(3, round(0.03 * body.width)) | 1
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    found = cv2.morphologyEx(cv2.morphologyEx(found, cv2.MORPH_OPEN, brush), cv2.MORPH_CLOSE, brush)
    _, parts = cv2.connectedComponents(found)
    kept = np.unique(parts[seed & (parts > 0)])
    return np.isin(parts, kept[kept > 0]) & person


def _cut(pixels: "Pixels", labels: "NDArray[np.uint8]", near: "Binary") -> None:
    """Run GrabCut where it matters, and a little around for the colours of the background; changes the labels."""
    rows, columns = np.nonzero(near.any(axis=1))[0], np.nonzero(near.any(axis=0))[0]
    if not len(rows) or not (labels == cv2.GC_FGD).any():
        raise ValueError("the garment lies outside of the picture")
    box = np.s_[
        max(0, rows[0] - AROUND) : rows[-1] + AROUND, max(0, columns[0] - AROUND) : columns[-1] + AROUND
    ]
    part = np.ascontiguousarray(labels[box])
    if not (part == cv2.GC_BGD).any():
        raise ValueError("the person fills the picture")
    # Its first guess of the colours is drawn from OpenCV's own generator.
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(pixels[box]), part, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    labels[box] = part


def _refuse_busy(pixels: "Pixels", found: "Binary") -> None:
    planes = light.lab(pixels)
    detail = planes[..., 0] - cv2.GaussianBlur(planes[..., 0], (0, 0), 4)
    busy, spread = float(detail[found].std()), float(planes[found][:, 1:].std(axis=0).max())
    if busy > BUSIEST or spread > SPREAD:
        raise ValueError(f"the garment has a pattern of its own (detail {busy:.1f}, colours {spread:.1f})")
    if float(np.median(planes[..., 0][found])) < DARKEST:
        raise ValueError("the garment is too dark, its folds are not seen")


def dressed(pixels: "Pixels", share: "Floats", pattern: "Pixels") -> "Pixels":
    """A photograph whose garment (H, W, 0..1) has the colours of a pattern (H, W, 3), under its own folds and light."""
    planes, drawn = light.lab(pixels), light.lab(pattern)
    inside = share > 0.5
    usual = float(np.median(planes[..., 0][inside]))
    folds = np.clip(planes[..., 0] / max(usual, 1.0), 0.25, 1.7)
    # Dark cloth shows weak folds; on bright cloth the same folds are stronger.
    bright = np.clip(drawn[..., 0] * folds**0.85, 0, 100)
    chroma = np.clip(folds, 0.5, 1.15)[..., None]
    made = light.rgb(np.concatenate([bright[..., None], drawn[..., 1:] * chroma], axis=2)).astype(np.float32)
    mixed = share[..., None] * made + (1 - share[..., None]) * pixels
    return np.where((share > 0)[..., None], np.clip(np.rint(mixed), 0, 255), pixels).astype(np.uint8)


def coordinates(pixels: "Pixels", body: Trunk) -> tuple["Floats", "Floats"]:
    """Where each pixel lies on the cloth (H, W): across and down, in widths of the shoulders, bent by the folds."""
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]].astype(np.float32)
    axis = (body.corners[1] - body.corners[0]) / body.width
    x, y = columns - body.corners[0, 0], rows - body.corners[0, 1]
    across = (x * axis[0] + y * axis[1]) / body.width
    down = (-x * axis[1] + y * axis[0]) / body.width
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    smooth = cv2.GaussianBlur(luma, (0, 0), max(1.5, 0.025 * body.width))
    return across + 0.0009 * (smooth - smooth.mean()), down + 0.0012 * (smooth - smooth.mean())
