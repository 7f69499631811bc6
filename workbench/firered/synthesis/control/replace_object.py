"""Replace a thing: it is removed, and a cut-out of another photograph is fitted into its box."""

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firered.synthesis.control_presets import Preset, preset_of
from firered.synthesis.makers import Made
from firered.synthesis.making import Other, Region, Said, Wish
from firered.synthesis.masks import color, matte, prior, shape
from firered.synthesis.masks.maker import MaskMaker, refuse, region
from firered.synthesis.masks.prior import Given, Target
from firered.synthesis.masks.removal import remove
from firered.synthesis.masks.shape import Alpha, Mask, Window
from firered.synthesis.scene import Scene, SceneMask, SceneOther
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.pictures import Pictures

FIGURE = Said(en="Fig 2", zh="图2", value=2)


def _draw(preset: Preset, target: Target, scene: Scene, random: Random) -> Iterator[Wish]:
    del random
    for other in scene.others:
        for cut in list(prior.whole_things(other))[:1]:
            if _shapes_apart(target.mask, scene, cut, other) <= (preset.limits.ratio or 99):
                yield from _wishes(preset, target, cut, other)


def _wishes(preset: Preset, target: Target, cut: SceneMask, other: SceneOther) -> Iterator[Wish]:
    more = {"cut": {"region": cut.region.model_dump(), "matte": cut.matte}}
    control = prior.control(preset, target.mask, **more)
    others = {"thing": Other(image_id=other.image_id, sha256=other.sha256)}
    known = prior.names().get(cut.label) if cut.label != target.label else None
    if known:
        said = {"object": target.said, "thing": prior.one(cut.label)}
        yield Wish(primitive=preset.primitive, slots=said, control=control, others=others)
    said = {"object": target.said, "figure": FIGURE}
    yield Wish(primitive="replace_object_by_figure", slots=said, control=control, others=others)


def _shapes_apart(mask: SceneMask, scene: Scene, cut: SceneMask, other: SceneOther) -> float:
    """Ratio of the two boxes' shapes, 1 alike."""
    one = mask.box.area and (mask.box.right - mask.box.left) / (mask.box.bottom - mask.box.top)
    two = cut.box.area and (cut.box.right - cut.box.left) / (cut.box.bottom - cut.box.top)
    ratio = one * scene.width / scene.height / max(two * other.width / other.height, 1e-6)
    return max(ratio, 1 / max(ratio, 1e-6))


def _work(given: Given, wish: Wish, source: Pixels, seed: int, pictures: "Pictures") -> Made:
    picture = pictures.scaled(wish.others["thing"].sha256, max(source.shape[:2]))
    front, alpha = _cut_out(picture, wish, pictures)
    removal = remove(source, given.mask, given.preset, seed=seed)
    place = _place(given.mask, alpha)
    thing, cover = _placed(front, alpha, place, source.shape[:2])
    around = shape.ring(removal.hole, 0.05)
    thing = color.harmonized(thing, cover, source, around, strength=given.preset.options.harmony)
    target = matte.over(thing, removal.pixels, cover)
    truth = {**removal.truth, "object": region(cover > 0.5), "removed": region(given.mask)}
    by_figure = "figure" in wish.slots
    return Made(
        target,
        references=[picture] if by_figure else (),
        mask=removal.hole | (cover > 0),
        truth=truth,
    )


def _cut_out(picture: Pixels, wish: Wish, pictures: "Pictures") -> tuple[Pixels, Alpha]:
    """Foreground colours and matte of the other photograph's thing, cropped to it."""
    cut = wish.control["cut"]
    alpha = prior.read_alpha(Region(**cut["region"]), cut["matte"], picture.shape[:2], pictures)
    refuse("soft part of the cut-out", matte.doubt(alpha), preset_of(wish).limits.cut)
    alpha = matte.cleaned(alpha)
    part = shape.bounds(alpha > 0.05).slices
    return matte.foreground(picture, alpha)[part], alpha[part]


def _place(mask: Mask, alpha: Alpha) -> Window:
    """Where the cut-out goes: as large as the old thing, on the same ground, in the middle of its width."""
    box, (height, width) = shape.bounds(mask), alpha.shape
    scale = (box.size[0] * box.size[1] / (width * height)) ** 0.5
    scale = min(scale, 1.15 * box.size[0] / width, 1.15 * box.size[1] / height)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    left = (box.left + box.right - across) // 2
    return Window(left, box.bottom - down, left + across, box.bottom)


def _placed(front: Pixels, alpha: Alpha, place: Window, size: tuple[int, int]) -> tuple[Pixels, Alpha]:
    """The cut-out at its place in an empty picture (H, W); what juts out is cut off."""
    small = cv2.resize(front, place.size, interpolation=cv2.INTER_AREA)
    soft = cv2.resize(alpha, place.size, interpolation=cv2.INTER_AREA)
    canvas, cover = np.zeros((*size, 3), np.uint8), np.zeros(size, np.float32)
    top, left = max(0, place.top), max(0, place.left)
    bottom, right = min(size[0], place.bottom), min(size[1], place.right)
    inner = np.s_[top - place.top : bottom - place.top, left - place.left : right - place.left]
    canvas[top:bottom, left:right] = small[inner]
    cover[top:bottom, left:right] = soft[inner]
    return canvas, cover


MAKER = MaskMaker("replace_object", _draw, _work)
