"""What is behind a figure: a photograph out of focus or a studio, the light that it sends, and the shadow on the floor."""

from dataclasses import replace
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.synthesis.rig.camera import Camera
from firered.synthesis.rig.light import SHADOW_SIDE, Light, lit_share, shadow_map, sphere
from firered.synthesis.rig.parts import Assembly
from firered.synthesis.rig.shade import Layer, to_linear, to_srgb, toned

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
LEAST_SIDE = 16
WIDEST, TALLEST = 1.5, 1.25  # longer sides are cut: a figure in a panorama would be tiny
STUDIOS = (
    (186, 194, 204),
    (206, 200, 190),
    (160, 170, 168),
    (120, 128, 140),
    (214, 206, 208),
    (150, 140, 132),
)


def frame_of(source: Pixels) -> tuple[int, int]:
    """Height and width (both even) of the picture that a photograph is made into."""
    height, width = source.shape[:2]
    if min(height, width) < LEAST_SIDE:
        raise ValueError(f"the photograph is {width} x {height} pixels, {LEAST_SIDE} needed")
    longer = max(height, width)
    shorter = max(min(height, width), round(longer / (TALLEST if height > width else WIDEST)))
    height, width = (longer, shorter) if height >= width else (shorter, longer)
    return height // 2 * 2, width // 2 * 2


def photograph(source: Pixels, size: tuple[int, int], *, blur: float, shift: float = 0.0) -> Pixels:
    """The photograph's middle cut to a size (height, width) and blurred; blur: share of the height.

    shift: pixels that a far backdrop moves to the left; beyond its edge it goes on as its mirror image.
    """
    height, width = size
    scale = max(height / source.shape[0], width / source.shape[1])
    shape = (max(width, round(source.shape[1] * scale)), max(height, round(source.shape[0] * scale)))
    larger = cv2.resize(source, shape, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    top, left = (larger.shape[0] - height) // 2, (larger.shape[1] - width) // 2
    cut = larger[top : top + height, left : left + width]
    soft = np.asarray(cv2.GaussianBlur(cut, (0, 0), max(blur * height, 0.3)), np.uint8)
    columns = (np.arange(width) + round(shift)) % (2 * width)
    return soft[:, np.where(columns < width, columns, 2 * width - 1 - columns)]


def studio(random: Random, size: tuple[int, int], light: Light) -> Pixels:
    """A plain backdrop that falls off towards the corners, brighter where the key light comes from."""
    height, width = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across = x / width - 0.5 - 0.2 * np.sign(light.azimuth)
    fall = 1.05 - 0.5 * (across**2 * (width / height) + (y / height - 0.45) ** 2)
    color = to_linear(np.array(random.choice(STUDIOS), np.uint8))
    jitter = np.array([random.uniform(0.9, 1.1) for _ in range(3)], np.float32)
    value = to_srgb(fall[..., None] * color * jitter) * 255
    # A little dither hides the steps of 8 bits.
    dither = np.random.default_rng(random.randrange(1 << 30)).random((height, width, 1), np.float32)
    return np.asarray(np.clip(value + dither - 0.5, 0, 255) + 0.5, np.uint8)


def lit_by(light: Light, backdrop: Pixels) -> Light:
    """The light with what comes from above and below taken from a backdrop, half way to neutral."""
    small = cv2.resize(to_linear(backdrop), (1, 8), interpolation=cv2.INTER_AREA)[:, 0]
    sky, ground = small[:4].mean(axis=0), small[4:].mean(axis=0)
    return replace(light, sky=_tempered(sky, 0.54), ground=_tempered(ground, 0.34))


def _tempered(color: Floats, level: float) -> tuple[float, float, float]:
    mean = float(color.mean()) + 1e-3
    mixed = level * (0.55 + 0.45 * color / mean) * (0.75 + 0.5 * min(mean, 0.8))
    return float(mixed[0]), float(mixed[1]), float(mixed[2])


def composed(layer: Layer, backdrop: Pixels) -> Pixels:
    """A layer over a backdrop; pixels that it does not cover keep the backdrop's bits."""
    cover = layer.cover[..., None]
    straight = np.asarray(layer.color / np.maximum(cover, 1e-4), np.float32)
    color = to_srgb(toned(straight)) * 255
    mixed = color * cover + backdrop * (1 - cover)
    return np.where(cover > 0, np.clip(mixed + 0.5, 0, 255), backdrop).astype(np.uint8)


def floored(assembly: Assembly, camera: Camera, light: Light, backdrop: Pixels, floor: float) -> Pixels:
    """The backdrop with the figure's soft shadow on the floor at a height, where the camera sees it."""
    half = (backdrop.shape[0] // 2, backdrop.shape[1] // 2)
    rays = camera.rays(half).reshape(-1, 3)
    reach = (floor - camera.eye()[1]) / np.minimum(rays[:, 1], -1e-4)
    points = (camera.eye() + rays * reach[:, None]).astype(np.float32)
    near = (rays[:, 1] < -1e-3) & (np.hypot(points[:, 0], points[:, 2]) < 25)
    share = np.ones(len(points), np.float32)
    share[near] = _floor_light(assembly, light, points[near])
    shadow = cv2.resize(share.reshape(half), backdrop.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(to_srgb(to_linear(backdrop) * shadow[..., None]) * 255 + 0.5, np.uint8)


def _floor_light(assembly: Assembly, light: Light, points: Floats) -> Floats:
    """Share (N,) of light that the figure leaves to floor points."""
    key = shadow_map(assembly, light.direction(), SHADOW_SIDE, light)
    direct = lit_share(key, points, radius=light.softness * 3, bias=0.03, taps=32)
    total, weight = np.zeros(len(points), np.float32), 0.0
    for direction in sphere(64):
        if direction[1] > 0.05:
            total += direction[1] * lit_share(
                shadow_map(assembly, direction, 256, light), points, radius=0.25, bias=0.05, taps=4
            )
            weight += float(direction[1])
    return np.asarray(0.45 * direct + 0.55 * total / weight, np.float32)
