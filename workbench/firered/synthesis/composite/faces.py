"""Faces: regions of a face from the 468 points of its mesh, and how its skin looks."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firered.synthesis.composite import light

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

POINTS = 468
SMALLEST = 48  # pixels of a face's width, below which nothing on it can be told
LARGEST_TURN = 2.6  # how much nearer the nose may be to one side of the face than to the other
# Points of MediaPipe's mesh; the first of a pair is on the picture's left.
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
MOUTH = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
BROWS = ((70, 63, 105, 66, 107, 55, 65, 52, 53, 46), (300, 293, 334, 296, 336, 285, 295, 282, 283, 276))
LIDS = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 190, 56, 28, 27, 29, 30, 247),
    (263, 466, 388, 387, 386, 385, 384, 398, 362, 414, 286, 258, 257, 259, 260, 467),
)
BAGS = (
    (7, 163, 144, 145, 153, 154, 155, 233, 232, 231, 230, 229, 228),
    (249, 390, 373, 374, 380, 381, 382, 453, 452, 451, 450, 449, 448),
)
CHEEKS = (50, 280)
NOSE, SIDES = 4, (234, 454)
SKIN = (50, 101, 205, 280, 330, 425, 151)  # points that are skin on every face
ROUGH = 6.0  # deviation of L*
HUES, LIGHTS = 15.0, 32.0  # how far skin is from the skin of the cheeks, in a*, b* and in L*
# Lines that wrinkles follow.
FOLDS = (
    (104, 69, 108, 151, 337, 299, 333),
    (103, 67, 109, 10, 338, 297, 332),
    (129, 203, 206, 216),
    (358, 423, 426, 436),
)
CROWS = ((33, 35), (33, 31), (33, 143), (263, 265), (263, 261), (263, 372))


@dataclass(frozen=True)
class Face:
    """A face in a photograph (H, W, 3): its points (468, 2) in pixels."""

    pixels: "Pixels"
    points: "Floats"

    @property
    def width(self) -> float:
        """From side to side, pixels."""
        return float(np.linalg.norm(self.points[SIDES[0]] - self.points[SIDES[1]]))

    @property
    def turn(self) -> float:
        """How much nearer the nose is to one side of the face than to the other, 1 for a frontal face."""
        ways = [float(np.linalg.norm(self.points[NOSE] - self.points[side])) for side in SIDES]
        return max(ways) / max(min(ways), 1e-3)

    @cached_property
    def planes(self) -> "Floats":
        """CIELAB of the photograph."""
        return light.lab(self.pixels)

    @cached_property
    def skin(self) -> "Floats":
        """How much of each pixel is bare skin of the face (H, W), 0..1: no eyes, brows, lips, hair or glasses."""
        bare = self.region(OVAL)
        for part in (*EYES, *BROWS, LIPS):
            bare[cv2.dilate(self.region(part), self._brush(0.03)) > 0] = 0
        usual = np.median(self._samples(), axis=0)
        away = np.abs(cv2.GaussianBlur(self.planes, (0, 0), max(0.8, 0.008 * self.width)) - usual)
        alike = (away[..., 0] < LIGHTS) & (away[..., 1:].max(axis=2) < HUES) & (self._rough < ROUGH)
        whole = cv2.morphologyEx((bare > 0).astype(np.uint8) * alike, cv2.MORPH_OPEN, self._brush(0.015))
        return self.softened(whole.astype(np.float32), 0.012)

    @property
    def _rough(self) -> "Floats":
        """Deviation of L* around each pixel (H, W): fair hair has the colour of skin, but never its calm."""
        bright, side = self.planes[..., 0], 2 * max(1, round(0.02 * self.width)) + 1
        mean = cv2.blur(bright, (side, side))
        return np.asarray(
            np.sqrt(np.maximum(cv2.blur(bright * bright, (side, side)) - mean * mean, 0)), np.float32
        )

    def region(self, outline: "Sequence[int]") -> "Floats":
        """Inside of an outline of points (H, W), 0 or 1."""
        filled = np.zeros(self.pixels.shape[:2], np.uint8)
        cv2.fillPoly(filled, [np.rint(self.points[list(outline)]).astype(np.int32)], 1)
        return filled.astype(np.float32)

    def softened(self, region: "Floats", share: float) -> "Floats":
        """A region blurred by a share of the face's width; what is left of it is cut at one level."""
        soft = cv2.GaussianBlur(region, (0, 0), max(0.6, share * self.width))
        soft[soft < 1 / 255] = 0
        return np.asarray(soft, np.float32)

    def _samples(self) -> "Floats":
        """CIELAB around points that are skin on every face (N, 3)."""
        height, width = self.pixels.shape[:2]
        reach = max(1, round(0.03 * self.width))
        found = []
        for x, y in np.rint(self.points[list(SKIN)]).astype(int):
            if reach <= x < width - reach and reach <= y < height - reach:
                found.append(self.planes[y - reach : y + reach + 1, x - reach : x + reach + 1].reshape(-1, 3))
        if not found:
            raise ValueError("the face lies outside of the picture")
        return np.concatenate(found)

    def _brush(self, share: float) -> "NDArray[np.uint8]":
        side = 2 * max(1, round(share * self.width / 2)) + 1
        return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))  # type: ignore[no-any-return]


def face_of(pixels: "Pixels", relative: "Sequence[float]") -> Face:
    """Face of a mesh x0, y0, x1, y1 .. 0..1; raises ValueError for one that is too small or turned away."""
    if len(relative) != 2 * POINTS:
        raise ValueError(f"a face of {len(relative) // 2} points, {POINTS} needed")
    height, width = pixels.shape[:2]
    points = np.asarray(relative, np.float32).reshape(POINTS, 2) * np.array([width, height], np.float32)
    face = Face(pixels, points)
    if face.width < SMALLEST:
        raise ValueError(f"the face is {face.width:.0f} pixels wide (at least {SMALLEST})")
    if face.turn > LARGEST_TURN:
        raise ValueError(f"the face is turned away ({face.turn:.1f} times nearer to one side)")
    return face
