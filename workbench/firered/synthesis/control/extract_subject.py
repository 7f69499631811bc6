"""Cut the subject out and put it on plain ground, without the colours of its old one at its edge."""

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from firered.synthesis.control_presets import Preset
from firered.synthesis.makers import Made
from firered.synthesis.making import Said, Wish
from firered.synthesis.masks import matte, prior
from firered.synthesis.masks.maker import MaskMaker, region
from firered.synthesis.masks.prior import Given, Target
from firered.synthesis.scene import Scene
from firered.templating.filters import templates
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.pictures import Pictures


def _draw(preset: Preset, target: Target, scene: Scene, random: Random) -> Iterator[Wish]:
    del scene
    named = templates().colors[random.choice(preset.options.colors)]
    said = {"object": target.said, "color": Said(en=named.en, zh=named.zh, value=list(named.rgb))}
    yield Wish(primitive=preset.primitive, slots=said, control=prior.control(preset, target.mask))


def _work(given: Given, wish: Wish, source: Pixels, seed: int, pictures: "Pictures") -> Made:
    del seed, pictures
    ground = np.empty_like(source)
    ground[:] = np.array(wish.slots["color"].value, np.uint8)
    target = matte.over(matte.foreground(source, given.alpha), ground, given.alpha)
    truth = {"subject": region(given.alpha > 0.5), "soft": round(given.doubt, 4)}
    return Made(target, mask=given.alpha < 1, truth=truth)


MAKER = MaskMaker("extract_subject", _draw, _work)
