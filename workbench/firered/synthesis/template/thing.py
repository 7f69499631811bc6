"""A rendered thing, twice: turned, of another material, in another colour, or another thing in its place."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from firered.synthesis.makers import Made, Strategy
from firered.synthesis.making import Region, Said, Wish
from firered.synthesis.scene import Scene

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firered.pictures import Pictures
    from firered.synthesis.rig.still import Picture, Still

    Pixels = NDArray[np.uint8]

TURNS = (30, 45, 60, 90)  # degrees
COLORED = ("matte", "glossy")
LEAST_CHANGE = 0.004  # share of the pixels that must differ visibly
VISIBLE = 12  # levels
Drawn = tuple[dict[str, Said], dict[str, Any]]


@dataclass(frozen=True)
class ThingMaker:
    """Pairs of one thing on a studio floor; the photograph gives the size alone."""

    name: str = "thing"
    version: int = 1
    strategy: Strategy = "template"
    needs: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """Empty: things are made by rule."""
        return ""

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """One wish of each primitive."""
        if min(scene.width, scene.height) < 64:
            return []
        return [_offer(primitive, random) for primitive in EDITS]

    def make(self, wish: Wish, source: "Pixels", seed: int, pictures: "Pictures") -> Made:
        """Render both pictures; raises ValueError where the change cannot be seen."""
        from firered.synthesis.rig import still

        control = wish.control
        first = still.first_still(control["seed"], control["thing"], control["material"], source)
        before, after = still.take(first), still.take(EDITS[wish.primitive].apply(first, control))
        visibly = np.abs(before.pixels.astype(np.int16) - after.pixels).max(axis=2) > VISIBLE
        if visibly.mean() < LEAST_CHANGE:
            raise ValueError(f"{wish.primitive} changes {visibly.mean():.2%} of the picture only")
        return Made(
            after.pixels,
            source=before.pixels,
            mask=(before.pixels != after.pixels).any(axis=2),
            truth=_truth(before, after),
        )


def _truth(before: "Picture", after: "Picture") -> dict[str, Any]:
    return {
        "rendered": True,
        "object": Region.of(after.thing).model_dump(),
        "subject": Region.of(before.thing & after.thing).model_dump(),
        "before": before.truth["box"],
        "after": after.truth["box"],
        "still": [before.truth, after.truth],
    }


def _offer(primitive: str, random: Random) -> Wish:
    slots, control = EDITS[primitive].draw(random)
    return Wish(primitive=primitive, slots=slots, control=control | {"seed": random.randrange(1_000_000)})


def words(part: str, name: str) -> Said:
    """How a thing or a material is said."""
    entry = lexicon()[part][name]
    return Said(en=entry["en"], zh=entry["zh"], value=name)


def lexicon() -> dict[str, dict[str, dict[str, Any]]]:
    """`templates/lexicon/stills.yaml`."""
    import yaml

    from firered.paths import shipped

    text = (shipped("templates") / "lexicon" / "stills.yaml").read_text(encoding="utf-8")
    read: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(text)
    return read


# --- edits --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Edit:
    """What is drawn for a wish, and the still life after it."""

    draw: Callable[[Random], Drawn]
    apply: Callable[["Still", dict[str, Any]], "Still"]


def _turn(sign: int) -> Edit:
    def draw(random: Random) -> Drawn:
        name = random.choice([name for name, entry in lexicon()["things"].items() if entry["turns"]])
        degrees = random.choice(TURNS)
        slots = {"object": words("things", name), "amount": Said(en="", zh="", value=degrees)}
        material = random.choice(("matte", "glossy", "wood", "marble"))
        return slots, {"thing": name, "material": material, "degrees": sign * degrees}

    return Edit(draw, lambda still, control: _with(still, turn=still.turn + control["degrees"]))


def _material(random: Random) -> Drawn:
    name = random.choice(list(lexicon()["things"]))
    start, other = random.sample(list(lexicon()["materials"]), 2)
    slots = {"object": words("things", name), "material": words("materials", other)}
    return slots, {"thing": name, "material": start, "other": other}


def _color(random: Random) -> Drawn:
    from firered.templating.filters import templates

    name = random.choice(list(lexicon()["things"]))
    color = random.choice(list(templates().colors.values()))
    slots = {
        "object": words("things", name),
        "color": Said(en=color.en, zh=color.zh, value=list(color.rgb)),
    }
    return slots, {"thing": name, "material": random.choice(COLORED), "rgb": list(color.rgb)}


def _other(random: Random) -> Drawn:
    name, other = random.sample(list(lexicon()["things"]), 2)
    said = words("things", other)
    slots = {"object": words("things", name), "other": Said(en=f"a {said.en}", zh=said.zh, value=other)}
    return slots, {"thing": name, "material": random.choice(list(lexicon()["materials"])), "other": other}


def _with(still: "Still", **changes: Any) -> "Still":
    from dataclasses import replace

    return replace(still, **changes)


EDITS = {
    "viewpoint_turn_thing_clockwise": _turn(-1),
    "viewpoint_turn_thing_counterclockwise": _turn(1),
    "adjust_thing_material": Edit(_material, lambda still, control: _with(still, material=control["other"])),
    "color_thing": Edit(_color, lambda still, control: _with(still, color=tuple(control["rgb"]))),
    "replace_thing": Edit(_other, lambda still, control: _with(still, thing=control["other"])),
}

MAKER = ThingMaker()
