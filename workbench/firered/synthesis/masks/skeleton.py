"""Skeletons as ControlNets for poses know them: OpenPose's drawing of 18 joints, from COCO's 17 points.

Points are (17, 3): x, y relative to the picture, and a score.
"""

import math
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.templating.planes import Pixels

Points = NDArray[np.float64]

JOINTS = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee",
    "left_ankle", "right_ankle",
)  # fmt: skip
# OpenPose's joints by COCO's numbers; its second one is the neck, between the shoulders.
_BODY18 = (0, None, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)
_LIMBS = (
    (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13),
    (1, 0), (0, 14), (14, 16), (0, 15), (15, 17),
)  # fmt: skip
# What moves along when a joint is turned: the joints beyond it.
BEYOND: Mapping[str, Sequence[str]] = {
    "left_shoulder": ("left_elbow", "left_wrist"),
    "right_shoulder": ("right_elbow", "right_wrist"),
    "left_elbow": ("left_wrist",),
    "right_elbow": ("right_wrist",),
    "left_hip": ("left_knee", "left_ankle"),
    "right_hip": ("right_knee", "right_ankle"),
    "left_knee": ("left_ankle",),
    "right_knee": ("right_ankle",),
}
SURE = 0.2  # score from which on a joint is drawn


def body18(points: Points) -> Points:
    """OpenPose's 18 joints (18, 3) from COCO's 17; the neck is as sure as the less sure shoulder."""
    shoulders = points[[5, 6]]
    neck = np.array([*shoulders[:, :2].mean(axis=0), shoulders[:, 2].min()])
    return np.stack([neck if place is None else points[place] for place in _BODY18])


def drawn(points: Points, height: int, width: int) -> Pixels:
    """Draw COCO's points as OpenPose does, (height, width, 3) on black; unsure joints are left out."""
    joints = body18(points)
    places = joints[:, :2] * (width, height)
    canvas = np.zeros((height, width, 3), np.uint8)
    thick = max(1, round(max(height, width) / 128))
    for number, (start, end) in enumerate(_LIMBS):
        if min(joints[start, 2], joints[end, 2]) >= SURE:
            _limb(canvas, places[start], places[end], thick, _hue(number))
    canvas = (canvas * 0.6).astype(np.uint8)
    for number, place in enumerate(places):
        if joints[number, 2] >= SURE:
            cv2.circle(canvas, _pixel(place), thick, _hue(number), -1)
    return canvas


def turned(points: Points, turns: Mapping[str, float], *, ratio: float) -> Points:
    """Points with limbs set: each joint named has the limb beyond it point `degrees` clockwise from straight down.

    ratio is the picture's width by its height. Limbs keep their lengths.
    """
    moved = points.astype(np.float64).copy()
    scale = np.array([ratio, 1.0])
    for joint, degrees in turns.items():
        pivot, first = moved[_number(joint), :2] * scale, moved[_number(BEYOND[joint][0]), :2] * scale
        now = math.atan2(-(first - pivot)[0], (first - pivot)[1])
        angle = math.radians(degrees) - now
        turn = np.array([(math.cos(angle), -math.sin(angle)), (math.sin(angle), math.cos(angle))])
        for name in BEYOND[joint]:
            place = moved[_number(name), :2] * scale
            moved[_number(name), :2] = (pivot + turn @ (place - pivot)) / scale
    return moved


def _number(joint: str) -> int:
    return JOINTS.index(joint)


def _limb(canvas: Pixels, start: Points, end: Points, thick: int, color: tuple[int, int, int]) -> None:
    middle, span = (start + end) / 2, end - start
    axes = (max(1, round(float(np.hypot(*span)) / 2)), thick)
    angle = math.degrees(math.atan2(span[1], span[0]))
    cv2.ellipse(canvas, _pixel(middle), axes, angle, 0, 360, color, -1)


def _hue(number: int) -> tuple[int, int, int]:
    """Colour of a joint or limb: from red once around the circle of hues, in steps of 20 degrees."""
    pixel = np.array([[(number * 10 % 180, 255, 255)]], np.uint8)
    red, green, blue = cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0]
    return int(red), int(green), int(blue)


def _pixel(place: Points) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))
