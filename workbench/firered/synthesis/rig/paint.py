"""Paint of skin, eyes, hair and cloth, computed for each visible sample from where it lies on the figure."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firered.synthesis.rig.body import Body
from firered.synthesis.rig.noise import noise
from firered.synthesis.rig.shade import Spots, Surface, to_linear

Floats = NDArray[np.float32]
Reals = NDArray[np.floating[Any]]
Rgb = tuple[int, int, int]
EYE_CENTRE = (0.308, 7.284, 1.245)  # of the left eye in the rest mesh, mirrored for the right one
EYE_RADIUS = 0.1496


@dataclass(frozen=True)
class Face:
    """Colours of a face; sRGB."""

    skin: Rgb = (224, 172, 138)
    iris: Rgb = (92, 64, 40)
    hair: Rgb = (52, 34, 24)
    dye: Rgb | None = None  # of the hair on the head; brows keep their own
    lips: Rgb | None = None  # lipstick
    shadow: Rgb | None = None  # eye shadow
    blush: float = 0.0
    freckles: float = 0.0
    stubble: float = 0.0
    brows: float = 1.0  # thickness
    nails: Rgb | None = None
    seed: int = 0


def linear(color: Rgb) -> Floats:
    """Linear colour (3,) of an sRGB one."""
    return to_linear(np.array(color, np.uint8))


def _bump(value: Reals, middle: float, width: float) -> Floats:
    return np.asarray(np.exp(-(((value - middle) / width) ** 2)), np.float32)


def _step(low: float, high: float, value: Reals) -> Floats:
    place = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(place * place * (3 - 2 * place), np.float32)


def mask_at(body: Body, name: str, uv: Floats) -> Floats:
    """A mask of the body at texture coordinates (N, 2), 0..1."""
    mask = body.masks[name]
    x, y = uv[:, 0] * mask.shape[1] - 0.5, (1 - uv[:, 1]) * mask.shape[0] - 0.5
    return bilinear(mask, x, y)


def bilinear(values: Floats, x: Floats, y: Floats) -> Floats:
    """Values (H, W) at places (N,), clamped to the border."""
    height, width = values.shape
    x, y = np.clip(x, 0, width - 1.001), np.clip(y, 0, height - 1.001)
    left, top = x.astype(np.int32), y.astype(np.int32)
    u, v = (x - left).astype(np.float32), (y - top).astype(np.float32)
    above = values[top, left] * (1 - u) + values[top, left + 1] * u
    below = values[top + 1, left] * (1 - u) + values[top + 1, left + 1] * u
    return np.asarray(above * (1 - v) + below * v, np.float32)


def _mix(color: Reals, other: Reals, share: Reals) -> Floats:
    return np.asarray(color * (1 - share[:, None]) + other * share[:, None], np.float32)


# --- skin ---------------------------------------------------------------------------------------


def skin(body: Body, face: Face, spots: Spots) -> Surface:
    """Skin with ruddy and pale zones, lips, brows, nails, and make-up where there is any."""
    rest = spots.rest
    base = linear(face.skin)
    color = base * (0.93 + 0.14 * noise(rest * 9, face.seed + 11, octaves=3))[:, None]
    color = _ruddy(color, base, rest, face)
    color = _marks(color, rest, face)
    color = _features(body, color, face, spots)
    bumped = _pores(spots)
    return Surface(color, roughness=0.46, specular=0.035, scatter=True, normals=bumped, sheen=0.15)


def _ruddy(color: Floats, base: Floats, rest: Floats, face: Face) -> Floats:
    """More blood in cheeks, nose, ears, knuckles and knees; a little yellow on the forehead."""
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    front = _step(0.5, 1.0, z)
    cheeks = _bump(x, 0.48, 0.20) * _bump(y, 6.98, 0.20) * front
    nose = _bump(x, 0.0, 0.14) * _bump(y, 6.98, 0.14) * _step(1.35, 1.6, z)
    ears = _step(0.72, 0.85, x) * _bump(y, 7.15, 0.4)
    hands = _step(4.4, 4.9, x) * 0.5
    share = np.clip(cheeks * (0.35 + 0.9 * face.blush) + nose * 0.35 + ears * 0.35 + hands * 0.4, 0, 1)
    red = base * np.array([1.02, 0.72, 0.68], np.float32)
    color = _mix(color, red, share)
    sockets = _bump(x, 0.30, 0.17) * _bump(y, 7.17, 0.055) * front
    return _mix(color, base * np.array([0.80, 0.70, 0.72], np.float32), sockets * 0.30)


def _marks(color: Floats, rest: Floats, face: Face) -> Floats:
    if face.freckles > 0:
        x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
        zone = _bump(y, 7.02, 0.24) * _step(0.8, 1.1, z) * _step(0.85, 0.55, x)
        dots = _step(0.74, 0.84, noise(rest * 34, face.seed + 3)) * zone
        color = _mix(
            color, linear(face.skin) * np.array([0.62, 0.42, 0.32], np.float32), dots * face.freckles
        )
    if face.stubble > 0:
        x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
        jaw = _step(6.86, 6.62, y + 0.25 * x) * _step(6.0, 6.25, y) * _step(0.15, 0.5, z)
        lip = _bump(y, 6.88, 0.05) * _step(0.34, 0.2, x) * _step(1.2, 1.35, z)
        grain = 0.55 + 0.45 * noise(rest * 60, face.seed + 5)
        share = np.clip(jaw + lip, 0, 1) * face.stubble * grain
        color = _mix(color, linear(face.hair) * np.float32(0.6), share * 0.75)
    return color


def _features(body: Body, color: Floats, face: Face, spots: Spots) -> Floats:
    rest, base = spots.rest, linear(face.skin)
    lips = mask_at(body, "lips", spots.uv)
    natural = base * np.array([0.84, 0.50, 0.50], np.float32)
    tint = natural if face.lips is None else linear(face.lips)
    color = _mix(color, tint, lips * (0.62 if face.lips is None else 0.9))
    color = _mix(color, np.array([0.10, 0.025, 0.025], np.float32), _lip_line(rest) * np.minimum(lips * 2, 1))
    inside = mask_at(body, "inside-mouth", spots.uv)
    color = _mix(color, np.array([0.16, 0.03, 0.03], np.float32), inside)
    nails = mask_at(body, "fingernails", spots.uv)
    polish = base * np.array([1.05, 0.85, 0.82], np.float32) if face.nails is None else linear(face.nails)
    color = _mix(color, polish, nails)
    if face.shadow is not None:
        color = _mix(color, linear(face.shadow), _lid(rest) * 0.65)
    return _mix(color, linear(face.hair) * np.float32(0.55), _brow(rest, face))


def _lip_line(rest: Floats) -> Floats:
    """Where the lips meet: hardly any light gets in between."""
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    return np.asarray(0.75 * _bump(y, 6.598, 0.016) * _step(0.34, 0.26, x) * _step(1.2, 1.35, z))


def _lid(rest: Floats) -> Floats:
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    return _bump(x, 0.33, 0.17) * _bump(y, 7.38, 0.065) * _step(1.0, 1.2, z) * _step(7.28, 7.32, y)


def _brow(rest: Floats, face: Face) -> Floats:
    """Share of brow hair: an arch above each eye with strands that lean outwards."""
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    along = (x - 0.14) / 0.46
    arch = 7.545 + 0.055 * np.sin(np.clip(along, 0, 1) * 2.4) - 0.03 * np.clip(along, 0, 1) ** 3
    thick = 0.052 * face.brows * (1.0 - 0.65 * np.clip(along, 0, 1)) * _step(-0.05, 0.15, along)
    inside = _step(1.35, 0.35, np.abs(y - arch) / np.maximum(thick, 1e-3)) * _step(1.1, 0.85, along)
    strands = noise(np.stack([x * 95 - y * 60, y * 30 + x * 30, z * 8], 1), face.seed + 21, octaves=2)
    return np.asarray(
        inside * (0.72 + 0.28 * _step(0.3, 0.7, strands)) * _step(0.7, 0.9, z) * (along > -0.1) * 0.9
    )


def beyond_lid(rest: Floats) -> Floats:
    """How far (N,) points of the rest mesh stand out from the eyeball, in decimetres."""
    away = np.abs(rest * np.array([1, 0, 0], np.float32)) + rest * np.array([0, 1, 1], np.float32)
    return np.asarray(
        np.linalg.norm(away - np.array(EYE_CENTRE, np.float32), axis=1) - EYE_RADIUS - 0.01, np.float32
    )


def _pores(spots: Spots) -> Floats:
    fine = spots.rest * 38
    tilt = [noise(fine + shift, 31, octaves=2) - 0.5 for shift in (0.0, 57.0, 113.0)]
    bumped = spots.normals + np.float32(0.10) * np.stack(tilt, axis=1)
    return np.asarray(bumped / np.linalg.norm(bumped, axis=1, keepdims=True), np.float32)


# --- eyes, mouth --------------------------------------------------------------------------------


def eye(face: Face, spots: Spots) -> Surface:
    """White, iris and pupil by the angle from the eye's axis; `rest` is relative to the eye's centre."""
    ahead = spots.rest / np.maximum(np.linalg.norm(spots.rest, axis=1, keepdims=True), 1e-6)
    from_axis = np.sqrt(np.clip(ahead[:, 0] ** 2 + ahead[:, 1] ** 2, 0, 1))
    around = np.arctan2(ahead[:, 1], ahead[:, 0])
    rays = noise(
        np.stack([np.cos(around) * 9, np.sin(around) * 9, from_axis * 6], 1), face.seed + 41, octaves=2
    )
    iris = (
        linear(face.iris)
        * (0.55 + 0.9 * rays)[:, None]
        * (1.25 - 1.1 * _step(0.28, 0.40, from_axis))[:, None]
    )
    white = np.array([0.70, 0.66, 0.63], np.float32) * np.ones_like(ahead)
    veins = _step(0.55, 0.95, from_axis)
    color = _mix(white, np.array([0.62, 0.42, 0.38], np.float32), veins * 0.6)
    color = _mix(color, iris, _step(0.415, 0.375, from_axis))
    color = _mix(color, np.array([0.008, 0.007, 0.006], np.float32), _step(0.185, 0.15, from_axis))
    color *= np.where(ahead[:, 2:] > 0, 1, 0.5).astype(np.float32)
    return Surface(color, roughness=0.16, specular=0.05)


def flat(color: Floats, spots: Spots, *, roughness: float, specular: float) -> Surface:
    """One colour everywhere."""
    return Surface(np.ones_like(spots.rest) * color, roughness=roughness, specular=specular)


def strands(color: Rgb, spots: Spots, *, gray: float = 0.0, seed: int = 0) -> Surface:
    """Hair: darker between strands, lighter at some; tangents run down the head."""
    tone = noise(spots.rest * np.array([16, 5, 16], np.float32), seed + 61, octaves=3)
    fine = noise(spots.rest * np.array([70, 12, 70], np.float32), seed + 67)
    # Deep in the hair little light arrives; `uv` holds the height above the scalp.
    deep = 0.35 + 0.75 * np.clip(spots.uv[:, 0], 0, 1)
    base = linear(color) * ((0.45 + 0.6 * tone + 0.35 * fine) * deep)[:, None]
    white = np.array([0.55, 0.54, 0.52], np.float32) * np.ones_like(base)
    base = _mix(
        base,
        white * (deep * (0.5 + tone))[:, None],
        np.clip(gray * 0.8 + (tone - 0.5) * gray * (1 - gray), 0, 1),
    )
    down = np.array([0, -1, 0], np.float32) + np.float32(0.25) * (tone[:, None] - 0.5)
    tangent = down - spots.normals * (spots.normals * down).sum(axis=1, keepdims=True)
    tangent += np.float32(0.02)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-6)
    return Surface(base, strands=tangent.astype(np.float32))


# --- cloth --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cloth:
    """Colour and pattern of a garment; sRGB."""

    color: Rgb
    pattern: str = "plain"  # plain, stripes, checks, dots
    second: Rgb = (240, 240, 240)
    seed: int = 0


def cloth(fabric: Cloth, spots: Spots) -> Surface:
    """Woven cloth with its pattern and soft folds."""
    rest = spots.rest
    color = linear(fabric.color) * np.ones_like(rest)
    color = _mix(color, linear(fabric.second), _pattern(fabric, rest))
    weave = noise(rest * 48, fabric.seed + 71, octaves=2)
    color = color * (0.90 + 0.2 * weave)[:, None]
    folded = spots.normals + _folds(rest, fabric.seed)
    folded /= np.linalg.norm(folded, axis=1, keepdims=True)
    return Surface(color.astype(np.float32), roughness=0.85, specular=0.02, normals=folded, sheen=0.35)


def _pattern(fabric: Cloth, rest: Floats) -> Floats:
    x, y, z = rest[:, 0], rest[:, 1], rest[:, 2]
    if fabric.pattern == "stripes":
        return _step(0.35, 0.45, np.abs(((y * 1.9) % 1) - 0.5) * 2)
    if fabric.pattern == "checks":
        across, down = np.abs(((x * 1.7) % 1) - 0.5) * 2, np.abs(((y * 1.7) % 1) - 0.5) * 2
        return np.asarray(0.5 * _step(0.62, 0.70, across) + 0.5 * _step(0.62, 0.70, down))
    if fabric.pattern == "dots":
        cell = np.stack([(x * 2.6 + 0.5 * (np.floor(y * 2.6) % 2)) % 1 - 0.5, (y * 2.6) % 1 - 0.5], axis=1)
        return _step(0.26, 0.20, np.linalg.norm(cell, axis=1))
    return np.zeros(len(z), np.float32)


def _folds(rest: Floats, seed: int) -> Floats:
    """Tilts (N, 3) of normals: wide folds that run down and across."""
    space = rest * np.array([1.5, 0.75, 1.5], np.float32)
    tilt = [noise(space + shift, seed + 81, octaves=2) - 0.5 for shift in (0.0, 31.0, 67.0)]
    return np.asarray(np.float32(0.55) * np.stack(tilt, axis=1), np.float32)
