"""Put the background out of focus as a fast lens does; the subject stays sharp and does not bleed into it."""

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

import cv2

from firered.synthesis.control_presets import Preset
from firered.synthesis.makers import Made
from firered.synthesis.making import Wish
from firered.synthesis.masks import prior
from firered.synthesis.masks.blur import bokeh
from firered.synthesis.masks.maker import MaskMaker, refuse_less, region
from firered.synthesis.masks.prior import Given, Target
from firered.synthesis.scene import Scene
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.pictures import Pictures


def _draw(preset: Preset, target: Target, scene: Scene, random: Random) -> Iterator[Wish]:
    del scene
    radius = random.choice(preset.options.radii)
    control = prior.control(preset, target.mask, radius=radius)
    yield Wish(primitive=preset.primitive, slots={"object": target.said}, control=control)


def _work(given: Given, wish: Wish, source: Pixels, seed: int, pictures: "Pictures") -> Made:
    del seed, pictures
    target = bokeh(source, given.alpha, wish.control["radius"])
    lost = cv2.absdiff(source, target)[given.alpha <= 0]
    refuse_less("detail that the blur takes away", float(lost.mean()), given.preset.limits.change)
    truth = {"subject": region(given.alpha > 0.5), "radius": wish.control["radius"]}
    return Made(target, mask=given.alpha < 1, truth=truth)


MAKER = MaskMaker("background_blur", _draw, _work)
