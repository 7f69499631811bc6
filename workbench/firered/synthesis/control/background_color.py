"""Put the subject on a ground of one named colour, or of two that run into each other; the subject stays in place."""

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

SHADE = 0.14  # how much darker a studio ground is at its corners


def _draw(preset: Preset, target: Target, scene: Scene, random: Random) -> Iterator[Wish]:
    del scene
    one, two = random.sample(preset.options.colors, 2)
    said = {"object": target.said, "color": _named(one)}
    control = prior.control(preset, target.mask)
    if "color" in preset.options.grounds:
        yield Wish(primitive=preset.primitive, slots=said, control=control)
    if "gradient" in preset.options.grounds:
        yield Wish(primitive="background_gradient", slots=said | {"below": _named(two)}, control=control)


def _named(name: str) -> Said:
    color = templates().colors[name]
    return Said(en=color.en, zh=color.zh, value=list(color.rgb))


def _work(given: Given, wish: Wish, source: Pixels, seed: int, pictures: "Pictures") -> Made:
    del seed, pictures
    above = wish.slots["color"].value
    ground = studio(source.shape[:2], above, wish.slots["below"].value if "below" in wish.slots else above)
    target = matte.over(matte.foreground(source, given.alpha), ground, given.alpha)
    return Made(target, mask=given.alpha < 1, truth={"subject": region(given.alpha > 0.5)})


def studio(size: tuple[int, int], above: list[int], below: list[int]) -> Pixels:
    """Ground (H, W, 3) that runs from one colour at the top to another, a little darker at the corners."""
    height, width = size
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
    colors = (1 - down) * np.array(above, np.float32) + down * np.array(below, np.float32)
    shade = 1 - SHADE * np.clip((across**2 + (2 * down - 1) ** 2) / 2, 0, 1)
    return np.clip(np.rint(colors * shade), 0, 255).astype(np.uint8)


MAKER = MaskMaker("background_color", _draw, _work)
