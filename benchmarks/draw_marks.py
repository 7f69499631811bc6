"""Examples for the mark detector: crops of photographs, some under a translucent mark that is drawn by lot.

Marks are words in the fonts of the machine, random strings of several scripts, dates and simple logos. Crops
without a mark carry what is easily taken for one: signs, soft shadows and plates.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import simplejpeg
from PIL import Image, ImageDraw, ImageFont

from firered.models.marks import CELL, GREY, SIDE

CROP = 224  # pixels
FONTS = Path("/usr/share/fonts")
CHINESE = "wqy"  # in the names of the fonts that have Chinese letters
WORDS = (
    "studio", "Hillside", "photobank", "MOTIF", "Archive", "northlight", "draft", "DEMO", "Review Copy", "Atelier",
    "evaluation", "www.snapfield.net", "Karl Ortega", "© 2016", "(c) Mina", "imagehouse", "Pictorial", "FOTOLAND",
    "by Alina K.", "@traveller", "Harbour Press", "free trial", "ID 48213377", "lens&co", "VISTA", "Sunset Club",
    "Unregistered", "test only", "Weddings", "KODA", "blog.example.org", "No. 3", "River Films", "HD", "TV5", "news",
)  # fmt: skip
SCRIPTS = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЭЮЯ",
    "абвгдежзиклмнопрстуфхцчшэюя", "ΑΒΓΔΕΖΗΘΛΞΠΣΦΨΩαβγδεζηθλμξπρσφψω",
)  # fmt: skip
HAN = "山水风光影像工作室美图设计网中国摄影师专用原创作品春夏秋冬日月星云花草木石海天人文新闻视频频道生活时尚艺术家园"
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
STAMPS = ((255, 140, 30), (255, 200, 60), (255, 255, 255), (255, 70, 40))
VISIBLE = 5  # grey levels that a mark must change to be seen
SEEN = 0.03  # of a cell's pixels that must be changed so
COVERED = 0.3  # of a cell's pixels from which it is under the mark

Random = np.random.Generator
Pixels = Any  # (H, W, 3) uint8
Mask = Any  # (H, W) uint8, coverage 0..255


@dataclass(frozen=True)
class Example:
    """A crop (CROP, CROP, 3) uint8, labels (cells, cells) int8: 1 marked, 0 not, -1 not to be learned."""

    pixels: Pixels
    labels: Any


def example(photographs: Sequence[Pixels], random: Random, *, marked: float = 0.5) -> Example:
    """Draw a crop of one of the photographs, with a mark with probability `marked`."""
    ground = crop(photographs[int(random.integers(len(photographs)))], random)
    ground, ignored = distracted(ground, random)
    labels = np.where(cells(ignored) > 0, -1, 0).astype(np.int8)
    if random.random() < marked:
        ground, labels = marked_by_lot(ground, labels, random)
    return Example(compressed(ground, random), labels)


def crop(photograph: Pixels, random: Random) -> Pixels:
    """A part of a photograph, about as large as the network will see it, turned, mirrored and recoloured."""
    zoom = min(SIDE / max(photograph.shape[:2]), 1) * random.uniform(0.75, 1.3)
    side = max(16, round(CROP / zoom))
    sizes = [min(side, size) for size in photograph.shape[:2]]
    top, left = (
        int(random.integers(whole - part + 1))
        for whole, part in zip(photograph.shape[:2], sizes, strict=True)
    )
    part = photograph[top : top + sizes[0], left : left + sizes[1]]
    size = tuple(min(CROP, max(8, round(length * zoom))) for length in part.shape[1::-1])
    method = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    return boxed(recoloured(turned(cv2.resize(part, size, interpolation=method), random), random))


def turned(pixels: Pixels, random: Random) -> Pixels:
    """Mirrored at even odds; one in three is turned by quarters."""
    if random.random() < 0.5:
        pixels = pixels[:, ::-1]
    quarters = int(random.integers(1, 4)) if random.random() < 0.33 else 0
    return np.ascontiguousarray(np.rot90(pixels, quarters))


def recoloured(pixels: Pixels, random: Random) -> Pixels:
    """With another gamma, contrast and colours, or in grey."""
    values = (pixels.astype(np.float32) / 255) ** random.uniform(0.75, 1.35)
    values = (values - 0.5) * random.uniform(0.75, 1.15) + 0.5 + random.uniform(-0.07, 0.07)
    values *= random.uniform(0.9, 1.1, 3)
    if random.random() < 0.2:
        values = values[..., random.permutation(3)]
    if random.random() < 0.08:
        values = np.repeat(values.mean(axis=2, keepdims=True), 3, axis=2)
    if random.random() < 0.3:
        values = values + random.normal(0, random.uniform(0.005, 0.03), values.shape)
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def boxed(pixels: Pixels) -> Pixels:
    """In a square of CROP, grey where the picture is too small, as the network's own square is."""
    square = np.full((CROP, CROP, 3), GREY, np.uint8)
    square[: pixels.shape[0], : pixels.shape[1]] = pixels
    return square


