"""Paste: a stamp is laid on a photograph with its shadow and light; then added, moved, counted, resized, exchanged."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from firered.synthesis.composite import cutouts, staging
from firered.synthesis.composite.actors import Drawn
from firered.synthesis.composite.ground import Box, Spot
from firered.synthesis.composite.staging import Stage
from firered.synthesis.composite.stamper import Stamper
from firered.synthesis.makers import Made
from firered.synthesis.making import Said, Wish
from firered.synthesis.scene import Scene

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firered.pictures import Pictures

    Pixels = NDArray[np.uint8]

# What has a left and a right side that anyone can tell.
FACING = ("animal", "bird", "flyer", "plane")
COUNTS = ((1, 2), (1, 3), (2, 3), (2, 4))
PERCENTS = (30, 40, 50, 60)
LEAST_WAY = 0.22  # share of the width that a move goes
UNKNOWN = Said(en="something", zh="东西")
NOWHERE = Said(en="somewhere in the picture", zh="画面中")
SLOTS: dict[str, tuple[str, ...]] = {
    "add_object_pasted": ("object", "name", "place"),
    "change_count": ("object", "count", "before"),
    "move_object": ("object", "place", "target"),
    "enlarge_object": ("object", "percent"),
    "shrink_object": ("object", "percent"),
    "replace_object_pasted": ("object", "a_object", "new", "a_new"),
    "flip_object": ("object",),
}


@dataclass(frozen=True)
class Paste(Stamper):
    """Edits of a stamp on a photograph, exact in place, size and alpha."""

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """One wish for each primitive; where nobody looked for places, the pixels tell whether there is one."""
        if min(scene.width, scene.height) < 128:
            return []
        avoid = staging.obstacles(scene)
        wishes = [_wish(primitive, scene, avoid, random) for primitive in SLOTS]
        return [wish for wish in wishes if wish.control["stamps"]]

    def make(self, wish: Wish, source: "Pixels", seed: int, pictures: "Pictures") -> Made:
        """Make it; raises ValueError where the photograph has no place."""
        made, spot, random = staging.stage(source, wish.control, seed)
        return STEPS[wish.primitive](made, spot, wish.control, random)


def _wish(primitive: str, scene: Scene, avoid: list[list[float]], random: Random) -> Wish:
    kinds = FACING if primitive == "flip_object" else ()
    control: dict[str, Any] = {"stamps": staging.candidates(scene, random, kinds), "avoid": avoid}
    slots = {slot: NOWHERE if slot in ("place", "target") else UNKNOWN for slot in SLOTS[primitive]}
    if primitive == "change_count":
        before, count = random.choice(COUNTS)
        slots |= {"before": _number(before), "count": _number(count)}
    if primitive in ("enlarge_object", "shrink_object"):
        slots["percent"] = _number(random.choice(PERCENTS))
    control["numbers"] = {name: said.value for name, said in slots.items() if isinstance(said.value, int)}
    return Wish(primitive=primitive, slots=slots, control=control)


def _number(value: int) -> Said:
    return Said(en=str(value), zh=str(value), value=value)


# --- the edits ----------------------------------------------------------------------------------


def _add(made: Stage, spot: Spot, control: dict[str, Any], random: Random) -> Made:
    """The photograph, and the photograph with the stamp."""
    drawn = made.draw(made.actor(spot, random))
    slots = {"object": made.word.a, "name": made.word.one, "place": staging.place(made.where, spot)}
    return Made(drawn.pixels, mask=drawn.touched, truth=_truth(made, spot, drawn), slots=slots)


def _count(made: Stage, spot: Spot, control: dict[str, Any], random: Random) -> Made:
    """Some of a thing, and more of it, the first ones where they were."""
    before, count = control["numbers"]["before"], control["numbers"]["count"]
    spots = _apart(made, spot, count, random)
    pixels, source, touched = made.pixels, made.pixels, None
    boxes: list[list[float]] = []
    for place, each in enumerate(spots):
        actor = replace(made.actor(each, random), mirror=place % 2 == 1 and made.word.kind != "plane")
        drawn = made.draw(actor, pixels)
        pixels, boxes = drawn.pixels, [*boxes, drawn.box]
        if place == before - 1:
            source = pixels
        if place >= before:
            touched = drawn.touched if touched is None else touched | drawn.touched
    truth = {"boxes": boxes, "before": boxes[:before], "count": count, "stamp": made.path}
    return Made(pixels, source=source, mask=touched, truth=truth, slots={"object": made.word.many})


def _apart(made: Stage, first: Spot, count: int, random: Random) -> list[Spot]:
    """Spots that do not touch; raises ValueError where there are too few."""
    spots = [first]
    taken: list[Box] = [made.box(first)]
    while len(spots) < count:
        found = [spot for spot in made.spots(random, taken=taken) if _like(spot, first)]
        if not found:
            raise ValueError(f"room for {len(spots)} of them, {count} asked")
        kept = found[0] if made.where in staging.STANDING else replace(found[0], height=first.height)
        spots.append(kept)
        taken.append(made.box(kept))
    return spots


def _like(spot: Spot, first: Spot) -> bool:
    """Whether a thing there is about as large, so that all of them are seen as one kind."""
    return 0.6 <= spot.height / first.height <= 1.4


def _move(made: Stage, spot: Spot, control: dict[str, Any], random: Random) -> Made:
    """The stamp here, and there."""
    far = [each for each in made.spots(random) if _far(made, spot, each)]
    if not far:
        raise ValueError("no second place to move it to")
    there = far[0] if made.where in staging.STANDING else replace(far[0], height=spot.height)
    actor = made.actor(spot, random)
    before, after = made.draw(actor), made.draw(replace(actor, spot=there))
    truth = _truth(made, there, after) | {"before": before.box, "after": after.box}
    slots = {
        "object": made.word.one,
        "place": staging.place(made.where, spot),
        "target": staging.place(made.where, there),
    }
    return Made(
        after.pixels, source=before.pixels, mask=before.touched | after.touched, truth=truth, slots=slots
    )


def _far(made: Stage, here: Spot, there: Spot) -> bool:
    """Whether the way is long enough to be told with a side, and the size hardly changes."""
    sides = staging.place(made.where, here).value, staging.place(made.where, there).value
    return sides[0] != sides[1] and abs(here.x - there.x) >= LEAST_WAY and _like(there, here)


def _resize(made: Stage, spot: Spot, control: dict[str, Any], random: Random) -> Made:
    """The stamp, and the stamp larger or smaller by some percent, on the same feet."""
    factor = 1 + control["numbers"]["percent"] / 100 * control.get("sign", 1)
    larger = max(factor, 1.0)
    # The larger one must fit, whichever comes first.
    wide = replace(spot, height=spot.height * larger)
    box = made.box(wide)
    if box[1] < 0.01 or box[0] < 0.01 or box[2] > 0.99:
        raise ValueError("the larger one does not fit into the picture")
    actor = made.actor(spot, random)
    before, after = (
        made.draw(actor),
        made.draw(replace(actor, spot=replace(spot, height=spot.height * factor))),
    )
    truth = _truth(made, spot, after) | {"before": before.box, "after": after.box, "factor": factor}
    slots = {"object": made.word.one}
    return Made(
        after.pixels, source=before.pixels, mask=before.touched | after.touched, truth=truth, slots=slots
    )


def _shrink(made: Stage, spot: Spot, control: dict[str, Any], random: Random) -> Made:
    return _resize(made, spot, {**control, "sign": -1}, random)


def _replace(made: Stage, spot: Spot, control: dict[str, Any], random: Random) -> Made:
    """One stamp, and another of its kind where it stood."""
    kin = [path for path, word in cutouts.words().items() if _kin(made, word, path)]
    if not kin:
        raise ValueError(f"nothing that a {made.word.en} could be exchanged for")
    other = made.recast(random.choice(kin))
    there = replace(spot, height=spot.height * _relative(made, other))
    box = other.box(there)
    if min(box) < 0.01 or max(box) > 0.99:
        raise ValueError("the new one does not fit into the picture")
    lean = random.uniform(-0.3, 0.3)
    before = made.draw(replace(made.actor(spot, random), lean=lean))
    after = other.draw(replace(other.actor(there, random), lean=lean))
    slots = {
        "object": made.word.one,
        "a_object": made.word.a,
        "new": other.word.one,
        "a_new": other.word.a,
    }
    truth = _truth(other, there, after) | {"before": before.box, "after": after.box, "old": made.path}
    return Made(
        after.pixels, source=before.pixels, mask=before.touched | after.touched, truth=truth, slots=slots
    )


def _kin(made: Stage, word: cutouts.Word, path: str) -> bool:
    same = staging.stands(word, made.where) and word.kind == made.word.kind and word.en != made.word.en
    return same and path != made.path and 0.4 <= word.metres / made.word.metres <= 2.5


def _relative(made: Stage, other: Stage) -> float:
    """How much higher the other is; in the sky nobody knows how far away things are, on a table they differ less."""
    ratio = other.word.metres / made.word.metres
    return {"grass": ratio, "bare": ratio, "sky": 1.0}.get(made.where, float(ratio**0.5))


def _flip(made: Stage, spot: Spot, control: dict[str, Any], random: Random) -> Made:
    """The stamp, and the stamp facing the other way."""
    actor = made.actor(spot, random)
    before, after = made.draw(actor), made.draw(replace(actor, mirror=True))
    truth = _truth(made, spot, after) | {"before": before.box, "after": after.box, "mirrored": True}
    slots = {"object": made.word.one}
    return Made(
        after.pixels, source=before.pixels, mask=before.touched | after.touched, truth=truth, slots=slots
    )


def _truth(made: Stage, spot: Spot, drawn: Drawn) -> dict[str, Any]:
    """What the judge may use: outline and box of the stamp, where it stands, and which it is."""
    return {
        "object": drawn.region.model_dump(),
        "after": drawn.box,
        "spot": [round(spot.x, 5), round(spot.y, 5), round(spot.height, 5)],
        "where": made.where,
        "stamp": made.path,
    }


STEPS: dict[str, Callable[[Stage, Spot, dict[str, Any], Random], Made]] = {
    "add_object_pasted": _add,
    "change_count": _count,
    "move_object": _move,
    "enlarge_object": _resize,
    "shrink_object": _shrink,
    "replace_object_pasted": _replace,
    "flip_object": _flip,
}
MAKER = Paste("paste")
