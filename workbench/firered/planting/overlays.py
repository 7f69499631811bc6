"""Letters laid over a photograph: watermarks, subtitles, captions, banners, titles, paragraphs."""

from collections.abc import Callable

import numpy as np

from firered.planting.base import Base, Planted, between, corner, one_of
from firered.planting.lettering import (
    Mask,
    block_mask,
    face_for,
    fitted,
    line_mask,
    outline,
    paint,
    turned,
)
from firered.templating.planes import Pixels

MARKS = (
    "SAMPLE", "PREVIEW", "stockphoto", "© Anna Berg", "DO NOT COPY", "pixelbay", "PROOF", "Lena Photo 2019",
    "样片预览", "版权所有", "图虫素材", "请勿转载", "@摄影小王", "仅供参考",
)  # fmt: skip
LINES = {
    "en": (
        "I told you it would rain today", "Where have you been all this time?", "Breaking news from the harbour",
        "Summer sale up to half price", "When the alarm rings on Monday", "Ten places to see before winter",
        "The best coffee in the old town", "Follow us for more recipes", "We walked along the river at dusk",
        "Open daily from nine to six", "Nobody knew what would happen next", "Episode 12 The long way home",
    ),
    "zh": (
        "今天的天气真不错啊", "你这些年都去哪里了", "夏季大促全场五折起", "周末一起去爬山吧", "老城里最好喝的咖啡",
        "关注我们获取更多菜谱", "我们沿着河边慢慢散步", "本店每日九点开始营业", "没有人知道接下来会怎样",
        "第十二集回家的路很长", "冬天之前必去的十个地方", "点击下方链接了解详情",
    ),
}  # fmt: skip
INKS = ((255, 255, 255), (255, 230, 60), (255, 255, 255), (240, 60, 50), (20, 20, 20))


def watermark_word(base: Base, rng: np.random.Generator) -> Planted:
    """One translucent mark 30 to 70 % as wide as the picture, opacity 0.25 to 0.5, turned up to 35 degrees."""
    text, share, opacity = one_of(rng, MARKS), between(rng, 0.3, 0.7), between(rng, 0.25, 0.5)
    degrees = one_of(rng, (0.0, between(rng, -35, 35)))
    rgb = one_of(rng, ((255, 255, 255), (255, 255, 255), (0, 0, 0), (200, 200, 200)))
    letters = fitted(text, round(base.width * share), round(base.height * 0.3), *face_for(text, rng))
    mask = turned(letters, degrees)
    pixels = base.pixels.copy()
    paint(pixels, mask, corner(rng, pixels.shape[:2], mask.shape), rgb, opacity)
    return pixels, {"text": text, "share": share, "opacity": opacity, "degrees": degrees, "rgb": list(rgb)}


def watermark_tiled(base: Base, rng: np.random.Generator) -> Planted:
    """A mark repeated over all of the picture, each 12 to 25 % wide, opacity 0.15 to 0.4, turned 15 to 45 degrees."""
    text, share, opacity = one_of(rng, MARKS), between(rng, 0.12, 0.25), between(rng, 0.15, 0.4)
    degrees = between(rng, 15, 45) * one_of(rng, (1, -1))
    rgb = one_of(rng, ((255, 255, 255), (255, 255, 255), (0, 0, 0)))
    mask = turned(fitted(text, round(base.width * share), base.height, *face_for(text, rng)), degrees)
    gap = between(rng, 1.05, 1.6)
    pixels = base.pixels.copy()
    _tile(pixels, mask, gap, rgb, opacity)
    return pixels, {"text": text, "share": share, "opacity": opacity, "degrees": degrees, "gap": gap}


