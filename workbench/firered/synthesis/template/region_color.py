"""Region colour: a stamp on a photograph takes a named colour; its outline is known exactly."""

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from firered.synthesis.composite import paint, staging
from firered.synthesis.composite.stamper import Stamper
from firered.synthesis.makers import Made
from firered.synthesis.making import Said, Wish
from firered.synthesis.scene import Scene

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firered.pictures import Pictures

    Pixels = NDArray[np.uint8]

# A green cow is a joke; a green ball is not.
KINDS = ("ball", "balloon", "thing", "thing_outside", "plane")
COLORS = ("red", "orange", "yellow", "green", "blue", "purple", "pink")
LEAST_CHANGE = 25.0  # distance in CIELAB; less is the colour that it has


@dataclass(frozen=True)
class RegionColor(Stamper):
    """A thing on a photograph gets another colour; its shading stays."""

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """One wish; where nobody looked for places, the pixels tell whether there is one."""
        if min(scene.width, scene.height) < 128:
            return []
        control = {"stamps": staging.candidates(scene, random, KINDS), "avoid": staging.obstacles(scene)}
        if not control["stamps"]:
            return []
        color = paint.colors()[random.choice(COLORS)]
        slots = {"object": Said(en="thing", zh="东西"), "color": color}
        return [Wish(primitive="color_stamp", slots=slots, control=control)]

    def make(self, wish: Wish, source: "Pixels", seed: int, pictures: "Pictures") -> Made:
        """Make it; raises ValueError where there is no place, or where it has that colour already."""
        made, spot, random = staging.stage(source, wish.control, seed)
        drawn = made.draw(made.actor(spot, random))
        wanted = wish.slots["color"].value
        region = drawn.alpha >= 0.5
        own = drawn.colour.astype(np.uint8)
        if paint.differs(own, region, wanted) < LEAST_CHANGE:
            raise ValueError(f"the {made.word.en} is {wish.slots['color'].en} already")
        target = drawn.repainted(paint.painted(own, region, wanted).astype(np.float32))
        truth = {
            "object": drawn.region.model_dump(),
            "after": drawn.box,
            "color": list(wanted),
            "stamp": made.path,
        }
        slots = {"object": made.word.one}
        return Made(target, source=drawn.pixels, mask=drawn.alpha > 0, truth=truth, slots=slots)


MAKER = RegionColor("region_color")
