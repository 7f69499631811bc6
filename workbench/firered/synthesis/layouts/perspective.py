"""A flat piece that stands in a photograph: its homography, its shadow, and the light that falls on it."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.templating.planes import Pixels, luma

Matrix = NDArray[np.float64]  # (3, 3), from pixels of the flat piece to pixels of the picture
Window = tuple[slice, slice]  # rows and columns
_FOCAL = 2.4  # distance of the eye, in widths of the piece
_FINE = 2
_FLAT = 1.4  # pixels of the flat piece for one of the picture
_DARKNESS = 0.42


@dataclass(frozen=True)
class Stand:
    """Where a piece stands: middle and breadth in shares of the picture, angles in degrees."""

    x: float
    y: float
    breadth: float
    yaw: float
    pitch: float
    roll: float


def corners(stand: Stand, aspect: float, width: int, height: int) -> NDArray[np.float64]:
    """Corners of a piece in pixels, (4, 2) clockwise from the upper left; raises ValueError outside the picture."""
    flat = np.array([(-aspect, -1, 0), (aspect, -1, 0), (aspect, 1, 0), (-aspect, 1, 0)], np.float64) / 2
    turned = flat @ _rotation(stand).T
    eye = _FOCAL * max(1.0, aspect)
    seen = turned[:, :2] * (eye / (eye + turned[:, 2:]))
    span = np.ptp(seen, axis=0)
    scale = stand.breadth * min(width / span[0], height / span[1])
    middle = (seen.max(axis=0) + seen.min(axis=0)) / 2
    placed: NDArray[np.float64] = (seen - middle) * scale + np.array([stand.x * width, stand.y * height])
    if (placed < 2).any() or (placed > np.array([width - 2, height - 2])).any():
        raise ValueError("the piece would stick out of the picture")
    return placed


def _rotation(stand: Stand) -> Matrix:
    yaw, pitch, roll = (math.radians(angle) for angle in (stand.yaw, stand.pitch, stand.roll))
    about_y = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    about_x = np.array(
        [[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]]
    )
    about_z = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    turned: Matrix = about_z @ about_x @ about_y
    return turned


def flat_size(quad: NDArray[np.float64], aspect: float) -> tuple[int, int]:
    """Width and height in pixels at which the flat piece is drawn."""
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    across = max(sides[0], sides[2], aspect * max(sides[1], sides[3]))
    width = max(8, round(_FLAT * across))
    return width, max(8, round(width / aspect))


def homography(quad: NDArray[np.float64], width: int, height: int) -> Matrix:
    """Map of a flat piece (height, width) onto its corners in the picture."""
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    found: Matrix = cv2.getPerspectiveTransform(flat, quad.astype(np.float32))
    return found


def mapped(points: NDArray[np.float64], matrix: Matrix) -> NDArray[np.float64]:
    """Points (n, 2) of the flat piece in the picture."""
    whole = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    placed: NDArray[np.float64] = whole[:, :2] / whole[:, 2:]
    return placed


@dataclass(frozen=True)
class Ground:
    """Where a piece stands in a photograph: the window it touches, and in it coverage, shadow and light."""

    window: Window
    outline: Pixels
    shadow: Pixels
    light: NDArray[np.float32]  # (h, w, 3), what the piece's colours are multiplied by
    matrix: Matrix
    level: tuple[float, float, float]  # mean light on the piece


def ground(photo: Pixels, form: Pixels, matrix: Matrix, *, lies: bool) -> Ground:
    """Prepare a place in a photograph (H, W, 3) for a flat piece of some form (h, w)."""
    height, width = photo.shape[:2]
    high, wide = form.shape
    quad = mapped(np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float64), matrix)
    away, soft = _reach(width, height, lies=lies)
    rim = round(3 * soft + away) + 3
    left, top = np.maximum(0, np.floor(quad.min(axis=0)).astype(int) - rim)
    right, bottom = np.minimum((width, height), np.ceil(quad.max(axis=0)).astype(int) + rim)
    window = (slice(int(top), int(bottom)), slice(int(left), int(right)))
    outline = _warped(form, matrix, window, border=0)
    moved = cv2.warpAffine(
        outline, np.array([[1, 0, away * 0.6], [0, 1, away]]), (outline.shape[1], outline.shape[0])
    )
    shadow = cv2.GaussianBlur(moved, (0, 0), soft)
    light = _light(photo, window, outline)
    red, green, blue, _ = cv2.mean(light, mask=(outline > 127).astype(np.uint8))
    return Ground(window, outline, shadow, light, matrix, (red, green, blue))


def mount(photo: Pixels, piece: Pixels, place: Ground) -> Pixels:
    """Photograph with a flat piece (h, w, 3) in it, lit as its place is, over its shadow."""
    made = photo.copy()
    there = made[place.window]
    _shade(there, place.shadow, place.outline)
    flat = _warped(piece, place.matrix, place.window, border=None)
    lit = cv2.multiply(flat, place.light, dtype=cv2.CV_8U)
    share = place.outline[..., None].astype(np.uint16)
    there[:] = (there * (255 - share) + lit * share + 127) // 255
    return made


def touched(photo: Pixels, place: Ground) -> NDArray[np.bool_]:
    """All pixels (H, W) of a picture that a mounted piece may change, its shadow included."""
    mask = np.zeros(photo.shape[:2], np.bool_)
    mask[place.window] = (place.outline > 0) | (place.shadow > 0)
    return mask


def covered(photo: Pixels, place: Ground) -> NDArray[np.bool_]:
    """Pixels (H, W) of a picture that a mounted piece itself covers."""
    mask = np.zeros(photo.shape[:2], np.bool_)
    mask[place.window] = place.outline > 127
    return mask


def _reach(width: int, height: int, *, lies: bool) -> tuple[float, float]:
    """How far a shadow falls and how soft it is, in pixels: close where the piece lies, wider on a wall."""
    side = max(width, height)
    return (side * 0.006, max(0.8, side * 0.006)) if lies else (side * 0.012, max(0.8, side * 0.010))


def _warped(flat: Pixels, matrix: Matrix, window: Window, *, border: int | None) -> Pixels:
    """A flat piece as a window of the picture shows it, drawn fine and averaged; beyond it `border`, or its rim."""
    rows, columns = window
    width, height = columns.stop - columns.start, rows.stop - rows.start
    # OpenCV's whole numbers are the centres of pixels, ours their corners.
    fine = _moved(-0.5, -0.5) @ np.diag([_FINE, _FINE, 1.0]) @ _moved(-columns.start, -rows.start) @ matrix
    mode = cv2.BORDER_REPLICATE if border is None else cv2.BORDER_CONSTANT
    large = cv2.warpPerspective(
        flat, fine @ _moved(0.5, 0.5), (width * _FINE, height * _FINE),
        flags=cv2.INTER_LINEAR, borderMode=mode, borderValue=0,
    )  # fmt: skip
    small: Pixels = cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)
    return small


def _moved(across: float, down: float) -> Matrix:
    return np.array([[1, 0, across], [0, 1, down], [0, 0, 1]], np.float64)


def _shade(there: Pixels, shadow: Pixels, outline: Pixels) -> None:
    """Darken in place by a shadow, where the piece itself does not cover it."""
    dark = (255 - _DARKNESS * np.where(outline < 255, shadow, 0)).astype(np.uint16)[..., None]
    there[:] = (there * dark + 127) // 255


def _light(photo: Pixels, window: Window, outline: Pixels) -> NDArray[np.float32]:
    """Light on a piece, (h, w, 3): as bright as the picture there, brighter where that is brighter."""
    height, width = photo.shape[:2]
    coarse = cv2.resize(luma(photo), (16, 16), interpolation=cv2.INTER_AREA)
    smooth = cv2.resize(
        cv2.GaussianBlur(coarse, (0, 0), 2.0), (width, height), interpolation=cv2.INTER_LINEAR
    )
    smooth = smooth[window]
    inside = smooth[outline > 127]
    level = float(inside.mean()) if inside.size else 128.0
    gain = float(np.clip((level / 140) ** 0.35, 0.66, 1.04))
    slope = np.clip(np.sqrt(np.sqrt(smooth / max(level, 1.0))), 0.85, 1.12)
    field: NDArray[np.float32] = (gain * slope).astype(np.float32)[..., None] * _cast(photo)
    return field


def _cast(photo: Pixels) -> NDArray[np.float32]:
    """Colour of the light, three factors near 1, by the brighter half of the picture."""
    small = cv2.resize(photo, (32, 32), interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float32)
    bright = small[small.sum(axis=1) >= np.median(small.sum(axis=1))].mean(axis=0) + 1
    factors: NDArray[np.float32] = np.clip((bright / bright.mean()) ** 0.2, 0.92, 1.06)
    return factors
