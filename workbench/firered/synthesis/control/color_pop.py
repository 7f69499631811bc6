"""Take the colour out of everything but the subject."""

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from firered.synthesis.control_presets import Preset
from firered.synthesis.makers import Made
from firered.synthesis.making import Wish
from firered.synthesis.masks import color, matte, prior
from firered.synthesis.masks.maker import MaskMaker, refuse_less, region
from firered.synthesis.masks.prior import Given, Target
from firered.synthesis.scene import Scene
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.pictures import Pictures


def _draw(preset: Preset, target: Target, scene: Scene, random: Random) -> Iterator[Wish]:
    del scene, random
    control = prior.control(preset, target.mask)
    yield Wish(primitive=preset.primitive, slots={"object": target.said}, control=control)


def _work(given: Given, wish: Wish, source: Pixels, seed: int, pictures: "Pictures") -> Made:
    del wish, seed, pictures
    ground = given.alpha < 0.1
    refuse_less("colour of the subject", _chroma(source, given.alpha > 0.9), given.preset.limits.chroma)
    refuse_less("colour of the background", _chroma(source, ground), given.preset.limits.change)
    front = matte.foreground(source, given.alpha)
    target = matte.over(front, color.grey(matte.background(source, given.alpha)), given.alpha)
    return Made(target, mask=given.alpha < 1, truth={"subject": region(given.alpha > 0.5)})


def _chroma(source: Pixels, where: "np.ndarray") -> float:
    """Mean chroma of a part, OKLab."""
    lab = color.to_oklab(source)[where]
    return float(np.hypot(lab[:, 1], lab[:, 2]).mean()) if len(lab) else 0.0


MAKER = MaskMaker("color_pop", _draw, _work)
