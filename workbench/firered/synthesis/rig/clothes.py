"""Garments: the data's tights and skirt, loosened and cut to shape; the skin below them is cut away."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from firered.synthesis.rig.body import Body, joints
from firered.synthesis.rig.parts import Part
from firered.synthesis.rig.raster import vertex_normals

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
SHOULDER = np.array([1.68, 5.25, 0.15], np.float32)  # of the rest mesh's left arm
ELBOW = np.array([3.13, 3.49, 0.13], np.float32)
WAIST = 0.25  # where bottoms end: below the hem of every top, so that they cannot show through it
WRIST = np.array([4.31, 2.45, 1.76], np.float32)


@dataclass(frozen=True)
class Cut:
    """What a garment covers; heights and offsets in decimetres of the rest mesh, sleeves 1 to the elbow, 2 to the wrist."""

    sleeve: float | None = None  # a top reaches down the arms so far
    collar: str = "crew"  # crew, v, high
    hem: float = -0.1  # lowest height of a top
    leg: float | None = None  # trousers reach down to this height
    skirt: float | None = None  # a skirt reaches down to this height
    shoe: bool = False
    loose: float = 0.14
    smooth: int = 10


CUTS = {
    "t-shirt": Cut(sleeve=0.55, loose=0.17, smooth=14),
    "v-neck": Cut(sleeve=0.5, collar="v", loose=0.15, smooth=12),
    "long sleeves": Cut(sleeve=1.93, loose=0.15, smooth=12),
    "turtleneck": Cut(sleeve=1.93, collar="high", loose=0.13, smooth=10),
    "tank top": Cut(sleeve=0.02, collar="v", loose=0.11, smooth=8),
    "trousers": Cut(leg=-7.45, loose=0.11, smooth=8),
    "shorts": Cut(leg=-2.4, loose=0.15, smooth=10),
    "short skirt": Cut(skirt=-2.2, loose=0.06, smooth=2),
    "long skirt": Cut(skirt=-6.0, loose=0.06, smooth=2),
    "shoes": Cut(shoe=True, loose=0.10, smooth=4),
}


def coverage(cut: Cut, rest: Floats) -> Floats:
    """How far (N,) points of the rest mesh lie inside a garment, in decimetres; negative outside."""
    if cut.shoe:
        return np.asarray(-7.55 - rest[:, 1] + 0.25 * np.clip(rest[:, 2], 0, 1), np.float32)
    if cut.leg is not None:
        return np.asarray(np.minimum(rest[:, 1] - cut.leg, WAIST - rest[:, 1]), np.float32)
    if cut.skirt is not None:
        return np.asarray(np.minimum(rest[:, 1] - cut.skirt, WAIST - 0.27 - rest[:, 1]), np.float32)
    assert cut.sleeve is not None
    torso = np.minimum(rest[:, 1] - cut.hem, _below_collar(cut, rest))
    on_arm = along_arm(rest)
    return np.asarray(np.minimum(torso, (cut.sleeve - on_arm) * 2.0), np.float32)


def _below_collar(cut: Cut, rest: Floats) -> Floats:
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    if cut.collar == "high":
        return np.asarray(6.05 - 0.12 * z - y)
    # Shoulders count as below: the plane rises outwards from the neck.
    crew = 5.86 - 0.42 * z + 0.5 * np.maximum(x - 0.45, 0) - y
    if cut.collar != "v":
        return np.asarray(crew)
    vee = 4.85 + 1.3 * x - y + 4 * np.maximum(0.5 - z, 0)
    return np.asarray(np.minimum(crew, vee))


def along_arm(rest: Floats) -> Floats:
    """How far (N,) down the arm a point lies: 0 shoulder, 1 elbow, 2 wrist; below 0 on the torso."""
    side = rest * np.array([1, 1, 1], np.float32)
    side[:, 0] = np.abs(side[:, 0])
    upper, lower = ELBOW - SHOULDER, WRIST - ELBOW
    first = (side - SHOULDER) @ upper / (upper @ upper)
    second = (side - ELBOW) @ lower / (lower @ lower)
    place = np.where(first < 1, first, 1 + np.maximum(second, 0))
    # Hips and legs lie far from the line of the arm; they are torso.
    return np.asarray(
        np.where((side[:, 0] < 1.45) | (side[:, 1] < 1.2) & (side[:, 0] < 2.6), -1.0, place), np.float32
    )


LEVELS = ("foot.L", "lowerleg01.L", "upperleg01.L", "spine03", "clavicle.L", "neck01", "head")


def leveled(body: Body, shaped: Floats, points: Floats) -> Floats:
    """Points (N, 3) on a shaped figure (V, 3) in the measures of the rest mesh: hems are level on everybody."""
    mine, known = joints(body, shaped).heads, joints(body, body.points).heads
    heights = [mine[bone][1] for bone in LEVELS], [known[bone][1] for bone in LEVELS]
    slope = (heights[1][-1] - heights[1][0]) / (heights[0][-1] - heights[0][0])
    inside = np.interp(points[:, 1], *heights)
    below, above = np.minimum(points[:, 1] - heights[0][0], 0), np.maximum(points[:, 1] - heights[0][-1], 0)
    wide = known["upperarm01.L"][0] / mine["upperarm01.L"][0]
    y = inside + (below + above) * slope
    return np.stack([points[:, 0] * wide, y, points[:, 2] * wide], axis=1).astype(np.float32)


def worn(body: Body, points: Floats, cut: Cut, material: str, outer: float) -> Part:
    """A garment on shaped points (V, 3) in rest pose; `outer` adds to its offset, so that tops hang over trousers."""
    group = "helper-skirt" if cut.skirt is not None else "helper-tights"
    faces = body.faces[body.group_faces(group)]
    used = np.unique(faces)
    surface = _smoothed(points, faces, cut.smooth)
    normals = vertex_normals(surface, faces)
    rest = leveled(body, points, surface)
    offset = np.float32(cut.loose + outer) * np.ones(len(points), np.float32)
    if cut.sleeve is not None:
        # A top hangs: wider at its hem and at its sleeves' ends.
        free = np.minimum(rest[:, 1] - cut.hem, (cut.sleeve - along_arm(rest)) * 2)
        offset += np.float32(0.12) * np.exp(-np.clip(free, 0, 3) / 0.8)
    shaped = points.copy()
    shaped[used] = surface[used] + normals[used] * offset[used, None]
    if cut.shoe:
        shaped = _soled(shaped, used)
    return Part(
        material=material, points=shaped, rest=rest, faces=faces, finer=1, cover=partial(coverage, cut)
    )


def _soled(points: Floats, used: Ints) -> Floats:
    floor = points[used, 1].min()
    points[used, 1] = np.where(points[used, 1] < floor + 0.22, floor, points[used, 1])
    return points


def _smoothed(points: Floats, faces: Ints, rounds: int) -> Floats:
    """Points moved towards the mean of their neighbours some times, which takes the body's details away."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    count = np.bincount(edges.ravel(), minlength=len(points))
    current = points.astype(np.float64)
    for _ in range(rounds):
        total = np.zeros_like(current)
        for axis in range(3):
            total[:, axis] += np.bincount(edges[:, 0], current[edges[:, 1], axis], len(points))
            total[:, axis] += np.bincount(edges[:, 1], current[edges[:, 0], axis], len(points))
        moved = total / np.maximum(count, 1)[:, None]
        current = np.where(count[:, None] > 0, 0.5 * current + 0.5 * moved, current)
    return current.astype(np.float32)


def bared(body: Body, shaped: Floats, cuts: list[Cut]) -> Floats:
    """How far (V,) a shaped body's vertices lie outside all garments; a little skin goes on below each hem."""
    bare = np.full(len(shaped), 1.0, np.float32)
    rest = leveled(body, shaped, shaped)
    for cut in cuts:
        bare = np.minimum(bare, 0.22 - _hidden(cut, rest))
    return bare


def _hidden(cut: Cut, rest: Floats) -> Floats:
    # A skirt is open below: legs must stay.
    if cut.skirt is not None:
        return np.asarray(np.minimum(rest[:, 1] - max(cut.skirt, -1.0), WAIST - rest[:, 1]), np.float32)
    return coverage(cut, rest)
