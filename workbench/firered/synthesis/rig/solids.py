"""Things made of turned profiles, tubes and boxes; decimetres, standing on y = 0."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Mesh = tuple[Floats, Ints]
AROUND = 72


def lathe(profile: Sequence[tuple[float, float]], *, rounds: int = 3) -> Mesh:
    """Surface of revolution of (radius, height) points, which are rounded off some times."""
    line = np.array(profile, np.float64)
    for _ in range(rounds):
        line = _rounded(line)
    angles = np.arange(AROUND) * (2 * np.pi / AROUND)
    ring = np.stack([np.cos(angles), np.zeros(AROUND), np.sin(angles)], axis=1)
    points = ring[None] * line[:, None, :1] + np.array([0, 1, 0]) * line[:, None, 1:]
    return _outward((points.reshape(-1, 3).astype(np.float32), _grid(len(line), AROUND, wrap=True)))


def _outward(mesh: Mesh) -> Mesh:
    """The mesh with its faces turned so that it has a volume above zero: normals point out."""
    points, faces = mesh
    a, b, c = (points[faces[:, corner]].astype(np.float64) for corner in range(3))
    volume = float((np.cross(a, b) * c).sum())
    return mesh if volume > 0 else (points, faces[:, ::-1].copy())


def _rounded(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chaikin's corner cutting, ends kept; doubled points stay sharp."""
    start, end = line[:-1], line[1:]
    cut = np.stack([0.75 * start + 0.25 * end, 0.25 * start + 0.75 * end], axis=1).reshape(-1, 2)
    return np.concatenate([line[:1], cut, line[-1:]])


def tube(path: Sequence[tuple[float, float, float]], radius: float, *, rounds: int = 3) -> Mesh:
    """Tube around a path in space, rounded off some times."""
    line = np.array(path, np.float64)
    for _ in range(rounds):
        cut = np.stack([0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]], axis=1)
        line = np.concatenate([line[:1], cut.reshape(-1, 3), line[-1:]])
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.cross(along, [0.02, 0.03, 1.0])
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(along, side)
    angles = np.arange(24) * (2 * np.pi / 24)
    offset = np.cos(angles)[None, :, None] * side[:, None] + np.sin(angles)[None, :, None] * other[:, None]
    points = line[:, None] + radius * offset
    return _outward((points.reshape(-1, 3).astype(np.float32), _grid(len(line), 24, wrap=True)))


def box(size: tuple[float, float, float], at: tuple[float, float, float], *, bevel: float = 0.06) -> Mesh:
    """Box with rounded edges; `at` is the middle of its bottom."""
    cells = 12
    steps = np.linspace(-1, 1, cells + 1)
    u, v = (grid.ravel() for grid in np.meshgrid(steps, steps))
    one = np.ones_like(u)
    sides = []
    for axis in range(3):
        for sign in (-1, 1):
            # The middle axis swaps the others' order, and with it which way the side looks.
            columns = [u, v] if (sign > 0) == (axis != 1) else [v, u]
            columns.insert(axis, one * sign)
            sides.append(np.stack(columns, axis=1))
    half = np.array(size) / 2
    points = np.concatenate(sides) * half
    inner = np.clip(points, -(half - bevel), half - bevel)
    away = points - inner
    length = np.linalg.norm(away, axis=1, keepdims=True)
    points = inner + away / np.maximum(length, 1e-9) * np.minimum(length, bevel)
    middle = np.array(at) + np.array([0, half[1], 0])
    grid = _grid(cells + 1, cells + 1, wrap=False)
    faces = np.concatenate([grid + side * (cells + 1) ** 2 for side in range(6)])
    return _outward(((points + middle).astype(np.float32), faces.astype(np.int32)))


def _grid(rows: int, columns: int, *, wrap: bool) -> Ints:
    row, column = (
        grid.ravel() for grid in np.meshgrid(np.arange(rows - 1), np.arange(columns if wrap else columns - 1))
    )
    after = (column + 1) % columns
    a, b = row * columns + column, row * columns + after
    c, d = (row + 1) * columns + after, (row + 1) * columns + column
    return np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)


def joined(*meshes: Mesh) -> Mesh:
    """All meshes as one."""
    starts = np.cumsum([0, *(len(points) for points, _ in meshes)])
    faces = [part + start for (_, part), start in zip(meshes, starts, strict=False)]
    return np.concatenate([points for points, _ in meshes]), np.concatenate(faces).astype(np.int32)


