"""Scenes for the composite makers, painted: lawns under a sky, plain tables, faces, persons, and a set of stamps."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from firered.models import registry, stamps
from firered.synthesis.composite import cutouts

FACE_MESH = Path(__file__).with_name("face_mesh.txt")


def lawn(height: int = 240, width: int = 360) -> np.ndarray:
    """Blue sky over a meadow, the horizon in the middle."""
    random = np.random.default_rng(5)
    picture = np.empty((height, width, 3), np.float32)
    half = height // 2
    picture[:half] = np.linspace((120, 170, 235), (175, 205, 240), half)[:, None]
    blades = cv2.GaussianBlur(random.normal(0, 1, (height - half, width)).astype(np.float32), (0, 0), 0.8)
    picture[half:] = np.array([86, 138, 50]) + 22 * blades[..., None]
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def table(height: int = 240, width: int = 360) -> np.ndarray:
    """A dark block on plain white ground."""
    picture = np.full((height, width, 3), 246, np.uint8)
    picture[40:150, 30:120] = (50, 60, 80)
    return picture


def noise(height: int = 240, width: int = 360) -> np.ndarray:
    """A picture without any place."""
    return np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)


def stamp(seed: int, height: int = 120, width: int = 110) -> np.ndarray:
    """A round, many-coloured cut-out with a soft edge, RGBA, darker on its left."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    coarse = random.integers(30, 225, (6, 6, 3)).astype(np.float32)
    colour = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    colour = colour * (0.6 + 0.4 * columns / width)[..., None] + random.normal(0, 8, (height, width, 3))
    away = np.hypot((rows - height / 2 + 0.5) / (height / 2), (columns - width / 2 + 0.5) / (width / 2))
    alpha = np.clip((1 - away) * 20, 0, 1)
    return np.dstack([np.clip(colour, 0, 255), 255 * alpha]).astype(np.uint8)


def install_stamps(home: Path) -> None:
    """Put a painted stamp at the path of every word of the lexicon, and a caption beside the first."""
    folder = home / "models" / registry.installed_folder(registry.entry(stamps.ENTRY)).name / "photos"
    for place, path in enumerate(cutouts.words()):
        file = folder / f"{path}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(stamp(place)).save(file, compress_level=1)
        if not place:
            file.with_suffix(".txt").write_text("A blackbird.\nzh_CN.utf8=黑鸟。\n", encoding="utf-8")


def forget_stamps() -> None:
    """Empty the caches that hold stamps."""
    for cached in (stamps.read, stamps.list_stamps, cutouts.stamp):
        cached.cache_clear()


@cache
def mesh() -> tuple[float, ...]:
    """Points of a face that looks at the camera, x0, y0, x1, y1 .. 0..1."""
    return tuple(float(value) for value in FACE_MESH.read_text().split())


def portrait(side: int = 256) -> np.ndarray:
    """A face painted around the mesh: skin with grain, eyes, brows, red lips, and teeth."""
    from firered.synthesis.composite import faces

    random = np.random.default_rng(2)
    points = np.array(mesh(), np.float32).reshape(-1, 2) * side
    picture = np.full((side, side, 3), (70, 90, 110), np.uint8)
    parts = [(faces.OVAL, (205, 160, 135)), *((brow, (70, 45, 30)) for brow in faces.BROWS)]
    parts += [
        *((eye, (240, 240, 240)) for eye in faces.EYES),
        (faces.LIPS, (175, 90, 90)),
        (faces.MOUTH, (205, 195, 165)),
    ]
    for outline, color in parts:
        cv2.fillPoly(picture, [np.rint(points[list(outline)]).astype(np.int32)], color)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.8).astype(np.float32) + random.normal(
        0, 2.5, (side, side, 1)
    )
    return np.clip(picture, 0, 255).astype(np.uint8)


def person(height: int = 360, width: int = 300) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """A person in a green top with folds before a grey wall; the person's mask (H, W), and 33 joints."""
    picture = np.full((height, width, 3), (150, 150, 155), np.uint8)
    mask = np.zeros((height, width), np.uint8)
    joints = {0: (0.5, 0.2), 11: (0.66, 0.42), 12: (0.34, 0.42), 23: (0.62, 0.85), 24: (0.38, 0.85)}
    head = (round(0.5 * width), round(0.2 * height))
    for canvas, skin, top in ((picture, (215, 170, 145), (60, 130, 70)), (mask, 1, 1)):
        cv2.ellipse(canvas, head, (40, 52), 0, 0, 360, skin, -1)
        cv2.rectangle(canvas, (head[0] - 16, head[1] + 40), (head[0] + 16, head[1] + 75), skin, -1)
        corners = [(0.3, 0.4), (0.7, 0.4), (0.66, 0.98), (0.34, 0.98)]
        shape = np.array([(x * width, y * height) for x, y in corners], np.int32)
        cv2.fillPoly(canvas, [shape], top)
    folds = 1 + 0.12 * np.sin(np.arange(width) / 9)[None, :, None]
    shaded = np.where((mask > 0)[..., None], picture * folds, picture)
    shaded = shaded + np.random.default_rng(3).normal(0, 1.5, picture.shape)
    points = [value for joint in range(33) for value in (*joints.get(joint, (0.5, 0.5)), 0.99)]
    return np.clip(np.rint(shaded), 0, 255).astype(np.uint8), mask > 0, points
