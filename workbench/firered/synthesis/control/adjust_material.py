"""Make a thing look as if it were of another material: gold, marble, wood ... with its own light and shadow."""

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import TYPE_CHECKING

from firered.paths import shipped
from firered.synthesis.control_presets import Preset
from firered.synthesis.makers import Made
from firered.synthesis.making import Said, Wish
from firered.synthesis.masks import matte, prior
from firered.synthesis.masks.maker import MaskMaker, region
from firered.synthesis.masks.prior import Given, Target
from firered.synthesis.masks.texture import Material, made_of
from firered.synthesis.scene import Scene
from firered.templating.filters import read_yaml
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.pictures import Pictures


@cache
def materials() -> dict[str, Material]:
    """Materials by name."""
    return dict(read_yaml(shipped("templates") / "lexicon" / "materials.yaml", dict[str, Material]))


def _draw(preset: Preset, target: Target, scene: Scene, random: Random) -> Iterator[Wish]:
    del scene
    for name in random.sample(preset.options.materials, 2):
        material = materials()[name]
        said = {"object": target.said, "material": Said(en=material.en, zh=material.zh, value=name)}
        control = prior.control(preset, target.mask, material=material.model_dump(mode="json"))
        yield Wish(primitive=preset.primitive, slots=said, control=control)


def _work(given: Given, wish: Wish, source: Pixels, seed: int, pictures: "Pictures") -> Made:
    del pictures
    material = Material(**wish.control["material"])
    front = matte.foreground(source, given.alpha)
    painted = made_of(front, given.alpha > 0.5, material, seed=seed)
    target = matte.over(painted, matte.background(source, given.alpha), given.alpha)
    truth = {"subject": region(given.alpha > 0.5), "pattern": material.pattern}
    return Made(target, mask=given.alpha > 0, truth=truth)


MAKER = MaskMaker("adjust_material", _draw, _work)
