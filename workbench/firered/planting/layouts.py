"""Pictures made of pictures: collages, and screenshots with a photograph inside."""

from collections.abc import Callable

import cv2
import numpy as np

from firered.planting.base import Base, Planted, between, one_of
from firered.planting.lettering import fitted, line_mask, paint
from firered.templating.planes import Pixels

GRIDS = ((1, 2), (2, 1), (1, 3), (3, 1), (2, 2), (2, 3), (3, 2), (3, 3), (1, 4))  # rows, columns
THEMES = (((250, 250, 250), (30, 30, 30)), ((24, 24, 28), (230, 230, 230)))  # ground, ink
NAMES = (
    "anna.berg",
    "Holiday 2019",
    "Wei Zhang",
    "The Daily Post",
    "lake_walks",
    "IMG_2041.JPG",
    "Photos",
    "朋友圈",
)
WORDS = (
    "Like",
    "Comment",
    "Share",
    "Edit",
    "Delete",
    "Reply",
    "Save",
    "More",
    "收藏",
    "评论",
    "转发",
    "删除",
)


def collage(base: Base, rng: np.random.Generator) -> Planted:
    """Two to nine photographs in a grid, panels touching (one in three) or with gutters of 0.6 to 2 %."""
    rows, columns = one_of(rng, GRIDS)
    gutter = 0 if rng.random() < 1 / 3 else round(max(base.pixels.shape) * between(rng, 0.006, 0.02))
    rgb = one_of(rng, ((255, 255, 255), (255, 255, 255), (0, 0, 0), (240, 240, 240)))
    height, width = (
        (side - gutter * (count + 1)) // count
        for side, count in zip(base.pixels.shape, (rows, columns), strict=False)
    )
    pixels = np.empty_like(base.pixels)
    pixels[:] = rgb
    for number, panel in enumerate(_panels(base, rows * columns, rng)):
        top = gutter + number // columns * (height + gutter)
        left = gutter + number % columns * (width + gutter)
        pixels[top : top + height, left : left + width] = filling(panel, height, width)
    whole = pixels[: rows * (height + gutter) + gutter, : columns * (width + gutter) + gutter]
    return whole, {"rows": rows, "columns": columns, "gutter": gutter, "rgb": list(rgb)}


