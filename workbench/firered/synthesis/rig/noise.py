"""Value noise from integer hashes: the same numbers on every machine."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@njit(cache=True)
def hashed(x, y, z, seed):  # type: ignore[no-untyped-def]
    """Pseudo-random number in 0..1 of a lattice point."""
    # 64-bit whole numbers cut to 32 bits: Numba would widen 32-bit products by itself.
    h = (x * 374761393 + y * 668265263 + z * 1440662683 + seed * 974634721) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 668265261) & 0xFFFFFFFF
    return (h >> 8) / 16777216.0


@njit(cache=True)
def smooth(x, y, z, seed):  # type: ignore[no-untyped-def]
    """Noise in 0..1 at a place, one cell a unit."""
    xf, yf, zf = np.floor(x), np.floor(y), np.floor(z)
    xi, yi, zi = int(xf), int(yf), int(zf)
    u, v, w = x - xf, y - yf, z - zf
    u, v, w = u * u * (3 - 2 * u), v * v * (3 - 2 * v), w * w * (3 - 2 * w)
    total = 0.0
    for k in range(8):
        dx, dy, dz = k & 1, (k >> 1) & 1, (k >> 2) & 1
        share = (u if dx else 1 - u) * (v if dy else 1 - v) * (w if dz else 1 - w)
        total += share * hashed(xi + dx, yi + dy, zi + dz, seed)
    return total


@njit(cache=True)
def _field(points, seed, octaves, out):  # type: ignore[no-untyped-def]
    for row in range(points.shape[0]):
        total, share, scale = 0.0, 0.0, 1.0
        for octave in range(octaves):
            x, y, z = points[row, 0] * scale, points[row, 1] * scale, points[row, 2] * scale
            total += smooth(x, y, z, seed + octave) / scale
            share += 1.0 / scale
            scale *= 2.0
        out[row] = total / share


def noise(points: Floats, seed: int, *, octaves: int = 1) -> Floats:
    """Noise (N,) in 0..1 at points (N, 3); each octave has twice the frequency and half the weight."""
    out = np.empty(len(points), np.float32)
    _field(np.ascontiguousarray(points, np.float32), seed, octaves, out)
    return out