def placed(mesh: Mesh, turn: float, at: tuple[float, float, float], axis: int = 1) -> Mesh:
    """A mesh turned by degrees about an axis (0 x, 1 y, 2 z) and moved."""
    angle = np.radians(turn)
    i, j = [(1, 2), (2, 0), (0, 1)][axis]
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = np.cos(angle)
    matrix[i, j], matrix[j, i] = -np.sin(angle), np.sin(angle)
    return (mesh[0] @ matrix.T + np.array(at)).astype(np.float32), mesh[1]


# --- things -------------------------------------------------------------------------------------


def _mug() -> Mesh:
    body = lathe(
        [(0, 0), (0.9, 0), (1.0, 0.1), (1.0, 2.2), (1.0, 2.3), (0.9, 2.3), (0.88, 2.2), (0.88, 0.2), (0, 0.2)]
    )
    handle = tube([(0.92, 1.9, 0), (1.5, 1.95, 0), (1.75, 1.3, 0), (1.5, 0.6, 0), (0.92, 0.55, 0)], 0.13)
    return joined(body, handle)


def _jug() -> Mesh:
    body = lathe(
        [
            (0, 0),
            (0.8, 0),
            (1.25, 0.7),
            (1.2, 1.6),
            (0.65, 2.5),
            (0.8, 3.2),
            (0.74, 3.2),
            (0.58, 2.5),
            (1.1, 1.6),
            (0, 0.3),
        ]
    )
    points, faces = body
    pulled = np.clip((points[:, 1] - 2.6) / 0.6, 0, 1) * np.clip(points[:, 0], 0, 1) ** 2
    points = points + pulled[:, None] * np.array([0.55, 0.1, 0], np.float32)
    return joined(
        (points, faces), tube([(-0.62, 3.0, 0), (-1.5, 3.1, 0), (-1.75, 2.0, 0), (-1.15, 1.3, 0)], 0.13)
    )


def _chair() -> Mesh:
    legs = [box((0.22, 2.2, 0.22), (x, 0, z)) for x in (-0.95, 0.95) for z in (-0.95, 0.95)]
    back = [box((0.22, 2.4, 0.22), (x, 2.2, -0.95)) for x in (-0.95, 0.95)]
    rails = [box((1.9, 0.35, 0.14), (0, height, -0.95)) for height in (2.9, 3.5, 4.15)]
    return joined(*legs, *back, *rails, box((2.2, 0.22, 2.2), (0, 2.1, 0)))


def _stool() -> Mesh:
    legs = [tube([(0.55 * x, 2.4, 0.55 * z), (x, 0.0, z)], 0.12, rounds=1) for x in (-1, 1) for z in (-1, 1)]
    return joined(*legs, lathe([(0, 2.35), (1.2, 2.35), (1.25, 2.45), (1.25, 2.6), (1.1, 2.72), (0, 2.72)]))


def _lamp() -> Mesh:
    foot = lathe(
        [
            (0, 0),
            (0.9, 0),
            (0.95, 0.15),
            (0.2, 0.3),
            (0.14, 1.0),
            (0.42, 1.6),
            (0.12, 2.2),
            (0.1, 2.6),
            (0, 2.6),
        ]
    )
    return joined(foot, lathe([(1.35, 2.3), (0.85, 3.9), (0.85, 3.9), (0.82, 3.88), (1.31, 2.3)], rounds=1))


def _car() -> Mesh:
    wheel = lathe([(0, 0), (0.42, 0), (0.48, 0.06), (0.48, 0.28), (0.42, 0.34), (0, 0.34)])
    wheels = [placed(wheel, 90, (x, 0.48, z), axis=0) for x in (-1.05, 1.05) for z in (-0.85, 0.5)]
    hood = box((1.2, 0.4, 1.5), (1.0, 0.8, 0), bevel=0.2)
    cabin = box((1.9, 0.85, 1.35), (-0.25, 1.05, 0), bevel=0.25)
    return joined(*wheels, box((3.6, 0.7, 1.6), (0, 0.4, 0), bevel=0.22), cabin, hood)


