"""Painting of items onto a canvas (H, W, 3) uint8, in place and within their extents alone."""

from functools import lru_cache

import cv2
import numpy as np

from firered.synthesis.layouts.items import Drawing, Fill, Frame, Item, Letters
from firered.synthesis.layouts.shaper import coverage
from firered.synthesis.layouts.shapes import mark_coverage, plate_coverage
from firered.templating.filters import Rgb
from firered.templating.planes import Pixels

_SHADE = 0.34  # darkness of a plate's shadow
_HALO = 0.55


def paint(canvas: Pixels, item: Item, photo: Pixels) -> None:
    """Paint one item; `photo` (H, W, 3) is what frames show."""
    if isinstance(item, Fill):
        _paint_fill(canvas, item)
    elif isinstance(item, Letters):
        _paint_letters(canvas, item)
    elif isinstance(item, Drawing):
        _paint_drawing(canvas, item)
    else:
        _paint_frame(canvas, item, photo)


def blend(
    canvas: Pixels, mask: Pixels, left: int, top: int, colour: "Rgb | Pixels", opacity: float = 1.0
) -> None:
    """Lay a colour, or pixels (h, w, 3), over the canvas through a coverage (h, w); what sticks out is cut."""
    height, width = canvas.shape[:2]
    first_row, first_column = max(0, -top), max(0, -left)
    last_row, last_column = min(mask.shape[0], height - top), min(mask.shape[1], width - left)
    if first_row >= last_row or first_column >= last_column:
        return
    cut = (slice(first_row, last_row), slice(first_column, last_column))
    there = canvas[top + first_row : top + last_row, left + first_column : left + last_column]
    over = colour[cut] if isinstance(colour, np.ndarray) else np.array(colour, np.uint16)
    share = (mask[cut][..., None].astype(np.uint16) * np.uint16(round(opacity * 256))) >> np.uint16(8)
    there[:] = (there * (255 - share) + over * share + 127) // 255


def _paint_fill(canvas: Pixels, item: Fill) -> None:
    if item.shadow:
        soft, reach = _shadow(item.form, item.width, item.height, item.radius, item.shadow)
        blend(canvas, soft, item.left - reach, item.top - reach + item.shadow, (0, 0, 0), _SHADE)
    # A hair of radius for a bare rectangle would cost a mask of the whole picture.
    if (
        item.form == "rectangle"
        and not item.radius
        and not item.border
        and item.to is None
        and item.opacity == 1
    ):
        top, left = max(0, item.top), max(0, item.left)
        canvas[top : item.top + item.height, left : item.left + item.width] = item.rgb
        return
    outer = plate_coverage(item.form, item.width, item.height, item.radius)
    edge = item.border
    if not edge:
        blend(canvas, outer, item.left, item.top, _colours(item), item.opacity)
        return
    blend(canvas, outer, item.left, item.top, item.line, item.opacity)
    radius = max(0.0, item.radius - edge)
    inner = plate_coverage(item.form, item.width - 2 * edge, item.height - 2 * edge, radius)
    colours = _colours(item)
    if isinstance(colours, np.ndarray):
        colours = colours[edge:-edge, edge:-edge]
    blend(canvas, inner, item.left + edge, item.top + edge, colours, item.opacity)


def _colours(item: Fill) -> "Rgb | Pixels":
    """The plate's colour, or its gradient (h, w, 3)."""
    if item.to is None:
        return item.rgb
    share = np.linspace(0, 1, item.height)[:, None]
    column = np.array(item.rgb) * (1 - share) + np.array(item.to) * share
    return np.broadcast_to(np.round(column).astype(np.uint8)[:, None], (item.height, item.width, 3))


@lru_cache(128)
def _shadow(form: str, width: int, height: int, radius: float, soft: int) -> tuple[Pixels, int]:
    """Blurred coverage of a plate, and by how much it is wider on each side."""
    reach = 3 * soft
    plate = cv2.copyMakeBorder(
        plate_coverage(form, width, height, radius), reach, reach, reach, reach, cv2.BORDER_CONSTANT
    )
    blurred: Pixels = cv2.GaussianBlur(plate, (0, 0), soft)
    return blurred, reach


def _paint_letters(canvas: Pixels, item: Letters) -> None:
    assert item.ink is not None, "letters on a photograph get their ink before they are painted"
    if item.glow:
        soft, left, top = _halo(item)
        blend(canvas, soft, item.x + left, item.y + top, item.edge, _HALO)
    if item.stroke:
        mask, left, top = coverage(item.path, item.size, item.text, item.stroke)
        blend(canvas, mask, item.x + left, item.y + top, item.edge)
    mask, left, top = coverage(item.path, item.size, item.text)
    blend(canvas, mask, item.x + left, item.y + top, item.ink)


def _halo(item: Letters) -> tuple[Pixels, int, int]:
    """Blurred, widened letters, and their place from the pen's start."""
    mask, left, top = coverage(item.path, item.size, item.text, max(1.0, item.stroke))
    reach = int(3 * item.glow)
    wide = cv2.copyMakeBorder(mask, reach, reach, reach, reach, cv2.BORDER_CONSTANT)
    return cv2.GaussianBlur(wide, (0, 0), item.glow), left - reach, top - reach


def _paint_drawing(canvas: Pixels, item: Drawing) -> None:
    first, second = mark_coverage(item.mark, item.side)
    assert item.first is not None and item.second is not None, "marks on a photograph get their ink before"
    if item.glow:
        reach = int(3 * item.glow)
        both = cv2.copyMakeBorder(cv2.max(first, second), reach, reach, reach, reach, cv2.BORDER_CONSTANT)
        soft = cv2.GaussianBlur(both, (0, 0), item.glow)
        blend(canvas, soft, item.left - reach, item.top - reach, item.edge, _HALO)
    blend(canvas, first, item.left, item.top, item.first)
    blend(canvas, second, item.left, item.top, item.second)


def _paint_frame(canvas: Pixels, item: Frame, photo: Pixels) -> None:
    shown = covering(photo, item.width, item.height)
    if item.radius:
        mask = plate_coverage("rectangle", item.width, item.height, item.radius)
        blend(canvas, mask, item.left, item.top, shown)
        return
    canvas[item.top : item.top + item.height, item.left : item.left + item.width] = shown


def covering(photo: Pixels, width: int, height: int) -> Pixels:
    """Middle of a photograph, scaled to fill (height, width)."""
    high, wide = photo.shape[:2]
    scale = max(width / wide, height / high)
    across, down = min(wide, round(width / scale)), min(high, round(height / scale))
    left, top = (wide - across) // 2, (high - down) // 2
    cut = photo[top : top + down, left : left + across]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    shown: Pixels = cv2.resize(cut, (width, height), interpolation=way)
    return shown
