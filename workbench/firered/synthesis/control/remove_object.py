"""Remove what a mask covers: patch-match or an inpainting editor fills the grown mask, Sec. 2.3."""

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

from firered.synthesis.control_presets import Preset
from firered.synthesis.makers import Made
from firered.synthesis.making import Wish
from firered.synthesis.masks import editing, prior
from firered.synthesis.masks.maker import MaskMaker, region
from firered.synthesis.masks.prior import Given, Target
from firered.synthesis.masks.removal import remove
from firered.synthesis.scene import Scene
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.pictures import Pictures


def _draw(preset: Preset, target: Target, scene: Scene, random: Random) -> Iterator[Wish]:
    del scene, random
    said = {"object": target.said}
    if target.said == prior.SUBJECT:
        yield Wish(primitive="remove_subject", slots=said, control=prior.control(preset, target.mask))
        return
    said["thing"] = prior.one(target.label)  # what the inverse adds
    yield Wish(primitive=preset.primitive, slots=said, control=prior.control(preset, target.mask))


def _work(given: Given, wish: Wish, source: Pixels, seed: int, pictures: "Pictures") -> Made:
    del wish, pictures
    removal = remove(source, given.mask, given.preset, seed=seed)
    truth = {**removal.truth, "object": region(given.mask), **editing.told(given.preset)}
    return Made(removal.pixels, mask=removal.hole, truth=truth)


MAKER = MaskMaker("remove_object", _draw, _work)