def _house() -> Mesh:
    roof = [
        placed(box((2.0, 0.2, 3.2), (0, 0, 0)), sign * 42, (sign * -0.72, 2.0, 0), axis=2) for sign in (-1, 1)
    ]
    door = box((0.7, 1.2, 0.16), (0.35, 0, 1.35))
    windows = [box((0.16, 0.55, 0.55), (1.2, 0.8, z)) for z in (-0.7, 0.6)]
    gable = placed(box((1.55, 1.55, 2.5), (0, -0.77, 0)), 45, (0, 1.75, 0), axis=2)
    return joined(
        box((2.4, 2.0, 2.7), (0, 0, 0)),
        gable,
        *roof,
        door,
        *windows,
        box((0.4, 1.3, 0.4), (-0.55, 2.2, -0.6)),
    )


def _rocket() -> Mesh:
    body = lathe([(0, 0.5), (0.55, 0.5), (0.7, 1.0), (0.8, 2.0), (0.55, 3.2), (0.12, 4.1), (0, 4.2)])
    fin = box((0.75, 1.2, 0.14), (0.9, 0.0, 0))
    return joined(body, *(placed(fin, angle, (0, 0, 0)) for angle in (0, 90, 180, 270)))


def _trophy() -> Mesh:
    cup = lathe(
        [
            (0, 0),
            (0.9, 0),
            (0.9, 0.35),
            (0.25, 0.5),
            (0.16, 1.1),
            (0.3, 1.4),
            (1.0, 1.9),
            (1.15, 3.2),
            (1.05, 3.2),
            (0.9, 2.0),
            (0, 1.6),
        ]
    )
    ear = tube([(1.05, 2.9, 0), (1.8, 3.0, 0), (1.75, 2.1, 0), (0.95, 1.95, 0)], 0.11)
    return joined(cup, ear, placed(ear, 180, (0, 0, 0)))


def _ring() -> Mesh:
    angles = np.arange(49) * (2 * np.pi / 48)
    path = [(float(1.5 * np.cos(angle)), float(2.1 + 1.5 * np.sin(angle)), 0.0) for angle in angles]
    return joined(tube(path, 0.38, rounds=0), box((1.6, 0.4, 0.9), (0, 0.0, 0)))


def _vase() -> Mesh:
    return lathe(
        [
            (0, 0),
            (0.7, 0),
            (1.1, 0.8),
            (1.25, 1.8),
            (0.8, 2.8),
            (0.45, 3.3),
            (0.7, 3.9),
            (0.64, 3.9),
            (0.4, 3.3),
            (0, 3.0),
        ]
    )


def _bowl() -> Mesh:
    return lathe(
        [
            (0, 0),
            (0.7, 0),
            (0.75, 0.2),
            (1.5, 0.8),
            (1.8, 1.5),
            (1.72, 1.5),
            (1.4, 0.85),
            (0.6, 0.3),
            (0, 0.25),
        ]
    )


def _bottle() -> Mesh:
    return lathe(
        [
            (0, 0),
            (0.75, 0),
            (0.8, 0.1),
            (0.8, 2.4),
            (0.75, 2.7),
            (0.3, 3.2),
            (0.28, 3.9),
            (0.34, 3.95),
            (0.34, 4.15),
            (0, 4.15),
        ]
    )


def _pawn() -> Mesh:
    return lathe(
        [
            (0, 0),
            (1.0, 0),
            (1.05, 0.3),
            (0.75, 0.5),
            (0.45, 0.9),
            (0.32, 1.9),
            (0.65, 2.1),
            (0.3, 2.2),
            (0.62, 2.6),
            (0.6, 3.2),
            (0, 3.4),
        ]
    )


THINGS: dict[str, Callable[[], Mesh]] = {
    "mug": _mug, "jug": _jug, "vase": _vase, "bowl": _bowl, "bottle": _bottle, "chair": _chair, "stool": _stool,
    "table lamp": _lamp, "toy car": _car, "toy house": _house, "toy rocket": _rocket, "chess pawn": _pawn,
    "trophy": _trophy, "ring": _ring,
}  # fmt: skip


def thing(name: str) -> Mesh:
    """A thing by its name, a little under five decimetres high and wide."""
    points, faces = THINGS[name]()
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 4.0 / float((high - low).max())
    middle = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2], np.float32)
    return ((points - middle) * np.float32(scale)).astype(np.float32), faces
