"""More or less light on the subject alone, or on everything but the subject."""

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

from firered.synthesis.control_presets import Preset
from firered.synthesis.makers import Made
from firered.synthesis.making import Said, Wish
from firered.synthesis.masks import color, prior, stitch
from firered.synthesis.masks.maker import MaskMaker, refuse, refuse_less, region
from firered.synthesis.masks.prior import Given, Target
from firered.synthesis.scene import Scene
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.pictures import Pictures


def _draw(preset: Preset, target: Target, scene: Scene, random: Random) -> Iterator[Wish]:
    del scene
    stops = random.choice(preset.options.stops)
    number = abs(stops)
    said = {"object": target.said, "amount": Said(en=f"{number:g}", zh=f"{number:g}", value=number)}
    way = "brighten" if stops > 0 else "darken"
    yield Wish(
        primitive=f"adjust_subject_{way}",
        slots=said,
        control=prior.control(preset, target.mask, stops=stops),
    )


def _work(given: Given, wish: Wish, source: Pixels, seed: int, pictures: "Pictures") -> Made:
    del seed, pictures
    stops = float(wish.control["stops"])
    tone = float(color.mean_of(source, given.mask)[0])
    # What is bright already would burn out, what is dark would vanish.
    refuse("lightness of the subject", tone, 0.75 if stops > 0 else None)
    refuse_less("lightness of the subject", tone, None if stops > 0 else 0.35)
    target = stitch.blended(source, color.relit(source, stops), given.alpha)
    truth = {"subject": region(given.alpha > 0.5), "stops": stops}
    return Made(target, mask=given.alpha > 0, truth=truth)


MAKER = MaskMaker("subject_light", _draw, _work)
