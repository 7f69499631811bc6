"""Where joints and points of the face fall in the picture; left and right are the figure's own, as in COCO."""

import numpy as np
from numpy.typing import NDArray

from firered.synthesis.rig.body import Body
from firered.synthesis.rig.camera import Camera
from firered.synthesis.rig.figure import EYEBALLS, Built

Floats = NDArray[np.float32]
# COCO's 17 in its order: joints of bones, but for the five of the face.
JOINTS = (
    "upperarm01.L", "upperarm01.R", "lowerarm01.L", "lowerarm01.R", "wrist.L", "wrist.R",
    "upperleg01.L", "upperleg01.R", "lowerleg01.L", "lowerleg01.R", "foot.L", "foot.R",
)  # fmt: skip
HIDDEN_BEHIND = 1.2  # decimetres: a joint lies so far below the skin at most
# Places in the rest mesh near which the named vertex of the skin lies.
PLACES = {
    "nose": (0.0, 6.98, 1.75),
    "chin": (0.0, 6.18, 1.40),
    "mouth left": (0.30, 6.62, 1.38),
    "mouth right": (-0.30, 6.62, 1.38),
    "lip above": (0.0, 6.610, 1.556),
    "lip below": (0.0, 6.585, 1.553),
    "ear left": (0.86, 7.15, 0.25),
    "ear right": (-0.86, 7.15, 0.25),
    "brow left": (0.38, 7.58, 1.40),
    "brow right": (-0.38, 7.58, 1.40),
    "lid above left": (0.31, 7.36, 1.42),
    "lid below left": (0.31, 7.20, 1.40),
    "lid above right": (-0.31, 7.36, 1.42),
    "lid below right": (-0.31, 7.20, 1.40),
}


def coco(body: Body, built: Built, camera: Camera, size: tuple[int, int], depth: Floats) -> list[list[float]]:
    """17 rows of x, y in 0..1 and 2 (seen), 1 (hidden) or 0 (outside the picture)."""
    eyes = [built.body_points[EYEBALLS[0] + 72 * k : EYEBALLS[0] + 72 * (k + 1)].mean(axis=0) for k in (0, 1)]
    skin = {name: built.body_points[vertex] for name, vertex in vertices(body).items()}
    points = [
        skin["nose"],
        *eyes,
        skin["ear left"],
        skin["ear right"],
        *(built.joints[bone] for bone in JOINTS),
    ]
    placed = camera.project(np.array(points, np.float32), size)
    return [_row(x, y, z, size, depth) for x, y, z in placed.tolist()]


def _row(x: float, y: float, z: float, size: tuple[int, int], depth: Floats) -> list[float]:
    height, width = size
    if not (0 <= x < width and 0 <= y < height):
        return [round(x / width, 5), round(y / height, 5), 0]
    nearest = float(depth[int(y), int(x)])
    return [round(x / width, 5), round(y / height, 5), 2 if z <= nearest + HIDDEN_BEHIND else 1]


def face(body: Body, built: Built, camera: Camera, size: tuple[int, int]) -> dict[str, list[float]]:
    """Points of the face by name: x, y in 0..1."""
    named = vertices(body)
    placed = camera.project(built.body_points[list(named.values())], size)
    return {
        name: [round(x / size[1], 5), round(y / size[0], 5)]
        for name, (x, y, _) in zip(named, placed.tolist(), strict=True)
    }


def vertices(body: Body) -> dict[str, int]:
    """Vertex of the skin of each named place."""
    skin = np.unique(body.faces[body.group_faces("body")])
    return {
        name: int(skin[np.square(body.points[skin] - np.array(place, np.float32)).sum(axis=1).argmin()])
        for name, place in PLACES.items()
    }
