"""Light: one key light with soft shadow, and what comes from all around, dimmed where the figure hides it."""

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from firered.synthesis.rig.parts import Assembly
from firered.synthesis.rig.raster import draw_depth

Floats = NDArray[np.float32]
Rgb = tuple[float, float, float]
DIRECTIONS = 40
AROUND_SIDE = 192
SHADOW_SIDE = 1024
GOLDEN = np.pi * (3 - np.sqrt(5.0))


@dataclass(frozen=True)
class Light:
    """Colours are linear; azimuth and elevation as a camera's: positive is the picture's right, above."""

    azimuth: float = -40.0  # degrees
    elevation: float = 40.0
    color: Rgb = (1.05, 1.0, 0.95)
    softness: float = 0.4  # decimetres, radius of the penumbra about
    sky: Rgb = (0.50, 0.53, 0.57)
    ground: Rgb = (0.30, 0.27, 0.25)
    # Ball (x, y, z, radius) within which shadows are told: fixed, or a raised arm would shift every shadow's grain.
    focus: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 12.0)

    def direction(self) -> Floats:
        """Unit vector (3,) towards the key light."""
        across, up = np.radians(self.azimuth), np.radians(self.elevation)
        return np.array([np.sin(across) * np.cos(up), np.sin(up), np.cos(across) * np.cos(up)], np.float32)


def sphere(count: int) -> Floats:
    """Directions (count, 3) spread evenly over the sphere."""
    place = np.arange(count) + 0.5
    y = 1 - 2 * place / count
    radius = np.sqrt(1 - y * y)
    return np.stack([np.cos(GOLDEN * place) * radius, y, np.sin(GOLDEN * place) * radius], 1).astype(
        np.float32
    )


def _frame(direction: Floats) -> Floats:
    helper = np.array([0.0, 1.0, 0.0]) if abs(direction[1]) < 0.9 else np.array([1.0, 0.0, 0.0])
    across = np.cross(helper, direction)
    across /= np.linalg.norm(across)
    return np.stack([across, np.cross(direction, across), -direction]).astype(np.float32)


@dataclass(frozen=True)
class ShadowMap:
    """Depths seen from a direction, and the way from points to its pixels."""

    depth: Floats
    frame: Floats
    scale: float
    shift: Floats

    def place(self, points: Floats) -> Floats:
        """Points (N, 3) -> pixel x, y and depth (N, 3)."""
        seen = points @ self.frame.T
        return np.asarray(
            np.concatenate([(seen[:, :2] - self.shift) * self.scale, seen[:, 2:]], axis=1), np.float32
        )


def shadow_map(assembly: Assembly, direction: Floats, side: int, light: Light) -> ShadowMap:
    """Depths of an assembly as seen from a direction, within the light's focus."""
    frame = _frame(direction)
    radius = light.focus[3]
    shift = (frame @ np.array(light.focus[:3], np.float32))[:2] - np.float32(radius)
    empty = ShadowMap(np.zeros((0, 0), np.float32), frame, side / (2 * radius), shift)
    return replace(empty, depth=draw_depth(empty.place(assembly.points), assembly.casting, side))


@njit(cache=True)
def _seen_share(places, depth, offsets, bias, out):  # type: ignore[no-untyped-def]
    side = depth.shape[0]
    for row in range(places.shape[0]):
        lit = 0
        for tap in range(offsets.shape[0]):
            x = int(np.floor(places[row, 0] + offsets[tap, 0]))
            y = int(np.floor(places[row, 1] + offsets[tap, 1]))
            inside = 0 <= x < side and 0 <= y < side
            if not inside or places[row, 2] - bias <= depth[y, x]:
                lit += 1
        out[row] = lit / offsets.shape[0]


def lit_share(shadow: ShadowMap, points: Floats, *, radius: float, bias: float, taps: int = 24) -> Floats:
    """Share (N,) of the light that reaches points; radius of the penumbra and bias in decimetres."""
    place = np.arange(taps) + 0.5
    spread = np.sqrt(place / taps) * radius * shadow.scale
    offsets = np.stack([np.cos(GOLDEN * place) * spread, np.sin(GOLDEN * place) * spread], axis=1)
    out = np.empty(len(points), np.float32)
    _seen_share(shadow.place(points), shadow.depth, offsets.astype(np.float32), bias, out)
    return out


def around(assembly: Assembly, points: Floats, normals: Floats, light: Light) -> Floats:
    """Light (N, 3) from all around at points, where the assembly does not hide it; 1 is unhidden white."""
    total = np.zeros((len(points), 3), np.float32)
    share = np.zeros((len(points), 1), np.float32)
    raised = points + normals * np.float32(0.08)
    for direction in sphere(DIRECTIONS):
        cosine = np.maximum(normals @ direction, 0)[:, None]
        seen = shadow_map(assembly, direction, AROUND_SIDE, light)
        visible = lit_share(seen, raised, radius=0.0, bias=0.02 + 0.5 / seen.scale, taps=1)[:, None]
        height = np.float32(direction[1] * 0.5 + 0.5)
        color = np.asarray(light.sky, np.float32) * height + np.asarray(light.ground, np.float32) * (
            1 - height
        )
        # Hidden light is not lost: a part of it comes back from the surface that hides it.
        total += cosine * (visible + (1 - visible) * np.float32(0.15)) * color
        share += cosine
    return np.asarray(total / np.maximum(share, 1e-3), np.float32)
