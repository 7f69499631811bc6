"""A pair from a wish: the layout before and after, the area that changed, and the truth of both."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firered.synthesis.layouts import render
from firered.synthesis.layouts.arrange import Limits
from firered.synthesis.layouts.contrast import Treatment, treated
from firered.synthesis.layouts.items import Fill, Item
from firered.synthesis.layouts.render import Scene
from firered.synthesis.layouts.state import State
from firered.synthesis.makers import Made
from firered.synthesis.making import Region, Wish
from firered.templating.planes import Pixels

Lines = list[dict[str, Any]]


def made(wish: Wish, photo: Pixels) -> Made:
    """Source, target, mask and truth of a wish on a photograph (H, W, 3); raises ValueError where it cannot be."""
    before = State.model_validate(wish.control["state"])
    after = before.changed(wish.control["change"])
    if wish.control.get("absent"):
        return _appeared(render.lay(after, photo))
    scenes = _laid(before, after, photo, resized=wish.primitive == "text_resize_line")
    found = render.ways(scenes)
    ground = scenes[0].ground if before.stand else None
    source, target = (render.painted(scene, found, ground) for scene in scenes)
    changed = _changed(scenes, found)
    if not changed or np.array_equal(source, target):
        raise ValueError("nothing would change")
    extents = [item.extent for item in changed]
    mask = render.region(scenes[0], extents)
    plates = [item for item in changed if isinstance(item, Fill)] if wish.primitive.startswith("add_") else []
    thing = render.plates(scenes[1], plates) if plates else _strongest(source, target)
    truth = _truth(scenes, found, changed) | {"object": Region.of(thing).model_dump()}
    plain = not scenes[0].items and before.file.mount == "overlay"
    return Made(target, source=None if plain else source, mask=mask, truth=truth)


def _appeared(scene: Scene) -> Made:
    """A whole piece in a photograph that had none."""
    found = render.ways([scene])
    target, mask = render.painted(scene, found), render.whole(scene, found)
    lines = render.lines(scene, found)
    solid = render.solid(scene)
    truth = {
        "layout": scene.state.layout, "after": {"lines": lines}, "before": {"lines": []},
        "chars": [char for line in lines for char in line["chars"]],
        "object": Region.of(solid).model_dump(),
    }  # fmt: skip
    return Made(target, mask=mask, truth=truth)


def _laid(before: State, after: State, photo: Pixels, *, resized: bool) -> tuple[Scene, Scene]:
    """Both states, each text as large and each plate as wide in one as in the other."""
    one, other = render.lay(before, photo), render.lay(after, photo)
    fits, plates = one.made.fits, one.made.plates
    most = {name: min(fits.get(name, fit), fit) for name, fit in {**fits, **other.made.fits}.items()}
    if resized and {**most, **fits} != {**most, **other.made.fits}:
        raise ValueError("the larger letters do not fit")
    least = {
        name: (max(width, here[0]), max(height, here[1]))
        for name, (width, height) in {**plates, **other.made.plates}.items()
        for here in (plates.get(name, (0.0, 0.0)),)
    }
    limits = Limits(most, least)
    if Limits(fits, plates) == Limits(other.made.fits, other.made.plates):
        return one, other
    return render.lay(before, photo, limits), render.lay(after, photo, limits)


def _changed(scenes: tuple[Scene, Scene], found: dict[str, Treatment]) -> list[Item]:
    """Items that one of the states alone has."""
    one, other = (treated(scene.items, found) for scene in scenes)
    return [item for item in one if item not in other] + [item for item in other if item not in one]


def _truth(scenes: tuple[Scene, Scene], found: dict[str, Treatment], changed: list[Item]) -> dict[str, Any]:
    """Lines before and after, and the box of what changed in each, with its characters."""
    names = {item.name for item in changed if item.name}
    told: dict[str, Any] = {"layout": scenes[0].state.layout, "changed": sorted(names)}
    for key, scene in zip(("before", "after"), scenes, strict=True):
        told[key] = {"lines": render.lines(scene, found)}
        boxes = [item.box for item in treated(scene.items, found) if item in changed]
        if boxes:
            sides = zip(("left", "top", "right", "bottom"), render.box_of(scene, boxes), strict=True)
            told[key] |= dict(sides)
    told["chars"] = _new_chars(told["before"]["lines"], told["after"]["lines"])
    return told


def _new_chars(before: Lines, after: Lines) -> list[list[Any]]:
    """Characters that do not stand just so in the source already."""
    present = [(char, line["font"], line["color"]) for line in before for char in line["chars"]]
    return [
        char for line in after for char in line["chars"] if (char, line["font"], line["color"]) not in present
    ]


def _strongest(source: Pixels, target: Pixels) -> NDArray[np.bool_]:
    """Where the change is strongest, (H, W): the letters, the mark, or the plate without its shadow."""
    red, green, blue = cv2.split(cv2.absdiff(source, target))
    apart = cv2.max(cv2.max(red, green), blue)
    return np.asarray(apart > int(apart.max()) // 2)
