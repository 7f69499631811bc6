"""Parts of a figure (skin, eyes, garments, hair ...) and their union that is drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firered.synthesis.rig.raster import vertex_normals

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Part:
    """One surface of one material; `rest` are coordinates that stick to it, for paint."""

    material: str
    points: Floats  # (V, 3)
    rest: Floats  # (V, 3)
    faces: Ints  # (F, 3)
    uvs: Floats | None = None  # (F, 3, 2)
    alive: Floats | None = None  # (V,): cut where negative
    grain: float = 0.0  # how much noise cuts strands
    strands: Floats | None = None  # (V, 3): space of that noise
    normals: Floats | None = None  # (V, 3): instead of those of the faces
    shadow: bool = True
    finer: int = 0  # times that each triangle is split in four once posed
    cover: Callable[[Floats], Floats] | None = None  # gives `alive` from `rest` once split


@dataclass(frozen=True)
class Assembly:
    """All parts as one mesh."""

    materials: tuple[str, ...]
    points: Floats
    rest: Floats
    normals: Floats
    faces: Ints
    uvs: Floats
    alive: Floats
    grain: Floats  # (F,)
    strands: Floats
    material_of: NDArray[np.uint8]  # (F,)
    casting: Ints  # faces that cast shadows


def compacted(part: Part) -> Part:
    """The part without vertices that no face uses."""
    used, faces = np.unique(part.faces, return_inverse=True)
    pick = [None if field is None else field[used] for field in (part.alive, part.strands, part.normals)]
    return replace(
        part,
        points=part.points[used],
        rest=part.rest[used],
        faces=faces.reshape(-1, 3).astype(np.int32),
        alive=pick[0],
        strands=pick[1],
        normals=pick[2],
    )


def refined(part: Part) -> Part:
    """The part split as often as it asks for; new vertices lie on the surface that the normals suggest."""
    for _ in range(part.finer):
        part = _split(part)
    return replace(part, finer=0, alive=part.alive if part.cover is None else part.cover(part.rest))


def _split(part: Part) -> Part:
    faces = part.faces
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    unique, back = np.unique(edges, axis=0, return_inverse=True)
    ab, bc, ca = (back.reshape(3, -1) + len(part.points)).astype(np.int32)
    a, b, c = faces.T
    corners = ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))
    normals = vertex_normals(part.points, faces)
    rest = np.concatenate([part.rest, part.rest[unique].mean(axis=1)])
    return replace(
        part,
        points=np.concatenate([part.points, _rounded(part.points[unique], normals[unique])]),
        rest=rest,
        faces=np.concatenate([np.stack(corner, axis=1) for corner in corners]),
        strands=None if part.strands is None else _middles(part.strands, unique),
        alive=None if part.alive is None else _middles(part.alive, unique),
        uvs=None if part.uvs is None else np.concatenate([part.uvs] * 4),
    )


def _middles(values: Floats, edges: NDArray[np.int64]) -> Floats:
    return np.concatenate([values, values[edges].mean(axis=1)])


def _rounded(ends: Floats, normals: Floats) -> Floats:
    """Middles (E, 3) of edges (E, 2, 3), moved out towards the planes of both ends (Phong tessellation)."""
    middle = ends.mean(axis=1)
    planes = [
        middle - normals[:, k] * ((middle - ends[:, k]) * normals[:, k]).sum(1, keepdims=True) for k in (0, 1)
    ]
    return np.asarray(0.4 * middle + 0.3 * (planes[0] + planes[1]), np.float32)


def assemble(parts: Sequence[Part]) -> Assembly:
    """Join parts; each keeps its own vertices."""
    starts = np.cumsum([0, *(len(part.points) for part in parts)])
    faces = [part.faces + start for part, start in zip(parts, starts, strict=False)]
    materials = tuple(dict.fromkeys(part.material for part in parts))
    counts = [len(part.faces) for part in parts]
    alive = [_or(part.alive, np.ones(len(part.points))) for part in parts]
    casting = [face[_living(part)] for part, face in zip(parts, faces, strict=True) if part.shadow]
    return Assembly(
        materials=materials,
        points=np.concatenate([part.points for part in parts]),
        rest=np.concatenate([part.rest for part in parts]),
        normals=np.concatenate(
            [_or(part.normals, vertex_normals(part.points, part.faces)) for part in parts]
        ),
        faces=np.concatenate(faces).astype(np.int32),
        uvs=np.concatenate([_or(part.uvs, np.zeros((len(part.faces), 3, 2))) for part in parts]),
        alive=np.concatenate(alive),
        grain=np.repeat(np.array([part.grain for part in parts], np.float32), counts),
        strands=np.concatenate([_or(part.strands, np.zeros((len(part.points), 3))) for part in parts]),
        material_of=np.repeat([materials.index(part.material) for part in parts], counts).astype(np.uint8),
        casting=np.concatenate(casting).astype(np.int32) if casting else np.zeros((0, 3), np.int32),
    )


def _living(part: Part) -> NDArray[np.bool_]:
    if part.alive is None:
        return np.ones(len(part.faces), np.bool_)
    return np.asarray(part.alive[part.faces].mean(axis=1) > 0)


def _or(values: Floats | None, otherwise: NDArray[np.float64] | Floats) -> Floats:
    return np.asarray(otherwise if values is None else values, np.float32)
