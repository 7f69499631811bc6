"""Blemishes: what is added to clean skin as changes of L*, a*, b*; taken away again, the photograph is the truth."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firered.synthesis.composite.faces import BAGS, CHEEKS, CROWS, FOLDS, NOSE, Face

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Dice = np.random.Generator

# Change of (L*, a*, b*) at full strength.
BROWN, DARK, RED, SHADE, FLUSH, FOLD = (
    np.array(change, np.float32)
    for change in ((-13, 5, 7), (-36, 3, 3), (-9, 20, 8), (-19, 3, -5), (-2, 8, 2), (-15, 2, 1))
)


def freckles(face: Face, dice: "Dice") -> "Floats":
    """Many small brown dots on cheeks and nose."""
    near = _near(face, (*CHEEKS, NOSE), 0.22)
    return _dots(face, near, dice, count=int(dice.integers(70, 120)), size=(0.004, 0.010)) * BROWN


def spots(face: Face, dice: "Dice") -> "Floats":
    """A few larger, paler patches."""
    return 0.75 * _dots(face, face.skin, dice, count=int(dice.integers(6, 11)), size=(0.014, 0.026)) * BROWN


def moles(face: Face, dice: "Dice") -> "Floats":
    """Two to four dark dots."""
    return (
        _dots(face, face.skin, dice, count=int(dice.integers(2, 5)), size=(0.009, 0.014), weakest=0.8) * DARK
    )


def acne(face: Face, dice: "Dice") -> "Floats":
    """Red pimples with a pale tip."""
    count = int(dice.integers(8, 15))
    state = dice.bit_generator.state
    halo = _dots(face, face.skin, dice, count=count, size=(0.017, 0.028), weakest=0.75)
    dice.bit_generator.state = state  # the tips sit on the same places
    tip = _dots(face, face.skin, dice, count=count, size=(0.0045, 0.007), weakest=0.7)
    return halo * RED + tip * np.array([9, -4, 2], np.float32)


def dark_circles(face: Face, dice: "Dice") -> "Floats":
    """Shade under the eyes."""
    below = np.maximum(face.region(BAGS[0]), face.region(BAGS[1]))
    soft = face.softened(below, 0.02) * np.maximum(face.skin, 0.5 * face.softened(below, 0.008))
    return np.asarray(soft[..., None] * SHADE, np.float32)


def redness(face: Face, dice: "Dice") -> "Floats":
    """Flushed cheeks and nose, unevenly."""
    near = _near(face, (*CHEEKS, NOSE), 0.16)
    uneven = cv2.GaussianBlur(
        dice.normal(0, 1, near.shape).astype(np.float32), (0, 0), max(1, 0.04 * face.width)
    )
    uneven = 1 + 0.35 * uneven / max(float(uneven.std()), 1e-6)
    return np.asarray((near * np.clip(uneven, 0.3, 1.6))[..., None] * FLUSH, np.float32)


def wrinkles(face: Face, dice: "Dice") -> "Floats":
    """Fine lines on the forehead, beside the eyes and beside the mouth, each with a light rim."""
    lines = np.zeros(face.pixels.shape[:2], np.float32)
    thick = max(1, round(0.01 * face.width))
    for fold in FOLDS:
        _line(lines, face.points[list(fold)], thick, dice)
    for start, end in CROWS:
        outward = face.points[end] - face.points[start]
        _line(
            lines,
            np.stack([face.points[start] + 0.35 * outward, face.points[start] + 1.2 * outward]),
            thick,
            dice,
        )
    dark = face.softened(lines, 0.009) * face.skin
    # The skin beside a fold catches the light.
    rim = np.roll(dark, max(1, round(0.01 * face.width)), axis=0) * face.skin
    return dark[..., None] * FOLD + rim[..., None] * np.array([4, 0, 0], np.float32)


def _near(face: Face, points: "Sequence[int]", share: float) -> "Floats":
    """Skin that is near some points (H, W), 0..1."""
    rows, columns = np.mgrid[: face.pixels.shape[0], : face.pixels.shape[1]].astype(np.float32)
    reach = 2 * (share * face.width) ** 2
    bumps = [np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / reach) for x, y in face.points[list(points)]]
    return np.asarray(np.maximum.reduce(bumps) * face.skin, np.float32)


def _dots(
    face: Face, where: "Floats", dice: "Dice", *, count: int, size: tuple[float, float], weakest: float = 0.4
) -> "Floats":
    """Soft round dots (H, W, 1), 0..1, on pixels drawn by weight; sizes in shares of the face's width."""
    chances = where.ravel().astype(np.float64)
    chances[chances < 0.05] = 0
    if not chances.any():
        raise ValueError("no bare skin to be seen on the face")
    places = dice.choice(chances.size, count, p=chances / chances.sum())
    sizes, strengths = dice.uniform(*size, count), dice.uniform(weakest, 1, count)
    total = np.zeros(where.shape, np.float32)
    for place, radius, strength in zip(places, sizes, strengths, strict=True):
        _dot(total, divmod(int(place), where.shape[1]), max(0.55, radius * face.width), float(strength), dice)
    total *= face.skin
    total[total < 0.02] = 0
    return total[..., None]


def _dot(total: "Floats", place: tuple[int, int], radius: float, strength: float, dice: "Dice") -> None:
    """Lay a soft, slightly oval dot into a field, where it is stronger."""
    reach = int(3 * radius) + 1
    top, left = max(0, place[0] - reach), max(0, place[1] - reach)
    window = total[top : place[0] + reach + 1, left : place[1] + reach + 1]
    rows, columns = np.mgrid[: window.shape[0], : window.shape[1]].astype(np.float32)
    down, across = (rows + top - place[0]) / radius, (columns + left - place[1]) / radius
    oval = dice.uniform(0.75, 1.3)
    away = (down * oval) ** 2 + (across / oval) ** 2
    np.maximum(window, strength * np.exp(-(away**1.5) / 2), out=window)


def _line(field: "Floats", points: "Floats", thick: int, dice: "Dice") -> None:
    """Draw a broken, slightly shaky line."""
    steps = np.linspace(0, len(points) - 1, 24)
    places = np.arange(len(points))
    path = np.stack([np.interp(steps, places, points[:, axis]) for axis in (0, 1)], axis=1)
    path += dice.normal(0, 0.35 * thick, path.shape)
    lone = np.zeros_like(field)
    cv2.polylines(
        lone, [np.rint(path * 8).astype(np.int32)], False, float(dice.uniform(0.6, 1)), thick, cv2.LINE_AA, 3
    )
    np.maximum(field, lone, out=field)


BLEMISHES: dict[str, Callable[[Face, "Dice"], "Floats"]] = {
    "freckles": freckles,
    "spots": spots,
    "moles": moles,
    "acne": acne,
    "dark_circles": dark_circles,
    "redness": redness,
    "wrinkles": wrinkles,
}