def _panels(base: Base, count: int, rng: np.random.Generator) -> list[Pixels]:
    """The photograph and others; where too few are given, parts of the photograph itself."""
    panels = [base.pixels, *base.others(count - 1)]
    while len(panels) < count:
        top, left = (int(rng.integers(side // 2)) for side in base.pixels.shape[:2])
        panels.append(base.pixels[top : top + base.height // 2, left : left + base.width // 2])
    return [panels[int(place)] for place in rng.permutation(count)]


def filling(pixels: Pixels, height: int, width: int) -> Pixels:
    """Scale and crop around the centre so that height x width pixels are filled."""
    scale = max(height / pixels.shape[0], width / pixels.shape[1])
    size = (max(width, round(pixels.shape[1] * scale)), max(height, round(pixels.shape[0] * scale)))
    scaled = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    top, left = (size[1] - height) // 2, (size[0] - width) // 2
    filled: Pixels = scaled[top : top + height, left : left + width]
    return filled


def screenshot(base: Base, rng: np.random.Generator) -> Planted:
    """A drawn interface around the photograph: a phone's feed, a browser, a viewer of files or a chat."""
    kinds: dict[str, Callable[[Pixels, Base, np.random.Generator, tuple[int, ...]], None]]
    kinds = {"feed": _feed, "browser": _browser, "viewer": _viewer, "chat": _chat}
    kind, theme = one_of(rng, list(kinds)), one_of(rng, THEMES)
    longer, aspect = max(base.height, base.width), between(rng, 1.6, 2.1)
    tall = kind in ("feed", "chat")
    size = (longer, round(longer / aspect)) if tall else (round(longer / 1.6), longer)
    screen = np.empty((*size, 3), np.uint8)
    screen[:] = theme[0]
    kinds[kind](screen, base, rng, theme[1])
    return screen, {"kind": kind, "dark": theme[0][0] < 128, "aspect": aspect}


def _feed(screen: Pixels, base: Base, rng: np.random.Generator, ink: tuple[int, ...]) -> None:
    height, width = screen.shape[:2]
    unit = height // 40
    _line(screen, "9:41", (unit // 2, unit), unit, ink)
    _rule(screen, 2 * unit, ink)
    cv2.circle(screen, (2 * unit, 4 * unit), unit, (90, 130, 220), -1, cv2.LINE_AA)
    _line(screen, one_of(rng, NAMES), (round(3.5 * unit), 4 * unit), unit, ink)
    tall = round(height * rng.uniform(0.4, 0.6))
    screen[6 * unit : 6 * unit + tall] = filling(base.pixels, tall, width)
    _buttons(screen, 6 * unit + tall + unit, unit, rng, ink)
    for number in range(3):
        _line(screen, one_of(rng, NAMES), (8 * unit + tall + (2 * number + 1) * unit, unit), unit, ink)
    _rule(screen, height - 3 * unit, ink)


def _chat(screen: Pixels, base: Base, rng: np.random.Generator, ink: tuple[int, ...]) -> None:
    height, width = screen.shape[:2]
    unit = height // 40
    _line(screen, one_of(rng, NAMES), (unit, width // 3), round(1.2 * unit), ink)
    _rule(screen, 4 * unit, ink)
    for number in range(3):
        top, left = (6 + 4 * number) * unit, (1, width // unit // 3)[number % 2] * unit
        cv2.rectangle(screen, (left, top), (left + width // 2, top + 3 * unit), (120, 190, 120), -1)
        _line(screen, one_of(rng, WORDS), (top + unit, left + unit), unit, (20, 20, 20))
    tall = round(height * rng.uniform(0.35, 0.45))
    across = round(width * 0.85)
    screen[19 * unit : 19 * unit + tall, unit : unit + across] = filling(base.pixels, tall, across)
    cv2.rectangle(screen, (unit, height - 3 * unit), (width - unit, height - unit), (150, 150, 150), 2)


def _browser(screen: Pixels, base: Base, rng: np.random.Generator, ink: tuple[int, ...]) -> None:
    height, width = screen.shape[:2]
    unit = height // 30
    screen[: 2 * unit] = 200 if ink[0] < 128 else 60
    for number, rgb in enumerate(((230, 90, 80), (230, 190, 60), (90, 190, 90))):
        cv2.circle(screen, ((number + 1) * unit, unit), unit // 3, rgb, -1, cv2.LINE_AA)
    cv2.rectangle(
        screen, (3 * unit, round(2.4 * unit)), (width - 3 * unit, round(3.8 * unit)), (150, 150, 150), 1
    )
    _line(screen, "https://news.example.org/today", (round(2.7 * unit), 4 * unit), round(0.8 * unit), ink)
    _line(screen, one_of(rng, NAMES), (5 * unit, 2 * unit), 2 * unit, ink)
    tall, across = round(height * rng.uniform(0.5, 0.62)), round(width * rng.uniform(0.55, 0.7))
    screen[8 * unit : 8 * unit + tall, 2 * unit : 2 * unit + across] = filling(base.pixels, tall, across)
    for number in range(10):
        _line(
            screen, one_of(rng, WORDS), ((8 + 2 * number) * unit, across + 4 * unit), round(0.9 * unit), ink
        )


def _viewer(screen: Pixels, base: Base, rng: np.random.Generator, ink: tuple[int, ...]) -> None:
    height, width = screen.shape[:2]
    unit = height // 30
    _line(screen, one_of(rng, NAMES), (unit // 2, unit), unit, ink)
    _rule(screen, 2 * unit, ink)
    side = round(width * rng.uniform(0.15, 0.22))
    for number in range(8):
        _line(screen, one_of(rng, WORDS), ((3 + 3 * number) * unit, unit), unit, ink)
    cv2.line(screen, (side, 2 * unit), (side, height), ink, 1)
    tall, across = height - 5 * unit, width - side - 2 * unit
    screen[3 * unit : 3 * unit + tall, side + unit : side + unit + across] = filling(
        base.pixels, tall, across
    )
    _line(screen, "1024 x 768   100 %", (height - round(1.5 * unit), side + unit), unit, ink)


def _buttons(screen: Pixels, top: int, unit: int, rng: np.random.Generator, ink: tuple[int, ...]) -> None:
    for number in range(3):
        left = (1 + number * (screen.shape[1] // unit // 3)) * unit
        cv2.circle(screen, (left + unit // 2, top + unit // 2), unit // 2, ink, 2, cv2.LINE_AA)
        paint(screen, fitted(one_of(rng, WORDS), 4 * unit, unit, "uni", 400), (top, left + 2 * unit), ink, 1)


def _line(screen: Pixels, text: str, at: tuple[int, int], size: int, ink: tuple[int, ...]) -> None:
    paint(screen, line_mask(text, max(10, size), "uni", 400), at, ink, 1)


def _rule(screen: Pixels, top: int, ink: tuple[int, ...]) -> None:
    ground = screen[top, 0].astype(int)
    screen[top : top + 2] = (ground * 3 + np.array(ink)) // 4
