"""Poses: which way limbs point, how a head turns, what hands do; turned into rotations of bones."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firered.synthesis.rig.body import Joints

Floats = NDArray[np.floating[Any]]
Way = tuple[float, float, float]  # outwards from the body's middle, up, forwards


@dataclass(frozen=True)
class Arm:
    """Directions of upper arm and forearm, turn of the hand about the forearm (degrees), and what it does."""

    upper: Way = (0.22, -1.0, 0.02)
    fore: Way = (0.10, -1.0, 0.26)
    twist: float = 0.0
    bend: float = 0.0  # degrees that the hand bends towards its palm
    hand: str = "relaxed"


@dataclass(frozen=True)
class Leg:
    """Directions of thigh and shin."""

    upper: Way = (0.10, -1.0, 0.03)
    lower: Way = (0.05, -1.0, -0.06)


@dataclass(frozen=True)
class Pose:
    """Left and right are the figure's own; angles in degrees, positive yaw turns towards its left."""

    left_arm: Arm = field(default_factory=Arm)
    right_arm: Arm = field(default_factory=Arm)
    left_leg: Leg = field(default_factory=Leg)
    right_leg: Leg = field(default_factory=Leg)
    head_yaw: float = 0.0
    head_pitch: float = 0.0  # positive looks down
    head_roll: float = 0.0
    gaze_yaw: float = 0.0
    gaze_pitch: float = 0.0
    torso_yaw: float = 0.0


# Bend of finger joints in degrees (base, middle, tip) for thumb, index, middle, ring, little finger.
HANDS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "relaxed": ((5, 8, 8), (14, 18, 10), (18, 22, 12), (22, 26, 14), (26, 28, 16)),
    "open": ((-12, -4, 0), (-4, 0, 0), (-2, 0, 0), (-2, 0, 0), (-4, 0, 0)),
    "fist": ((22, 38, 48), (78, 95, 62), (80, 95, 62), (80, 95, 62), (78, 92, 60)),
    "thumbs up": ((-28, -12, -8), (78, 95, 62), (80, 95, 62), (80, 95, 62), (78, 92, 60)),
    "pointing": ((22, 34, 40), (0, 0, 0), (80, 95, 62), (80, 95, 62), (78, 92, 60)),
    "peace sign": ((24, 38, 46), (-4, 0, 0), (-4, 0, 0), (80, 95, 62), (78, 92, 60)),
}
SPREAD = {"open": 9.0, "peace sign": 11.0}


def rotation(axis: Floats, degrees: float) -> Floats:
    """Rotation (3, 3) about an axis (3,)."""
    length = float(np.linalg.norm(axis))
    if length < 1e-9 or degrees == 0:
        return np.eye(3, dtype=np.float32)
    x, y, z = np.asarray(axis, np.float64) / length
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross, np.float32)


def between(start: Floats, end: Floats) -> Floats:
    """Smallest rotation (3, 3) that turns one direction into another."""
    a, b = start / np.linalg.norm(start), end / np.linalg.norm(end)
    angle = float(np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b)))
    return rotation(np.cross(a, b), angle)


def turns(pose: Pose, rest: Joints) -> dict[str, Floats]:
    """Rotation (3, 3) of each bone that a pose turns, in the axes of the rest figure."""
    found: dict[str, Floats] = {}
    for side, sign, arm, leg in (
        ("L", 1.0, pose.left_arm, pose.left_leg),
        ("R", -1.0, pose.right_arm, pose.right_leg),
    ):
        found |= _arm(arm, rest, side, sign)
        found |= _leg(leg, rest, side, sign)
        found[f"eye.{side}"] = _turned(pose.gaze_yaw, pose.gaze_pitch, 0)
    for bone in ("neck01", "neck02", "neck03"):
        found[bone] = _turned(pose.head_yaw * 0.2, pose.head_pitch * 0.2, pose.head_roll * 0.22)
    found["head"] = _turned(pose.head_yaw * 0.4, pose.head_pitch * 0.4, pose.head_roll * 0.34)
    for bone in ("spine01", "spine02", "spine03"):
        found[bone] = _turned(pose.torso_yaw / 3, 0, 0)
    return found


def _turned(yaw: float, pitch: float, roll: float) -> Floats:
    x, y, z = np.eye(3, dtype=np.float32)
    return np.asarray(rotation(y, yaw) @ rotation(x, pitch) @ rotation(z, roll), np.float32)


def _way(way: Way, sign: float) -> Floats:
    return np.array([way[0] * sign, way[1], way[2]], np.float32)


def _arm(arm: Arm, rest: Joints, side: str, sign: float) -> dict[str, Floats]:
    shoulder, elbow, wrist = (rest.heads[f"{bone}.{side}"] for bone in ("upperarm01", "lowerarm01", "wrist"))
    wanted = _way(arm.upper, sign)
    # A raised arm takes its shoulder along.
    raised = max(0.0, float(wanted[1] / np.linalg.norm(wanted)) + 0.35)
    lift = rotation(np.array([0, 0, sign], np.float32), 22 * raised)
    upper = between(elbow - shoulder, lift.T @ wanted)
    above = lift @ upper
    fore = between(wrist - elbow, above.T @ _way(arm.fore, sign))
    axis = wrist - elbow
    half = rotation(axis, sign * arm.twist / 2)
    index, little = (rest.heads[f"finger{number}-1.{side}"] for number in (2, 5))
    palm = -sign * np.cross(index - wrist, little - wrist)
    bend = rotation(np.cross(axis, palm), arm.bend)
    found = {
        f"clavicle.{side}": lift,
        f"upperarm01.{side}": upper,
        f"lowerarm01.{side}": fore,
        f"lowerarm02.{side}": half,
        f"wrist.{side}": half @ bend,
    }
    return found | _hand(arm.hand, rest, side, palm)


def _hand(name: str, rest: Joints, side: str, palm: Floats) -> dict[str, Floats]:
    found = {}
    across = rest.heads[f"finger5-1.{side}"] - rest.heads[f"finger2-1.{side}"]
    for number, bends in enumerate(HANDS[name], start=1):
        for joint, degrees in enumerate(bends, start=1):
            bone = f"finger{number}-{joint}.{side}"
            along = rest.tails[bone] - rest.heads[bone]
            toward = (
                palm if number > 1 else across / np.linalg.norm(across) + 0.5 * palm / np.linalg.norm(palm)
            )
            found[bone] = rotation(np.cross(along, toward), degrees)
        if number > 1:
            spread = SPREAD.get(name, 0.0) * (number - 2.5 if number < 4 else number - 3.5)
            base = f"finger{number}-1.{side}"
            along = rest.tails[base] - rest.heads[base]
            found[base] = rotation(np.cross(along, across), spread) @ found[base]
    return found


def _leg(leg: Leg, rest: Joints, side: str, sign: float) -> dict[str, Floats]:
    hip, knee, ankle = (rest.heads[f"{bone}.{side}"] for bone in ("upperleg01", "lowerleg01", "foot"))
    upper = between(knee - hip, _way(leg.upper, sign))
    lower = between(ankle - knee, upper.T @ _way(leg.lower, sign))
    flat = (upper @ lower).T
    # The foot stays level whatever the leg does, turned out as it was at rest.
    return {f"upperleg01.{side}": upper, f"lowerleg01.{side}": lower, f"foot.{side}": flat.astype(np.float32)}
