"""Recolour a thing to a named colour in OKLab; light, shadow and texture stay its own."""

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from firered.synthesis.control_presets import Preset
from firered.synthesis.makers import Made
from firered.synthesis.making import Said, Wish
from firered.synthesis.masks import color, matte, prior
from firered.synthesis.masks.maker import MaskMaker, refuse, refuse_less, region
from firered.synthesis.masks.prior import Given, Target
from firered.synthesis.scene import Scene
from firered.templating.filters import templates
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.pictures import Pictures


def _draw(preset: Preset, target: Target, scene: Scene, random: Random) -> Iterator[Wish]:
    del scene
    for name in random.sample(preset.options.colors, 2):
        named = templates().colors[name]
        said = {"object": target.said, "color": Said(en=named.en, zh=named.zh, value=list(named.rgb))}
        yield Wish(primitive=preset.primitive, slots=said, control=prior.control(preset, target.mask))


def _work(given: Given, wish: Wish, source: Pixels, seed: int, pictures: "Pictures") -> Made:
    del seed, pictures
    goal, limits = list(wish.slots["color"].value), given.preset.limits
    front = matte.foreground(source, given.alpha)
    sure = given.alpha > 0.9
    if sure.sum() < 64:
        raise ValueError("hardly any of the matte is sure")
    before = color.mean_of(source, sure)
    refuse_less("distance of the old colour from the new one", _apart(before, goal), limits.change)
    refuse("deviation of the thing's hue", _mixture(front, sure), limits.patchwork)
    painted = color.recolored(front, sure, goal, lightness=given.preset.options.lightness)
    target = matte.over(painted, matte.background(source, given.alpha), given.alpha)
    truth = {"subject": region(sure), "before": [round(float(value), 4) for value in before]}
    return Made(target, mask=given.alpha > 0, truth=truth)


def _apart(before: "np.ndarray", goal: list[int]) -> float:
    """Distance in OKLab, chroma counting twice."""
    return float(np.linalg.norm((color.of_rgb(goal) - before) * np.array([1, 2, 2])))


def _mixture(front: Pixels, sure: "np.ndarray") -> float:
    """Deviation of the two colour axes: a thing of many colours is not of one new one."""
    return float(np.sqrt(color.to_oklab(front)[sure][:, 1:].var(axis=0).sum()))


MAKER = MaskMaker("color_object", _draw, _work)