def compressed(pixels: Pixels, random: Random) -> Pixels:
    """Through JPEG of quality 70 to 95, sometimes blurred a little before."""
    if random.random() < 0.2:
        pixels = cv2.GaussianBlur(pixels, (0, 0), random.uniform(0.3, 0.8))
    if random.random() < 0.15:
        return pixels
    sampling = ("420", "444")[int(random.integers(2))]
    data = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=int(random.integers(70, 96)), colorsubsampling=sampling
    )
    return simplejpeg.decode_jpeg(data)


def marked_by_lot(ground: Pixels, labels: Any, random: Random) -> tuple[Pixels, Any]:
    """Lay a mark, sometimes several of the same, over a crop, and label the cells."""
    mask, margin, colour, opacity = mark(random)
    count = int(random.integers(2, 6)) if random.random() < 0.12 else 1
    pixels, region = ground, np.zeros((CROP, CROP), np.uint8)
    for _ in range(count):
        placed = put(mask, random)
        pixels = STYLES[int(random.choice(len(STYLES), p=SHARES))](pixels, placed, colour, opacity)
        region |= cv2.dilate(placed, np.ones((margin, margin), np.uint8))
    return pixels, labelled(ground, pixels, region, labels)


def labelled(before: Pixels, after: Pixels, region: Mask, labels: Any) -> Any:
    """Labels with the marked cells: those in the region, close to a change that can be seen."""
    change = np.abs(after.astype(np.int16) - before).max(axis=2) >= VISIBLE
    seen = cv2.dilate((cells(change) > SEEN).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    inside = cells(region > 0)
    found = np.where(inside > 0, -1, labels)
    return np.where((inside > COVERED) & seen & (labels == 0), 1, found).astype(np.int8)


def cells(plane: Any) -> Any:
    """Mean of a plane (CROP, CROP) over each cell."""
    count = CROP // CELL
    return np.asarray(plane, np.float32).reshape(count, CELL, count, CELL).mean(axis=(1, 3))


def mark(random: Random) -> tuple[Mask, int, tuple[int, ...], float]:
    """Draw a mark: its mask, how far around its strokes it reaches in pixels, colour, opacity."""
    size = float(np.exp(random.uniform(np.log(8), np.log(128))))
    kind = random.random()
    if kind < 0.12:
        mask, size = date(min(size, 40), random), min(size, 40)
        colour = STAMPS[int(random.integers(len(STAMPS)))]
        return mask, max(3, round(size / 3)), colour, random.uniform(0.3, 0.8)
    size = min(size, 80) if kind < 0.72 else max(size, 18)
    mask = words(size, random) if kind < 0.72 else logo(size, random)
    if kind > 0.88:
        mask = beside(mask, words(max(9, size * random.uniform(0.3, 0.7)), random), random)
    mask = leaned(hollow(mask, size, random), random)
    return mask, max(3, round(size / 3)), ink(random), random.uniform(0.15, 0.7)


def ink(random: Random) -> tuple[int, ...]:
    """White, black, grey or any colour."""
    chance = random.random()
    if chance < 0.45:
        return WHITE
    if chance < 0.65:
        return BLACK
    if chance < 0.8:
        return (int(random.integers(60, 240)),) * 3
    return tuple(int(value) for value in random.integers(0, 256, 3))


def date(size: float, random: Random) -> Mask:
    """A date as cameras stamp it."""
    year, month, day = random.integers(1990, 2030), random.integers(1, 13), random.integers(1, 29)
    dash = "/.-: '"[int(random.integers(6))]
    text = dash.join(
        (f"{year}", f"{month:02}", f"{day:02}")
        if random.random() < 0.5
        else (f"{month:02}", f"{day:02}", f"{year}")
    )
    if random.random() < 0.4:
        text += f" {random.integers(24):02}:{random.integers(60):02}"
    return line(text, size, random)


def words(size: float, random: Random) -> Mask:
    """A line of text, or two."""
    first = line(said(random), size, random)
    if random.random() < 0.15:
        return beside(first, line(said(random), max(8, size * random.uniform(0.5, 1)), random), random)
    return first


def said(random: Random) -> str:
    """A word, a random string of one script, or Chinese letters."""
    chance = random.random()
    if chance < 0.4:
        return WORDS[int(random.integers(len(WORDS)))]
    letters = SCRIPTS[int(random.integers(len(SCRIPTS)))] if chance < 0.75 else HAN
    text = "".join(random.choice(list(letters), int(random.integers(2, 12))))
    return text.capitalize() if random.random() < 0.3 else text


def line(text: str, size: float, random: Random) -> Mask:
    """A line of text of `size` pixels in a font that has its letters."""
    chinese = any(letter in HAN for letter in text)
    files = _fonts(chinese)
    face = ImageFont.truetype(files[int(random.integers(len(files)))], max(8, round(size)))
    width = int(face.getlength(text)) + 8
    canvas = Image.new("L", (min(width, 1200), round(size * 1.6) + 4))
    bold = max(1, round(size / 24)) if chinese and random.random() < 0.4 else 0
    ImageDraw.Draw(canvas).text((4, 2), text, font=face, fill=255, stroke_width=bold)
    return trimmed(np.array(canvas))


_FOUND: dict[bool, list[str]] = {}


def _fonts(chinese: bool) -> list[str]:
    if chinese not in _FOUND:
        files = sorted(str(path) for path in FONTS.rglob("*.tt[fc]"))
        _FOUND[chinese] = [path for path in files if "Math" not in path and (not chinese or CHINESE in path)]
    return _FOUND[chinese]


def trimmed(mask: Mask) -> Mask:
    """Cut to what is inked, never empty."""
    left, top, across, down = cv2.boundingRect(mask)
    return mask[top : top + max(1, down), left : left + max(1, across)]


def logo(size: float, random: Random) -> Mask:
    """A ring, disc, shield, chevrons, star, frame or letter, or two of them."""
    side = round(size)
    mask = np.zeros((side, side), np.uint8)
    for _ in range(int(random.integers(1, 3))):
        shape = SHAPES[int(random.integers(len(SHAPES)))]
        drawn = np.zeros_like(mask)
        shape(drawn, random)
        mask = np.maximum(mask, drawn) if random.random() < 0.6 else cv2.absdiff(mask, drawn)
    return trimmed(mask) if mask.any() else np.full((side, side), 255, np.uint8)


def _polygon(mask: Mask, points: Sequence[tuple[float, float]], random: Random) -> None:
    corners = np.array([[(x * len(mask), y * len(mask)) for x, y in points]], np.int32)
    if random.random() < 0.5:
        cv2.fillPoly(mask, corners, 255, cv2.LINE_AA)
    else:
        cv2.polylines(mask, corners, True, 255, max(1, len(mask) // int(random.integers(9, 22))), cv2.LINE_AA)


def _disc(mask: Mask, random: Random) -> None:
    thick = -1 if random.random() < 0.4 else max(1, len(mask) // int(random.integers(9, 26)))
    radius = int(len(mask) * random.uniform(0.2, 0.46))
    cv2.circle(mask, (len(mask) // 2,) * 2, radius, 255, thick, cv2.LINE_AA)


def _ellipse(mask: Mask, random: Random) -> None:
    thick = -1 if random.random() < 0.3 else max(1, len(mask) // int(random.integers(9, 26)))
    axes = tuple(int(len(mask) * share) for share in random.uniform(0.15, 0.47, 2))
    cv2.ellipse(mask, (len(mask) // 2,) * 2, axes, random.uniform(0, 90), 0, 360, 255, thick, cv2.LINE_AA)


def _shield(mask: Mask, random: Random) -> None:
    _polygon(
        mask,
        [(0.12, 0.08), (0.88, 0.08), (0.88, 0.5), (0.7, 0.78), (0.5, 0.95), (0.3, 0.78), (0.12, 0.5)],
        random,
    )


def _chevrons(mask: Mask, random: Random) -> None:
    thick = max(1, len(mask) // int(random.integers(7, 14)))
    for shift in np.linspace(0, 0.5, int(random.integers(1, 4))):
        points = np.array([(0.1, 0.45 + shift), (0.5, 0.1 + shift), (0.9, 0.45 + shift)]) * len(mask)
        cv2.polylines(mask, [points.astype(np.int32)], False, 255, thick, cv2.LINE_AA)


def _star(mask: Mask, random: Random) -> None:
    count, inner = int(random.integers(3, 9)), random.uniform(0.15, 0.45)
    angles = np.arange(2 * count) * np.pi / count - np.pi / 2
    radii = np.where(np.arange(2 * count) % 2, inner, 0.47)
    points = zip(0.5 + radii * np.cos(angles), 0.5 + radii * np.sin(angles), strict=True)
    _polygon(mask, [(float(x), float(y)) for x, y in points], random)


def _frame(mask: Mask, random: Random) -> None:
    low, high = random.uniform(0.03, 0.3), random.uniform(0.7, 0.97)
    _polygon(mask, [(0.03, low), (0.97, low), (0.97, high), (0.03, high)], random)


def _leaf(mask: Mask, random: Random) -> None:
    _polygon(
        mask,
        [(float(x), float(y)) for x, y in random.uniform(0.05, 0.95, (int(random.integers(3, 7)), 2))],
        random,
    )


def _letter(mask: Mask, random: Random) -> None:
    drawn = line(said(random)[:1].strip() or "A", max(9, 0.9 * len(mask)), random)
    part = drawn[: len(mask), : len(mask)]
    mask[: part.shape[0], : part.shape[1]] = part


SHAPES: tuple[Callable[[Mask, Random], None], ...] = (
    _disc, _disc, _ellipse, _shield, _chevrons, _star, _frame, _leaf, _letter, _letter,
)  # fmt: skip


def beside(one: Mask, other: Mask, random: Random) -> Mask:
    """Two masks next to each other or one below the other, centred."""
    gap = max(2, min(one.shape[0], other.shape[0]) // 4)
    axis = int(random.integers(2))
    sizes = [one.shape[axis] + gap + other.shape[axis], max(one.shape[1 - axis], other.shape[1 - axis])]
    whole = np.zeros(sizes if axis == 0 else sizes[::-1], np.uint8)
    for part, start in ((one, 0), (other, one.shape[axis] + gap)):
        off = (sizes[1] - part.shape[1 - axis]) // 2
        top, left = (start, off) if axis == 0 else (off, start)
        whole[top : top + part.shape[0], left : left + part.shape[1]] = part
    return whole


def hollow(mask: Mask, size: float, random: Random) -> Mask:
    """One in eight is only an outline."""
    if random.random() > 0.125 or size < 20:
        return mask
    wide = max(1, round(size / 40))
    padded = cv2.copyMakeBorder(mask, wide, wide, wide, wide, cv2.BORDER_CONSTANT, value=0)
    disc = np.ones((2 * wide + 1, 2 * wide + 1), np.uint8)
    return cv2.subtract(cv2.dilate(padded, disc), cv2.erode(padded, disc))


def leaned(mask: Mask, random: Random) -> Mask:
    """Turned by up to 40 degrees, or not; stretched and sheared a little."""
    degrees = random.uniform(-40, 40) if random.random() < 0.55 else 0.0
    height, width = mask.shape
    turn = cv2.getRotationMatrix2D((0, 0), degrees, 1)[:, :2]
    shape = turn @ np.array(
        [[random.uniform(0.85, 1.25), random.choice((0, random.uniform(-0.3, 0.3)))], [0, 1]]
    )
    ends = shape @ np.array([[0, width, 0, width], [0, 0, height, height]])
    low, high = ends.min(axis=1), ends.max(axis=1)
    matrix = np.hstack([shape, 1 - low[:, None]])
    size = tuple(int(length) + 3 for length in high - low)
    return cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_LINEAR)


def put(mask: Mask, random: Random) -> Mask:
    """Coverage (CROP, CROP) of a mask at any place where at least half of it, or of the crop, is seen."""
    canvas = np.zeros((CROP, CROP), np.uint8)
    starts = [_start(size, random) for size in mask.shape]
    if random.random() < 0.3:
        starts = [_edge(size, random) for size in mask.shape]
    rows, columns = (
        slice(max(0, start), min(CROP, start + size)) for start, size in zip(starts, mask.shape, strict=True)
    )
    canvas[rows, columns] = mask[
        rows.start - starts[0] : max(rows.start, rows.stop) - starts[0],
        columns.start - starts[1] : max(columns.start, columns.stop) - starts[1],
    ]
    return cv2.GaussianBlur(canvas, (0, 0), random.uniform(0.3, 0.8)) if random.random() < 0.25 else canvas


def _start(size: int, random: Random) -> int:
    low, high = sorted((-size // 3, CROP - 2 * size // 3))
    return int(random.integers(low, high + 1))


def _edge(size: int, random: Random) -> int:
    gap = int(random.integers(2, 20))
    return gap if random.random() < 0.5 else CROP - size - gap


def laid(ground: Pixels, mask: Mask, colour: tuple[int, ...], opacity: float) -> Pixels:
    """A colour through a mask."""
    share = mask[..., None].astype(np.float32) * (opacity / 255)
    return np.rint(ground * (1 - share) + np.array(colour, np.float32) * share).astype(np.uint8)


def _shadowed(ground: Pixels, mask: Mask, colour: tuple[int, ...], opacity: float) -> Pixels:
    """Over a shadow of the other brightness, set off to the lower right."""
    other = BLACK if sum(colour) > 380 else WHITE
    shadow = cv2.GaussianBlur(np.roll(mask, (1 + CROP // 150, 2), (0, 1)), (0, 0), 0.8)
    return laid(laid(ground, shadow, other, 0.7 * opacity), mask, colour, opacity)


def _rimmed(ground: Pixels, mask: Mask, colour: tuple[int, ...], opacity: float) -> Pixels:
    """With a rim of the other brightness."""
    other = BLACK if sum(colour) > 380 else WHITE
    rim = cv2.subtract(cv2.dilate(mask, np.ones((3, 3), np.uint8)), mask)
    return laid(laid(ground, rim, other, opacity), mask, colour, opacity)


def _embossed(ground: Pixels, mask: Mask, colour: tuple[int, ...], opacity: float) -> Pixels:
    """Lit from the upper left, with little or no ink."""
    edge = cv2.filter2D(
        mask.astype(np.float32), -1, np.array([[1, 1, 0], [1, 0, -1], [0, -1, -1]], np.float32)
    )
    relief = edge[..., None] * (opacity / 3)
    return np.rint(np.clip(laid(ground, mask, colour, 0.3 * opacity) + relief, 0, 255)).astype(np.uint8)


STYLES = (laid, _shadowed, _rimmed, _embossed)
SHARES = (0.68, 0.14, 0.1, 0.08)


def distracted(ground: Pixels, random: Random) -> tuple[Pixels, Mask]:
    """With what is no mark: a sign, a shadow, a plate; or with an opaque caption, which is not to be learned."""
    chance, nothing = random.random(), np.zeros((CROP, CROP), np.uint8)
    if chance < 0.16:
        return sign(ground, random), nothing
    if chance < 0.24:
        return shadow(ground, random), nothing
    if chance < 0.3:
        letters = put(words(random.uniform(12, 40), random), random)
        return laid(ground, letters, ink(random), 1), cv2.dilate(letters, np.ones((9, 9), np.uint8))
    return ground, nothing


def sign(ground: Pixels, random: Random) -> Pixels:
    """Letters on a plate or a wall, seen from aside, in the scene's own light."""
    letters = words(random.uniform(12, 60), random)
    gap = max(3, letters.shape[0] // 3)
    letters = cv2.copyMakeBorder(letters, gap, gap, gap, gap, cv2.BORDER_CONSTANT, value=0)[:400, :400]
    height, width = letters.shape
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    target = source * np.float32(random.uniform(0.8, 1.1)) + random.normal(0, 0.08 * height, (4, 2)).astype(
        np.float32
    )
    target += random.uniform(-0.3, 0.8, 2).astype(np.float32) * (CROP - np.float32(50))
    matrix = cv2.getPerspectiveTransform(source, target.astype(np.float32))
    plate = cv2.warpPerspective(np.full_like(letters, 255), matrix, (CROP, CROP))
    drawn = cv2.warpPerspective(letters, matrix, (CROP, CROP))
    light = cv2.GaussianBlur(ground, (0, 0), 12).mean(axis=2, keepdims=True) / 160 + 0.2
    grain = random.normal(0, random.uniform(1, 8), ground.shape)
    solid = laid(ground, plate, ink(random), random.choice((1.0, 1.0, 0.0)))
    solid = laid(solid, drawn, ink(random), 1)
    lit = np.clip(solid * light + cv2.GaussianBlur(grain, (0, 0), 0.7), 0, 255)
    lit = cv2.GaussianBlur(lit, (0, 0), random.uniform(0.4, 1.6))
    share = (plate if random.random() < 0.7 else drawn)[..., None] / 255
    return np.rint(ground * (1 - share) + lit * share).astype(np.uint8)


def shadow(ground: Pixels, random: Random) -> Pixels:
    """A soft shadow or a glow, or a plate or band that lets the picture through."""
    mask = np.zeros((CROP, CROP), np.uint8)
    points = random.integers(-40, CROP + 40, (int(random.integers(3, 7)), 2)).astype(np.int32)
    if random.random() < 0.3:
        first, last = np.sort(random.integers(0, CROP, (2, 2)), axis=0)
        mask[first[0] : last[0], first[1] : last[1]] = 255
    else:
        cv2.fillPoly(mask, [points], 255)
        mask = cv2.GaussianBlur(mask, (0, 0), random.uniform(1, 12))
    return laid(ground, mask, ink(random), random.uniform(0.15, 0.6))