def _tile(pixels: Pixels, mask: Mask, gap: float, rgb: tuple[int, ...], opacity: float) -> None:
    down, across = (max(8, round(side * gap)) for side in mask.shape)
    for row, top in enumerate(range(-down // 2, pixels.shape[0], down)):
        # Every other row is set off by half a mark, as stock agencies do.
        for left in range(-across // 2 - (row % 2) * across // 2, pixels.shape[1], across):
            paint(pixels, mask, (top, left), rgb, opacity)


def text_overlay(base: Base, rng: np.random.Generator) -> Planted:
    """Opaque text in English or Chinese: subtitles, meme captions, a banner, a title or a paragraph."""
    kinds: dict[str, Callable[[Pixels, list[str], np.random.Generator], None]]
    kinds = {
        "subtitle": _subtitle,
        "meme": _meme,
        "banner": _banner,
        "title": _title,
        "paragraph": _paragraph,
    }
    kind, language = one_of(rng, list(kinds)), one_of(rng, ("en", "zh"))
    lines = [str(line) for line in rng.permutation(LINES[language])]
    pixels = base.pixels.copy()
    kinds[kind](pixels, lines, rng)
    return pixels, {"kind": kind, "language": language}


def _subtitle(pixels: Pixels, lines: list[str], rng: np.random.Generator) -> None:
    """One or two lines at the bottom, each 5 to 7.5 % as high as the picture."""
    count = int(rng.integers(1, 3))
    size = round(pixels.shape[0] * rng.uniform(0.05, 0.075))
    block = _shrunk(lines[:count], size, 0.92 * pixels.shape[1], *face_for(lines[0], rng))
    _outlined(pixels, block, round(pixels.shape[0] * 0.95) - block.shape[0], size, INKS[int(rng.integers(2))])


def _meme(pixels: Pixels, lines: list[str], rng: np.random.Generator) -> None:
    """A line at the top and one at the bottom, 8 to 12 % high."""
    size = round(pixels.shape[0] * rng.uniform(0.08, 0.12))
    face = face_for(lines[0], rng)
    for line, place in zip(lines[:2], (0.03, 0.97), strict=True):
        block = _shrunk([line.upper()], size, 0.94 * pixels.shape[1], *face)
        top = round(place * pixels.shape[0]) - (block.shape[0] if place > 0.5 else 0)
        _outlined(pixels, block, top, size, INKS[0])


def _banner(pixels: Pixels, lines: list[str], rng: np.random.Generator) -> None:
    """A plate over all the width, 12 to 20 % high, with a line on it."""
    height = round(pixels.shape[0] * rng.uniform(0.12, 0.2))
    top = one_of(rng, (0, pixels.shape[0] - height, int(rng.integers(pixels.shape[0] - height))))
    plate = rng.integers(0, 256, 3)
    pixels[top : top + height] = plate
    mask = fitted(lines[0], round(0.9 * pixels.shape[1]), round(0.6 * height), *face_for(lines[0], rng))
    rgb = (255, 255, 255) if plate.mean() < 128 else (15, 15, 15)
    paint(pixels, mask, (top + (height - mask.shape[0]) // 2, (pixels.shape[1] - mask.shape[1]) // 2), rgb, 1)


def _title(pixels: Pixels, lines: list[str], rng: np.random.Generator) -> None:
    """A title in two large lines somewhere, 8 to 13 % high each."""
    size = round(pixels.shape[0] * rng.uniform(0.08, 0.13))
    block = _shrunk(lines[:2], size, 0.9 * pixels.shape[1], *face_for(lines[0], rng))
    top = int(rng.integers(1, max(2, pixels.shape[0] - block.shape[0])))
    _outlined(pixels, block, top, size, one_of(rng, INKS))


def _paragraph(pixels: Pixels, lines: list[str], rng: np.random.Generator) -> None:
    """Four to seven lines, each 4.5 to 6 % high, on a plate that lets a little through."""
    size = round(pixels.shape[0] * rng.uniform(0.045, 0.06))
    block = _shrunk(lines[: int(rng.integers(4, 8))], size, 0.8 * pixels.shape[1], *face_for(lines[0], rng))
    plate = np.full((block.shape[0] + size, block.shape[1] + 2 * size), 255, np.uint8)
    top, left = corner(rng, pixels.shape[:2], plate.shape)
    paint(pixels, plate, (top, left), (10, 10, 10), 0.6)
    paint(pixels, block, (top + size // 2, left + size), (255, 255, 255), 1)


def _shrunk(lines: list[str], size: int, width: float, face: str, weight: int) -> Mask:
    """Lines at `size`, or smaller where one would be wider than `width` pixels."""
    longest = max(line_mask(line, size, face, weight).shape[1] for line in lines)
    return block_mask(lines, max(9, int(size * min(1, width / longest))), face, weight)


def _outlined(pixels: Pixels, block: Mask, top: int, size: int, rgb: tuple[int, ...]) -> None:
    radius, left = max(1, size // 18), (pixels.shape[1] - block.shape[1]) // 2
    rim = (250, 250, 250) if sum(rgb) < 200 else (10, 10, 10)
    paint(pixels, outline(block, radius), (top - radius, left - radius), rim, 1)
    paint(pixels, block, (top, left), rgb, 1)
