"""A state of a layout as pixels, with every line of text and every character's box as truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.synthesis.layouts import perspective
from firered.synthesis.layouts.arrange import Arrangement, Limits, arrange
from firered.synthesis.layouts.contrast import Treatment, treated, treatments
from firered.synthesis.layouts.items import Extent, Fill, Item, Letters
from firered.synthesis.layouts.paint import blend, paint
from firered.synthesis.layouts.perspective import Ground, Matrix, Stand
from firered.synthesis.layouts.shapes import plate_coverage
from firered.synthesis.layouts.state import State
from firered.templating.filters import Rgb
from firered.templating.planes import Pixels

_LEGIBLE = {"en": 9.5, "zh": 13.0}  # pixels to the em in the picture
_DENSE = 1.5  # by how much larger poster and brush letters must be
_LEAST_SIDE = 96  # pixels


@dataclass(frozen=True)
class Scene:
    """A state laid out for a photograph (H, W, 3), before it is painted; `matrix` leads to the picture's pixels."""

    state: State
    photo: Pixels
    made: Arrangement
    matrix: Matrix

    @property
    def items(self) -> list[Item]:
        """Items on the flat canvas, letters on the photograph still without their ink."""
        return self.made.items

    @cached_property
    def form(self) -> Pixels:
        """Coverage of the flat piece (h, w)."""
        piece = self.state.file.piece
        assert piece is not None
        return plate_coverage("rectangle", self.made.width, self.made.height, piece.radius * self.made.unit)

    @cached_property
    def ground(self) -> Ground:
        """The place of the piece in the photograph."""
        return perspective.ground(self.photo, self.form, self.matrix, lies=self.lies)

    @property
    def lies(self) -> bool:
        """Whether a piece lies, rather than stands or hangs."""
        return self.state.file.mount == "plane" and self.state.stand[4] < -30


def lay(state: State, photo: Pixels, limits: Limits | None = None) -> Scene:
    """Lay out a state on a photograph; raises ValueError with the reason where it cannot be legible."""
    height, width = photo.shape[:2]
    layout = state.file
    low, high = layout.aspects
    if min(width, height) < _LEAST_SIDE:
        raise ValueError(f"the picture is {width}x{height} pixels (at least {_LEAST_SIDE} a side)")
    if not low <= width / height <= high:
        raise ValueError(f"layout {layout.name!r}: takes pictures {low:g} to {high:g} as wide as high")
    if layout.piece is None:
        made, matrix = arrange(state, width, height, limits or Limits()), np.eye(3)
    else:
        aspect = layout.piece.width / layout.piece.height
        quad = perspective.corners(Stand(*state.stand), aspect, width, height)
        across, down = perspective.flat_size(quad, aspect)
        made, matrix = (
            arrange(state, across, down, limits or Limits()),
            perspective.homography(quad, across, down),
        )
    _refuse_cut(made)
    found = Scene(state, photo, made, matrix)
    _refuse_small(found)
    return found


def painted(scene: Scene, found: Mapping[str, Treatment], ground: Ground | None = None) -> Pixels:
    """Pixels of a scene (H, W, 3); `found` says how letters stand on the photograph.

    A piece stands on `ground` where that was prepared already.
    """
    photo, made = scene.photo, scene.made
    overlay = scene.state.file.mount == "overlay"
    canvas = photo.copy() if overlay else np.zeros((made.height, made.width, 3), np.uint8)
    for item in treated(scene.items, found):
        paint(canvas, item, photo)
    if scene.state.file.piece is None:
        return canvas
    return perspective.mount(photo, canvas, ground or scene.ground)


def ways(scenes: Sequence[Scene]) -> dict[str, Treatment]:
    """How letters are drawn on a photograph so that they are legible at all of their places in all scenes."""
    items = [item for scene in scenes for item in scene.items]
    return treatments(items, scenes[0].photo)


def lines(scene: Scene, found: Mapping[str, Treatment]) -> list[dict[str, Any]]:
    """Truth of each line: text, characters' boxes, quadrangle, face, size and colour; coordinates 0..1."""
    items = treated(scene.items, found)
    return [_line(scene, item) for item in items if isinstance(item, Letters)]


