"""Collage: one picture is taken out of a collage of photographs, or a stamp out of the photograph it stands in."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from firered.synthesis.composite import cutouts, staging
from firered.synthesis.composite.stamper import Stamper
from firered.synthesis.makers import Made
from firered.synthesis.making import Other, Region, Said, Wish
from firered.synthesis.scene import Scene

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firered.pictures import Pictures

    Pixels = NDArray[np.uint8]

Cell = tuple[float, float, float, float]  # left, top, right, bottom, 0..1 of the collage
# Each layout: the collage's width by its height, and its cells with their names in both languages.
LAYOUTS: dict[str, tuple[float, dict[Cell, tuple[str, str]]]] = {
    "grid": (
        4 / 3,
        {
            (0, 0, 0.5, 0.5): ("top left corner", "左上角"),
            (0.5, 0, 1, 0.5): ("top right corner", "右上角"),
            (0, 0.5, 0.5, 1): ("bottom left corner", "左下角"),
            (0.5, 0.5, 1, 1): ("bottom right corner", "右下角"),
        },
    ),
    "row": (
        2.4,
        {
            (0, 0, 1 / 3, 1): ("left third", "左侧"),
            (1 / 3, 0, 2 / 3, 1): ("middle", "中间"),
            (2 / 3, 0, 1, 1): ("right third", "右侧"),
        },
    ),
    "magazine": (
        1.5,
        {
            (0, 0, 0.62, 1): ("large panel on the left", "左侧大幅画面"),
            (0.62, 0, 1, 0.5): ("top right corner", "右上角"),
            (0.62, 0.5, 1, 1): ("bottom right corner", "右下角"),
        },
    ),
}
GROUNDS = ((255, 255, 255), (24, 24, 26), (236, 230, 218), (214, 222, 230))
LARGER, LARGEST = 1.3, 1024  # a collage's side by the photograph's, and in pixels
LEAST_STEP, LEAST_SHARE = 12, 0.45  # levels, and share of the picture, that an extraction changes
SMALLEST = 96  # pixels of a cell's side


@dataclass(frozen=True)
class Collage(Stamper):
    """Extraction with exact truth: cells of a collage, and stamps of known alpha."""

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """A cell of each layout that there are enough other photographs for, and a stamp."""
        if min(scene.width, scene.height) < 128:
            return []
        wishes = [_panel(layout, scene, random) for layout in LAYOUTS if len(scene.others) >= _others(layout)]
        control = {"stamps": staging.candidates(scene, random), "avoid": staging.obstacles(scene)}
        if not control["stamps"]:
            return wishes
        slots = {"object": Said(en="thing", zh="东西")}
        return [*wishes, Wish(primitive="extract_pasted", slots=slots, control=control)]

    def make(self, wish: Wish, source: "Pixels", seed: int, pictures: "Pictures") -> Made:
        """Make it; raises ValueError where a photograph is too small, or where a stamp has no place."""
        if wish.primitive == "extract_pasted":
            return _extracted(wish, source, seed)
        return _taken_out(wish, source, pictures)


def _others(layout: str) -> int:
    return len(LAYOUTS[layout][1]) - 1


def _panel(layout: str, scene: Scene, random: Random) -> Wish:
    """Wish for one cell of a layout; the photograph itself is in a random one."""
    cells = list(LAYOUTS[layout][1].values())
    chosen = random.randrange(len(cells))
    control = {
        "layout": layout,
        "cell": chosen,
        "own": random.randrange(len(cells)),
        "ground": random.randrange(4),
    }
    control["gap"] = random.choice((0.0, 0.01, 0.02))
    picked = random.sample(scene.others, _others(layout))
    others = {
        f"photo{place}": Other(image_id=one.image_id, sha256=one.sha256) for place, one in enumerate(picked)
    }
    slots = {"place": Said(en=cells[chosen][0], zh=cells[chosen][1], value=chosen)}
    return Wish(primitive="extract_panel", slots=slots, control=control, others=others)


def _taken_out(wish: Wish, source: "Pixels", pictures: "Pictures") -> Made:
    """A collage, and one of its pictures alone, of the very same pixels."""
    photographs = [pictures.pixels(other.sha256) for other in wish.others.values()]
    photographs.insert(wish.control["own"], source)
    aspect, cells = LAYOUTS[wish.control["layout"]]
    wide = min(LARGEST, round(LARGER * max(source.shape[:2])))
    canvas = np.empty((round(wide / aspect), wide, 3), np.uint8)
    canvas[:] = GROUNDS[wish.control["ground"]]
    boxes = [_box(cell, canvas.shape[:2], wish.control["gap"]) for cell in cells]
    for (left, top, right, bottom), pixels in zip(boxes, photographs, strict=True):
        canvas[top:bottom, left:right] = cutouts.filled(pixels, bottom - top, right - left)
    left, top, right, bottom = boxes[wish.control["cell"]]
    window = [left / wide, top / len(canvas), right / wide, bottom / len(canvas)]
    truth = {"window": [round(edge, 6) for edge in window], "layout": wish.control["layout"]}
    return Made(canvas[top:bottom, left:right].copy(), source=canvas, truth=truth)


def _box(cell: Cell, shape: Sequence[int], gap: float) -> tuple[int, int, int, int]:
    """Pixels of a cell, half a gap inside of it."""
    height, width = shape
    inset = round(gap * width / 2)
    left, right = round(cell[0] * width) + inset, round(cell[2] * width) - inset
    top, bottom = round(cell[1] * height) + inset, round(cell[3] * height) - inset
    if min(right - left, bottom - top) < SMALLEST:
        raise ValueError(f"a cell of {right - left}x{bottom - top} pixels (at least {SMALLEST} a side)")
    return left, top, right, bottom


def _extracted(wish: Wish, source: "Pixels", seed: int) -> Made:
    """A stamp on a photograph, and the stamp on white ground, where it stood."""
    made, spot, random = staging.stage(source, wish.control, seed)
    spots = sorted([spot, *made.spots(random)], key=lambda each: -each.height)
    drawn = made.draw(made.actor(spots[0], random))
    target = cutouts.over(np.full_like(source, 255), drawn.colour, drawn.alpha)
    changed = np.abs(target.astype(np.int16) - drawn.pixels).max(axis=2) > LEAST_STEP
    if changed.mean() < LEAST_SHARE:
        raise ValueError("the ground is white already")
    truth = {"subject": Region.of(drawn.alpha >= 0.5).model_dump(), "after": drawn.box, "stamp": made.path}
    return Made(target, source=drawn.pixels, truth=truth, slots={"object": made.word.one})


MAKER = Collage("collage")
