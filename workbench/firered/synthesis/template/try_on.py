"""Try-on: the upper garment takes the cloth of Fig 2, or a named colour; its folds, light and outline stay."""

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from firered.synthesis.composite import cloth, paint, patterns, wearers
from firered.synthesis.makers import Made, Strategy
from firered.synthesis.making import Region, Said, Wish
from firered.synthesis.scene import Scene

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firered.pictures import Pictures

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

PERIODS = (0.09, 0.12, 0.16)  # of a pattern, in widths of the shoulders
SIDE = 384  # pixels of the picture of the cloth
# Ground and figure, and their names.
PAIRS: tuple[tuple[str, str], ...] = (
    ("white", "blue"), ("white", "red"), ("blue", "white"), ("yellow", "black"), ("pink", "white"),
    ("green", "white"), ("purple", "yellow"), ("white", "black"),
)  # fmt: skip
NAMES = {
    "stripes": ("vertically striped", "竖条纹"),
    "bands": ("horizontally striped", "横条纹"),
    "checks": ("checked", "格子"),
    "dots": ("polka-dot", "波点"),
}


@dataclass(frozen=True)
class TryOn:
    """Other clothes for a person who is seen from the front."""

    name: str = "try_on"
    version: int = 1
    strategy: Strategy = "template"
    needs: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """Nothing is learned here."""
        return ""

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """A cloth and a colour for one person; whether the garment can be told is seen from the pixels."""
        chosen = wearers.wearer(scene, random)
        if chosen is None:
            return []
        pose, mask, who = chosen
        control = wearers.controlled(pose, mask)
        color = paint.colors()[random.choice(wearers.COLORS)]
        return [
            _patterned(control, who, random),
            Wish(primitive="clothes_color", slots={"who": who, "color": color}, control=control),
        ]

    def make(self, wish: Wish, source: "Pixels", seed: int, pictures: "Pictures") -> Made:
        """Make it; raises ValueError where the trunk is turned, bent or bare, or its garment has a pattern."""
        body, share = wearers.clothed(wish.control, source)
        if wish.primitive == "clothes_color":
            target = wearers.colored(source, share, wish.slots["color"].value)
            return Made(target, mask=share > 0, truth=_truth(share) | {"color": wish.slots["color"].value})
        kind, period = wish.control["pattern"], wish.control["period"]
        across, down = cloth.coordinates(source, body)
        drawn = patterns.colored(patterns.PATTERNS[kind](across, down, period), *wish.control["colors"])
        target = cloth.dressed(source, share, drawn)
        ground, figure = wish.control["colors"]
        reference = patterns.swatch(kind, period, ground, figure, SIDE)
        return Made(target, references=[reference], mask=share > 0, truth=_truth(share) | {"pattern": kind})


def _patterned(control: dict[str, Any], who: Said, random: Random) -> Wish:
    kind, (ground, figure) = random.choice(list(patterns.PATTERNS)), random.choice(PAIRS)
    known = paint.colors()
    english, chinese = NAMES[kind]
    said = Said(
        en=f"{known[ground].en} and {known[figure].en} {english}",
        zh=f"{known[ground].zh}和{known[figure].zh}相间的{chinese}",
    )
    colors = [known[ground].value, known[figure].value]
    more = {"pattern": kind, "period": random.choice(PERIODS), "colors": colors}
    slots = {"who": who, "figure": wearers.FIGURE, "pattern": said}
    return Wish(primitive="clothes_from_figure", slots=slots, control={**control, **more})


def _truth(share: "Floats") -> dict[str, Any]:
    return {"object": Region.of(share >= 0.5).model_dump()}


MAKER = TryOn()