def _line(scene: Scene, item: Letters) -> dict[str, Any]:
    height, width = scene.photo.shape[:2]
    start = np.array([item.x, item.y, item.x, item.y], np.float64)
    inks = [item.shaped.ink, *(ink for _, ink in item.shaped.inks)]
    boxes = np.array(inks, np.float64) + start
    corners = boxes[:, (0, 1, 2, 1, 2, 3, 0, 3)].reshape(-1, 2)
    placed = perspective.mapped(corners, scene.matrix) / (width, height)
    quads = np.clip(placed, 0, 1).round(5).reshape(-1, 4, 2)
    sides = np.concatenate([quads.min(axis=1), quads.max(axis=1)], axis=1)[1:].tolist()
    return {
        "node": item.name, "text": item.text, "language": item.language,
        "chars": [[char, *box] for (char, _), box in zip(item.shaped.inks, sides, strict=True)],
        "quad": quads[0].tolist(), "font": item.face, "file": item.path.stem,
        "size_px": round(item.size * _scale(scene, item), 2), "color": _seen(scene, item.ink or (0, 0, 0)),
    }  # fmt: skip


def _seen(scene: Scene, ink: Rgb) -> list[int]:
    """A colour as it looks in the picture, under the light that falls on a piece."""
    if scene.state.file.piece is None:
        return list(ink)
    return [min(255, round(light * part)) for light, part in zip(scene.ground.level, ink, strict=True)]


def region(scene: Scene, extents: Sequence[Extent]) -> NDArray[np.bool_]:
    """Pixels of the picture (H, W) that extents on the flat canvas cover."""
    height, width = scene.photo.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    for left, top, right, bottom in extents:
        if scene.state.file.piece is None:
            mask[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = 1
            continue
        quad = perspective.mapped(_corners((left - 3, top - 3, right + 3, bottom + 3)), scene.matrix)
        cv2.fillPoly(mask, [np.round(quad).astype(np.int32)], (1,))
    # A warped edge is averaged over its neighbours.
    grown = cv2.dilate(mask, np.ones((5, 5), np.uint8)) if scene.state.file.piece else mask
    return grown.astype(np.bool_)


def whole(scene: Scene, found: Mapping[str, Treatment]) -> NDArray[np.bool_]:
    """Pixels of the picture (H, W) that the layout as a whole may change."""
    if scene.state.file.piece is not None:
        return perspective.touched(scene.photo, scene.ground)
    return region(scene, [item.extent for item in treated(scene.items, found)])


def box_of(scene: Scene, boxes: Sequence[Extent]) -> list[float]:
    """Box in the picture, 0..1, round boxes on the flat canvas."""
    height, width = scene.photo.shape[:2]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    around = _corners((min(lefts), min(tops), max(rights), max(bottoms)))
    return _box(around, scene.matrix, np.array([width, height]))


def _corners(box: tuple[float, float, float, float]) -> NDArray[np.float64]:
    left, top, right, bottom = box
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)


def _box(points: NDArray[np.float64], matrix: Matrix, span: NDArray[Any]) -> list[float]:
    placed = np.clip(perspective.mapped(points, matrix) / span, 0, 1)
    return [round(float(side), 5) for side in (*placed.min(axis=0), *placed.max(axis=0))]


def _scale(scene: Scene, item: Letters) -> float:
    """Pixels of the picture for one of the flat canvas, along the height of a line."""
    left, top, _, bottom = item.shaped.ink
    ends = np.array([(item.x + left, item.y + top), (item.x + left, item.y + bottom)], np.float64)
    placed = perspective.mapped(ends, scene.matrix)
    return float(np.linalg.norm(placed[1] - placed[0]) / max(1e-6, bottom - top))


def _refuse_cut(made: Arrangement) -> None:
    for item in made.items:
        if isinstance(item, Letters):
            left, top, right, bottom = item.shaped.ink
            inside = item.x + left >= -1 and item.x + right <= made.width + 1
            if not (inside and item.y + top >= -1 and item.y + bottom <= made.height + 1):
                raise ValueError(f"{item.text!r} would be cut by the edge")


def _refuse_small(scene: Scene) -> None:
    for item in scene.items:
        if not isinstance(item, Letters):
            continue
        dense = _DENSE if item.face.startswith(("display", "hand")) else 1.0
        if item.size * _scale(scene, item) < _LEGIBLE[item.language] * dense:
            raise ValueError(f"{item.text!r} would be too small to read")


def solid(scene: Scene) -> NDArray[np.bool_]:
    """Pixels of the picture (H, W) that a piece itself covers, without its shadow."""
    return perspective.covered(scene.photo, scene.ground)


def plates(scene: Scene, items: Sequence[Fill]) -> NDArray[np.bool_]:
    """Pixels of the picture (H, W) that plates on a photograph cover, without their shadows."""
    canvas = np.zeros((*scene.photo.shape[:2], 3), np.uint8)
    for item in items:
        mask = plate_coverage(item.form, item.width, item.height, item.radius)
        blend(canvas, mask, item.left, item.top, (255, 255, 255))
    return np.asarray(canvas[..., 0] > 127)
