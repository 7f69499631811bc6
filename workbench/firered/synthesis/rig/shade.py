"""From an assembly to a picture: visibility, paint, light, tone; every step the same bits each time."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.synthesis.rig.camera import Camera
from firered.synthesis.rig.light import SHADOW_SIDE, Light, around, lit_share, shadow_map
from firered.synthesis.rig.parts import Assembly
from firered.synthesis.rig.raster import blend, draw

Floats = NDArray[np.float32]
FINER = 2  # samples along each side of a pixel
SCATTER = (
    0.30,
    0.13,
    0.07,
)  # decimetres that red, green and blue light travel in skin (exaggerated a little)


@dataclass(frozen=True)
class Spots:
    """Visible samples of one material: where they are on it and in the scene."""

    rest: Floats  # (N, 3) coordinates that stick to the surface
    uv: Floats  # (N, 2)
    points: Floats  # (N, 3)
    normals: Floats  # (N, 3) towards the camera
    view: Floats  # (N, 3) unit, towards the camera


@dataclass(frozen=True)
class Surface:
    """What spots are made of; colours linear."""

    albedo: Floats  # (N, 3)
    roughness: float = 0.5
    specular: float = 0.04  # reflection straight on
    scatter: bool = False  # light travels below the surface, as in skin
    strands: Floats | None = None  # (N, 3) tangents of hair
    normals: Floats | None = None  # (N, 3) bumps
    sheen: float = 0.0
    mirrored: Floats | None = None  # (N, 3) of the surroundings, dimmed where these are hidden


Painter = Callable[[str, Spots], Surface]


@dataclass(frozen=True)
class Layer:
    """A drawn assembly: colours, how much of each pixel it covers, and what lies where."""

    color: Floats  # (H, W, 3) linear, premultiplied by cover
    cover: Floats  # (H, W) in 0..1
    depth: Floats  # (H, W) decimetres, inf where nothing is
    material: NDArray[np.int16]  # (H, W) index in `materials`, -1 where nothing is
    materials: tuple[str, ...]


def draw_layer(
    assembly: Assembly, camera: Camera, light: Light, painter: Painter, size: tuple[int, int]
) -> Layer:
    """Draw an assembly at a size (height, width)."""
    fine = (size[0] * FINER, size[1] * FINER)
    screen = camera.project(assembly.points, fine)
    depth, face_of, place = draw(
        screen, assembly.faces, fine, assembly.alive, assembly.grain, assembly.strands
    )
    seen = face_of >= 0
    color = np.zeros((*fine, 3), np.float32)
    if seen.any():
        color[seen] = _lit(assembly, camera, light, painter, (seen, face_of, place))
    material = np.where(seen, assembly.material_of[np.maximum(face_of, 0)], -1).astype(np.int16)
    middle = np.s_[FINER // 2 :: FINER, FINER // 2 :: FINER]
    return Layer(
        _coarse(color), _coarse(seen.astype(np.float32)), depth[middle], material[middle], assembly.materials
    )


def dot(a: Floats, b: Floats) -> Floats:
    """Products (N, 1) of vectors (N, 3)."""
    return np.asarray(np.einsum("ij,ij->i", a, b)[:, None], np.float32)


def unit(vectors: Floats) -> Floats:
    """Vectors (N, 3) made 1 long."""
    return np.asarray(vectors / np.maximum(np.sqrt(dot(vectors, vectors)), 1e-6), np.float32)


def _coarse(values: Floats) -> Floats:
    height, width = values.shape[0] // FINER, values.shape[1] // FINER
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def _lit(
    assembly: Assembly,
    camera: Camera,
    light: Light,
    painter: Painter,
    visible: tuple[NDArray[np.bool_], NDArray[np.int32], Floats],
) -> Floats:
    """Colours (N, 3) of the visible samples."""
    seen, face_of, place = visible
    faces, inside = face_of[seen], place[seen]
    corners = assembly.faces[faces]
    points = blend(assembly.points, corners, inside)
    view = unit(camera.eye() - points)
    normals = blend(assembly.normals, corners, inside)
    # Cloth and hair are thin: both sides are seen.
    normals = unit(normals * np.where(dot(normals, view) < -0.2, -1, 1).astype(np.float32))
    own = np.arange(3 * len(faces), dtype=np.int32).reshape(-1, 3)
    spots = Spots(
        rest=blend(assembly.rest, corners, inside),
        uv=blend(assembly.uvs[faces].reshape(-1, 2), own, inside),
        points=points,
        normals=normals,
        view=view,
    )
    fill = blend(around(assembly, assembly.points, assembly.normals, light), corners, inside)
    return _colors(assembly, camera, light, painter, (seen, assembly.material_of[faces], spots, fill))


def _colors(
    assembly: Assembly,
    camera: Camera,
    light: Light,
    painter: Painter,
    samples: tuple[NDArray[np.bool_], NDArray[np.uint8], Spots, Floats],
) -> Floats:
    seen, materials, spots, fill = samples
    key = shadow_map(assembly, light.direction(), SHADOW_SIDE, light)
    raised = spots.points + spots.normals * np.float32(0.03)
    open_share = lit_share(key, raised, radius=light.softness, bias=0.02 + 0.7 / key.scale)[:, None]
    diffuse, albedo, extra = (np.zeros_like(spots.points) for _ in range(3))
    scatter = np.zeros(len(materials), np.bool_)
    for number, name in enumerate(assembly.materials):
        mine = materials == number
        if mine.any():
            part = Spots(
                *(getattr(spots, field)[mine] for field in ("rest", "uv", "points", "normals", "view"))
            )
            surface = painter(name, part)
            diffuse[mine], extra[mine] = _reflected(surface, part, light, open_share[mine], fill[mine])
            albedo[mine] = surface.albedo
            scatter[mine] = surface.scatter
    if scatter.any():
        diffuse = _scattered(diffuse, scatter, seen, camera)
    return np.asarray(diffuse * albedo + extra, np.float32)


def _reflected(
    surface: Surface, spots: Spots, light: Light, lit: Floats, fill: Floats
) -> tuple[Floats, Floats]:
    """Light that falls on spots (N, 3), and light that they mirror (N, 3)."""
    toward, color = light.direction(), np.asarray(light.color, np.float32)
    normals = spots.normals if surface.normals is None else surface.normals
    cosine = (normals @ toward)[:, None]
    if surface.strands is not None:
        return _hair(surface, spots, light, lit, fill)
    wrap = np.array([0.22, 0.10, 0.06], np.float32) if surface.scatter else np.float32(0.03)
    falling = np.maximum((cosine + wrap) / (1 + wrap), 0) * color * lit + fill
    half = unit(spots.view + toward)
    facing = np.clip(dot(normals, spots.view), 0.02, 1)
    fresnel = surface.specular + (1 - surface.specular) * (1 - facing) ** 5 * (1 - surface.roughness) ** 2
    gloss = _gloss(np.clip(dot(normals, half), 0, 1), surface.roughness)
    mirrored = gloss * surface.specular * np.maximum(cosine, 0) * color * lit + fresnel * fill * 0.6
    rim = surface.sheen * (1 - facing) ** 3 * (falling * 0.5 + fill)
    mirrored = mirrored + rim * surface.albedo
    if surface.mirrored is not None:
        mirrored = mirrored + surface.mirrored * (
            0.35 + 0.65 * np.clip(fill / np.maximum(fill.max(), 1e-3), 0, 1)
        )
    return falling, mirrored


def _gloss(cosine: Floats, roughness: float) -> Floats:
    """Microfacet distribution by Trowbridge and Reitz with the usual factor of 4 taken out."""
    square = roughness**4
    bottom = cosine * cosine * (square - 1) + 1
    return np.asarray(square / (4 * bottom * bottom), np.float32)


def _hair(surface: Surface, spots: Spots, light: Light, lit: Floats, fill: Floats) -> tuple[Floats, Floats]:
    """Light along strands after Kajiya and Kay: a band of shine across them."""
    assert surface.strands is not None
    toward, color = light.direction(), np.asarray(light.color, np.float32)
    along = surface.strands
    lengthwise = (along @ toward)[:, None]
    across = np.sqrt(np.clip(1 - lengthwise**2, 0, 1))
    facing = np.clip((spots.normals @ toward)[:, None] * 0.6 + 0.4, 0, 1)
    half = unit(spots.view + toward)
    shine = np.sqrt(np.clip(1 - dot(along, half) ** 2, 0, 1))
    falling = across * facing * color * lit * 0.9 + fill
    colored = surface.albedo * 0.8 * shine**24 * facing
    return falling, np.asarray((colored + 0.03 * shine**90 * facing) * color * lit, np.float32)


def _scattered(
    diffuse: Floats, scatter: NDArray[np.bool_], seen: NDArray[np.bool_], camera: Camera
) -> Floats:
    """Blur the light on skin over the distance that it travels inside, red the farthest."""
    pixels = camera.focal * seen.shape[0] / camera.distance
    area = np.zeros(seen.shape, np.float32)
    area[seen] = scatter
    small = _coarse(area)
    spread = diffuse.copy()
    for channel, reach in enumerate(SCATTER):
        plane = np.zeros(seen.shape, np.float32)
        plane[seen] = diffuse[:, channel] * scatter
        sigma = max(reach * pixels * 0.5 / FINER, 0.3)
        wide = cv2.GaussianBlur(_coarse(plane), (0, 0), sigma) / np.maximum(
            cv2.GaussianBlur(small, (0, 0), sigma), 1e-3
        )
        blurred = cv2.resize(wide, seen.shape[::-1], interpolation=cv2.INTER_LINEAR)
        spread[scatter, channel] = 0.45 * diffuse[scatter, channel] + 0.55 * blurred[seen][scatter]
    return spread


# --- tone ---------------------------------------------------------------------------------------


def to_linear(pixels: NDArray[np.uint8]) -> Floats:
    """Linear 0..1 of sRGB 0..255, any shape."""
    value = pixels.astype(np.float32) / 255
    return np.asarray(np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4), np.float32)


def to_srgb(linear: Floats) -> Floats:
    """Linear to sRGB in 0..1, any shape."""
    value = np.clip(linear, 0, 1)
    return np.asarray(
        np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055), np.float32
    )


def toned(linear: Floats) -> Floats:
    """Roll highlights off smoothly above 0.7, so that light skin does not burn out."""
    over = np.maximum(linear - 0.7, 0)
    return np.asarray(np.minimum(linear, 0.7) + 0.3 * (1 - np.exp(-over / 0.3)), np.float32)
