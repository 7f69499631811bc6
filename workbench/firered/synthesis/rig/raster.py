"""Rasteriser: triangles to pixels with a z-buffer, on the CPU, the same bits each time.

A pixel gets its nearest triangle and the place in it (perspective-correct barycentric coordinates);
everything else - normals, paint, light - is computed once for each visible pixel from these.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from firered.synthesis.rig.noise import smooth

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@njit(cache=True)
def _bounds(first, second, third, limit):  # type: ignore[no-untyped-def]
    low = max(int(np.ceil(min(first, second, third) - 0.5)), 0)
    high = min(int(np.floor(max(first, second, third) - 0.5)), limit - 1)
    return low, high


@njit(cache=True)
def _weights(px, py, one, two, three, area):  # type: ignore[no-untyped-def]
    u = ((two[0] - px) * (three[1] - py) - (three[0] - px) * (two[1] - py)) / area
    v = ((three[0] - px) * (one[1] - py) - (one[0] - px) * (three[1] - py)) / area
    return u, v, 1.0 - u - v


@njit(cache=True)
def _area(one, two, three):  # type: ignore[no-untyped-def]
    return (two[0] - one[0]) * (three[1] - one[1]) - (three[0] - one[0]) * (two[1] - one[1])


@njit(cache=True)
def _cut(corners, u, v, w, alive, grain, strands):  # type: ignore[no-untyped-def]
    """Whether the surface is cut away here: hems by `alive`, strands of hair by noise in their own space."""
    a, b, c = corners[0], corners[1], corners[2]
    left = u * alive[a] + v * alive[b] + w * alive[c]
    if grain == 0.0:
        return left < 0.0
    x = u * strands[a, 0] + v * strands[b, 0] + w * strands[c, 0]
    y = u * strands[a, 1] + v * strands[b, 1] + w * strands[c, 1]
    z = u * strands[a, 2] + v * strands[b, 2] + w * strands[c, 2]
    return left + grain * (smooth(x, y, z, 7) - 0.5) < 0.0


@njit(cache=True)
def _fill(screen, faces, alive, grain, strands, depth, face_of, place):  # type: ignore[no-untyped-def]
    height, width = depth.shape
    for face in range(faces.shape[0]):
        corners = faces[face]
        one, two, three = screen[corners[0]], screen[corners[1]], screen[corners[2]]
        area = _area(one, two, three)
        if area == 0.0 or min(one[2], two[2], three[2]) <= 0.05:
            continue
        left, right = _bounds(one[0], two[0], three[0], width)
        top, bottom = _bounds(one[1], two[1], three[1], height)
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                u, v, w = _weights(x + 0.5, y + 0.5, one, two, three, area)
                if min(u, v, w) < 0.0:
                    continue
                z = 1.0 / (u / one[2] + v / two[2] + w / three[2])
                if z >= depth[y, x]:
                    continue
                u, v = u / one[2] * z, v / two[2] * z
                if _cut(corners, u, v, 1.0 - u - v, alive, grain[face], strands):
                    continue
                depth[y, x], face_of[y, x] = z, face
                place[y, x, 0], place[y, x, 1] = u, v


def draw(
    screen: Floats, faces: Ints, size: tuple[int, int], alive: Floats, grain: Floats, strands: Floats
) -> tuple[Floats, Ints, Floats]:
    """Distance (H, W), inf where nothing is; triangle (H, W), -1 there; its first two weights (H, W, 2).

    screen (V, 3): x, y in pixels and distance; size: height, width; alive (V,): cut where negative;
    grain (F,) and strands (V, 3): noise that cuts hair.
    """
    depth = np.full(size, np.inf, np.float32)
    face_of = np.full(size, -1, np.int32)
    place = np.zeros((*size, 2), np.float32)
    _fill(screen.astype(np.float64), faces, alive, grain, strands, depth, face_of, place)
    return depth, face_of, place


@njit(cache=True)
def _fill_depth(screen, faces, depth):  # type: ignore[no-untyped-def]
    height, width = depth.shape
    for face in range(faces.shape[0]):
        one, two, three = screen[faces[face, 0]], screen[faces[face, 1]], screen[faces[face, 2]]
        area = _area(one, two, three)
        if area == 0.0:
            continue
        left, right = _bounds(one[0], two[0], three[0], width)
        top, bottom = _bounds(one[1], two[1], three[1], height)
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                u, v, w = _weights(x + 0.5, y + 0.5, one, two, three, area)
                if min(u, v, w) < 0.0:
                    continue
                z = u * one[2] + v * two[2] + w * three[2]
                depth[y, x] = min(depth[y, x], z)


def draw_depth(screen: Floats, faces: Ints, side: int) -> Floats:
    """Nearest depth (side, side) of an orthographic view, inf where nothing is; screen (V, 3) in pixels."""
    depth = np.full((side, side), np.inf, np.float32)
    _fill_depth(screen.astype(np.float64), faces, depth)
    return depth


@njit(cache=True)
def _blend(values, corners, place, out):  # type: ignore[no-untyped-def]
    for row in range(corners.shape[0]):
        a, b, c = corners[row, 0], corners[row, 1], corners[row, 2]
        u, v = place[row, 0], place[row, 1]
        for axis in range(values.shape[1]):
            out[row, axis] = u * values[a, axis] + v * values[b, axis] + (1 - u - v) * values[c, axis]


def blend(values: Floats, corners: Ints, place: Floats) -> Floats:
    """Values (V, K) of three corners (N, 3) mixed by the first two weights (N, 2) -> (N, K)."""
    out = np.empty((len(corners), values.shape[1]), np.float32)
    _blend(values, corners, place, out)
    return out


def vertex_normals(points: Floats, faces: Ints) -> Floats:
    """Normals (V, 3), the mean of the faces around each vertex by their areas; length 1."""
    a, b, c = points[faces[:, 0]], points[faces[:, 1]], points[faces[:, 2]]
    across = np.cross(b - a, c - a).astype(np.float64)
    corners = faces.ravel()
    normals = np.stack(
        [np.bincount(corners, np.repeat(across[:, axis], 3), len(points)) for axis in range(3)], axis=1
    )
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(normals / np.maximum(length, 1e-12), np.float32)
